//! `GET /metrics`: counters of this process, in the Prometheus text format.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;
use bytes::Bytes;

use crate::access::Access;
use crate::answer::{Answer, EntityTag, Wishes};
use crate::error::ApiError;
use crate::metrics::report;
use crate::parameters::Parameters;
use crate::state::AppState;

const PROMETHEUS_TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4");

/// Requests, durations, caches, the store and the process, as counted since it started. They name no
/// key: any token will do.
pub(crate) async fn metrics(
    State(app): State<Arc<AppState>>,
    _access: Access,
    wishes: Wishes,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    parameters.finish()?;
    app.responses.report();
    app.explorer.report();
    report();
    let body = app.metrics.render();
    let tag = EntityTag::of(body.as_bytes());
    let answer = Answer::plain(PROMETHEUS_TEXT, Bytes::from(body), tag).compressed(&wishes).await?;
    Ok(answer.respond(&wishes))
}
