//! What the explorer answers, over the fixtures. The dumps of h5py are compared elsewhere; here is
//! what they cannot say: links, pages, cuts, errors, costs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod children;
mod damaged;
mod files;
mod freshness;
mod links;
mod metadata;
mod plain;
mod sources;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use explorer::{
    ChildrenQuery, Explorer, ExplorerConfig, ExplorerError, Freshness, MetaQuery, Meter, Place,
};
use serde_json::Value;
use store::{Store, StoreConfig};

/// The folder of the fixtures.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn explorer() -> Arc<Explorer> {
    explorer_of(&fixtures())
}

fn explorer_of(folder: &Path) -> Arc<Explorer> {
    let store = Store::open(folder.to_str().unwrap(), StoreConfig::default()).unwrap();
    Explorer::new(store, ExplorerConfig::default())
}

fn at(path: &str) -> Place {
    Place::new(Some(path), None).unwrap()
}

fn all(path: &str) -> ChildrenQuery {
    ChildrenQuery::new(at(path))
}

/// The answer to `query` as the API shows it.
async fn children(key: &str, query: ChildrenQuery) -> Result<Value, ExplorerError> {
    let meter = Arc::new(Meter::new());
    let answer = explorer().children(key, &query, Freshness::Trust, &meter).await?;
    Ok(serde_json::to_value(answer).unwrap())
}

/// The answer to `query` as the API shows it, without its envelope.
async fn meta(key: &str, query: MetaQuery) -> Result<Value, ExplorerError> {
    let meter = Arc::new(Meter::new());
    let answer = explorer().meta(key, &query, Freshness::Trust, &meter).await?;
    Ok(serde_json::to_value(answer).unwrap()["metadata"].take())
}

/// The child called `name`.
fn child<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let children = answer["children"].as_array().unwrap();
    children.iter().find(|child| child["name"] == name).unwrap()
}

fn names(answer: &Value) -> Vec<&str> {
    let children = answer["children"].as_array().unwrap();
    children.iter().map(|child| child["name"].as_str().unwrap()).collect()
}

/// Code and detail of an error.
fn said<T: std::fmt::Debug>(answer: Result<T, ExplorerError>) -> (&'static str, String) {
    let error = answer.unwrap_err();
    (error.code.as_str(), error.detail)
}
