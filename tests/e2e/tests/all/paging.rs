//! What the pages of large groups cost after the first: the links are known, so only headers are
//! read that no page before had. Of large old groups only the links of each page are read, until a
//! question needs all.
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
    eprintln!("{key}: {} requests", meter.requests());
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
        // A filter needs all links, of which a page of an old group is only a part.
        ask(&explorer, key, &first.clone().with_q("_0998")).await;
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

/// Its names, symbol table nodes and headers lie all over the file: reading all links takes most of
/// it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_large_old_group_costs_what_the_page_needs() {
    const KEY: &str = "wide_datasets_earliest.h5";
    let Some(folder) = large() else { return };
    let explorer = explorer_of(&folder);
    let names_of = |page: &Value| -> Vec<String> {
        let children = page["children"].as_array().unwrap();
        children.iter().map(|child| child["name"].as_str().unwrap().to_owned()).collect()
    };
    let name = |number: u64| format!("dataset_{number:06}");
    let mut query = page_of("/wide").with_detail(Detail::Names);
    // The names are read once; then only what holds the links of the page.
    for (start, bytes_max) in [(0, 4_000_000), (PAGE, 1_000_000), (2 * PAGE, 1_000_000)] {
        let (page, rounds, bytes) = ask(&explorer, KEY, &query).await;
        eprintln!("1,000 names from {start}: {rounds} rounds, {bytes} bytes");
        assert!(names_of(&page).into_iter().eq((start..start + PAGE).map(name)), "{start}");
        assert_eq!((&page["total"], &page["truncated"]), (&Value::Null, &true.into()));
        assert!(rounds <= 4 && bytes <= bytes_max, "{start}: {rounds} rounds, {bytes} bytes");
        query = query.with_after(page["next"].as_str().unwrap()).unwrap();
    }
    let (all, _, _) = ask(&explorer, KEY, &query.clone().with_q("9999")).await;
    assert_eq!(all["total"], 19);
    let (page, rounds, _) = ask(&explorer, KEY, &query).await;
    assert_eq!((&page["total"], rounds), (&100_000.into(), 0));
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
    // Of a large old group the links are read page by page: nodes of the tree, and symbol table
    // nodes.
    for (key, rounds_max) in [("datasets_earliest.h5", 3), ("datasets_latest.h5", 1)] {
        let explorer = explorer_of(&folder);
        let (page, rounds, bytes) = ask(&explorer, key, &page_of("/many")).await;
        eprintln!("first 1,000 of 20,000 datasets of {key}: {rounds} rounds, {bytes} bytes");
        let next = page_of("/many").with_after(page["next"].as_str().unwrap()).unwrap();
        let (page, rounds, bytes) = ask(&explorer, key, &next).await;
        eprintln!("the next 1,000: {rounds} rounds, {bytes} bytes");
        assert_eq!(page["children"][999]["shape"], serde_json::json!([6, 10]));
        assert!(
            rounds <= rounds_max && bytes <= PAGE * 1024,
            "{key}: {rounds} rounds, {bytes} bytes"
        );
        let (_, rounds, bytes) = ask(&explorer, key, &next).await;
        assert_eq!((rounds, bytes), (0, 0), "{key}");
    }
}
