//! `GET /files/{key}/preview`: what a dataset looks like.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::{PREVIEW_SIZE_DEFAULT, PREVIEW_SIZE_MAX, Place, PreviewQuery, Selection, View};

use super::required_place;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// The views, as the parameter names them; without one it is what suits the dataset.
pub(crate) const VIEWS: [(&str, Option<View>); 4] = [
    ("auto", None),
    ("table", Some(View::Table)),
    ("line", Some(View::Line)),
    ("heatmap", Some(View::Heatmap)),
];

/// A corner of a table, a line or a heatmap.
pub(crate) async fn preview(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let key = parameters.key()?;
    let place = required_place(&mut parameters)?;
    let query = preview_query(place, &mut parameters)?;
    parameters.finish()?;
    app.ask(&access, key, Question::Preview(query), &wishes).await
}

fn preview_query(place: Place, parameters: &mut Parameters) -> Result<PreviewQuery, ApiError> {
    let selection = Selection::parse(&parameters.text("selection").unwrap_or_default())?;
    let view = parameters.choice("view", &VIEWS)?.unwrap_or_default();
    let max_size = parameters.number("max_size", 1..=PREVIEW_SIZE_MAX)?;
    let query = PreviewQuery::new(place).with_selection(selection).with_view(view);
    let query = query.with_max_size(max_size.unwrap_or(PREVIEW_SIZE_DEFAULT))?;
    match parameters.filled("missing") {
        Some(numbers) => Ok(query.with_missing(&numbers)?),
        None => Ok(query),
    }
}
