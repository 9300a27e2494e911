//! A panic is a mistake of ours. It ends one request with a 500, not the connection.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::error::{ApiError, Code};

/// Logs the panic and answers 500 `internal_error`, without the panic's text.
pub(crate) fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "a handler panicked");
    let detail = "a mistake in the server; its log says more under the request id";
    ApiError::new(Code::InternalError, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

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
