//! Errors in the words of h5grove.

use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::query::Query;
use crate::error::{ApiError, Code};

/// Gives errors h5grove's statuses, and its bodies to those that have none of their own.
pub(crate) async fn reworded(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else { return response };
    *response.status_mut() = status(error.code());
    let error = match error.has_body() {
        true => error,
        false => {
            let message = message(&error, &uri);
            error.with_body(json!({ "message": message }))
        }
    };
    response.extensions_mut().insert(error);
    response
}

/// The status of an error, as h5grove has it.
pub(crate) fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::UNPROCESSABLE_ENTITY,
        code => code.status(),
    }
}

/// What clients look for in the text is as h5grove writes it.
fn message(error: &ApiError, uri: &Uri) -> String {
    match error.code() {
        Code::FileNotFound => "File not found!".to_owned(),
        Code::Forbidden => "Cannot read file: Permission denied!".to_owned(),
        Code::PathNotFound => {
            let query = Query::of(uri);
            let file = query.text("file").unwrap_or_default();
            let path = query.path();
            format!("{} is not a valid path in {}", path.as_str(), base_name(file))
        }
        _ => error.detail.clone(),
    }
}

/// The last part of a key.
pub(super) fn base_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or_default()
}
