//! Headers that keep a browser from doing with our answers what we did not mean.
//!
//! Names in a file are other people's text. The page only ever shows them as text; should that
//! fail once, the policy lets no script run that is not ours and lets nothing leave the origin.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Keys and paths stand in our addresses: they are nobody else's business.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Adds the headers to a response.
pub(super) fn add(response: &mut Response) {
    response.headers_mut().extend(HEADERS);
}
