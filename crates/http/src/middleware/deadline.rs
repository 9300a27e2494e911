//! No request takes longer than `--request-timeout`.
//!
//! When the time is over the handler is dropped. With it go its reads of the store, unless other
//! requests wait for the same bytes.

use std::future::Future;
use std::time::Duration;

use axum::response::{IntoResponse, Response};

use crate::error::{ApiError, Code};

/// What `handler` answers; 504 `store_timeout` when it is not done in time.
pub(super) async fn answered(
    handler: impl Future<Output = Response>,
    timeout: Duration,
) -> Response {
    tokio::time::timeout(timeout, handler).await.unwrap_or_else(|_| {
        let detail = format!("the request took longer than {timeout:?} (--request-timeout)");
        ApiError::new(Code::StoreTimeout, detail).into_response()
    })
}
