//! `GET /health` and `GET /ready`: does the process live, can it answer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Wishes, respond_once};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// The process lives; with `/ready`: its sources answer too.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct HealthAnswer {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// `ok`, or `ready` where the sources were asked.
    #[schema(example = "ok")]
    status: &'static str,
    /// The server's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

impl HealthAnswer {
    fn of(status: &'static str) -> Self {
        Self { success: true, status, version: env!("CARGO_PKG_VERSION") }
    }
}

/// Asks nobody: it answers as long as the process lives.
pub(crate) async fn health(wishes: Wishes, parameters: Parameters) -> Result<Response, ApiError> {
    parameters.finish()?;
    respond_once(HealthAnswer::of("ok"), &wishes).await
}

/// Lists one key of every source, past all caches, once for all who ask within a second.
pub(crate) async fn ready(
    State(app): State<Arc<AppState>>,
    wishes: Wishes,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    parameters.finish()?;
    app.readiness.of(&app.explorer, app.config.ready_timeout).await?;
    respond_once(HealthAnswer::of("ready"), &wishes).await
}
