//! One line per request, for a person and for a query.
//!
//! Keys and paths are other people's text: they are recorded as strings, which the text format
//! writes quoted with control characters escaped and the JSON format as JSON, so that no key can
//! pass for another field or another line.

use std::time::Instant;

use axum::Extension;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::RequestId;
use crate::duration::milliseconds;
use crate::error::ApiError;
use crate::parameters::Parameters;

/// What the log says of a request whose client left before the answer: nginx's "client closed
/// request", known to those who read logs.
const CLIENT_LEFT: u16 = 499;

/// Writes the line when the answer is made, or when the client has left.
pub(crate) async fn log_request(
    Extension(request_id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let mut line = Line::of(&request, request_id);
    let response = next.run(request).await;
    line.status = response.status().as_u16();
    line.error = response.extensions().get::<ApiError>().cloned();
    response
}

/// The route's pattern, the same for all keys; of use to logs and metrics.
pub(super) fn route(request: &Request) -> String {
    match request.extensions().get::<MatchedPath>() {
        Some(matched) => matched.as_str().to_owned(),
        None => "none".to_owned(),
    }
}

/// A line in the making. It is written when it is dropped: a client that leaves drops the handler,
/// and its request shall not go unseen.
struct Line {
    method: Method,
    route: String,
    key: String,
    path: String,
    request_id: RequestId,
    started: Instant,
    status: u16,
    error: Option<ApiError>,
}

impl Line {
    fn of(request: &Request, request_id: RequestId) -> Self {
        let mut parameters = Parameters::of(request.uri()).ok();
        let mut parameter = |name| parameters.as_mut().and_then(|found| found.text(name));
        Self {
            method: request.method().clone(),
            route: route(request),
            key: parameter("key").unwrap_or_default(),
            path: parameter("path").unwrap_or_default(),
            request_id,
            started: Instant::now(),
            status: CLIENT_LEFT,
            error: None,
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        tracing::info!(
            method = %self.method,
            route = %self.route,
            key = self.key,
            path = self.path,
            status = self.status,
            code = self.error.as_ref().map(|error| error.code().name()),
            cause = self.error.as_ref().and_then(ApiError::logged),
            duration_ms = milliseconds(self.started.elapsed()),
            request_id = self.request_id.as_str(),
            "request"
        );
    }
}
