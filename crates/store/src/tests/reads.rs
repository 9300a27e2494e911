use byte_source::ByteSource;

use super::*;
use crate::fake::{Call, Fake};

fn get(range: std::ops::Range<u64>) -> Call {
    Call::Get("k".to_owned(), range)
}

fn start() -> Call {
    Call::Start("k".to_owned())
}

#[tokio::test]
async fn a_small_file_is_one_request() {
    let fake = Fake::with(&[("k", &bytes(1000))]);
    let store = fake.store(&config());
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    let answers = object.read_many(&[0..10, 500..1000]).await.unwrap();
    assert_eq!(answers, [&bytes(1000)[0..10], &bytes(1000)[500..1000]]);
    assert_eq!(fake.calls(), [start()]);
    assert_eq!((meter.rounds(), meter.requests(), meter.bytes()), (1, 1, 1000));
    assert_eq!((object.version().etag.as_str(), object.size_bytes()), ("v1", 1000));
}

#[tokio::test]
async fn of_a_large_file_the_first_request_takes_the_head() {
    let fake = Fake::with(&[("k", &bytes(1001))]);
    let store = fake.store(&config());
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    object.read_many(&[0..100]).await.unwrap();
    assert_eq!((fake.calls(), meter.bytes()), (vec![start()], 100));
    let answers = object.read_many(&[90..110]).await.unwrap();
    assert_eq!(answers[0], bytes(1001)[90..110]);
    assert_eq!((fake.calls(), meter.bytes()), (vec![get(100..110)], 110));
}

#[tokio::test]
async fn an_object_known_from_a_listing_is_opened_without_a_request() {
    let fake = Fake::with(&[("k", &bytes(900)), ("large", &bytes(5000))]);
    let store = fake.store(&config());
    store
        .list(&crate::ListQuery { limit: 10, ..Default::default() }, false, &meter())
        .await
        .unwrap();
    fake.calls();
    let object = open(&store, "k").await;
    assert_eq!(fake.calls(), []);
    object.read_many(&[890..895]).await.unwrap();
    assert_eq!(fake.calls(), [get(0..900)], "a small file comes whole");
    let object = open(&store, "large").await;
    object.read_many(&[4000..4010]).await.unwrap();
    object.read_many(&[50..60]).await.unwrap();
    let large = |range| Call::Get("large".to_owned(), range);
    assert_eq!(fake.calls(), [large(4000..4010), large(0..100)], "the head when it is touched");
}

#[tokio::test]
async fn near_ranges_are_joined_and_what_is_here_is_not_asked_for() {
    let fake = Fake::with(&[("k", &bytes(1 << 20))]);
    let store = fake.store(&config());
    let object = open(&store, "k").await;
    object.read_many(&[200_000..200_100]).await.unwrap();
    fake.calls();
    let ranges = [1_000..1_500, 5_000..5_500, 200_050..200_200, 300_000..300_001];
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    let answers = object.read_many(&ranges).await.unwrap();
    for (range, answer) in ranges.iter().zip(answers) {
        assert_eq!(answer, bytes(1 << 20)[range.start as usize..range.end as usize]);
    }
    assert_eq!(fake.calls(), [get(1_000..5_500), get(200_100..200_200), get(300_000..300_001)]);
    assert_eq!((meter.rounds(), meter.requests(), meter.bytes()), (1, 3, 4_601));
    object.read_many(&ranges).await.unwrap();
    assert_eq!((fake.calls(), meter.rounds()), (vec![], 1));
}

#[tokio::test]
async fn scattered_headers_cost_their_own_bytes() {
    let fake = Fake::with(&[("k", &vec![0; 16 << 20])]);
    let store = fake.store(&StoreConfig { head_bytes: 256 << 10, ..config() });
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    let headers: Vec<_> = (4..204).map(|n| n * 80_003..n * 80_003 + 512).collect();
    object.read_many(&headers).await.unwrap();
    assert_eq!(meter.requests(), 201);
    assert_eq!(meter.bytes(), (256 << 10) + 200 * 512);
}

#[tokio::test]
async fn what_lies_around_small_reads_comes_along() {
    let fake = Fake::with(&[("k", &vec![0; 16 << 20])]);
    let store = fake.store(&StoreConfig { around_bytes: 256 << 10, ..config() });
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    let headers = (1..129).map(|n| n * 100_000..n * 100_000 + 512);
    let continuations = headers.clone().map(|header| header.start - 500..header.start);
    object.read_many(&headers.collect::<Vec<_>>()).await.unwrap();
    object.read_many(&continuations.collect::<Vec<_>>()).await.unwrap();
    assert_eq!((meter.rounds(), meter.requests()), (2, 129));
    assert_eq!(meter.bytes(), 100 + 128 * 512 + (256 << 10));
}

