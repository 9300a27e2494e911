//! At most `--concurrent-requests` questions are answered at a time.
//!
//! More are sent away at once, instead of waiting in a queue that hides the overload until every
//! client has given up.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::{ApiError, Code};
use crate::state::AppState;

/// Answers 429 `too_many_requests` when all places are taken.
pub(crate) async fn concurrency(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = app.places.try_acquire() else {
        let count = app.config.concurrent_requests;
        let detail =
            format!("{count} requests are being answered (--concurrent-requests); try again soon");
        return ApiError::new(Code::TooManyRequests, detail).into_response();
    };
    next.run(request).await
}
