use byte_source::ByteSource;

use super::*;
use crate::fake::{Call, Fake};

const MEGABYTE: usize = 1 << 20;

/// Reads `waves` one after another, and says in how many rounds and requests.
async fn ask(store: &Store, key: &str, waves: &[std::ops::Range<u64>]) -> (u64, u64) {
    let meter = meter();
    let object = store.object(key, Freshness::Trust, meter.clone()).await.unwrap();
    for wave in waves {
        let answers = object.read_many(std::slice::from_ref(wave)).await.unwrap();
        assert!(wave.clone().map(|at| (at % 251) as u8).eq(answers[0].iter().copied()));
    }
    (meter.rounds(), meter.requests())
}

/// A store with room for few blocks, over an object to look into, one that looks like it, and one
/// to fill the cache with.
fn small_store() -> (Fake, Arc<Store>) {
    let object = bytes(16 * MEGABYTE);
    let fake = Fake::with(&[("k", &object), ("other", &object)]);
    let store = fake.store(&StoreConfig { block_cache_bytes: 4 << 20, ..config() });
    (fake, store)
}

/// A way through the file: each step is known only after the one before.
fn way() -> Vec<std::ops::Range<u64>> {
    (0..8).map(|step| step * 1_500_000..step * 1_500_000 + 1000).collect()
}

/// Reads so much of another object, so often, that nothing of `k` stays.
async fn evict(store: &Store, fake: &Fake) {
    let other = open(store, "other").await;
    for _ in 0..4 {
        other.read_many(&[0..12 << 20]).await.unwrap();
    }
    fake.calls();
}

#[tokio::test]
async fn after_an_eviction_the_same_question_takes_one_wave() {
    let (fake, store) = small_store();
    assert_eq!(ask(&store, "k", &way()).await, (9, 9));
    evict(&store, &fake).await;
    assert_eq!(ask(&store, "k", &way()).await, (1, 8));
}

#[tokio::test]
async fn a_question_that_goes_another_way_fetches_its_own_bytes_only() {
    let (fake, store) = small_store();
    ask(&store, "k", &way()).await;
    evict(&store, &fake).await;
    let elsewhere = [5_000_000..5_000_100];
    assert_eq!(ask(&store, "k", &elsewhere).await, (1, 1));
    assert_eq!(fake.calls(), [Call::Get("k".to_owned(), elsewhere[0].clone())]);
}

#[tokio::test]
async fn a_long_history_is_not_completed() {
    let (fake, store) = small_store();
    let headers: Vec<_> = (1..500).map(|n| n * 30_000..n * 30_000 + 10).collect();
    open(&store, "k").await.read_many(&headers).await.unwrap();
    evict(&store, &fake).await;
    assert_eq!(ask(&store, "k", &headers[..1]).await, (1, 1));
}

#[tokio::test]
async fn a_new_version_has_no_history() {
    let (fake, store) = small_store();
    ask(&store, "k", &way()).await;
    fake.put("k", &bytes(16 * MEGABYTE));
    store.forget("k");
    assert_eq!(ask(&store, "k", &way()[..2]).await, (3, 3));
}

#[tokio::test]
async fn who_waits_for_another_question_does_not_wait_for_all_of_it() {
    let (fake, store) = small_store();
    ask(&store, "k", &way()).await;
    evict(&store, &fake).await;
    fake.close_gate();
    let large = open(&store, "k").await;
    let large = tokio::spawn(async move { large.read_many(&way()).await.map(drop) });
    settle().await;
    assert_eq!(fake.calls().len(), 8);
    let small = open(&store, "k").await;
    let first = way()[..1].to_vec();
    let small = tokio::spawn(async move { small.read_many(&first).await.map(drop) });
    settle().await;
    fake.let_through(8);
    small.await.unwrap().unwrap();
    large.await.unwrap().unwrap();
    assert_eq!(fake.calls(), [], "all was under way");
}
