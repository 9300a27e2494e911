//! A store that fails again and again is left alone, and asked again soon.

use byte_source::ByteSource;

use super::*;
use crate::fake::{Fake, Mishap};

const FAILED: Mishap = Mishap::Passing(SourceErrorKind::Failed);

/// Asks until the breaker is open. The fake goes on to fail.
async fn fail(fake: &Fake, store: &Store) {
    fake.mishaps(&[FAILED; 1000]);
    for _ in 0..config().breaker_failures {
        assert_eq!(open_error(store, "k").await, SourceErrorKind::Failed);
    }
    fake.calls();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_left_alone() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fail(&fake, &store).await;
    let error = store.object("k", Freshness::Trust, meter()).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Unavailable);
    assert!(error.retry_after.unwrap() <= Duration::from_millis(250));
    assert_eq!(fake.calls(), [], "nobody was asked");
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_again_within_a_second_of_its_recovery() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fail(&fake, &store).await;
    for _ in 0..100 {
        tokio::time::advance(Duration::from_millis(300)).await;
        let _ = store.object("k", Freshness::Trust, meter()).await.unwrap_err();
    }
    let asked = fake.calls().len();
    assert!((25..=45).contains(&asked), "{asked} times in 30 s");
    fake.mishaps(&[]);
    tokio::time::advance(Duration::from_secs(1)).await;
    open(&store, "k").await;
}

#[tokio::test(start_paused = true)]
async fn all_ranges_of_the_question_that_finds_it_well_are_read() {
    let fake = Fake::with(&[("k", &bytes(2_000_000))]);
    let store = fake.store(&config());
    let object = open(&store, "k").await;
    store.forget("k");
    fail(&fake, &store).await;
    fake.mishaps(&[]);
    tokio::time::advance(Duration::from_millis(250)).await;
    let ranges: Vec<_> = (1..20).map(|at| at * 100_000..at * 100_000 + 100).collect();
    let answers = object.read_many(&ranges).await.unwrap();
    assert_eq!((answers.len(), fake.calls().len()), (19, 19));
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_answered_meanwhile() {
    let fake = Fake::with(&[("k", b"bytes"), ("here", b"whole")]);
    let store = fake.store(&config());
    open(&store, "here").await;
    fail(&fake, &store).await;
    let object = open(&store, "here").await;
    assert_eq!(object.read_many(&[0..5]).await.unwrap(), [&b"whole"[..]]);
}

#[tokio::test(start_paused = true)]
async fn ready_asks_the_store_in_any_case() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fail(&fake, &store).await;
    assert_eq!(store.ready().await.unwrap_err().kind, SourceErrorKind::Failed);
    assert_eq!(fake.calls().len(), 1, "once");
    fake.mishaps(&[]);
    store.ready().await.unwrap();
    open(&store, "k").await;
}

#[tokio::test]
async fn what_is_wrong_with_an_object_or_its_reader_is_no_failure_of_the_store() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    for kind in [
        SourceErrorKind::NotFound,
        SourceErrorKind::Forbidden,
        SourceErrorKind::Changed,
        SourceErrorKind::OutOfBounds,
        SourceErrorKind::Misconfigured,
    ] {
        for _ in 0..10 {
            fake.mishaps(&[Mishap::Lasting(kind)]);
            assert_eq!(open_error(&store, "k").await, kind);
        }
    }
    open(&store, "k").await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_silent_is_left_alone_too() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fake.close_gate();
    let keys = ["a", "b", "c", "d", "e"];
    let answers = futures::future::join_all(keys.map(|key| open_error(&store, key))).await;
    assert_eq!(answers, [SourceErrorKind::Timeout; 5]);
    assert_eq!(open_error(&store, "k").await, SourceErrorKind::Unavailable);
}
