//! Writes the body of every error, where the request's id is known.

use axum::Extension;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::Response;

use super::RequestId;
use crate::error::ApiError;

/// Turns a response that carries an [`ApiError`] into its problem document.
pub(crate) async fn render_errors(
    Extension(request_id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(error) = response.extensions().get::<ApiError>() else { return response };
    // A problem document has texts and numbers only: nothing that JSON cannot write.
    let body = serde_json::to_vec(&error.problem(request_id.as_str())).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = body.into();
    response
}
