//! `GET /files/{key}/data`: elements of a dataset.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::{DataQuery, Dtype, Format, Place, Selection};

use super::required_place;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// The formats, as the parameter names them.
pub(crate) const FORMATS: [(&str, Format); 5] = [
    ("json", Format::Json),
    ("bin", Format::Bin),
    ("npy", Format::Npy),
    ("csv", Format::Csv),
    ("arrow", Format::Arrow),
];

/// Which numbers, as the parameter names them.
pub(crate) const DTYPES: [(&str, Dtype); 2] = [("origin", Dtype::Origin), ("safe", Dtype::Safe)];

/// Elements of a dataset in some format.
pub(crate) async fn data(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let key = parameters.key()?;
    let place = required_place(&mut parameters)?;
    let query = data_query(place, &mut parameters)?;
    parameters.finish()?;
    app.ask(&access, key, Question::Data(query), &wishes).await
}

fn data_query(place: Place, parameters: &mut Parameters) -> Result<DataQuery, ApiError> {
    let selection = Selection::parse(&parameters.text("selection").unwrap_or_default())?;
    let format = parameters.choice("format", &FORMATS)?.unwrap_or_default();
    let dtype = parameters.choice("dtype", &DTYPES)?.unwrap_or_default();
    Ok(DataQuery::new(place).with_selection(selection).with_format(format).with_dtype(dtype))
}
