//! What happens around every request, one concern a file.
//!
//! All of it is one layer, [`around`]: a layer for each concern would cost every request a copy of
//! all that lies below it, and another allocated future.

mod catch_panic;
mod concurrency;
mod cors;
mod deadline;
mod lengths;
mod log_request;
mod record_metrics;
mod render_errors;
mod request_id;
mod request_span;
mod security_headers;
mod trace_context;

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use self::log_request::Line;
use self::record_metrics::Measured;
use self::request_id::RequestId;
use self::request_span::RequestSpan;
use crate::parameters::Parameters;
use crate::state::AppState;

pub(crate) use concurrency::{HeldPlace, Places};
pub use cors::{OriginError, Origins};
pub use request_span::JoinTrace;
pub(crate) use security_headers::MayBeFramed;

/// Answers a request, whatever happens in its handler, and records it.
pub(crate) async fn around(
    State(app): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = app.config.origins.origin_of(&request);
    let id = RequestId::of(request.headers());
    let route = Route::of(&request);
    let parameters = Parameters::of(request.uri());
    let measured = Measured::begin(route.clone());
    let span = RequestSpan::of(&request, &route, &id, &app);
    let trace_id = span.trace_id.as_deref();
    let mut line = Line::of(&request, route, parameters.as_ref().ok(), id.clone(), trace_id);
    request.extensions_mut().insert(parameters);
    let mut response = match cors::preflight(&origin, &request) {
        Some(answer) => answer,
        None => match lengths::refused(&request) {
            Some(error) => error.into_response(),
            None => {
                let answer = next.run(request).instrument(span.span.clone());
                catch_panic::answered(answer).await
            }
        },
    };
    render_errors::render(&mut response, &id);
    line.answered(&response);
    span.answered(&response);
    measured.answered(&response);
    security_headers::add(&mut response, app.tls.is_some());
    origin.add(&mut response);
    id.add(&mut response);
    response
}

/// Answers a question to the store, if there is a place for it and while there is time.
pub(crate) async fn around_questions(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    match app.places.take() {
        Ok(_place) => deadline::answered(next.run(request), app.config.request_timeout).await,
        Err(error) => error.into_response(),
    }
}

/// The pattern that a request met, the same for all keys: of use to logs and metrics.
#[derive(Debug, Clone)]
struct Route(Option<MatchedPath>);

impl Route {
    fn of(request: &Request) -> Self {
        Self(request.extensions().get::<MatchedPath>().cloned())
    }

    fn as_str(&self) -> &str {
        self.pattern().unwrap_or("none")
    }

    fn pattern(&self) -> Option<&str> {
        self.0.as_ref().map(MatchedPath::as_str)
    }
}
