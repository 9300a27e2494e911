//! How long the parts of a request may be.
//!
//! hyper reads no more than [`HEAD_BYTES_MAX`](crate::serve::HEAD_BYTES_MAX) of a head at all, and
//! answers what is longer without words. What is shorter gets words of ours.

use axum::extract::{MatchedPath, Request};
use axum::http::header::CONTENT_LENGTH;

use crate::error::{ApiError, Code};
use crate::routes::events;

/// A key has up to 1,024 bytes, a path in a file some thousand, and each byte may take three. Ten
/// times that is nothing that a client sends; a cursor behind the longest names still fits.
const TARGET_BYTES_MAX: usize = 16 << 10;

/// What proxies accept, and more than browsers send with cookies of other pages of the host.
const HEADERS_BYTES_MAX: usize = 32 << 10;

/// No route but that of events has a use for a body. This is enough for the empty objects and form fields that some
/// clients add to a POST. Only a declared length is looked at: nobody reads a body, so one without a
/// declared length (chunked) is never taken in either; the connection is closed after the answer.
const BODY_BYTES_MAX: u64 = 64 << 10;

/// 414 `uri_too_long`, 431 `headers_too_large` or 413 `payload_too_large` for a request of which a
/// part is too long.
pub(super) fn refused(request: &Request) -> Option<ApiError> {
    target(request).or_else(|| headers(request)).or_else(|| body(request))
}

fn target(request: &Request) -> Option<ApiError> {
    let target = request.uri().path_and_query()?.as_str();
    (target.len() > TARGET_BYTES_MAX).then(|| {
        let detail = format!("path and query may have {TARGET_BYTES_MAX} bytes at most");
        ApiError::new(Code::UriTooLong, detail)
    })
}

fn headers(request: &Request) -> Option<ApiError> {
    let fields = request.headers().iter();
    let bytes: usize = fields.map(|(name, value)| name.as_str().len() + value.len()).sum();
    (bytes > HEADERS_BYTES_MAX).then(|| {
        let detail = format!("the headers may have {HEADERS_BYTES_MAX} bytes at most");
        ApiError::new(Code::HeadersTooLarge, detail)
    })
}

fn body(request: &Request) -> Option<ApiError> {
    let declared = request.headers().get(CONTENT_LENGTH)?;
    let most = body_bytes_max(request);
    match declared.to_str().ok().map(str::parse::<u64>) {
        None => None,
        Some(Ok(length)) if length <= most => None,
        Some(_) => {
            let detail = format!("a request may have a body of {most} bytes at most");
            Some(ApiError::new(Code::PayloadTooLarge, detail))
        }
    }
}

fn body_bytes_max(request: &Request) -> u64 {
    match request.extensions().get::<MatchedPath>() {
        Some(route) if route.as_str().ends_with(events::ROUTE) => events::BODY_BYTES_MAX as u64,
        _ => BODY_BYTES_MAX,
    }
}
