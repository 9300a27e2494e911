//! `GET /files/{key}/meta`: what an object is.

use explorer::{ATTRIBUTES_LIMIT_MAX, ELEMENTS_MAX, MetaQuery, STRING_BYTES_MAX};

use super::required_place;
use crate::answer::Question;
use crate::error::ApiError;
use crate::parameters::Parameters;

/// What an object is, with a page of its attributes.
pub(crate) fn meta(parameters: &mut Parameters) -> Result<Question, ApiError> {
    let place = required_place(parameters)?;
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
    Ok(Question::Meta(query.with_storage(parameters.flag("storage")?)))
}
