//! The API of h5grove 4.0.0 (`/h5grove/meta` and its siblings), so that H5Web's `H5GroveProvider`
//! and other clients of h5grove find here what they know. One route a file.
//!
//! Answers are what h5grove's would be, up to the order of members; errors are its `{"message"}` with
//! its statuses, and where h5grove fails without a word they say what is wrong. What is added:
//! versions, `ETag` and 304, compression, limits and tokens, as for all other routes.

mod attr;
mod data;
mod errors;
mod meta;
mod numpy_dtype;
mod paths;
mod query;
mod question;
mod shapes;
mod stats;
mod type_object;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use crate::state::AppState;

pub(crate) use data::{DTYPES, FORMATS};
pub(crate) use errors::{reworded, status};
pub(crate) use question::{H5groveAnswer, H5groveQuestion};

/// Those that ask the store, each with and without a slash at its end.
pub(crate) fn questions() -> Router<Arc<AppState>> {
    Router::new()
        .merge(both("/h5grove/attr", get(attr::attr)))
        .merge(both("/h5grove/data", get(data::data)))
        .merge(both("/h5grove/meta", get(meta::meta)))
        .merge(both("/h5grove/paths", get(paths::paths)))
        .merge(both("/h5grove/stats", get(stats::stats)))
}

/// `/h5grove/`: the server is there.
pub(crate) fn ping() -> Router<Arc<AppState>> {
    both("/h5grove", get(ok))
}

fn both(path: &str, handler: MethodRouter<Arc<AppState>>) -> Router<Arc<AppState>> {
    Router::new().route(path, handler.clone()).route(&format!("{path}/"), handler)
}

/// As h5grove has it: without a type.
async fn ok() -> Response {
    Response::new("ok".into())
}
