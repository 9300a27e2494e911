use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use tokio::sync::{Notify, oneshot};

use super::*;

#[derive(Debug, Clone, PartialEq)]
enum Fault {
    Refused,
    Aborted(LoadAborted),
}

impl From<LoadAborted> for Fault {
    fn from(aborted: LoadAborted) -> Self {
        Self::Aborted(aborted)
    }
}

type TestCache = Cache<&'static str, u64, Fault>;

fn cache(capacity_bytes: u64, time_to_live: Option<Duration>) -> TestCache {
    let options = CacheOptions { name: "test", capacity_bytes, time_to_live };
    Cache::new(options, |_, value| *value)
}

fn roomy() -> TestCache {
    cache(1 << 20, None)
}

/// Lets the other tasks of a single-threaded runtime run until none can go on.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn loads_once_and_then_hits() {
    let cache = roomy();
    let first = cache.get_or_load("a", || async { Ok(7) }).await;
    let second = cache.get_or_load("a", || async { Ok(8) }).await;
    assert_eq!(first, Ok((7, Outcome::Miss)));
    assert_eq!(second, Ok((7, Outcome::Hit)));
    assert_eq!(cache.get(&"a"), Some(7));
    assert_eq!(cache.get(&"b"), None);
}

#[tokio::test]
async fn one_load_serves_all_who_wait() {
    let (cache, loads, gate) = (roomy(), Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
    let ask = || {
        let (cache, loads, gate) = (cache.clone(), loads.clone(), gate.clone());
        tokio::spawn(async move {
            let load = || async move {
                loads.fetch_add(1, SeqCst);
                gate.notified().await;
                Ok(7)
            };
            cache.get_or_load("a", load).await.unwrap()
        })
    };
    let (first, second) = (ask(), ask());
    settle().await;
    gate.notify_one();
    assert_eq!(first.await.unwrap(), (7, Outcome::Miss));
    assert_eq!(second.await.unwrap(), (7, Outcome::Coalesced));
    assert_eq!(loads.load(SeqCst), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_cancel_the_load() {
    let (cache, gate) = (roomy(), Arc::new(Notify::new()));
    let (asking, load_gate) = (cache.clone(), gate.clone());
    let caller = tokio::spawn(async move {
        let load = || async move {
            load_gate.notified().await;
            Ok(7)
        };
        asking.get_or_load("a", load).await
    });
    settle().await;
    caller.abort();
    settle().await;
    gate.notify_one();
    settle().await;
    assert_eq!(cache.get(&"a"), Some(7));
}

#[tokio::test]
async fn errors_are_told_and_not_kept() {
    let cache = roomy();
    assert_eq!(cache.get_or_load("a", || async { Err(Fault::Refused) }).await, Err(Fault::Refused));
    assert_eq!(cache.get_or_load("a", || async { Ok(7) }).await, Ok((7, Outcome::Miss)));
}

#[tokio::test]
async fn a_panic_in_a_load_is_an_error_and_the_key_can_be_loaded_again() {
    let cache = roomy();
    let fails = || async { panic!("a load that breaks") };
    let aborted = Fault::Aborted(LoadAborted { cache: "test" });
    assert_eq!(cache.get_or_load("a", fails).await, Err(aborted));
    assert_eq!(cache.get_or_load("a", || async { Ok(7) }).await, Ok((7, Outcome::Miss)));
}

/// Starts a load of `a`, forgets with `forget` while it is under way, lets it end with 1.
async fn forget_during_load(cache: &TestCache, forget: impl FnOnce()) {
    let (send, receive) = oneshot::channel();
    let asking = cache.clone();
    let old = tokio::spawn(async move {
        asking.get_or_load("a", || async move { Ok(receive.await.unwrap()) }).await
    });
    settle().await;
    forget();
    let new = cache.get_or_load("a", || async { Ok(2) }).await;
    assert_eq!(new, Ok((2, Outcome::Miss)), "the new caller must not join the old load");
    send.send(1).unwrap();
    assert_eq!(old.await.unwrap(), Ok((1, Outcome::Miss)), "those who waited get their answer");
}

#[tokio::test]
async fn a_load_does_not_put_back_what_was_forgotten_meanwhile() {
    let cache = roomy();
    forget_during_load(&cache, || assert_eq!(cache.remove(&"a"), 0)).await;
    assert_eq!(cache.get(&"a"), Some(2));
    assert_eq!(cache.clear(), 1);
    forget_during_load(&cache, || assert_eq!(cache.clear(), 0)).await;
    assert_eq!(cache.get(&"a"), Some(2));
}

#[tokio::test]
async fn outdated_values_are_loaded_anew() {
    let cache = roomy();
    cache.insert("a", 1);
    let below = |limit: u64| move |value: &u64| *value < limit;
    let same = cache.get_or_load_if_not("a", below(1), || async { Ok(5) }).await;
    let newer = cache.get_or_load_if_not("a", below(2), || async { Ok(5) }).await;
    assert_eq!((same, newer), (Ok((1, Outcome::Hit)), Ok((5, Outcome::Miss))));
}

#[test]
fn a_value_is_given_only_if_it_holds() {
    let options = CacheOptions { name: "test", capacity_bytes: 1 << 20, time_to_live: None };
    let cache: Cache<String, u64, Fault> = Cache::new(options, |_, value| *value);
    cache.insert("a".to_owned(), 1);
    assert_eq!(cache.get_if("a", |value| *value == 1), Some(1));
    assert_eq!(cache.get_if("a", |value| *value == 2), None);
    assert_eq!(cache.get_if("b", |_| true), None);
}

#[tokio::test]
async fn reload_does_not_join_a_load_that_began_before() {
    let cache = roomy();
    let (send, receive) = oneshot::channel::<u64>();
    let asking = cache.clone();
    let old = tokio::spawn(async move {
        asking.get_or_load("a", || async move { Ok(receive.await.unwrap()) }).await
    });
    settle().await;
    assert_eq!(cache.reload("a", || async { Ok(2) }).await, Ok((2, Outcome::Miss)));
    assert_eq!(cache.reload("a", || async { Ok(3) }).await, Ok((3, Outcome::Miss)));
    send.send(1).unwrap();
    assert_eq!(old.await.unwrap(), Ok((1, Outcome::Miss)));
    assert_eq!(cache.peek(&"a"), Some(3), "the older load is not kept");
}

#[test]
fn removal_is_counted() {
    let cache = roomy();
    for key in ["a/1", "a/2", "b/1"] {
        cache.insert(key, 1);
    }
    assert_eq!(cache.remove_if(|key| key.starts_with("a/")), 2);
    assert_eq!(cache.remove(&"a/1"), 0);
    assert_eq!(cache.remove(&"b/1"), 1);
    assert_eq!(cache.clear(), 0);
}

#[test]
fn the_bound_is_in_bytes_and_counts_overhead() {
    let cache = cache(4 * (1000 + ENTRY_OVERHEAD_BYTES), None);
    for key in ["a", "b", "c", "d", "e", "f"] {
        cache.insert(key, 1000);
    }
    assert_eq!(cache.stats(), CacheStats { entries: 4, bytes: 4 * (1000 + ENTRY_OVERHEAD_BYTES) });
    cache.insert("heavy", 1 << 40);
    assert_eq!(cache.stats().entries, 4);
    assert_eq!(cache.get(&"heavy"), None);
}

#[test]
fn entries_end_with_their_time_to_live() {
    let cache = cache(1 << 20, Some(Duration::from_nanos(1)));
    cache.insert("a", 1);
    std::thread::sleep(Duration::from_millis(1));
    assert_eq!(cache.get(&"a"), None);
}
