//! What the pages of large groups cost after the first: the links are known, so only headers are
//! read that no page before had.
//!
//! The files are those of [`large`](crate::large).

use std::path::PathBuf;
use std::sync::Arc;

use explorer::{ChildrenQuery, Detail, Explorer, ObjectPath, Order, Place};
use serde_json::Value;
use store::{Freshness, Meter};

use crate::oracle::explorer_of;

const PAGE: u64 = 1_000;
const DATASETS: u64 = 20_000;

fn large() -> Option<PathBuf> {
    std::env::var_os("H5SCOUT_LARGE").map(PathBuf::from)
}

fn page_of(group: &str) -> ChildrenQuery {
    let query = ChildrenQuery::new(Place::Path(ObjectPath::parse(group)));
    query.with_limit(PAGE).unwrap()
}

/// The answer to `query`, the waves in which bytes were read for it, and these bytes.
async fn ask(explorer: &Arc<Explorer>, key: &str, query: &ChildrenQuery) -> (Value, u64, u64) {
    let meter = Arc::new(Meter::new());
    let answer = explorer.children(key, query, Freshness::Trust, &meter).await.unwrap();
    // In a folder, one round is the look at the file: whether it is still the same.
    let rounds = meter.rounds() - 1;
    (serde_json::to_value(answer).unwrap(), rounds, meter.bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn names_filters_orders_and_totals_of_a_known_group_cost_the_store_nothing() {
    let Some(folder) = large() else { return };
    for key in ["wide_earliest.h5", "wide_latest.h5", "wide_creation_order.h5"] {
        let explorer = explorer_of(&folder);
        let first = page_of("/wide").with_detail(Detail::Names);
        let (page, rounds, _) = ask(&explorer, key, &first).await;
        assert!(rounds > 0);
        let next = page["next"].as_str().unwrap();
        for query in [
            first.clone().with_after(next).unwrap(),
            first.clone().with_q("_0999"),
            first.clone().with_order(Order::Creation),
        ] {
            let (page, rounds, bytes) = ask(&explorer, key, &query).await;
            assert_eq!((rounds, bytes), (0, 0), "{key}: {query:?}");
            assert!(page["total"].as_u64().unwrap() > 0);
        }
    }
}

/// What a child takes in the answer at most, and beside that while it is read, which is done for
/// 10,000 of them at a time.
const ANSWER_BYTES_MAX: u64 = 500;
const READING_BYTES_MAX: u64 = 2_500;
const READ_AT_ONCE: u64 = 10_000;

#[test]
fn a_listing_takes_little_more_memory_than_its_answer() {
    let Some(folder) = large() else { return };
    // Allocations are counted by thread, and files read in others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for key in ["datasets_earliest.h5", "datasets_latest.h5"] {
        let explorer = explorer_of(&folder);
        let listing = page_of("/many").with_limit(DATASETS).unwrap();
        let meter = Arc::new(Meter::new());
        let answer = explorer.children(key, &listing, Freshness::Trust, &meter);
        let memory = allocation_counter::measure(|| {
            let answer = runtime.block_on(answer).unwrap();
            assert_eq!(answer.children.len() as u64, DATASETS);
        });
        let (most, blocks) = (memory.bytes_max, meter.bytes());
        eprintln!("20,000 datasets of {key} take {most} bytes while they are listed");
        let bound = blocks + READ_AT_ONCE * READING_BYTES_MAX + DATASETS * ANSWER_BYTES_MAX;
        assert!(most <= bound, "{key}: {most} bytes, more than {bound}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_page_of_a_group_costs_the_headers_of_that_page() {
    let Some(folder) = large() else { return };
    for key in ["datasets_earliest.h5", "datasets_latest.h5"] {
        let explorer = explorer_of(&folder);
        let (page, rounds, bytes) = ask(&explorer, key, &page_of("/many")).await;
        eprintln!("first 1,000 of 20,000 datasets of {key}: {rounds} rounds, {bytes} bytes");
        let next = page_of("/many").with_after(page["next"].as_str().unwrap()).unwrap();
        let (page, rounds, bytes) = ask(&explorer, key, &next).await;
        eprintln!("the next 1,000: {rounds} rounds, {bytes} bytes");
        assert_eq!(page["children"][999]["shape"], serde_json::json!([6, 10]));
        assert!(rounds <= 1 && bytes <= PAGE * 1024, "{key}: {rounds} rounds, {bytes} bytes");
        let (_, rounds, bytes) = ask(&explorer, key, &next).await;
        assert_eq!((rounds, bytes), (0, 0), "{key}");
    }
}
