//! What to do about an error of a store, told from what it says.

use explorer::{ErrorCode, ExplorerError};

/// What errors say, in lower case, and what that means mostly. The first that is found counts.
const SAID: [(&[&str], &str); 13] = [
    (
        &["nosuchbucket"],
        "there is no such bucket at this endpoint: check its name, and S3_ENDPOINT",
    ),
    (
        &["invalidaccesskeyid"],
        "the endpoint does not know this S3_ACCESS_KEY: check the key, and S3_ENDPOINT",
    ),
    (
        &["signaturedoesnotmatch"],
        "S3_SECRET_KEY is not the secret of this S3_ACCESS_KEY, or a proxy changes requests",
    ),
    (
        &["requesttimetooskewed", "skewed"],
        "the clock of this machine is wrong by more than the store allows: set it",
    ),
    (
        &["expiredtoken", "tokenrefreshrequired", "invalidtoken"],
        "the session token is over: get a new key with its token",
    ),
    (
        &["permanentredirect", "authorizationheadermalformed", "301 ", "region"],
        "the bucket is in another region: set S3_REGION to it",
    ),
    (
        &["dns", "failed to lookup", "name or service not known"],
        "the host of the URL is not known here: check S3_ENDPOINT or the URL, and the resolver",
    ),
    (
        &["certificate", "unknownissuer", "tls", "handshake", "invalidcontenttype"],
        "TLS does not come about: check https:// against http://, the host's name and certificate, \
         and the certificates that this machine trusts",
    ),
    (
        &["connection refused"],
        "nothing listens there: check host and port of S3_ENDPOINT or the URL",
    ),
    (
        &["timed out", "timeout", "deadline"],
        "nobody answers: check host and port, firewalls and proxies, else give --store-timeout more",
    ),
    (&["permission denied"], "this user may not read it: change the permissions, or the user"),
    (
        &["no such file or directory"],
        "there is no such folder: a relative path begins where the server is started",
    ),
    (
        &["connection reset", "connection closed", "incomplete message", "broken pipe"],
        "the connection was cut: check https:// against http://, and proxies in between",
    ),
];

/// What to do about `error`.
pub(super) fn about(error: &ExplorerError) -> Option<&'static str> {
    said(error.logged.as_deref().unwrap_or(&error.detail)).or(match error.code {
        ErrorCode::Forbidden => Some(
            "the key may not do this: its policy needs s3:ListBucket of the bucket and \
             s3:GetObject of its objects; without a key the bucket would have to be public",
        ),
        ErrorCode::StoreTimeout => said("timeout"),
        _ => None,
    })
}

/// What to do about an error with this text.
pub(super) fn said(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let is_meant = |(signs, _): &&(&[&str], _)| signs.iter().any(|sign| text.contains(sign));
    SAID.iter().find(is_meant).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_stores_are_understood() {
        for (text, begin) in [
            ("404 Not Found NoSuchBucket The specified bucket does not exist", "there is no such"),
            ("403 Forbidden SignatureDoesNotMatch The request signature", "S3_SECRET_KEY is not"),
            ("403 Forbidden InvalidAccessKeyId The Access Key Id", "the endpoint does not know"),
            ("403 Forbidden RequestTimeTooSkewed The difference", "the clock of this machine"),
            ("301 Moved Permanently PermanentRedirect", "the bucket is in another region"),
            ("error sending request: client error: dns error: failed to lookup", "the host of"),
            ("client error (Connect): tcp connect error: Connection refused", "nothing listens"),
            ("invalid peer certificate: UnknownIssuer", "TLS does not come about"),
        ] {
            assert!(said(text).is_some_and(|advice| advice.starts_with(begin)), "{text}");
        }
        assert_eq!(said("500 Internal Server Error"), None);
        let denied = ExplorerError::new(ErrorCode::Forbidden, "the store refuses access");
        assert!(about(&denied).unwrap().contains("s3:GetObject"));
    }
}
