//! From the text that names a store to its backend.

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use url::Url;

use crate::StoreConfig;
use crate::backend::Backend;
use crate::cloud::{Cloud, no_retries};
use crate::error::StoreError;
use crate::local::Local;
use crate::s3::S3;
use crate::web::Web;
use crate::wire;

/// The backend for `source`, and its description for logs.
pub(crate) fn backend(
    source: &str,
    config: &StoreConfig,
) -> Result<(Box<dyn Backend>, String), StoreError> {
    let Some((scheme, rest)) = source.split_once("://") else {
        return folder(Path::new(source));
    };
    let refuse = |reason: &str| StoreError::Source {
        source_text: without_user(source),
        reason: reason.to_owned(),
    };
    match scheme {
        "s3" | "s3a" => {
            let (bucket, prefix) = bucket_and_prefix(rest);
            let bucket =
                if bucket.is_empty() { config.environment.get("S3_BUCKET") } else { Some(bucket) };
            let bucket =
                bucket.ok_or_else(|| refuse("it names no bucket, and S3_BUCKET is not set"))?;
            let s3 = S3::open(bucket, &prefix, config)?;
            let description = s3.description();
            Ok((Box::new(s3), description))
        }
        "gs" | "az" | "azure" => {
            let (bucket, prefix) = bucket_and_prefix(rest);
            if bucket.is_empty() {
                return Err(refuse("it names no bucket"));
            }
            let store = if scheme == "gs" { google(bucket, config) } else { azure(bucket, config) };
            // Not its whole text: a builder may quote what it could not read.
            let store = store.map_err(|_| refuse("its credentials or settings cannot be used"))?;
            Ok((Box::new(Cloud::new(store, &prefix)), format!("{scheme}://{bucket}/{prefix}")))
        }
        "http" | "https" => {
            let url = Url::parse(source).map_err(|error| refuse(&error.to_string()))?;
            if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
                return Err(refuse("user, password and query are not supported"));
            }
            Ok((Box::new(Web::open(&url, config)?), url.to_string()))
        }
        "file" => {
            let url = Url::parse(source).map_err(|error| refuse(&error.to_string()))?;
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

fn google(bucket: &str, config: &StoreConfig) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = GoogleCloudStorageBuilder::new();
    for (name, value) in config.environment.family("GOOGLE_") {
        if let Ok(key) = name.to_ascii_lowercase().parse::<GoogleConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    let builder = builder
        .with_bucket_name(bucket)
        .with_client_options(wire::client_options(config, false))
        .with_retry(no_retries());
    Ok(Arc::new(builder.build()?))
}

fn azure(container: &str, config: &StoreConfig) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = MicrosoftAzureBuilder::new();
    for (name, value) in config.environment.family("AZURE_") {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AzureConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    let emulator = config.environment.is_true("AZURE_STORAGE_USE_EMULATOR");
    let builder = builder
        .with_container_name(container)
        .with_client_options(wire::client_options(config, emulator))
        .with_retry(no_retries());
    Ok(Arc::new(builder.build()?))
}

/// `bucket/some/prefix` as the bucket and `some/prefix/`. The prefix is taken as it stands: a
/// source is typed by an operator who knows the keys, and `%` is a character of keys.
fn bucket_and_prefix(rest: &str) -> (&str, String) {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let slash = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
    (bucket, format!("{prefix}{slash}"))
}

/// `source` without what stands before an `@` in its authority: it may be a password.
fn without_user(source: &str) -> String {
    let Some((scheme, rest)) = source.split_once("://") else { return source.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;

    fn open(source: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let environment = variables.iter().copied().collect::<Environment>();
        let config = StoreConfig { environment, ..StoreConfig::default() };
        let opened = backend(source, &config);
        opened.map(|(_, description)| description).map_err(|error| error.to_string())
    }

    #[test]
    fn buckets_are_found_where_the_environment_says() {
        let keys = [("S3_ACCESS_KEY", "k"), ("S3_SECRET_KEY", "s")];
        let at = |endpoint| [keys[0], keys[1], ("S3_ENDPOINT", endpoint)];
        let minio = at("http://MinIO:80/");
        assert_eq!(open("s3://b/p/q", &minio).unwrap(), "http://minio/b/p/q/ (S3)");
        assert_eq!(open("s3://b", &keys).unwrap(), "https://b.s3.us-east-1.amazonaws.com/ (S3)");
        let dotted = "https://s3.eu-central-1.amazonaws.com/a.b/ (S3, not signed)";
        assert_eq!(open("s3://a.b", &[("AWS_REGION", "eu-central-1")]).unwrap(), dotted);
        let both =
            [("AWS_ENDPOINT_URL", "http://aws"), ("S3_ENDPOINT", "http://s3"), ("S3_BUCKET", "c")];
        assert_eq!(open("s3://", &both).unwrap(), "http://s3/c/ (S3, not signed)");
    }

    #[test]
    fn contradictions_are_told_without_secrets() {
        let half = open("s3://b", &[("AWS_SECRET_ACCESS_KEY", "hidden")]).unwrap_err();
        assert!(half.contains("AWS_ACCESS_KEY_ID is not") && !half.contains("hidden"), "{half}");
        let broken = [("S3_ACCESS_KEY", "a\nb"), ("S3_SECRET_KEY", "s")];
        assert!(open("s3://b", &broken).is_err());
        assert!(open("s3://b", &[("S3_ENDPOINT", "minio:9000")]).is_err());
        let user = open("s3://b", &[("S3_ENDPOINT", "http://user:hidden@minio")]).unwrap_err();
        assert!(!user.contains("hidden"), "{user}");
        for bucket in ["b?x", "b#x", "..", "b c", "ü"] {
            assert!(open(&format!("s3://{bucket}/p"), &[]).is_err(), "{bucket}");
        }
        assert!(open("s3://", &[]).is_err());
        let user = open("http://user:hidden@host/", &[]).unwrap_err();
        assert!(user.contains("http://host/") && !user.contains("hidden"), "{user}");
        assert!(open("ftp://host/", &[]).is_err());
        assert!(open("/no/such/folder", &[]).is_err());
    }

    #[test]
    fn notifications_name_objects_by_bucket_and_key() {
        let (whole, _) = backend("s3://b", &StoreConfig::default()).unwrap();
        let (part, _) = backend("s3://b/p/q", &StoreConfig::default()).unwrap();
        let (folder, _) = backend(".", &StoreConfig::default()).unwrap();
        for (bucket, key, in_whole, in_part) in [
            ("b", "p/q/a.h5", Some("p/q/a.h5"), Some("a.h5")),
            ("b", "p/q/r/a.h5", Some("p/q/r/a.h5"), Some("r/a.h5")),
            ("b", "p/qa.h5", Some("p/qa.h5"), None),
            ("b", "p/q/", Some("p/q/"), None),
            ("c", "p/q/a.h5", None, None),
            ("b", "", None, None),
        ] {
            assert_eq!(whole.key_of(bucket, key).as_deref(), in_whole, "{key}");
            assert_eq!(part.key_of(bucket, key).as_deref(), in_part, "{key}");
            assert_eq!(folder.key_of(bucket, key), None);
        }
    }

    #[test]
    fn other_kinds_can_be_opened() {
        assert_eq!(open("https://host/data", &[]).unwrap(), "https://host/data");
        assert_eq!(open("az://c/p", &[("AZURE_STORAGE_ACCOUNT_NAME", "n")]).unwrap(), "az://c/p/");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().display().to_string();
        assert_eq!(open(&format!("file://{path}"), &[]).unwrap(), path);
        assert_eq!(open(&path, &[]).unwrap(), path);
    }
}
