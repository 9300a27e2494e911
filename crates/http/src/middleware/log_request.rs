//! One line per request, for a person and for a query.
//!
//! Keys and paths are other people's text: they are recorded as strings, which the text format
//! writes quoted with control characters escaped and the JSON format as JSON, so that no key can
//! pass for another field or another line.

use std::time::Instant;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use cache::Outcome;

use super::trace_context::TraceId;
use super::{RequestId, Route};
use crate::answer::Hit;
use crate::duration::milliseconds;
use crate::error::ApiError;
use crate::parameters::Parameters;

/// What the log says of a request whose client left before the answer: nginx's "client closed
/// request", known to those who read logs.
const CLIENT_LEFT: u16 = 499;

/// A line in the making. It is written when it is dropped: a client that leaves drops the handler,
/// and its request shall not go unseen.
pub(super) struct Line {
    method: Method,
    route: Route,
    key: String,
    path: String,
    request_id: RequestId,
    trace: Option<TraceId>,
    started: Instant,
    status: u16,
    error: Option<ApiError>,
    hit: Option<Hit>,
}

impl Line {
    /// The line of a request. `parameters` are those that could be read, `trace_id` is of the trace
    /// that we record of it.
    pub(super) fn of(
        request: &Request,
        route: Route,
        parameters: Option<&Parameters>,
        request_id: RequestId,
        trace_id: Option<&str>,
    ) -> Self {
        let parameter =
            |name| parameters.and_then(|found| found.peek(name)).unwrap_or_default().to_owned();
        Self {
            method: request.method().clone(),
            route,
            key: parameters
                .and_then(|found| found.peek("key").or(found.peek("file")))
                .unwrap_or_default()
                .to_owned(),
            path: parameter("path"),
            request_id,
            trace: trace_id.and_then(TraceId::parse).or_else(|| TraceId::of(request.headers())),
            started: Instant::now(),
            status: CLIENT_LEFT,
            error: None,
            hit: None,
        }
    }

    /// Notes what was answered.
    pub(super) fn answered(&mut self, response: &Response) {
        self.status = response.status().as_u16();
        self.error = response.extensions().get::<ApiError>().cloned();
        self.hit = response.extensions().get::<Hit>().cloned();
    }

    /// The line of a request whose answer was kept, which says of the look-up what other look-ups
    /// say in lines of their own: a line costs a good part of what such an answer does.
    fn write_hit(&self, hit: &Hit) {
        tracing::info!(
            cache = %hit.cache(),
            outcome = %Outcome::Hit.as_str(),
            key = hit.key(),
            etag = hit.etag(),
            path = hit.path(),
            method = %self.method,
            route = %self.route.as_str(),
            status = self.status,
            duration_ms = milliseconds(self.started.elapsed()),
            request_id = self.request_id.as_str(),
            trace_id = self.trace.as_ref().map(TraceId::as_str),
            "request"
        );
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(hit) = &self.hit {
            return self.write_hit(hit);
        }
        tracing::info!(
            method = %self.method,
            route = %self.route.as_str(),
            key = self.key,
            path = self.path,
            status = self.status,
            code = self.error.as_ref().map(|error| error.code().name()),
            cause = self.error.as_ref().and_then(ApiError::logged),
            duration_ms = milliseconds(self.started.elapsed()),
            request_id = self.request_id.as_str(),
            trace_id = self.trace.as_ref().map(TraceId::as_str),
            "request"
        );
    }
}
