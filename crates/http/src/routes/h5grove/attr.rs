//! `/attr`: the values of attributes, all or those that `attr_keys` names.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::H5groveQuestion;
use super::query::Query;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::state::AppState;

pub(super) async fn attr(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    query: Query,
) -> Result<Response, ApiError> {
    let key = query.file()?;
    let names: Vec<String> = query.all("attr_keys").map(str::to_owned).collect();
    let question = H5groveQuestion::attr(query.path(), (!names.is_empty()).then_some(names));
    app.ask(&access, key, Question::H5grove(question), &wishes).await
}
