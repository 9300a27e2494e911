//! The built server started again over the same store: what it kept on a disk, and what it costs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use explorer::{Explorer, ExplorerConfig};
use store::{ByteSource, DiskConfig, Freshness, Meter, Store, StoreConfig};
use tempfile::TempDir;

use crate::cold::{children_of, large};
use crate::range_server::RangeServer;
use crate::server::{Server, header};

const QUESTIONS: [&str; 3] = [
    "/files/nexus_scan.nxs/children?path=/entry/data",
    "/files/nexus_scan.nxs/meta?path=/entry/instrument/detector/data",
    "/files/nexus_scan.nxs/attribute?path=/entry/data&name=axes",
];

/// A small file is read as if it were a large one, and looked at once.
const FLAGS: [&str; 8] =
    ["--whole-file", "1KiB", "--head", "512", "--read-around", "0", "--version-ttl", "1h"];

/// A run of the server: what it answered, what the answers cost, and its log.
struct Run {
    answers: Vec<String>,
    costs: Vec<String>,
    log: String,
}

/// Starts a server that keeps what it reads in `cache`, asks, and stops it.
async fn run(url: &str, cache: &Path) -> Run {
    let cache = cache.to_str().unwrap();
    let mut server = Server::over(url, &[&FLAGS[..], &["--cache-dir", cache]].concat());
    let (mut answers, mut costs) = (Vec::new(), Vec::new());
    for question in QUESTIONS {
        let answer = server.get(question).await;
        assert_eq!(answer.status(), 200);
        let cost = header(&answer, "server-timing").split('"').nth(1).unwrap().to_owned();
        costs.push(cost);
        answers.push(answer.text().await.unwrap());
    }
    assert!(server.stop(), "it ends well");
    Run { answers, costs, log: server.log() }
}

async fn range_server() -> (RangeServer, String) {
    let demo = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/demo"));
    let server = RangeServer::start(demo, Duration::ZERO).await;
    let url = format!("http://{}", server.address);
    (server, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_takes_one_look_at_the_version() {
    let ((server, url), cache) = (range_server().await, TempDir::new().unwrap());
    let first = run(&url, cache.path()).await;
    let cold = server.requests();
    assert!(cold > 3, "{cold}: the file is read in several requests");
    let second = run(&url, cache.path()).await;
    let nothing = "rounds=0 requests=0 bytes=0";
    assert_eq!(second.costs, ["rounds=1 requests=1 bytes=0", nothing, nothing]);
    assert_eq!(server.requests(), cold + 1);
    assert_eq!(first.answers, second.answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_cache_is_not_used_and_a_shared_one_not_twice() {
    let ((_server, url), cache) = (range_server().await, TempDir::new().unwrap());
    let first = run(&url, cache.path()).await;
    std::fs::write(cache.path().join("h5scout/pieces.sqlite"), "garbage").unwrap();
    let second = run(&url, cache.path()).await;
    assert_eq!((&first.answers, &first.costs), (&second.answers, &second.costs));
    assert!(second.log.contains("starts over"), "{}", second.log);

    let flags = ["--cache-dir", cache.path().to_str().unwrap()];
    let holder = Server::over(&url, &flags);
    let third = run(&url, cache.path()).await;
    assert_eq!((&first.answers, &first.costs), (&third.answers, &third.costs));
    assert!(third.log.contains("another process uses the folder"), "{}", third.log);
    drop(holder);
}

const SCATTERED: [&str; 2] = ["scattered_earliest.h5", "scattered_latest.h5"];

/// What it costs to list the root of `key` when nothing of it is parsed: waves, requests, bytes.
async fn list(store: &Arc<Store>, key: &str) -> (u64, u64, u64) {
    let explorer = Explorer::new(store.clone(), ExplorerConfig::default());
    let meter = Arc::new(Meter::new());
    let answer = explorer.children(key, &children_of("/"), Freshness::Trust, &meter).await;
    assert!(!answer.unwrap().children.is_empty());
    (meter.rounds(), meter.requests(), meter.bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_scattered_over_half_a_gigabyte_take_one_look_after_a_restart() {
    let Some(folder) = large() else { return };
    let (server, cache) =
        (RangeServer::start(&folder, Duration::ZERO).await, TempDir::new().unwrap());
    let url = format!("http://{}", server.address);
    let disk = DiskConfig { folder: cache.path().to_owned(), size_bytes: 1 << 30 };
    let config = StoreConfig { disk: Some(disk), ..StoreConfig::default() };
    for key in SCATTERED {
        let store = Store::open(&url, config.clone()).unwrap();
        assert!(list(&store, key).await.0 > 1);
        store.close().await;
        let store = Store::open(&url, config.clone()).unwrap();
        assert_eq!(list(&store, key).await, (1, 1, 0), "{key}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn and_one_wave_after_they_were_evicted() {
    let Some(folder) = large() else { return };
    let server = RangeServer::start(&folder, Duration::ZERO).await;
    let url = format!("http://{}", server.address);
    let (version_ttl, block_cache_bytes) = (Duration::from_secs(3600), 4 << 20);
    let config = StoreConfig { version_ttl, block_cache_bytes, ..StoreConfig::default() };
    for key in SCATTERED {
        let store = Store::open(&url, config.clone()).unwrap();
        let (waves, requests, _) = list(&store, key).await;
        assert!(waves > 1);
        let other = store.object("nested_earliest.h5", Freshness::Trust, Arc::new(Meter::new()));
        let other = other.await.unwrap();
        for _ in 0..8 {
            other.read_many(std::slice::from_ref(&(0..32 << 20))).await.unwrap();
        }
        let (waves, requests_again, _) = list(&store, key).await;
        let message = format!("{key}: {waves} waves, {requests_again} requests after {requests}");
        assert!(waves == 1 && requests_again <= requests, "{message}");
    }
}
