//! The store against a real S3 server.
//!
//! `H5SCOUT_TEST_S3` names its endpoint, `S3_ACCESS_KEY` and `S3_SECRET_KEY` its key. Without it the
//! tests say that they were skipped; with `H5SCOUT_REQUIRE_S3=1` they fail.

use std::sync::Arc;
use std::time::Duration;

use byte_source::{ByteSource, SourceErrorKind};
use futures::future::join_all;
use store::testing::{S3Bucket, Subject, Writer, conformance};
use store::{Environment, Freshness, ListQuery, Meter, Store, StoreConfig};

const BUCKET: &str = "h5scout-tests";

/// What any S3 server can hold.
const ODD_KEYS: [&str; 12] = [
    "a b.h5",
    "a+b.h5",
    "a%2Fb.h5",
    "a%20b.h5",
    "a?b#c.h5",
    "a&b=c;d.h5",
    "ä/ö/日本.h5",
    "a'b\"c.h5",
    "a(b)[c]{d}.h5",
    "a,b:c@d!e*f$g~h.h5",
    "x/children",
    "x/meta/children",
];

/// What a server that keeps objects as files may refuse.
const ODDER_KEYS: [&str; 5] = ["a//b.h5", "/a/b.h5", "//", "a\\b.h5", "a|b^c`d<e>f.h5"];

struct Server {
    endpoint: String,
    access_key: String,
    secret_key: String,
}

/// The server to test against, or why not.
fn server(test: &str) -> Option<Server> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(endpoint) = variable("H5SCOUT_TEST_S3") else {
        let required = variable("H5SCOUT_REQUIRE_S3").is_some_and(|value| value == "1");
        assert!(!required, "H5SCOUT_TEST_S3 must name the endpoint of an S3 server");
        println!("skipped: {test}: H5SCOUT_TEST_S3 names no S3 server");
        return None;
    };
    let key = |name| variable(name).unwrap_or_else(|| panic!("{name} is not set"));
    Some(Server { endpoint, access_key: key("S3_ACCESS_KEY"), secret_key: key("S3_SECRET_KEY") })
}

impl Server {
    fn config(&self) -> StoreConfig {
        self.config_with(&[])
    }

    fn config_with(&self, more: &[(&str, &str)]) -> StoreConfig {
        let ours = [
            ("S3_ENDPOINT", self.endpoint.as_str()),
            ("S3_ACCESS_KEY", &self.access_key),
            ("S3_SECRET_KEY", &self.secret_key),
        ];
        let environment = ours.into_iter().chain(more.iter().copied()).collect();
        let version_ttl = Duration::from_secs(600);
        StoreConfig { environment, version_ttl, ..StoreConfig::default() }
    }

    /// An empty place below the test's own prefix.
    async fn bucket(&self, prefix: &str) -> S3Bucket {
        let whole = S3Bucket::open(BUCKET, "", &self.config()).unwrap();
        whole.create().await;
        let store = Store::open(&format!("s3://{BUCKET}"), self.config()).unwrap();
        loop {
            let query =
                ListQuery { prefix: prefix.to_owned(), limit: 1000, ..ListQuery::default() };
            let page = store.list(&query, true, &meter()).await.unwrap().page;
            join_all(page.entries.iter().map(|entry| whole.delete(&entry.key))).await;
            if page.next.is_none() {
                return S3Bucket::open(BUCKET, prefix, &self.config()).unwrap();
            }
        }
    }

    fn store(&self, prefix: &str) -> Arc<Store> {
        Store::open(&source(prefix), self.config()).unwrap()
    }
}

fn source(prefix: &str) -> String {
    format!("s3://{BUCKET}/{prefix}")
}

fn meter() -> Arc<Meter> {
    Arc::new(Meter::new())
}

