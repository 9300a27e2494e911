//! Every route, in one list.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower::Layer;
use tower::util::MapRequestLayer;

use crate::error::{ApiError, Code};
use crate::key::fold_key;
use crate::middleware::{around, around_questions};
use crate::routes::{
    about, attribute, children, data, events, files, h5grove, health, meta, metrics, page, preview,
};
use crate::state::AppState;

/// The whole server, to be served by `serve` or called in a test.
pub fn router(state: AppState) -> Router {
    let base_path = state.config.base_path.clone();
    let state = Arc::new(state);
    let questions = Router::new()
        .route("/files", get(files::list))
        .route("/files/refresh", post(files::refresh))
        .route("/files/{key}/children", about(children::children))
        .route("/files/{key}/meta", about(meta::meta))
        .route("/files/{key}/attribute", about(attribute::attribute))
        .route("/files/{key}/data", about(data::data))
        .route("/files/{key}/preview", about(preview::preview))
        // The same for proxies that rewrite %2F or // in paths.
        .route("/children", about(children::children))
        .route("/meta", about(meta::meta))
        .route("/attribute", about(attribute::attribute))
        .route("/data", about(data::data))
        .route("/preview", about(preview::preview))
        .route("/ready", get(health::ready))
        .merge(events(&state))
        .layer(from_fn_with_state(state.clone(), around_questions));

    let h5grove = h5grove::questions()
        .layer(from_fn_with_state(state.clone(), around_questions))
        .layer(from_fn(h5grove::reworded))
        .merge(h5grove::ping());

    // These answer without the store, also when no more questions are taken.
    let always = Router::new()
        .route("/health", get(health::health))
        .route("/metrics", get(metrics::metrics))
        .route("/", get(page::index))
        .route("/embed", get(page::embed))
        .route("/docs", get(page::docs))
        .route("/openapi.json", get(page::openapi))
        .route("/assets/{name}", get(page::asset));

    // Orchestrators ask the process itself, past the proxy that the base path is for.
    let mut outside = Router::new()
        .route("/ready", get(health::ready))
        .layer(from_fn_with_state(state.clone(), around_questions))
        .route("/health", get(health::health));
    if !base_path.is_root() {
        outside = outside.route(base_path.as_str(), get(page::below));
    }
    let outside = outside
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(state.clone(), around))
        .with_state(state.clone());

    let routes = questions
        .merge(h5grove)
        .merge(always)
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(state.clone(), around))
        .with_state(state);

    // A key may have slashes: it is folded into one segment before any route is looked for.
    let folded = Router::new().fallback_service(MapRequestLayer::new(fold_key).layer(routes));
    base_path.stand_below(folded, outside)
}

/// A server that knows nobody who could tell what has changed has no place for it.
fn events(state: &AppState) -> Router<Arc<AppState>> {
    if state.event_tokens.is_none() {
        return Router::new();
    }
    let limit = DefaultBodyLimit::max(events::BODY_BYTES_MAX);
    Router::new().route(events::ROUTE, post(events::events).layer(limit))
}

async fn no_such_route(State(app): State<Arc<AppState>>, uri: Uri) -> ApiError {
    let detail = match uri.path().strip_prefix("/files/") {
        Some(_) => {
            "after /files/ comes a key and then /children, /meta, /attribute, /data or /preview"
                .to_owned()
        }
        None => {
            let base = app.config.base_path.as_str();
            format!("there is no route {:?}; {base}/docs lists all", uri.path())
        }
    };
    ApiError::new(Code::NotFound, detail)
}

async fn no_such_method(method: Method, request: Request) -> ApiError {
    let detail = format!("{:?} does not know {method}", request.uri().path());
    ApiError::new(Code::MethodNotAllowed, detail)
}
