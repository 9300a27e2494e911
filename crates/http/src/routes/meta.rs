//! `GET /files/{key}/meta`: what an object is.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::{ATTRIBUTES_LIMIT_MAX, ELEMENTS_MAX, MetaQuery, Place, STRING_BYTES_MAX};

use super::required_place;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// What an object is, with a page of its attributes.
pub(crate) async fn meta(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let key = parameters.key()?;
    let place = required_place(&mut parameters)?;
    let query = meta_query(place, &mut parameters)?;
    parameters.finish()?;
    app.ask(&access, key, Question::Meta(query), &wishes).await
}

fn meta_query(place: Place, parameters: &mut Parameters) -> Result<MetaQuery, ApiError> {
    let mut query = MetaQuery::new(place);
    if let Some(limit) = parameters.number("attributes_limit", 0..=ATTRIBUTES_LIMIT_MAX)? {
        query = query.with_attributes_limit(limit)?;
    }
    if let Some(cursor) = parameters.filled("attributes_after") {
        query = query.with_attributes_after(&cursor)?;
    }
    if let Some(count) = parameters.number("max_elements", 0..=ELEMENTS_MAX)? {
        query = query.with_max_elements(count)?;
    }
    if let Some(bytes) = parameters.number("max_string", 0..=STRING_BYTES_MAX)? {
        query = query.with_max_string(bytes)?;
    }
    Ok(query.with_storage(parameters.flag("storage")?))
}
