//! A panic is a mistake of ours. It ends one request with a 500, not the connection.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use futures::FutureExt;

use crate::error::{ApiError, Code};

/// What `handler` answers; 500 `internal_error` when it panics.
pub(super) async fn answered(handler: impl Future<Output = Response>) -> Response {
    // A handler keeps nothing that a panic could leave half done: what is shared has its own guards.
    AssertUnwindSafe(handler).catch_unwind().await.unwrap_or_else(answer_panic)
}

/// Logs the panic, and leaves its text out of the answer.
fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "a handler panicked");
    let detail = "a mistake in the server; its log says more under the request id";
    ApiError::new(Code::InternalError, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let broken = async { panic!("a handler that breaks") };
        assert_eq!(answered(broken).await.status(), 500);
    }

    #[test]
    fn the_text_of_a_panic_stays_in_the_log() {
        for panic in [Box::new("secret") as Box<dyn Any + Send>, Box::new("secret".to_owned())] {
            let response = answer_panic(panic);
            assert_eq!(response.status(), 500);
            let error = response.extensions().get::<ApiError>().unwrap();
            assert_eq!(error.code(), Code::InternalError);
            assert!(!error.detail.contains("secret"));
        }
    }
}
