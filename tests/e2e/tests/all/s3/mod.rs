//! h5scout over a real S3 server.
//!
//! `scripts/with-s3.sh` starts one and says where: `H5SCOUT_TEST_S3` is its endpoint, `S3_ACCESS_KEY`
//! and `S3_SECRET_KEY` its key, `H5SCOUT_TEST_S3_KIND` what it is (`minio` or `moto`, which have
//! limits of their own) and `H5SCOUT_TEST_S3_PROGRAM` its program. Without it the tests say that
//! they were skipped; with `H5SCOUT_REQUIRE_S3=1` they fail.

mod access;
mod events;
mod keys;
mod listings;
mod objects;
mod own;
mod recovery;
mod stores;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use store::testing::{S3Bucket, Writer};
use store::{ListQuery, Meter, Store, StoreConfig};

use crate::server::Server;

/// The bucket of tests that need none of their own.
const BUCKET: &str = "h5scout-tests";

/// The server to test against.
pub(crate) struct S3 {
    pub(crate) endpoint: String,
    pub(crate) kind: Kind,
    access_key: String,
    secret_key: String,
}

/// What the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Keeps objects as files: refuses keys that are no paths. Checks who asks.
    Minio,
    /// Keeps objects in memory: takes nearly any key. Does not check who asks.
    Moto,
    /// Some other one, of which nothing is known.
    Other,
}

/// The server to test against; says that `test` is skipped where there is none.
pub(crate) fn s3(test: &str) -> Option<S3> {
    let Some(endpoint) = variable("H5SCOUT_TEST_S3") else {
        let required = variable("H5SCOUT_REQUIRE_S3").is_some_and(|value| value == "1");
        assert!(!required, "H5SCOUT_TEST_S3 must name the endpoint of an S3 server");
        println!("skipped: {test}: H5SCOUT_TEST_S3 names no S3 server");
        return None;
    };
    let kind = match variable("H5SCOUT_TEST_S3_KIND").as_deref() {
        Some("minio") => Kind::Minio,
        Some("moto") => Kind::Moto,
        _ => Kind::Other,
    };
    let key = |name| variable(name).unwrap_or_else(|| panic!("{name} is not set"));
    let (access_key, secret_key) = (key("S3_ACCESS_KEY"), key("S3_SECRET_KEY"));
    Some(S3 { endpoint, kind, access_key, secret_key })
}

/// An environment variable that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl S3 {
    /// The environment that leads to it.
    pub(crate) fn variables(&self) -> [(&str, &str); 3] {
        [
            ("S3_ENDPOINT", &self.endpoint),
            ("S3_ACCESS_KEY", &self.access_key),
            ("S3_SECRET_KEY", &self.secret_key),
        ]
    }

    fn config(&self) -> StoreConfig {
        self.config_with(&[])
    }

    fn config_with(&self, more: &[(&str, &str)]) -> StoreConfig {
        let environment = self.variables().into_iter().chain(more.iter().copied()).collect();
        let version_ttl = Duration::from_secs(600);
        StoreConfig { environment, version_ttl, ..StoreConfig::default() }
    }

    /// An empty place below the test's own prefix of the bucket that tests share.
    async fn below(&self, prefix: &str) -> S3Bucket {
        self.empty(BUCKET, prefix).await
    }

    /// An empty bucket.
    pub(crate) async fn bucket(&self, name: &str) -> S3Bucket {
        self.empty(name, "").await
    }

    async fn empty(&self, name: &str, prefix: &str) -> S3Bucket {
        let whole = S3Bucket::open(name, "", &self.config()).expect("the bucket");
        whole.create().await;
        let store = Store::open(&format!("s3://{name}"), self.config()).expect("the store");
        loop {
            let query =
                ListQuery { prefix: prefix.to_owned(), limit: 1000, ..ListQuery::default() };
            let page = store.list(&query, true, &meter()).await.expect("a page").page;
            join_all(page.entries.iter().map(|entry| whole.delete(&entry.key))).await;
            if page.next.is_none() {
                return S3Bucket::open(name, prefix, &self.config()).expect("the bucket");
            }
        }
    }

    fn store(&self, prefix: &str) -> Arc<Store> {
        Store::open(&source(prefix), self.config()).expect("the store")
    }

    /// The built server over `source`, with `flags`.
    pub(crate) fn serve(&self, source: &str, flags: &[&str]) -> Server {
        Server::over_with(source, flags, &self.variables())
    }
}

/// The shared bucket below `prefix`.
fn source(prefix: &str) -> String {
    format!("s3://{BUCKET}/{prefix}")
}

fn meter() -> Arc<Meter> {
    Arc::new(Meter::new())
}

/// The bytes of a fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/");
    std::fs::read(format!("{fixtures}{name}")).expect("the fixture")
}
