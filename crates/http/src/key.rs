//! Keys in paths: `/files/a/b.h5/children` and `/files/a%2Fb.h5/children` name the same object.
//!
//! The last raw segment of the path is the verb and everything before it is the key,
//! percent-decoded once. A router matches whole segments, and a key may have any number of them.
//! So a key is folded into one segment before the router sees it, and the routes read as they are
//! documented: `/files/{key}/children`.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Everything with a key has a path that starts so.
const FILES: &str = "/files/";

/// Rewrites `/files/a/b.h5/children` to `/files/a%2Fb.h5/children`; other requests pass unchanged.
pub(crate) fn fold_key(mut request: Request) -> Request {
    if let Some(folded) = folded(request.uri()) {
        *request.uri_mut() = folded;
    }
    request
}

/// The key of a request that [`fold_key`] has seen, still percent-encoded, if its path has one.
pub(crate) fn raw_key(uri: &Uri) -> Option<&str> {
    let (key, _verb) = uri.path().strip_prefix(FILES)?.rsplit_once('/')?;
    Some(key)
}

/// Percent-decodes `text` once.
///
/// # Errors
///
/// A clause that says what is wrong, when a `%` is not followed by two hexadecimal digits or when
/// the bytes are not UTF-8. A lenient decoder would let two spellings of a mistake name one object.
pub(crate) fn percent_decode(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let is_escape = |tail: &str| {
        let mut digits = tail.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    };
    if !text.split('%').skip(1).all(is_escape) {
        return Err("a % is not followed by two hexadecimal digits");
    }
    percent_encoding::percent_decode_str(text).decode_utf8().map_err(|_| "it is not UTF-8")
}

fn folded(uri: &Uri) -> Option<Uri> {
    let (key, verb) = uri.path().strip_prefix(FILES)?.rsplit_once('/')?;
    if !key.contains('/') {
        return None;
    }
    let mut target = format!("{FILES}{}/{verb}", key.replace('/', "%2F"));
    if let Some(query) = uri.query() {
        target.push('?');
        target.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_becomes_one_segment() {
        for (given, expected) in [
            ("/files/a.h5/children", "/files/a.h5/children"),
            ("/files/a/b.h5/children?path=/x", "/files/a%2Fb.h5/children?path=/x"),
            ("/files/a%2Fb.h5/children", "/files/a%2Fb.h5/children"),
            ("/files//a.h5/meta", "/files/%2Fa.h5/meta"),
            ("/files/a//b.h5/meta", "/files/a%2F%2Fb.h5/meta"),
            ("/files/x/children/children", "/files/x%2Fchildren/children"),
            ("/files/a%252Fb/meta", "/files/a%252Fb/meta"),
            ("/files", "/files"),
            ("/files/refresh", "/files/refresh"),
            ("/children?key=a/b.h5", "/children?key=a/b.h5"),
        ] {
            let request = Request::builder().uri(given).body(axum::body::Body::empty()).unwrap();
            assert_eq!(fold_key(request).uri().to_string(), expected, "{given}");
        }
    }

    #[test]
    fn decoding_is_strict_and_happens_once() {
        assert_eq!(percent_decode("a%2Fb%20c+d").unwrap(), "a/b c+d");
        assert_eq!(percent_decode("a%252Fb").unwrap(), "a%2Fb");
        assert_eq!(percent_decode("%C3%A9").unwrap(), "é");
        for wrong in ["%", "%4", "%zz", "a%2", "%+1", "%ff", "%é"] {
            assert!(percent_decode(wrong).is_err(), "{wrong}");
        }
    }
}
