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
