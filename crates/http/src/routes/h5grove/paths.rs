//! `/paths`: the paths of all that is below a group, the group's own first.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::H5groveQuestion;
use super::query::Query;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::state::AppState;

pub(super) async fn paths(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    query: Query,
) -> Result<Response, ApiError> {
    let key = query.file()?;
    query.resolve_links()?;
    app.ask(&access, key, Question::H5grove(H5groveQuestion::paths(query.path())), &wishes).await
}
