//! The built server started again over the same store: what it kept on a disk, and what it costs.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

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
