//! No request takes longer than `--request-timeout`.
//!
//! When the time is over the handler is dropped. With it go its reads of the store, unless other
//! requests wait for the same bytes.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::{ApiError, Code};
use crate::state::AppState;

/// Answers 504 `store_timeout` when the handler is not done in time.
pub(crate) async fn deadline(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let timeout = app.config.request_timeout;
    tokio::time::timeout(timeout, next.run(request)).await.unwrap_or_else(|_| {
        let detail = format!("the request took longer than {timeout:?} (--request-timeout)");
        ApiError::new(Code::StoreTimeout, detail).into_response()
    })
}
