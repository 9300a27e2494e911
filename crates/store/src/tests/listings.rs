use cache::Outcome;

use super::*;
use crate::ListQuery;
use crate::fake::{Call, Fake, Mishap};

fn query(prefix: &str) -> ListQuery {
    ListQuery { prefix: prefix.to_owned(), folders: false, after: None, limit: 10 }
}

fn list(prefix: &str) -> Call {
    Call::List(prefix.to_owned())
}

#[tokio::test]
async fn a_page_is_kept_until_it_is_refreshed_or_forgotten() {
    let fake = Fake::with(&[("a/1", b""), ("b/1", b"")]);
    let store = fake.store(&config());
    let ask = async |prefix: &str, refresh| {
        store.list(&query(prefix), refresh, &meter()).await.unwrap().outcome
    };
    assert_eq!(ask("a/", false).await, Outcome::Miss);
    assert_eq!(ask("a/", false).await, Outcome::Hit);
    assert_eq!(ask("a/", true).await, Outcome::Miss);
    assert_eq!(ask("a/", false).await, Outcome::Hit);
    assert_eq!(ask("b/", false).await, Outcome::Miss);
    assert_eq!(store.forget_listings("a/"), 1);
    assert_eq!(ask("b/", false).await, Outcome::Hit);
    assert_eq!(ask("a/", false).await, Outcome::Miss);
    assert_eq!(fake.calls(), [list("a/"), list("a/"), list("b/"), list("a/")]);
    assert_eq!(ask("", false).await, Outcome::Miss);
    assert_eq!(store.forget_listings("a/"), 2, "the root's pages show what is in a/");
    assert_eq!(store.forget_listings(""), 1);
}

#[tokio::test]
async fn a_fetch_that_was_under_way_does_not_put_its_old_page_back() {
    let fake = Fake::with(&[("a", b"")]);
    let store = fake.store(&config());
    fake.close_gate();
    let asking = store.clone();
    let old = tokio::spawn(async move { asking.list(&query(""), false, &meter()).await.unwrap() });
    settle().await;
    fake.put("b", b"");
    assert_eq!(store.forget_listings(""), 0);
    fake.let_through(1);
    assert_eq!(old.await.unwrap().page.entries.len(), 1);
    fake.let_through(1);
    let new = store.list(&query(""), false, &meter()).await.unwrap();
    assert_eq!((new.page.entries.len(), new.outcome), (2, Outcome::Miss));
}

#[tokio::test]
async fn a_listing_makes_newer_versions_known() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    open(&store, "k").await;
    fake.put("k", b"new");
    store.list(&query(""), false, &meter()).await.unwrap();
    assert_eq!(open(&store, "k").await.version().etag, "v2");
    fake.put("k", b"newest");
    store.list(&query(""), false, &meter()).await.unwrap();
    assert_eq!(open(&store, "k").await.version().etag, "v2", "a kept page tells nothing new");
}

#[tokio::test]
async fn a_listing_is_counted_and_its_errors_are_not_kept() {
    let fake = Fake::with(&[("k", b"old")]);
    let store = fake.store(&config());
    let meter = meter();
    fake.mishaps(&[Mishap::Lasting(SourceErrorKind::Forbidden)]);
    let error = store.list(&query(""), false, &meter).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Forbidden);
    store.list(&query(""), false, &meter).await.unwrap();
    store.list(&query(""), false, &meter).await.unwrap();
    assert_eq!((meter.rounds(), meter.requests()), (2, 2));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let fake = Fake::with(&[("a", b""), ("b", b""), ("c", b"")]);
    let store = fake.store(&config());
    let first = ListQuery { limit: 2, ..query("") };
    let page = store.list(&first, false, &meter()).await.unwrap().page;
    assert_eq!((page.entries.len(), page.next.as_deref()), (2, Some("b")));
    let second = ListQuery { after: page.next.clone(), ..first };
    let page = store.list(&second, false, &meter()).await.unwrap().page;
    assert_eq!((page.entries[0].key.as_str(), page.next.as_deref()), ("c", None));
}

#[tokio::test]
async fn an_old_page_is_asked_for_again_and_given_only_to_who_wants_the_last() {
    let fake = Fake::with(&[("k", b"old")]);
    let ttl = Duration::from_millis(20);
    let store = fake.store(&StoreConfig { list_ttl: ttl, ..config() });
    let asked = query("");
    store.list(&asked, false, &meter()).await.unwrap();
    while store.listed(&asked).is_some() {
        tokio::time::sleep(ttl).await;
    }
    assert!(store.last_listed(&asked, Duration::ZERO).is_none());
    let last = store.last_listed(&asked, Duration::MAX).unwrap();
    assert!(last.age > ttl && last.page.entries.len() == 1);
    let outcome = store.list(&asked, false, &meter()).await.unwrap().outcome;
    assert_eq!((outcome, fake.calls().len()), (Outcome::Miss, 2));
    store.forget_listings("");
    assert!(store.last_listed(&asked, Duration::MAX).is_none());
}
