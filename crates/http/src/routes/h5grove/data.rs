//! `/data`: the elements of a dataset, or a selection of them, in some format.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use explorer::{DataQuery, Dtype, Format, PlainFormat, PlainKind, Selection};

use super::H5groveQuestion;
use super::query::Query;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::state::AppState;

/// The formats, as the parameter names them.
pub(crate) const FORMATS: [(&str, PlainKind); 5] = [
    ("json", PlainKind::Json),
    ("bin", PlainKind::Bin),
    ("npy", PlainKind::Npy),
    ("csv", PlainKind::Csv),
    ("tiff", PlainKind::Tiff),
];

/// Which numbers, as the parameter names them.
pub(crate) const DTYPES: [(&str, Dtype); 2] = [("origin", Dtype::Origin), ("safe", Dtype::Safe)];

pub(super) async fn data(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    query: Query,
) -> Result<Response, ApiError> {
    let (key, flat) = query.file_and_flatten()?;
    let (path, format) = (query.path(), query.text("format").unwrap_or("json"));
    let dtype = query.text("dtype").unwrap_or("origin");
    let data = DataQuery::new(path.place()).with_selection(selection(&query)?);
    let kind = FORMATS.iter().find(|(name, _)| *name == format);
    let numbers = DTYPES.iter().find(|(name, _)| *name == dtype);
    let question = match (kind, numbers) {
        (Some((_, kind)), Some((_, numbers))) if path.object().is_some() => {
            let format = Format::Plain(PlainFormat { kind: *kind, flat });
            Question::Data(data.with_format(format).with_dtype(*numbers))
        }
        _ => Question::H5grove(H5groveQuestion::unknown_form(path, data, format, dtype)),
    };
    let response = app.ask(&access, key, question, &wishes).await;
    let mut response = response.map_err(ApiError::link_as_path)?;
    if response.status() == StatusCode::OK
        && let Some(disposition) = kind.and_then(|(_, kind)| disposition(*kind))
    {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// The elements that are wanted: all by default.
///
/// # Errors
///
/// When it is no selection.
pub(super) fn selection(query: &Query) -> Result<Selection, ApiError> {
    Ok(Selection::parse(query.text("selection").unwrap_or_default())?)
}

/// What files are called that are to be saved.
fn disposition(kind: PlainKind) -> Option<HeaderValue> {
    let header = match kind {
        PlainKind::Json | PlainKind::Bin => return None,
        PlainKind::Npy => "attachment; filename=\"data.npy\"",
        PlainKind::Csv => "attachment; filename=\"data.csv\"",
        PlainKind::Tiff => "attachment; filename=\"data.tiff\"",
    };
    Some(HeaderValue::from_static(header))
}
