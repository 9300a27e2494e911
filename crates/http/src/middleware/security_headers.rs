//! Headers that keep a browser from doing with our answers what we did not mean.
//!
//! Names in a file are other people's text. The page only ever shows them as text; should that
//! fail once, the policy lets no script run that is not ours and lets nothing leave the origin.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::cors::Origins;

/// The policy, with who may show an answer in a frame.
macro_rules! policy {
    ($frame_ancestors:expr) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; ",
            "connect-src 'self'; base-uri 'none'; form-action 'none'; ",
            "require-trusted-types-for 'script'; frame-ancestors ",
            $frame_ancestors
        )
    };
}

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy!("'none'"))),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Keys and paths stand in our addresses: they are nobody else's business.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // No page of another origin takes an answer in as a picture or a script. Those that may ask
    // (`--cors-origin`) ask in another way.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Of use to a page only, which may have a window of its own and ask for what it never needs.
const HEADERS_OF_PAGES: [(HeaderName, HeaderValue); 2] = [
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
];

/// For a year: whoever was here over TLS comes over TLS.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// In the extensions of an answer: pages of others may show it in a frame.
#[derive(Debug, Clone)]
pub(crate) struct MayBeFramed(HeaderValue);

impl MayBeFramed {
    /// By pages of `origins` and our own.
    pub(crate) fn by(origins: &Origins) -> Self {
        let policy = format!("{}{}", policy!(""), origins.as_sources());
        // Origins are visible characters: always a header's value.
        Self(HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(policy!("'none'"))))
    }
}

/// Adds the headers to a response.
pub(super) fn add(response: &mut Response, is_tls: bool) {
    let framed = response.extensions_mut().remove::<MayBeFramed>();
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    if let Some(MayBeFramed(policy)) = framed {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        // It has no word for origins, and browsers that know the policy do not look at it.
        headers.remove(X_FRAME_OPTIONS);
    }
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|content_type| content_type.starts_with(b"text/html")) {
        headers.extend(HEADERS_OF_PAGES);
    }
    if is_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
}
