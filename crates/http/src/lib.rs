//! The HTTP API of h5scout: routes, errors, caching headers, the page. `API.md` is its contract.
//!
//! A handler takes its parameters, asks the explorer one question and turns the answer into a
//! response. It knows nothing of HDF5 and nothing of stores.

mod access;
mod answer;
mod assets;
mod base_path;
mod cache_control;
mod duration;
mod error;
mod key;
mod metrics;
mod middleware;
mod notification;
mod openapi;
mod parameters;
mod readiness;
mod router;
mod routes;
mod serve;
mod state;

pub use crate::access::{TokenFileError, Tokens};
pub use crate::base_path::{BadBasePath, BasePath};
pub use crate::metrics::install_metrics;
pub use crate::middleware::{JoinTrace, OriginError, Origins};
pub use crate::openapi::document as openapi_document;
pub use crate::router::router;
pub use crate::serve::{Tls, TlsError, serve};
pub use crate::state::{AppState, HttpConfig};
