//! Whether a source can be opened, listed and read.

use std::sync::Arc;
use std::time::Instant;

use explorer::answers::{File, FilesAnswer};
use explorer::{
    ErrorCode, Explorer, ExplorerConfig, ExplorerError, FilesQuery, Freshness, MetaQuery, Meter,
    Place,
};
use store::Store;

use super::{Finding, advice};
use crate::failure::Failure;

/// How the keys of HDF5 files mostly end. Others are tried after these.
const SUFFIXES: [&str; 8] = [".h5", ".hdf5", ".nc", ".nc4", ".nxs", ".hdf", ".he5", ".h5ad"];

/// Files that are tried until one is HDF5.
const TRIES: usize = 5;

/// Keys that are looked at for files to try.
const KEYS: u64 = 1_000;

/// Lists the source and reads a file of it. `name` is what it is called in the findings.
pub(crate) async fn source(
    name: &str,
    url: &str,
    opened: Result<Arc<Store>, Failure>,
    config: ExplorerConfig,
) -> Vec<Finding> {
    let store = match opened {
        Ok(store) => store,
        Err(failure) => {
            let text = failure.text();
            let advice = advice::said(&text);
            return vec![Finding::failed(name, text, advice)];
        }
    };
    let opened = Finding::ok(name, store.description());
    let explorer = Explorer::new(store, config);
    let (listed, files) = list(name, url, &explorer).await;
    let mut findings = vec![opened, listed];
    if let Some(files) = files {
        findings.push(read(name, &explorer, &files).await);
    }
    findings
}

/// Lists the source. Returns the files too, if there are some.
async fn list(name: &str, url: &str, explorer: &Arc<Explorer>) -> (Finding, Option<Vec<File>>) {
    let check = format!("{name}: list");
    let started = Instant::now();
    let listed = match first_page(explorer).await {
        Ok(listed) => listed,
        // Its files can be opened by their keys, which is what such servers are used for.
        Err(error) if url.starts_with("http") && error.code != ErrorCode::StoreTimeout => {
            let advice = "a plain web server lists files only if it speaks WebDAV; keys that are \
                          known can be opened nevertheless";
            return (Finding::warning(check, said(&error), Some(advice)), None);
        }
        Err(error) => return (Finding::failed(check, said(&error), advice::about(&error)), None),
    };
    let FilesAnswer { files, truncated, .. } = listed;
    if files.is_empty() {
        let advice = "check the bucket, the prefix or the folder, if there should be some";
        return (Finding::warning(check, "there is no file in it", Some(advice)), None);
    }
    let more = if truncated { " and more" } else { "" };
    let took = started.elapsed().as_millis();
    (Finding::ok(check, format!("{} files{more}, in {took} ms", files.len())), Some(files))
}

async fn first_page(explorer: &Arc<Explorer>) -> Result<FilesAnswer, ExplorerError> {
    let query = FilesQuery::default().with_limit(KEYS)?.with_refresh(true);
    explorer.files(&query, &Arc::new(Meter::new())).await
}

/// Reads the root of the first of `files` that is HDF5.
async fn read(name: &str, explorer: &Arc<Explorer>, files: &[File]) -> Finding {
    let check = format!("{name}: read");
    let is_likely = |file: &&File| SUFFIXES.iter().any(|suffix| file.key.ends_with(suffix));
    let likely = files.iter().filter(is_likely);
    let others = files.iter().filter(|file| !is_likely(file));
    for File { key, .. } in likely.chain(others).take(TRIES) {
        let started = Instant::now();
        match root_of(explorer, key).await {
            Ok(()) => {
                let took = started.elapsed().as_millis();
                return Finding::ok(check, format!("{key:?} is an HDF5 file, opened in {took} ms"));
            }
            Err(error) if error.code == ErrorCode::NotHdf5 => {}
            Err(error) if is_of_the_store(&error) => {
                let detail = format!("{key:?}: {}", said(&error));
                return Finding::failed(check, detail, advice::about(&error));
            }
            Err(error) => {
                let detail = format!("{key:?}: {}", error.detail);
                let advice = "the store gives its bytes, but something is wrong with the file: \
                              h5scout check says more";
                return Finding::warning(check, detail, Some(advice));
            }
        }
    }
    let detail = format!("none of the {} files that were tried is HDF5", files.len().min(TRIES));
    Finding::warning(check, detail, None)
}

async fn root_of(explorer: &Arc<Explorer>, key: &str) -> Result<(), ExplorerError> {
    let query = MetaQuery::new(Place::new(Some("/"), None)?);
    explorer.meta(key, &query, Freshness::Ask, &Arc::new(Meter::new())).await.map(drop)
}

fn is_of_the_store(error: &ExplorerError) -> bool {
    matches!(
        error.code,
        ErrorCode::Forbidden
            | ErrorCode::FileNotFound
            | ErrorCode::StoreError
            | ErrorCode::StoreUnavailable
            | ErrorCode::StoreTimeout
    )
}

/// What went wrong, in all the words of the store: they are for the operator.
fn said(error: &ExplorerError) -> String {
    error.logged.clone().unwrap_or_else(|| error.detail.clone())
}
