//! The span of a request, by which a trace begins here or goes on from the client's.
//!
//! Names and fields are those of OpenTelemetry's conventions for HTTP servers. What OpenTelemetry is,
//! only the binary knows: it may be built without, and gives us a [`JoinTrace`] else.

use std::fmt;

use axum::extract::Request;
use axum::http::header::{HOST, USER_AGENT};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use explorer::{SPANS, shortened};
use tracing::field::Empty;
use tracing::{Span, trace_span};

use super::Route;
use super::request_id::RequestId;
use crate::answer::X_CACHE;
use crate::state::AppState;

/// What the convention has of methods that it does not know.
const OTHER: &str = "_OTHER";

/// Makes the span of a request a part of the trace that its headers name, or of a new one, before
/// anything is done in it. Returns the id of the trace, if it is recorded.
pub type JoinTrace = fn(&Span, &HeaderMap) -> Option<String>;

/// The span of a request, and the id of its trace.
pub(super) struct RequestSpan {
    pub(super) span: Span,
    pub(super) trace_id: Option<String>,
}

impl RequestSpan {
    pub(super) fn of(request: &Request, route: &Route, id: &RequestId, app: &AppState) -> Self {
        let span = begin(request, route, id, app);
        let join = app.join_trace.filter(|_| !span.is_disabled());
        let trace_id = join.and_then(|join| join(&span, request.headers()));
        Self { span, trace_id }
    }

    /// Notes what was answered. Of a request whose client left there is no status.
    pub(super) fn answered(&self, response: &Response) {
        if self.span.is_disabled() {
            return;
        }
        let status = response.status();
        self.span.record("h5scout.cache", response.headers().get(X_CACHE).and_then(text));
        self.span.record("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            self.span.record("error.type", status.as_str());
            self.span.record("otel.status_code", "error");
        }
    }
}

fn begin(request: &Request, route: &Route, id: &RequestId, app: &AppState) -> Span {
    let (method, uri) = (method(request), request.uri());
    trace_span!(
        target: SPANS,
        "request",
        otel.name = %Name { method, route: route.pattern() },
        otel.kind = "server",
        otel.status_code = Empty,
        "error.type" = Empty,
        http.request.method = method,
        http.route = route.pattern(),
        http.response.status_code = Empty,
        url.scheme = if app.tls.is_some() { "https" } else { "http" },
        url.path = shortened(uri.path()),
        url.query = uri.query().map(shortened),
        server.address = authority(request).as_ref().map(|host| shortened(host.host())),
        server.port = authority(request).and_then(|host| host.port_u16()).map(i64::from),
        user_agent.original = request.headers().get(USER_AGENT).and_then(text).map(shortened),
        h5scout.request_id = id.as_str(),
        h5scout.cache = Empty,
    )
}

/// What traces are grouped by: few, whatever clients ask for.
struct Name<'a> {
    method: &'static str,
    route: Option<&'a str>,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.method == OTHER { "HTTP" } else { self.method })?;
        self.route.map_or(Ok(()), |route| write!(f, " {route}"))
    }
}

/// The method, if it is one that the convention knows.
fn method(request: &Request) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    known.into_iter().find(|known| request.method() == known).unwrap_or(OTHER)
}

/// Whom the client asked: HTTP/2 has it in the URI, HTTP/1.1 in a header.
fn authority(request: &Request) -> Option<Authority> {
    let given = || request.headers().get(HOST)?.to_str().ok()?.parse().ok();
    request.uri().authority().cloned().or_else(given)
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}
