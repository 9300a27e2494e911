//! What a first look costs: waves, requests and bytes of questions about files of which nothing is
//! known, counted. The limits are those that the project promises; a change that costs more fails
//! here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use explorer::{ChildrenQuery, Detail, Explorer, ExplorerConfig, MetaQuery, ObjectPath, Place};
use store::{Freshness, Meter, Store, StoreConfig};

use crate::range_server::RangeServer;

const MEGABYTE: u64 = 1_000_000;

/// What a question cost.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost {
    waves: u64,
    requests: u64,
    bytes: u64,
    time: Duration,
}

/// A server that nobody asked before.
struct Cold {
    server: RangeServer,
    explorer: Arc<Explorer>,
}

impl Cold {
    async fn over(folder: &Path, latency: Duration) -> Self {
        let server = RangeServer::start(folder, latency).await;
        let url = format!("http://{}", server.address);
        let store = Store::open(&url, StoreConfig::default()).unwrap();
        Self { server, explorer: Explorer::new(store, ExplorerConfig::default()) }
    }

    async fn children(&self, key: &str, query: &ChildrenQuery) -> Cost {
        self.cost(key, async |meter| {
            let answer = self.explorer.children(key, query, Freshness::Trust, &meter).await;
            assert!(!answer.unwrap().children.is_empty());
        })
        .await
    }

    async fn meta(&self, key: &str, path: &str) -> Cost {
        let query = MetaQuery::new(Place::Path(ObjectPath::parse(path)));
        self.cost(key, async |meter| {
            self.explorer.meta(key, &query, Freshness::Trust, &meter).await.unwrap();
        })
        .await
    }

    /// What `question` cost. Others may be asked beside it.
    async fn cost(&self, key: &str, question: impl AsyncFnOnce(Arc<Meter>)) -> Cost {
        let (meter, started) = (Arc::new(Meter::new()), Instant::now());
        question(meter.clone()).await;
        let time = started.elapsed();
        let (waves, requests, bytes) = (meter.rounds(), meter.requests(), meter.bytes());
        eprintln!("{key}: {waves} waves, {requests} requests, {bytes} bytes");
        Cost { waves, requests, bytes, time }
    }
}

pub(crate) fn large() -> Option<PathBuf> {
    let folder = std::env::var_os("H5SCOUT_LARGE").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("cold questions: skipped, there are no large files (H5SCOUT_LARGE)");
    }
    folder
}

pub(crate) fn children_of(path: &str) -> ChildrenQuery {
    ChildrenQuery::new(Place::Path(ObjectPath::parse(path)))
}

