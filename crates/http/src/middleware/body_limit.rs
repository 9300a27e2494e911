//! No route has a use for a body. A large one is refused before it is sent.
//!
//! Only a declared length is looked at: nobody reads a body, so one without a declared length
//! (chunked) is never taken in either; the connection is closed after the answer.

use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;

use crate::error::{ApiError, Code};

/// Enough for the empty objects and form fields that some clients add to a POST.
const BODY_BYTES_MAX: u64 = 64 * 1024;

/// 413 `payload_too_large` for a request that declares a large body.
pub(super) fn refused(request: &Request) -> Option<ApiError> {
    let declared = request.headers().get(CONTENT_LENGTH)?;
    match declared.to_str().ok().map(str::parse::<u64>) {
        None | Some(Ok(0..=BODY_BYTES_MAX)) => None,
        Some(_) => {
            let detail = format!("a request may have a body of {BODY_BYTES_MAX} bytes at most");
            Some(ApiError::new(Code::PayloadTooLarge, detail))
        }
    }
}
