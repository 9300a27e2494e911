//! For tests: the suite that every kind of store must pass, and a way to write to a bucket.

#![expect(clippy::single_range_in_vec_init, reason = "a wave of one range is what is meant")]

mod s3_bucket;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use byte_source::{ByteSource, SourceErrorKind};
use futures::future::BoxFuture;

use crate::{Freshness, ListQuery, Meter, Store, StoreConfig};

pub use self::s3_bucket::S3Bucket;

/// Writes what a store then reads.
pub trait Writer: Send + Sync {
    /// Writes an object, also over one that is there.
    fn put<'a>(&'a self, key: &'a str, bytes: &'a [u8]) -> BoxFuture<'a, ()>;

    /// Removes an object.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()>;
}

/// A store that is empty, and the way to write to it.
pub struct Subject {
    /// Opens the store anew, with nothing cached.
    pub open: Box<dyn Fn(StoreConfig) -> Arc<Store> + Send + Sync>,
    /// Writes to it.
    pub writer: Arc<dyn Writer>,
    /// Whether it has listings.
    pub lists: bool,
    /// Keys beyond letters and `/` that it can hold.
    pub odd_keys: Vec<&'static str>,
}

/// What every store must do.
///
/// # Panics
///
/// When the store breaks the contract: this is the body of a test.
pub async fn conformance(subject: Subject) {
    let subject = Arc::new(subject);
    objects_are_read(&subject).await;
    changes_are_noticed(&subject).await;
    what_is_not_there_is_not_found(&subject).await;
    odd_keys_are_keys(&subject).await;
    if subject.lists {
        pages_are_complete(&subject).await;
    }
    byte_sources_conform(&subject).await;
}

/// Small reads ahead, and no version trusted without a look.
fn config() -> StoreConfig {
    StoreConfig {
        whole_file_bytes: 20_000,
        head_bytes: 1000,
        around_bytes: 0,
        version_ttl: Duration::from_secs(600),
        ..StoreConfig::default()
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..=250_u8).cycle().take(length).collect()
}

async fn objects_are_read(subject: &Subject) {
    for length in [0, 1, 999, 20_000, 20_001, 3 << 20] {
        let (key, all) = (format!("read/{length}"), bytes(length));
        subject.writer.put(&key, &all).await;
        let (store, meter) = ((subject.open)(config()), Arc::new(Meter::new()));
        let object = store.object(&key, Freshness::Trust, meter.clone()).await.expect_fine();
        assert_eq!(object.size_bytes(), length as u64);
        assert!(!object.version().etag.is_empty() && !object.version().etag.contains('"'));
        let size = length as u64;
        let ranges = [0..size, size / 2..size / 2 + size / 4, size.saturating_sub(7)..size];
        let answers = object.read_many(&ranges).await.expect_fine();
        for (range, answer) in ranges.iter().zip(answers) {
            assert!(Some(&answer[..]) == all.get(range.start as usize..range.end as usize));
        }
        let taken = if size <= 20_000 { size } else { 1000 };
        assert_eq!(meter.bytes(), taken.max(size), "no byte twice");
        if (1..=20_000).contains(&length) {
            assert_eq!((meter.rounds(), meter.requests()), (1, 1), "a small file of {length}");
        }
        subject.writer.delete(&key).await;
    }
}

async fn changes_are_noticed(subject: &Subject) {
    let store = (subject.open)(config());
    let open = async |freshness| {
        store.object("changes", freshness, Arc::new(Meter::new())).await.expect_fine()
    };
    subject.writer.put("changes", &bytes(50_000)).await;
    let old = open(Freshness::Trust).await;
    // Not even its size changes.
    let new_bytes: Vec<u8> = bytes(50_000).into_iter().rev().collect();
    if old.version().etag.starts_with("modified") {
        wait_for_the_clock_of_files().await;
    }
    subject.writer.put("changes", &new_bytes).await;
    let error = old.read_many(&[30_000..30_100]).await.expect_err_fine();
    assert_eq!(error.kind, SourceErrorKind::Changed);
    let new = open(Freshness::Trust).await;
    assert_ne!(new.version().etag, old.version().etag);
    let answers = new.read_many(&[30_000..30_100]).await.expect_fine();
    assert_eq!(Some(&answers[0][..]), new_bytes.get(30_000..30_100));

    subject.writer.put("changes", b"short").await;
    let newest = open(Freshness::Ask).await;
    assert_eq!(newest.read_many(&[0..5]).await.expect_fine(), [&b"short"[..]]);
    let error = new.read_many(&[40_000..40_100]).await.expect_err_fine();
    assert_eq!(error.kind, SourceErrorKind::Changed, "a range behind the new end");
    subject.writer.delete("changes").await;
    let error = store.version("changes", Freshness::Ask, &Arc::new(Meter::new())).await;
    assert_eq!(error.expect_err_fine().kind, SourceErrorKind::NotFound);
}

