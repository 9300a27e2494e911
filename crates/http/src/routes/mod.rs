//! Handlers, one noun a file: take the parameters, ask one question, answer.

pub(crate) mod attribute;
pub(crate) mod children;
pub(crate) mod data;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod h5grove;
pub(crate) mod health;
pub(crate) mod meta;
pub(crate) mod metrics;
pub(crate) mod page;
pub(crate) mod preview;

use explorer::Place;

use crate::error::ApiError;
use crate::parameters::Parameters;

/// The object that `path` or `address` names; the root group without both.
fn place(parameters: &mut Parameters) -> Result<Place, ApiError> {
    let address = parameters.number("address", 0..=u64::MAX)?;
    Ok(Place::new(parameters.text("path").as_deref(), address)?)
}

/// The object that `path` or `address` names; one of them has to be there.
fn required_place(parameters: &mut Parameters) -> Result<Place, ApiError> {
    if !parameters.has("path") && !parameters.has("address") {
        return Err(ApiError::parameter("path", "it is required, or address instead of it"));
    }
    place(parameters)
}
