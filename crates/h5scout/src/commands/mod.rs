//! One file a command.

pub(crate) mod check;
pub(crate) mod data;
pub(crate) mod ls;
pub(crate) mod serve;
pub(crate) mod serve_check;
pub(crate) mod show;
mod tree;

use std::sync::Arc;

use explorer::Explorer;
use store::Store;

use crate::arguments::Engine;
use crate::failure::Failure;

/// An explorer of `source`. Makes no request.
fn open(source: &str, engine: &Engine) -> Result<Arc<Explorer>, Failure> {
    Ok(Explorer::new(Store::open(source, engine.store())?, engine.explorer()))
}