/// What the first question to a server costs, by its own count and by that of the store.
async fn children(folder: &Path, key: &str, query: &ChildrenQuery) -> Cost {
    let cold = Cold::over(folder, Duration::ZERO).await;
    let cost = cold.children(key, query).await;
    assert_eq!(cost.requests, cold.server.requests(), "{key}");
    assert!(cold.server.most_in_flight() <= 64, "{key}");
    cost
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_up_to_a_mebibyte_is_one_request() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut asked = 0;
    for key in ["ordinary/earliest.h5", "ordinary/latest.h5", "groups/wide_earliest.h5"] {
        let cold = Cold::over(&fixtures, Duration::ZERO).await;
        let cost = cold.children(key, &children_of("/")).await;
        assert_eq!((cost.waves, cost.requests), (1, 1), "{key}");
        let cost = cold.meta(key, "/").await;
        assert_eq!((cost.waves, cost.requests), (0, 0), "{key}");
        asked += 1;
    }
    assert_eq!(asked, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_scattered_over_half_a_gigabyte_take_six_waves() {
    let Some(folder) = large() else { return };
    for key in ["scattered_earliest.h5", "scattered_latest.h5"] {
        let cost = children(&folder, key, &children_of("/")).await;
        assert!(cost.waves <= 5, "{key}: {cost:?}");
        assert!(cost.requests <= 300, "{key}: {cost:?}");
        assert!(cost.bytes <= MEGABYTE, "{key}: {cost:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_variables_of_a_netcdf_4_file_take_five_waves() {
    let Some(folder) = large() else { return };
    let cost = children(&folder, "variables.nc", &children_of("/")).await;
    assert!(cost.waves <= 5 && cost.bytes <= MEGABYTE, "{cost:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_out_of_a_hundred_thousand_costs_what_the_names_do() {
    let Some(folder) = large() else { return };
    let page = children_of("/wide").with_limit(1_000).unwrap();
    for key in ["wide_earliest.h5", "wide_latest.h5", "wide_creation_order.h5"] {
        let cold = Cold::over(&folder, Duration::ZERO).await;
        let cost = cold.children(key, &page).await;
        let size = std::fs::metadata(folder.join(key)).unwrap().len();
        assert!(cost.waves <= 7 && cost.bytes <= size + MEGABYTE, "{key}: {cost:?}");
    }
    // The headers of the page lie all over the file, most of them a request each.
    for (key, names_bytes, names_requests) in [
        ("wide_datasets_earliest.h5", 4 * MEGABYTE, 300),
        ("wide_datasets_latest.h5", 3 * MEGABYTE, 50),
    ] {
        let cost = children(&folder, key, &page).await;
        assert!(cost.waves <= 7 && cost.bytes <= names_bytes + 2 * MEGABYTE, "{key}: {cost:?}");
        let names = page.clone().with_detail(Detail::Names);
        let cost = children(&folder, key, &names).await;
        assert!(cost.waves <= 6 && cost.bytes <= names_bytes, "{key}: {cost:?}");
        assert!(cost.requests <= names_requests, "{key}: {cost:?}");
    }
}

/// A group of the first format: its header, its heap and its tree come together, then the names
/// with the nodes. One of the newer format that is not in its header: the header, those of heap
/// and index, their blocks.
#[tokio::test(flavor = "multi_thread")]
async fn each_group_on_the_way_takes_two_or_three_waves_and_the_object_three() {
    let Some(folder) = large() else { return };
    for (key, waves) in [("nested_earliest.h5", 2), ("nested_latest.h5", 3)] {
        let cold = Cold::over(&folder, Duration::ZERO).await;
        let cost = cold.meta(key, "/entry_150/detectors/detector_13/counts").await;
        assert!(cost.waves <= waves * 3 + 3, "{key}: {cost:?}");
        // The way is known now.
        let cost = cold.meta(key, "/entry_150/detectors/detector_14/counts").await;
        assert!(cost.waves <= 2, "{key}: {cost:?}");
    }
}

/// Waves wait together, so a question takes as long as its waves, and as its requests where they
/// are more than may be in flight. What is allowed beside that is for decoding, unoptimised.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_takes_the_time_of_its_waves() {
    const LATENCY: Duration = Duration::from_millis(100);
    let Some(folder) = large() else { return };
    let cold = Cold::over(&folder, LATENCY).await;
    let cost = cold.children("scattered_earliest.h5", &children_of("/")).await;
    let turns = cost.waves + cost.requests / 64;
    let at_most = LATENCY * u32::try_from(turns).unwrap() + Duration::from_millis(1500);
    assert!(cost.time <= at_most, "{:?} for {turns} times {LATENCY:?}", cost.time);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_of_one_question_cost_the_store_one_question() {
    let Some(folder) = large() else { return };
    let (key, query) = ("nested_latest.h5", children_of("/entry_007/detectors"));
    let alone = children(&folder, key, &query).await;
    let cold = Arc::new(Cold::over(&folder, Duration::from_millis(20)).await);
    let callers = (0..64).map(|_| {
        let (cold, query) = (cold.clone(), query.clone());
        tokio::spawn(async move {
            let meter = Arc::new(Meter::new());
            cold.explorer.children(key, &query, Freshness::Trust, &meter).await.unwrap();
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_eq!(cold.server.requests(), alone.requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_question_does_not_wait_for_a_listing_of_a_hundred_thousand() {
    let Some(folder) = large() else { return };
    let cold = Arc::new(Cold::over(&folder, Duration::from_millis(20)).await);
    let (listing, key) = (cold.clone(), "wide_datasets_earliest.h5");
    let query = children_of("/wide").with_limit(100_000).unwrap();
    let large = tokio::spawn(async move {
        let meter = Arc::new(Meter::new());
        listing.explorer.children(key, &query, Freshness::Trust, &meter).await.unwrap();
    });
    // Of the 64 that it may have: a busy machine does not get so far within the latency.
    while cold.server.most_in_flight() < 16 {
        assert!(!large.is_finished());
        tokio::task::yield_now().await;
    }
    // In another file, and in the same one.
    cold.meta("nested_latest.h5", "/entry_001").await;
    cold.meta(key, "/").await;
    assert!(!large.is_finished());
    large.await.unwrap();
}
