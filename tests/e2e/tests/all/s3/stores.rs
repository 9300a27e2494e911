//! What every store must do, and what is particular to S3: without the server around it.

use std::sync::Arc;

use byte_source::{ByteSource, SourceErrorKind};
use store::testing::{Subject, Writer, conformance};
use store::{Environment, Freshness, ListQuery, Store, StoreConfig};

use super::{BUCKET, meter, s3, source};

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

async fn refusal(store: &Store, key: &str) -> SourceErrorKind {
    store.object(key, Freshness::Trust, meter()).await.unwrap_err().kind
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_the_suite_of_all_stores() {
    let Some(s3) = s3("passes_the_suite_of_all_stores") else { return };
    let prefix = "suite/with space+/";
    let bucket = s3.below(prefix).await;
    let mut odd_keys = ODD_KEYS.to_vec();
    for key in ODDER_KEYS {
        if bucket.accepts(key).await {
            odd_keys.push(key);
        }
    }
    let open = move |config: StoreConfig| {
        let environment = s3.config().environment;
        Store::open(&source(prefix), StoreConfig { environment, ..config }).unwrap()
    };
    let (open, writer) = (Box::new(open), Arc::new(bucket));
    conformance(Subject { open, writer, lists: true, odd_keys }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_and_reads_agree_on_versions() {
    let Some(s3) = s3("listings_and_reads_agree_on_versions") else { return };
    let prefix = "versions/";
    let bucket = s3.below(prefix).await;
    bucket.put("k.h5", &vec![7; 3 << 20]).await;
    let (listing, reading) = (s3.store(prefix), s3.store(prefix));
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
    let Some(s3) = s3("the_standard_environment_works_too") else { return };
    let prefix = "environment/";
    let bucket = s3.below(prefix).await;
    bucket.put("k", b"bytes").await;
    let environment = Environment::from_iter([
        ("AWS_ENDPOINT_URL", &s3.endpoint),
        ("AWS_ACCESS_KEY_ID", &s3.access_key),
        ("AWS_SECRET_ACCESS_KEY", &s3.secret_key),
    ]);
    let config = StoreConfig { environment, ..StoreConfig::default() };
    let store = Store::open(&source(prefix), config).unwrap();
    let object = store.object("k", Freshness::Trust, meter()).await.unwrap();
    assert_eq!(object.size_bytes(), 5);
    let config = s3.config_with(&[("S3_BUCKET", BUCKET), ("AWS_ACCESS_KEY_ID", "half a pair")]);
    let store = Store::open("s3://", config).unwrap();
    assert!(store.object("environment/k", Freshness::Trust, meter()).await.is_ok());
    store.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_whose_fault_it_is() {
    let Some(s3) = s3("failures_say_whose_fault_it_is") else { return };
    s3.below("failures/").await;
    let none = Store::open("s3://h5scout-no-such-bucket", s3.config()).unwrap();
    let query = ListQuery { limit: 1, ..ListQuery::default() };
    let error = none.list(&query, false, &meter()).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Misconfigured, "{error}");
    assert_eq!(refusal(&none, "k").await, SourceErrorKind::Misconfigured);
    assert!(none.ready().await.is_err());

    let gone = s3.config_with(&[("S3_ENDPOINT", "http://127.0.0.1:9")]);
    let store = Store::open(&source(""), gone).unwrap();
    assert_eq!(refusal(&store, "k").await, SourceErrorKind::Failed);
    let error = store.ready().await.unwrap_err();
    assert!(!error.detail.contains(&s3.secret_key));
    assert_eq!(refusal(&s3.store("failures/"), &"k".repeat(1100)).await, SourceErrorKind::NotFound);
}
