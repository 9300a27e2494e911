use byte_source::ByteSource;

use tokio::time::Instant;

use super::*;
use crate::fake::{Fake, Mishap};

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_and_counted() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fake.mishaps(&[
        Mishap::Passing(SourceErrorKind::Failed),
        Mishap::Passing(SourceErrorKind::Timeout),
        Mishap::Short,
    ]);
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    assert_eq!(object.read_many(&[0..5]).await.unwrap(), [&b"bytes"[..]]);
    assert_eq!((meter.requests(), meter.rounds(), meter.bytes()), (4, 1, 5));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fake.mishaps(&[Mishap::Passing(SourceErrorKind::Failed); 10]);
    assert_eq!(open_error(&store, "k").await, SourceErrorKind::Failed);
    assert_eq!(fake.calls().len(), 4);
}

#[tokio::test]
async fn what_lasts_is_not_tried_again() {
    for kind in [SourceErrorKind::NotFound, SourceErrorKind::Forbidden, SourceErrorKind::Failed] {
        let fake = Fake::with(&[("k", b"bytes")]);
        fake.mishaps(&[Mishap::Lasting(kind)]);
        assert_eq!(open_error(&fake.store(&config()), "k").await, kind);
        assert_eq!(fake.calls().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn bodies_of_the_wrong_length_are_refused() {
    for mishap in [Mishap::Short, Mishap::Long] {
        let fake = Fake::with(&[("k", &bytes(5000))]);
        let store = fake.store(&config());
        let object = open(&store, "k").await;
        fake.mishaps(&[mishap; 4]);
        let error = object.read_many(&[3000..3100]).await.unwrap_err();
        assert_eq!(error.kind, SourceErrorKind::Failed, "{mishap:?}");
        assert_eq!(object.read_many(&[3000..3100]).await.unwrap(), [&bytes(5000)[3000..3100]]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_times_out() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let store = fake.store(&config());
    fake.close_gate();
    let begun = Instant::now();
    assert_eq!(open_error(&store, "k").await, SourceErrorKind::Timeout);
    assert_eq!(begun.elapsed().as_secs(), config().store_timeout.as_secs());
    assert_eq!(fake.in_flight().0, 0, "the request was given up");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_all_attempts() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let timeout = Duration::from_millis(40);
    let patient = StoreConfig { breaker_failures: 0, ..config() };
    let store = fake.store(&StoreConfig { store_timeout: timeout, ..patient });
    for _ in 0..20 {
        fake.mishaps(&[Mishap::Passing(SourceErrorKind::Failed); 10]);
        let begun = Instant::now();
        assert_eq!(open_error(&store, "k").await, SourceErrorKind::Failed);
        assert!(begun.elapsed() <= timeout, "no wait that would end behind the deadline");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_asks_for_time_gets_it() {
    let fake = Fake::with(&[("k", b"bytes")]);
    fake.mishaps(&[Mishap::Busy(Duration::from_secs(3)); 2]);
    let begun = Instant::now();
    open(&fake.store(&config()), "k").await;
    let waited_ms = begun.elapsed().as_millis();
    assert!((6000..6700).contains(&waited_ms), "{waited_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_asks_for_more_time_than_there_is_is_not_waited_for() {
    let fake = Fake::with(&[("k", b"bytes")]);
    let asked = Duration::from_secs(120);
    fake.mishaps(&[Mishap::Busy(asked); 2]);
    let begun = Instant::now();
    let error = fake.store(&config()).object("k", Freshness::Trust, meter()).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (SourceErrorKind::Unavailable, Some(asked)));
    assert_eq!((fake.calls().len(), begun.elapsed()), (1, Duration::ZERO));
}

#[tokio::test]
async fn who_hangs_up_frees_his_place() {
    let fake = Fake::with(&[("k", &bytes(5000)), ("other", b"bytes")]);
    let store = fake.store(&StoreConfig { requests_in_flight: 1, ..config() });
    let object = open(&store, "k").await;
    fake.close_gate();
    let hangs = tokio::spawn(async move { object.read_many(&[2000..2100]).await });
    settle().await;
    assert_eq!(fake.in_flight().0, 1);
    hangs.abort();
    settle().await;
    assert_eq!(fake.in_flight().0, 0, "nobody waits for that request any more");
    fake.let_through(1);
    open(&store, "other").await;
}

#[tokio::test]
async fn reads_outside_the_object_cost_nothing() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let object = open(&fake.store(&config()), "k").await;
    fake.calls();
    let error = object.read_many(&[0..10, 4999..5001]).await.unwrap_err();
    assert_eq!((error.kind, fake.calls().len()), (SourceErrorKind::OutOfBounds, 0));
}

#[tokio::test]
async fn ready_says_why_it_is_not() {
    let fake = Fake::with(&[]);
    let store = fake.store(&config());
    store.ready().await.unwrap();
    fake.mishaps(&[Mishap::Lasting(SourceErrorKind::Forbidden)]);
    assert_eq!(store.ready().await.unwrap_err().kind, SourceErrorKind::Forbidden);
}
