//! `GET /files/{key}/preview`: what a dataset looks like.

use explorer::{ComplexPart, PREVIEW_SIZE_MAX, PreviewQuery, Selection, View};

use super::required_place;
use crate::answer::Question;
use crate::error::ApiError;
use crate::parameters::Parameters;

/// The views, as the parameter names them; without one it is what suits the dataset.
pub(crate) const VIEWS: [(&str, Option<View>); 4] = [
    ("auto", None),
    ("table", Some(View::Table)),
    ("line", Some(View::Line)),
    ("heatmap", Some(View::Heatmap)),
];

/// The numbers of a complex one, as the parameter names them; the first is the default.
pub(crate) const COMPLEX_PARTS: [(&str, ComplexPart); 4] = [
    ("amplitude", ComplexPart::Amplitude),
    ("phase", ComplexPart::Phase),
    ("real", ComplexPart::Real),
    ("imaginary", ComplexPart::Imaginary),
];

/// A corner of a table, a line or a heatmap.
pub(crate) fn preview(parameters: &mut Parameters) -> Result<Question, ApiError> {
    let place = required_place(parameters)?;
    let selection = Selection::parse(&parameters.text("selection").unwrap_or_default())?;
    let view = parameters.choice("view", &VIEWS)?.unwrap_or_default();
    let mut query = PreviewQuery::new(place).with_selection(selection).with_view(view);
    if let Some(max_size) = parameters.number("max_size", 1..=PREVIEW_SIZE_MAX)? {
        query = query.with_max_size(max_size)?;
    }
    if let Some(numbers) = parameters.filled("missing") {
        query = query.with_missing(&numbers)?;
    }
    if let Some(range) = parameters.filled("valid") {
        query = query.with_valid(&range)?;
    }
    query = query.with_unsigned(parameters.flag("unsigned")?);
    if let Some(part) = parameters.choice("complex", &COMPLEX_PARTS)? {
        query = query.with_complex(part);
    }
    Ok(Question::Preview(query))
}
