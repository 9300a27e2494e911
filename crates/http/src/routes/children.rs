//! `GET /files/{key}/children`: what is in a group.

use explorer::{CHILDREN_LIMIT_MAX, ChildrenQuery, Detail, Order, Resolve};

use super::place;
use crate::answer::Question;
use crate::error::ApiError;
use crate::parameters::Parameters;

/// A page of the children of a group.
pub(crate) fn children(parameters: &mut Parameters) -> Result<Question, ApiError> {
    let place = place(parameters)?;
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
    Ok(Question::Children(query))
}
