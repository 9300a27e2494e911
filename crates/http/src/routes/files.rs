//! `GET /files` and `POST /files/refresh`: which files there are.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use explorer::{FILES_LIMIT_MAX, FilesQuery, Freshness, RefreshQuery};

use crate::access::Access;
use crate::answer::{Wishes, respond_once};
use crate::error::ApiError;
use crate::parameters::Parameters;
use crate::state::AppState;

/// A page of the keys in the store, in the order of their UTF-8 bytes.
pub(crate) async fn list(
    State(app): State<Arc<AppState>>,
    access: Access,
    wishes: Wishes,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let query = files_query(&mut parameters)?;
    parameters.finish()?;
    let query = match wishes.cache_control.freshness {
        Freshness::Ask => query.with_refresh(true),
        Freshness::Trust => query,
    };
    app.list(&access, query, &wishes).await
}

/// Forgets the listings below a prefix, or everything known of one file.
pub(crate) async fn refresh(
    State(app): State<Arc<AppState>>,
    access: Access,
    mut parameters: Parameters,
) -> Result<Response, ApiError> {
    let (prefix, key) = (parameters.text("prefix"), parameters.filled("key"));
    let query = RefreshQuery::new(prefix.as_deref(), key.as_deref())?;
    parameters.finish()?;
    match &query {
        RefreshQuery::Listings { prefix } => access.to_all_below(prefix)?,
        RefreshQuery::File { key } => {
            access.to_key(key)?;
            app.responses.forget(key);
        }
    }
    // A POST has no conditions: what it did has to be said.
    respond_once(app.explorer.refresh(&query), &Wishes::default()).await
}

fn files_query(parameters: &mut Parameters) -> Result<FilesQuery, ApiError> {
    let mut query = FilesQuery::default()
        .with_prefix(&parameters.text("prefix").unwrap_or_default())
        .with_delimiter(&parameters.text("delimiter").unwrap_or_default())?
        .with_q(&parameters.text("q").unwrap_or_default())
        .with_suffix(&parameters.text("suffix").unwrap_or_default())
        .with_after(&parameters.text("after").unwrap_or_default())
        .with_refresh(parameters.flag("refresh")?);
    if let Some(limit) = parameters.number("limit", 1..=FILES_LIMIT_MAX)? {
        query = query.with_limit(limit)?;
    }
    Ok(query)
}
