use byte_source::ByteSource;
use cache::Outcome;

use super::*;
use crate::ListQuery;
use crate::fake::{Call, Fake};

fn head() -> Call {
    Call::Head("k".to_owned())
}

fn start() -> Call {
    Call::Start("k".to_owned())
}

#[tokio::test]
async fn a_version_is_trusted_for_its_time() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    open(&store, "k").await;
    fake.put("k", b"new");
    assert_eq!(open(&store, "k").await.version().etag, "v1");
    assert_eq!(fake.calls(), [start()]);
}

#[tokio::test]
async fn after_its_time_one_look_confirms_it_and_what_was_read_stays() {
    let fake = Fake::with(&[("k", b"same")]);
    let store = fake.store(&StoreConfig { version_ttl: Duration::ZERO, ..config() });
    open(&store, "k").await;
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    assert_eq!(object.read_many(&[0..4]).await.unwrap(), [&b"same"[..]]);
    assert_eq!(fake.calls(), [start(), head()]);
    assert_eq!((meter.rounds(), meter.requests(), meter.bytes()), (1, 1, 0));
}

#[tokio::test]
async fn to_ask_is_to_see_the_newest() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    open(&store, "k").await;
    fake.put("k", b"newer");
    let object = store.object("k", Freshness::Ask, meter()).await.unwrap();
    assert_eq!(object.version().etag, "v2");
    assert_eq!(object.read_many(&[0..5]).await.unwrap(), [&b"newer"[..]]);
    assert_eq!(fake.calls(), [start(), head(), Call::Get("k".to_owned(), 0..5)]);
}

#[tokio::test]
async fn to_ask_does_not_join_a_look_that_began_before() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    open(&store, "k").await;
    fake.close_gate();
    let ask = || {
        let store = store.clone();
        tokio::spawn(
            async move { store.version("k", Freshness::Ask, &meter()).await.unwrap().etag },
        )
    };
    let before = ask();
    settle().await;
    fake.put("k", b"new");
    let after = ask();
    settle().await;
    fake.let_through(2);
    assert_eq!(after.await.unwrap(), "v2");
    assert_eq!(before.await.unwrap(), "v1");
    assert_eq!(open(&store, "k").await.version().etag, "v2", "the older look is not kept");
}

#[tokio::test]
async fn a_cold_object_is_asked_for_once_by_all_who_wait() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let store = fake.store(&config());
    fake.close_gate();
    let ask = || {
        let store = store.clone();
        tokio::spawn(async move { open(&store, "k").await.size_bytes() })
    };
    let (one, other) = (ask(), ask());
    settle().await;
    fake.let_through(1);
    assert_eq!((one.await.unwrap(), other.await.unwrap()), (5000, 5000));
    assert_eq!(fake.calls(), [start()]);
}

#[tokio::test]
async fn reads_of_a_changed_object_fail_and_the_next_question_sees_the_new_one() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let store = fake.store(&config());
    let object = open(&store, "k").await;
    fake.put("k", &bytes(6000));
    assert_eq!(object.read_many(&[0..50]).await.unwrap(), [&bytes(50)], "it was read before");
    let error = object.read_many(&[2000..2100]).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Changed);
    assert_eq!(open(&store, "k").await.size_bytes(), 6000);
}

#[tokio::test]
async fn reads_confirm_the_version() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let ttl = Duration::from_millis(200);
    let store = fake.store(&StoreConfig { version_ttl: ttl, ..config() });
    let object = open(&store, "k").await;
    let opened = std::time::Instant::now();
    while opened.elapsed() <= ttl {
        std::thread::sleep(Duration::from_millis(10));
    }
    object.read_many(&[2000..2100]).await.unwrap();
    open(&store, "k").await;
    let calls = [start(), Call::Get("k".to_owned(), 2000..2100)];
    assert_eq!(fake.calls(), calls, "no look: the read was conditional");
}

#[tokio::test]
async fn forget_makes_the_next_question_ask() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    open(&store, "k").await;
    fake.put("k", b"new");
    assert!(store.forget("k"));
    assert!(!store.forget("k"));
    assert_eq!(open(&store, "k").await.version().etag, "v2");
}

#[tokio::test]
async fn a_listing_under_way_brings_no_version_back_that_was_forgotten() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    fake.close_gate();
    let asking = store.clone();
    let query = || ListQuery { limit: 10, ..ListQuery::default() };
    let old = tokio::spawn(async move { asking.list(&query(), false, &meter()).await.unwrap() });
    settle().await;
    fake.put("k", b"new");
    assert!(!store.forget("k"), "it is not known yet");
    fake.let_through(1);
    assert_eq!(old.await.unwrap().page.entries[0].etag.as_deref(), Some("v1"));
    fake.let_through(1);
    assert_eq!(open(&store, "k").await.version().etag, "v2");
}

#[tokio::test]
async fn what_changed_is_forgotten_with_the_pages_that_show_it() {
    let fake = Fake::with(&[("a/k", b"old"), ("b/k", b"old")]);
    let store = fake.store(&config());
    let list = async |prefix: &str| {
        let query = ListQuery { prefix: prefix.to_owned(), limit: 10, ..ListQuery::default() };
        store.list(&query, false, &meter()).await.unwrap().outcome
    };
    for prefix in ["", "a/", "a/k", "a/k2", "b/"] {
        list(prefix).await;
    }
    let changed = ["a/k", "a/new", "z"].map(str::to_owned).into();
    assert_eq!(store.forget_changed(&changed), (1, 3));
    for (prefix, outcome) in [
        ("a/k2", Outcome::Hit),
        ("b/", Outcome::Hit),
        ("", Outcome::Miss),
        ("a/", Outcome::Miss),
        ("a/k", Outcome::Miss),
    ] {
        assert_eq!(list(prefix).await, outcome, "{prefix}");
    }
}

#[tokio::test]
async fn a_deleted_object_is_not_known_any_more() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&StoreConfig { version_ttl: Duration::ZERO, ..config() });
    open(&store, "k").await;
    fake.delete("k");
    assert_eq!(open_error(&store, "k").await, SourceErrorKind::NotFound);
    fake.put("k", b"again");
    open(&store, "k").await;
    assert_eq!(fake.calls(), [start(), head(), start()]);
}

#[tokio::test]
async fn an_empty_object_can_be_opened() {
    let fake = Fake::with(&[("k", b"")]);
    let object = open(&fake.store(&config()), "k").await;
    assert_eq!(object.size_bytes(), 0);
    assert!(object.read_many(&[0..0]).await.unwrap()[0].is_empty());
}

#[tokio::test]
async fn the_version_seen_last_is_there_for_who_wants_it() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&StoreConfig { version_ttl: Duration::ZERO, ..config() });
    assert_eq!(store.last_seen("k", Duration::MAX), None);
    open(&store, "k").await;
    let (version, age) = store.last_seen("k", Duration::MAX).unwrap();
    assert_eq!(version.etag, "v1");
    assert!(store.last_seen("k", age).is_none(), "it is older by now");
    assert_eq!(fake.calls(), [start()], "nobody was asked");
    store.forget("k");
    assert_eq!(store.last_seen("k", Duration::MAX), None);
}