/// Modification times over HTTP have whole seconds.
async fn wait_for_the_clock_of_files() {
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

async fn what_is_not_there_is_not_found(subject: &Subject) {
    subject.writer.put("there/file", b"bytes").await;
    let store = (subject.open)(config());
    for key in [
        "nowhere",
        "there",
        "there/",
        "there/file/",
        "there/file/more",
        "there/../there/file",
        "./there/file",
        "there/%2e%2e/there/file",
        "",
        "..",
        "a\0b",
    ] {
        let opened = store.object(key, Freshness::Trust, Arc::new(Meter::new())).await;
        assert_eq!(opened.expect_err_fine().kind, SourceErrorKind::NotFound, "{key:?}");
    }
    subject.writer.delete("there/file").await;
}

async fn odd_keys_are_keys(subject: &Subject) {
    for key in &subject.odd_keys {
        subject.writer.put(key, key.as_bytes()).await;
    }
    let store = (subject.open)(config());
    let mut sorted = subject.odd_keys.clone();
    sorted.sort_unstable();
    if subject.lists {
        let query = ListQuery { limit: 1000, ..ListQuery::default() };
        let page = store.list(&query, false, &Arc::new(Meter::new())).await.expect_fine().page;
        let keys: Vec<_> = page.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, sorted);
    }
    for key in sorted {
        store.forget(key);
        for freshness in [Freshness::Trust, Freshness::Ask] {
            let meter = Arc::new(Meter::new());
            let object = store.object(key, freshness, meter).await.expect_fine();
            let all = 0..object.size_bytes();
            let answers = object.read_many(std::slice::from_ref(&all)).await.expect_fine();
            assert_eq!(answers, [key.as_bytes()], "{key:?}");
        }
        subject.writer.delete(key).await;
    }
}

/// In the order of their bytes.
const LISTED: [&str; 11] = [
    "a", "a.h5", "a/1.h5", "a/2.h5", "a/b/1.h5", "a/b/2.h5", "a0", "b.h5", "b/x.h5", "c/y.h5",
    "ü.h5",
];

async fn pages_are_complete(subject: &Subject) {
    // A file system cannot hold a file and a folder of the same name.
    let listed = LISTED.iter().skip(1).copied();
    for key in listed.clone() {
        subject.writer.put(key, key.as_bytes()).await;
    }
    let store = (subject.open)(config());
    for limit in [1, 2, 3, 100] {
        for (prefix, after) in [
            ("", ""),
            ("a", ""),
            ("a/", ""),
            ("a/b", ""),
            ("x", ""),
            ("", "a/1"),
            ("", "a/2.h5"),
            ("", "a/b"),
            ("", "ü.h5"),
        ] {
            let wanted = |key: &&str| key.starts_with(prefix) && *key > after;
            let flat: Vec<_> = listed.clone().filter(wanted).map(str::to_owned).collect();
            assert_eq!(walk(&store, prefix, after, limit, false).await, flat, "{prefix} {after}");
            if after.is_empty() {
                let folded: BTreeSet<_> = flat.iter().map(|key| fold(key, prefix)).collect();
                let folded: Vec<_> = folded.into_iter().collect();
                assert_eq!(walk(&store, prefix, "", limit, true).await, folded, "{prefix} {limit}");
            }
        }
    }
    for key in listed {
        subject.writer.delete(key).await;
    }
}

/// What a folder view shows of `key`.
fn fold(key: &str, prefix: &str) -> String {
    let rest = key.strip_prefix(prefix).unwrap_or(key);
    match rest.split_once('/') {
        Some((folder, _)) => format!("{prefix}{folder}/"),
        None => key.to_owned(),
    }
}

/// Keys and folders over all pages, in order.
async fn walk(
    store: &Store,
    prefix: &str,
    after: &str,
    limit: usize,
    folders: bool,
) -> Vec<String> {
    let mut names = Vec::new();
    let mut after = (!after.is_empty()).then(|| after.to_owned());
    loop {
        let query = ListQuery { prefix: prefix.to_owned(), folders, after, limit };
        let page = store.list(&query, false, &Arc::new(Meter::new())).await.expect_fine().page;
        let entries = page.entries.iter().map(|entry| {
            assert_eq!(entry.size_bytes, entry.key.len() as u64);
            entry.key.clone()
        });
        let mut here: Vec<_> = entries.chain(page.folders.iter().cloned()).collect();
        here.sort_unstable();
        assert!(here.len() <= limit);
        names.extend(here);
        if page.next.is_none() {
            return names;
        }
        after = page.next.clone();
    }
}

async fn byte_sources_conform(subject: &Arc<Subject>) {
    struct Source(Arc<crate::StoredObject>);
    impl ByteSource for Source {
        fn size_bytes(&self) -> u64 {
            self.0.size_bytes()
        }

        fn read_many<'a>(
            &'a self,
            ranges: &'a [std::ops::Range<u64>],
        ) -> BoxFuture<'a, Result<Vec<bytes::Bytes>, byte_source::SourceError>> {
            self.0.read_many(ranges)
        }
    }
    let (subject, runtime) = (subject.clone(), tokio::runtime::Handle::current());
    // The suite blocks its thread while it waits.
    let suite = move || {
        let _entered = runtime.enter();
        for whole_file_bytes in [0, 5000, 1 << 20] {
            byte_source::testing::conformance(|bytes| {
                runtime.block_on(subject.writer.put("source", bytes));
                let store = (subject.open)(StoreConfig { whole_file_bytes, ..config() });
                let meter = Arc::new(Meter::new());
                let opened = store.object("source", Freshness::Trust, meter);
                Box::new(Source(runtime.block_on(opened).expect_fine()))
            });
        }
        runtime.block_on(subject.writer.delete("source"));
    };
    tokio::task::spawn_blocking(suite).await.expect_fine();
}

/// Results that a test cannot go on without.
trait Expect<T, E> {
    fn expect_fine(self) -> T;
    fn expect_err_fine(self) -> E;
}

#[expect(clippy::panic, reason = "the body of a test")]
impl<T, E: std::fmt::Debug> Expect<T, E> for Result<T, E> {
    #[track_caller]
    fn expect_fine(self) -> T {
        self.unwrap_or_else(|error| panic!("{error:?}"))
    }

    #[track_caller]
    fn expect_err_fine(self) -> E {
        match self {
            Ok(_) => panic!("this must fail"),
            Err(error) => error,
        }
    }
}