async fn refusal(store: &Store, key: &str) -> SourceErrorKind {
    store.object(key, Freshness::Trust, meter()).await.unwrap_err().kind
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_the_suite_of_all_stores() {
    let Some(server) = server("passes_the_suite_of_all_stores") else { return };
    let prefix = "suite/with space+/";
    let bucket = server.bucket(prefix).await;
    let mut odd_keys = ODD_KEYS.to_vec();
    for key in ODDER_KEYS {
        if bucket.accepts(key).await {
            odd_keys.push(key);
        } else {
            println!("this server does not hold keys such as {key:?}");
        }
    }
    let open = move |config: StoreConfig| {
        let environment = server.config().environment;
        Store::open(&source(prefix), StoreConfig { environment, ..config }).unwrap()
    };
    let (open, writer) = (Box::new(open), Arc::new(bucket));
    conformance(Subject { open, writer, lists: true, odd_keys }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_more_than_a_page_and_no_markers() {
    let Some(server) = server("lists_more_than_a_page_and_no_markers") else { return };
    let prefix = "pages/";
    let bucket = server.bucket(prefix).await;
    let keys: Vec<_> = (0..1050).map(|number| format!("dir/{number:04}.h5")).collect();
    for keys in keys.chunks(50) {
        join_all(keys.iter().map(|key| bucket.put(key, b"x"))).await;
    }
    bucket.put("dir/", b"").await;
    bucket.put("empty/", b"").await;
    bucket.put("empty.h5", b"").await;
    let store = server.store(prefix);
    let mut listed = Vec::new();
    let mut query = ListQuery { limit: 50_000, ..ListQuery::default() };
    loop {
        let page = store.list(&query, false, &meter()).await.unwrap().page;
        listed.extend(page.entries.iter().map(|entry| entry.key.clone()));
        query.after = page.next.clone();
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(listed.len(), 1051);
    assert!(listed.is_sorted() && listed.contains(&"empty.h5".to_owned()));

    let folders = ListQuery { folders: true, limit: 1, ..ListQuery::default() };
    let first = store.list(&folders, false, &meter()).await.unwrap().page;
    assert_eq!((first.folders.as_slice(), first.entries.len()), (&["dir/".to_owned()][..], 0));
    let second = ListQuery { after: first.next.clone(), limit: 10, ..folders };
    let second = store.list(&second, false, &meter()).await.unwrap().page;
    assert_eq!(
        (second.folders.as_slice(), second.next.as_deref()),
        (&["empty/".to_owned()][..], None)
    );
    assert_eq!(second.entries[0].key, "empty.h5");
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_and_reads_agree_on_versions() {
    let Some(server) = server("listings_and_reads_agree_on_versions") else { return };
    let prefix = "versions/";
    let bucket = server.bucket(prefix).await;
    bucket.put("k.h5", &vec![7; 3 << 20]).await;
    let (listing, reading) = (server.store(prefix), server.store(prefix));
    let query = ListQuery { limit: 10, ..ListQuery::default() };
    let page = listing.list(&query, false, &meter()).await.unwrap().page;
    let object = reading.object("k.h5", Freshness::Trust, meter()).await.unwrap();
    assert_eq!(page.entries[0].etag.as_deref(), Some(object.version().etag.as_str()));
    let apart = page.entries[0].last_modified.duration_since(object.version().last_modified);
    assert!(apart.abs().as_secs() < 1, "{apart}");

    let warm = meter();
    let object = listing.object("k.h5", Freshness::Trust, warm.clone()).await.unwrap();
    assert_eq!(warm.requests(), 0, "the listing made it known");
    let answers = object.read_many(&[1 << 20..(1 << 20) + 10, 2 << 20..(2 << 20) + 10]).await;
    assert_eq!(answers.unwrap(), [&[7; 10][..], &[7; 10][..]]);
    // With 8 KiB on either side of each.
    assert_eq!((warm.rounds(), warm.requests(), warm.bytes()), (1, 2, 2 * (10 + (16 << 10))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standard_environment_works_too() {
    let Some(server) = server("the_standard_environment_works_too") else { return };
    let prefix = "environment/";
    let bucket = server.bucket(prefix).await;
    bucket.put("k", b"bytes").await;
    let environment = Environment::from_iter([
        ("AWS_ENDPOINT_URL", &server.endpoint),
        ("AWS_ACCESS_KEY_ID", &server.access_key),
        ("AWS_SECRET_ACCESS_KEY", &server.secret_key),
    ]);
    let config = StoreConfig { environment, ..StoreConfig::default() };
    let store = Store::open(&source(prefix), config).unwrap();
    let object = store.object("k", Freshness::Trust, meter()).await.unwrap();
    assert_eq!(object.size_bytes(), 5);
    let config = server.config_with(&[("S3_BUCKET", BUCKET), ("AWS_ACCESS_KEY_ID", "half a pair")]);
    let store = Store::open("s3://", config).unwrap();
    assert!(store.object("environment/k", Freshness::Trust, meter()).await.is_ok());
    store.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_whose_fault_it_is() {
    let Some(server) = server("failures_say_whose_fault_it_is") else { return };
    server.bucket("failures/").await;
    let none = Store::open("s3://h5scout-no-such-bucket", server.config()).unwrap();
    let query = ListQuery { limit: 1, ..ListQuery::default() };
    let error = none.list(&query, false, &meter()).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Failed, "{error}");
    assert_eq!(refusal(&none, "k").await, SourceErrorKind::Failed);
    assert!(none.ready().await.is_err());

    let gone = server.config_with(&[("S3_ENDPOINT", "http://127.0.0.1:9")]);
    let store = Store::open(&source(""), gone).unwrap();
    assert_eq!(refusal(&store, "k").await, SourceErrorKind::Failed);
    let error = store.ready().await.unwrap_err();
    assert!(!error.detail.contains(&server.secret_key));
    assert_eq!(
        refusal(&server.store("failures/"), &"k".repeat(1100)).await,
        SourceErrorKind::NotFound
    );
}
