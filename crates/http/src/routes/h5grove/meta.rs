//! `/meta`: what an object is, with the attributes' types and, of a group, its children.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::H5groveQuestion;
use super::query::Query;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::state::AppState;

pub(super) async fn meta(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    query: Query,
) -> Result<Response, ApiError> {
    let key = query.file()?;
    let question = H5groveQuestion::meta(query.path(), query.resolve_links()?);
    app.ask(&access, key, Question::H5grove(question), &wishes).await
}
