//! `/stats`: the least, the greatest, mean and deviation of the elements of a dataset.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::DataQuery;

use super::H5groveQuestion;
use super::data::selection;
use super::query::Query;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::state::AppState;

pub(super) async fn stats(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    query: Query,
) -> Result<Response, ApiError> {
    let key = query.file()?;
    let path = query.path();
    let data = DataQuery::new(path.place()).with_selection(selection(&query)?);
    let question = Question::H5grove(H5groveQuestion::stats(path, data));
    app.ask(&access, key, question, &wishes).await
}
