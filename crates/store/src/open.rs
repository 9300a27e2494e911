//! From the text that names a store to its backend.

use std::path::Path;

use url::Url;

use crate::StoreConfig;
use crate::backend::Backend;
use crate::error::StoreError;
use crate::local::Local;

/// The backend for `source`, and its description for logs.
pub(crate) fn backend(
    source: &str,
    _config: &StoreConfig,
) -> Result<(Box<dyn Backend>, String), StoreError> {
    let Some((scheme, _)) = source.split_once("://") else {
        return folder(Path::new(source));
    };
    let refuse = |reason: &str| StoreError::Source {
        source_text: without_user(source),
        reason: reason.to_owned(),
    };
    let url = Url::parse(source).map_err(|error| refuse(&error.to_string()))?;
    match scheme {
        "file" => {
            let path = url.to_file_path().map_err(|()| refuse("not a path of this machine"))?;
            folder(&path)
        }
        _ => Err(refuse("its kind is not known: s3, gs, az, http, https, file, or a path")),
    }
}

fn folder(path: &Path) -> Result<(Box<dyn Backend>, String), StoreError> {
    let local = Local::open(path)?;
    let description = local.root().display().to_string();
    Ok((Box::new(local), description))
}

/// `source` without what stands before an `@` in its authority: it may be a password.
fn without_user(source: &str) -> String {
    let Some((scheme, rest)) = source.split_once("://") else { return source.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{path}")
}
