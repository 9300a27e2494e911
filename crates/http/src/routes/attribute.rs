//! `GET /files/{key}/attribute`: one attribute, whole.

use explorer::AttributeQuery;

use super::required_place;
use crate::answer::Question;
use crate::error::ApiError;
use crate::parameters::Parameters;

/// One attribute with its whole value, as far as the limits allow.
pub(crate) fn attribute(parameters: &mut Parameters) -> Result<Question, ApiError> {
    let place = required_place(parameters)?;
    let name = parameters.required("name")?;
    Ok(Question::Attribute(AttributeQuery::new(place, &name)))
}
