//! Writes the body of every error, where the request's id is known.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;

use super::RequestId;
use crate::error::ApiError;

/// Turns a response that carries an [`ApiError`] into its problem document.
pub(super) fn render(response: &mut Response, request_id: &RequestId) {
    let Some(error) = response.extensions().get::<ApiError>() else { return };
    let (content_type, body) = error.written(request_id.as_str());
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = body.into();
}
