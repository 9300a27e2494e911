//! `GET /files/{key}/children`: what is in a group.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::{CHILDREN_LIMIT_MAX, ChildrenQuery, Detail, Order, Place, Resolve};

use super::place;
use crate::access::Access;
use crate::answer::{Question, Wishes};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// A page of the children of a group.
pub(crate) async fn children(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let key = parameters.key()?;
    let place = place(&mut parameters)?;
    let query = children_query(place, &mut parameters)?;
    parameters.finish()?;
    app.ask(&access, key, Question::Children(query), &wishes).await
}

fn children_query(place: Place, parameters: &mut Parameters) -> Result<ChildrenQuery, ApiError> {
    let orders = [("name", Order::Name), ("creation", Order::Creation)];
    let details = [("full", Detail::Full), ("names", Detail::Names)];
    let resolves = [("soft", Resolve::Soft), ("external", Resolve::External)];
    let mut query = ChildrenQuery::new(place)
        .with_q(&parameters.text("q").unwrap_or_default())
        .with_order(parameters.choice("order", &orders)?.unwrap_or_default())
        .with_detail(parameters.choice("detail", &details)?.unwrap_or_default())
        .with_resolve(parameters.choice("resolve", &resolves)?.unwrap_or_default());
    if let Some(limit) = parameters.number("limit", 1..=CHILDREN_LIMIT_MAX)? {
        query = query.with_limit(limit)?;
    }
    if let Some(cursor) = parameters.filled("after") {
        query = query.with_after(&cursor)?;
    }
    Ok(query)
}