#[tokio::test]
async fn one_request_serves_all_who_wait() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let store = fake.store(&config());
    let (one, other) = (open(&store, "k").await, open(&store, "k").await);
    fake.calls();
    fake.close_gate();
    let first = tokio::spawn(async move { one.read_many(&[2000..2100]).await });
    settle().await;
    let meter = meter();
    let other_meter = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    drop(other);
    let second =
        tokio::spawn(async move { other_meter.read_many(&[2050..2080, 2090..2200]).await });
    settle().await;
    assert_eq!(fake.calls(), [get(2000..2100), get(2100..2200)]);
    fake.let_through(2);
    assert_eq!(first.await.unwrap().unwrap(), [&bytes(5000)[2000..2100]]);
    let answers = second.await.unwrap().unwrap();
    assert_eq!(answers, [&bytes(5000)[2050..2080], &bytes(5000)[2090..2200]]);
    assert_eq!((meter.rounds(), meter.requests()), (1, 1), "counted for who started it");
}

#[tokio::test]
async fn a_request_ends_with_the_last_who_waits_and_not_before() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let store = fake.store(&config());
    let object = open(&store, "k").await;
    fake.close_gate();
    let ask = || {
        let object = object.clone();
        tokio::spawn(async move { object.read_many(&[2000..2100]).await.map(|_| ()) })
    };
    let (first, second) = (ask(), ask());
    settle().await;
    first.abort();
    settle().await;
    assert_eq!(fake.in_flight().0, 1, "one still waits");
    fake.let_through(1);
    second.await.unwrap().unwrap();

    let third = tokio::spawn(async move { object.read_many(&[3000..3100]).await.map(|_| ()) });
    settle().await;
    assert_eq!(fake.in_flight().0, 1);
    third.abort();
    settle().await;
    assert_eq!(fake.in_flight().0, 0, "nobody waits");
}

#[tokio::test]
async fn a_request_that_was_given_up_is_made_again_for_the_next() {
    let fake = Fake::with(&[("k", &bytes(5000))]);
    let store = fake.store(&config());
    let object = open(&store, "k").await;
    fake.close_gate();
    let asking = object.clone();
    let first = tokio::spawn(async move { asking.read_many(&[2000..2100]).await.map(|_| ()) });
    settle().await;
    first.abort();
    settle().await;
    fake.let_through(1);
    assert_eq!(object.read_many(&[2000..2100]).await.unwrap(), [&bytes(5000)[2000..2100]]);
}

#[tokio::test]
async fn requests_in_flight_are_limited() {
    let fake = Fake::with(&[("k", &vec![7; 4 << 20])]);
    let store = fake.store(&StoreConfig { requests_in_flight: 5, ..config() });
    let object = open(&store, "k").await;
    let ranges: Vec<_> = (1..40).map(|n| n * 100_000..n * 100_000 + 10).collect();
    fake.close_gate();
    let reading = tokio::spawn(async move { object.read_many(&ranges).await });
    settle().await;
    assert_eq!(fake.in_flight(), (5, 5));
    fake.let_through(39);
    assert_eq!(reading.await.unwrap().unwrap().len(), 39);
    assert_eq!(fake.in_flight(), (0, 5));
}

#[tokio::test]
async fn blocks_are_evicted_by_weight_and_read_again() {
    let fake = Fake::with(&[("k", &bytes(3 << 20))]);
    let store = fake.store(&StoreConfig { block_cache_bytes: 0, ..config() });
    let object = open(&store, "k").await;
    fake.calls();
    for _ in 0..2 {
        let answers = object.read_many(&[1_048_570..1_048_580]).await.unwrap();
        assert_eq!(answers[0], bytes(3 << 20)[1_048_570..1_048_580]);
    }
    assert_eq!(fake.calls(), [get(1_048_570..1_048_580), get(1_048_570..1_048_580)]);
}

#[tokio::test]
async fn reads_across_blocks_are_put_together() {
    let all = bytes(20 << 20);
    let fake = Fake::with(&[("k", &all)]);
    let store = fake.store(&config());
    let object = open(&store, "k").await;
    fake.calls();
    for _ in 0..2 {
        let answers = object.read_many(&[500_000..19_500_000]).await.unwrap();
        assert!(answers[0] == all[500_000..19_500_000]);
    }
    let part = 8 << 20;
    let parts = [500_000, 500_000 + part, 500_000 + 2 * part, 19_500_000];
    let calls: Vec<_> = parts.windows(2).map(|pair| get(pair[0]..pair[1])).collect();
    assert_eq!(fake.calls(), calls);
}
