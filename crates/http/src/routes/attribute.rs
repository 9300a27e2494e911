//! `GET /files/{key}/attribute`: one attribute, whole.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::AttributeQuery;

use super::required_place;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// One attribute with its whole value, as far as the limits allow.
pub(crate) async fn attribute(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let key = parameters.key()?;
    let place = required_place(&mut parameters)?;
    let query = AttributeQuery::new(place, &parameters.required("name")?);
    parameters.finish()?;
    app.ask(&access, key, Question::Attribute(query), &wishes).await
}
