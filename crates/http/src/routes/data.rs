//! `GET /files/{key}/data`: elements of a dataset.

use explorer::{DataQuery, Dtype, Format, Selection};

use super::required_place;
use crate::answer::Question;
use crate::error::ApiError;
use crate::parameters::Parameters;

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
pub(crate) fn data(parameters: &mut Parameters) -> Result<Question, ApiError> {
    let place = required_place(parameters)?;
    let selection = Selection::parse(&parameters.text("selection").unwrap_or_default())?;
    let format = parameters.choice("format", &FORMATS)?.unwrap_or_default();
    let dtype = parameters.choice("dtype", &DTYPES)?.unwrap_or_default();
    let query = DataQuery::new(place).with_selection(selection).with_format(format);
    Ok(Question::Data(query.with_dtype(dtype)))
}
