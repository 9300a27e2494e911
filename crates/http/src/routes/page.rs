//! The page at `/` and `/embed`, the documentation at `/docs`, and what they load.
//!
//! Unlike the API, these routes take any parameter: links that people share carry some.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use crate::answer::{JSON, Wishes};
use crate::assets::{self, Asset};
use crate::error::{ApiError, Code};
use crate::middleware::MayBeFramed;
use crate::openapi;
use crate::state::AppState;

/// A year, the longest that anybody remembers.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET` of the base path without the `/` that relative addresses of the page need at its end.
pub(crate) async fn below(State(app): State<Arc<AppState>>, uri: Uri) -> Response {
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    Redirect::permanent(&format!("{}/{query}", app.config.base_path.as_str())).into_response()
}

/// `GET /`
pub(crate) async fn index(
    State(app): State<Arc<AppState>>,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    sent(&app, assets::page(), &wishes).await
}

/// `GET /embed`: the page again, which leaves out what is around the object, for a frame in a page
/// of somebody else.
pub(crate) async fn embed(
    State(app): State<Arc<AppState>>,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let mut response = sent(&app, assets::page(), &wishes).await?;
    response.extensions_mut().insert(MayBeFramed::by(&app.config.embedders));
    Ok(response)
}

/// `GET /docs`
pub(crate) async fn docs(
    State(app): State<Arc<AppState>>,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    sent(&app, assets::DOCS, &wishes).await
}

/// `GET /openapi.json`
pub(crate) async fn openapi(
    State(app): State<Arc<AppState>>,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let body = app.description.get_or_init(|| openapi::json(&app.config.base_path)).clone();
    app.responses.fixed("openapi.json", JSON, body, &wishes).await
}

/// `GET /assets/{name}`
pub(crate) async fn asset(
    State(app): State<Arc<AppState>>,
    uri: Uri,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let name = uri.path().trim_start_matches("/assets/");
    let Some(asset) = assets::find(name) else {
        return Err(ApiError::new(Code::NotFound, format!("there is no asset {name:?}")));
    };
    sent(&app, asset, &wishes).await
}

async fn sent(app: &AppState, asset: Asset, wishes: &Wishes) -> Result<Response, ApiError> {
    let body = asset.bytes();
    let mut response = app.responses.fixed(asset.name, asset.content_type, body, wishes).await?;
    if asset.is_forever {
        response.headers_mut().insert(CACHE_CONTROL, FOREVER);
    }
    Ok(response)
}
