//! The plain page at `/`, the documentation at `/docs`, and what they load. All of it is in the
//! binary and loads nothing from elsewhere.
//!
//! Unlike the API, these routes take any parameter: links that people share carry some.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;

use crate::answer::{JSON, Wishes};
use crate::error::{ApiError, Code};
use crate::openapi;
use crate::state::AppState;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

/// What the pages load.
const ASSETS: [Asset; 3] = [
    Asset { name: "style.css", content_type: CSS, body: include_bytes!("../../assets/style.css") },
    Asset { name: "index.js", content_type: SCRIPT, body: include_bytes!("../../assets/index.js") },
    Asset { name: "docs.js", content_type: SCRIPT, body: include_bytes!("../../assets/docs.js") },
];

struct Asset {
    name: &'static str,
    content_type: HeaderValue,
    body: &'static [u8],
}

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
    let body = Bytes::from_static(include_bytes!("../../assets/index.html"));
    app.responses.fixed("index.html", HTML, body, &wishes).await
}

/// `GET /docs`
pub(crate) async fn docs(
    State(app): State<Arc<AppState>>,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let body = Bytes::from_static(include_bytes!("../../assets/docs.html"));
    app.responses.fixed("docs.html", HTML, body, &wishes).await
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
    let Some(asset) = ASSETS.into_iter().find(|asset| asset.name == name) else {
        return Err(ApiError::new(Code::NotFound, format!("there is no asset {name:?}")));
    };
    let body = Bytes::from_static(asset.body);
    app.responses.fixed(asset.name, asset.content_type, body, &wishes).await
}
