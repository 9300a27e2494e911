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

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{MethodRouter, get};
use explorer::Place;

use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// Answers a question about one file, which `question` takes from the parameters beside the key.
pub(crate) fn about(
    question: fn(&mut Parameters) -> Result<Question, ApiError>,
) -> MethodRouter<Arc<AppState>> {
    let answer = async move |State(app): State<Arc<AppState>>,
                             access: Access,
                             wishes: Wishes,
                             mut parameters: Parameters| {
        let key = parameters.key()?;
        let question = question(&mut parameters)?;
        parameters.finish()?;
        app.ask(&access, key, question, &wishes).await
    };
    get(answer)
}

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
