//! The S3 server that `scripts/with-s3.sh` has started, and its buckets.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use store::testing::{S3Bucket, Writer};
use store::{Environment, StoreConfig};

use crate::Result;

/// Where everything lies that benchmarks ask about.
pub(crate) const BUCKET: &str = "h5scout-bench";

/// Longer than the largest file takes to be written.
const PATIENCE: Duration = Duration::from_secs(600);

/// The server and its key.
#[derive(Debug, Clone)]
pub(crate) struct S3 {
    pub(crate) endpoint: String,
    pub(crate) name: String,
    access_key: String,
    secret_key: String,
}

impl S3 {
    /// As the environment names it.
    pub(crate) fn of_environment() -> Result<Self> {
        let variable = |name: &str| {
            std::env::var(name).map_err(|_| format!("{name} is not set: scripts/with-s3.sh does"))
        };
        Ok(Self {
            endpoint: variable("H5SCOUT_TEST_S3")?,
            name: variable("H5SCOUT_TEST_S3_NAME")?,
            access_key: variable("S3_ACCESS_KEY")?,
            secret_key: variable("S3_SECRET_KEY")?,
        })
    }

    /// What a process that asks the server behind `endpoint` needs in its environment.
    pub(crate) fn environment<'a>(&'a self, endpoint: &'a str) -> [(&'static str, &'a str); 3] {
        [
            ("S3_ENDPOINT", endpoint),
            ("S3_ACCESS_KEY", &self.access_key),
            ("S3_SECRET_KEY", &self.secret_key),
        ]
    }

    /// The same, for a store in this process.
    pub(crate) fn config(&self, endpoint: &str) -> StoreConfig {
        let environment: Environment = self.environment(endpoint).into_iter().collect();
        StoreConfig { environment, store_timeout: PATIENCE, ..StoreConfig::default() }
    }

    /// The bucket of that name, made where it is not there.
    pub(crate) async fn bucket(&self, name: &str) -> Result<Bucket> {
        let bucket = S3Bucket::open(name, "", &self.config(&self.endpoint))?;
        bucket.create().await;
        Ok(Bucket { bucket })
    }
}

/// A bucket to be filled. A server that refuses ends the run.
pub(crate) struct Bucket {
    bucket: S3Bucket,
}

impl Bucket {
    /// Puts the file at `path` under `key`.
    pub(crate) async fn put_file(&self, key: &str, path: &Path) -> Result<()> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        self.put(key, &Bytes::from(bytes)).await;
        Ok(())
    }

    /// Puts `bytes` under `key`.
    pub(crate) async fn put(&self, key: &str, bytes: &Bytes) {
        self.bucket.put(key, bytes).await;
    }
}
