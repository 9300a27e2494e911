//! Many small things: the root groups of 1,000 files, and a listing of 100,000 keys.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Client;

use crate::Result;
use crate::answer::{Answer, encoded};
use crate::listing_server::ListingServer;
use crate::peer::Cache;
use crate::proxy::Proxy;
use crate::report::{Table, count, ratio, time};
use crate::s3::BUCKET;
use crate::server::Server;
use crate::setup::Setup;

const LATENCIES_MS: [u64; 2] = [0, 20];

const FILES: u64 = 1_000;

/// The peer is slow enough for a part to tell its rate.
const FILES_OF_PEER: u64 = 100;

const CALLERS: usize = 64;

const KEYS: usize = 100_000;

const FIXTURE: &str = "fixtures/demo/nexus_scan.nxs";

/// Measures both, and writes the parts `crawl` and `listing`.
pub(crate) async fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(1 + 2 * LATENCIES_MS.len() as u64);
    setup.progress.step("upload of 1,000 files");
    let file = Bytes::from(std::fs::read(setup.repository.join(FIXTURE))?);
    let bucket = setup.bucket().await?;
    let puts = (0..FILES).map(|number| {
        let (bucket, file) = (&bucket, &file);
        async move { bucket.put(&format!("crawl/scan_{number:04}.nxs"), file).await }
    });
    stream::iter(puts).buffer_unordered(16).collect::<()>().await;
    crawl(setup).await?;
    listing(setup).await
}

/// A listing, then the children of each file's root.
async fn crawl(setup: &Setup) -> Result<()> {
    let columns = ["latency", "ours", "files/s", "s3fs, files/s", "ratio", "requests/file"];
    let mut table = Table::new(&columns);
    for latency_ms in LATENCIES_MS {
        setup.progress.step(format!("crawl at {latency_ms} ms"));
        setup.proxy.set_latency(Duration::from_millis(latency_ms));
        setup.proxy.reset();
        let took = ours(setup).await?;
        let requests = setup.proxy.counts().requests as f64 / FILES as f64;
        let endpoint = setup.proxy.endpoint();
        let server = (&setup.s3, endpoint.as_str());
        let prefix = format!("{BUCKET}/crawl/");
        let asked = ("/", FILES_OF_PEER);
        let peer = setup.peer.ask(server, "crawl", &prefix, asked, Cache::Default).await?;
        let peer = peer.ok_or("the peer does not come to an end")?;
        let rate = FILES as f64 / took.as_secs_f64();
        let peers_rate = peer.found.len() as f64 / peer.duration().as_secs_f64();
        let row = [
            format!("{latency_ms} ms"),
            time(took),
            count(rate),
            format!("{peers_rate:.1}"),
            ratio(rate, peers_rate),
            format!("{requests:.2}"),
        ];
        setup.progress.say(&format!("crawl: {}", row.join(" | ")));
        table.row(&row);
    }
    setup.proxy.set_latency(Duration::ZERO);
    setup.report.put("crawl", table.text())
}

async fn ours(setup: &Setup) -> Result<Duration> {
    let (server, client) = setup.cold_server().await?;
    let started = Instant::now();
    let listed = Answer::get_ok(&client, &server, "/files?prefix=crawl/").await?.json()?;
    let files = listed["files"].as_array().into_iter().flatten();
    let keys: Vec<_> = files.filter_map(|file| file["key"].as_str()).collect();
    if keys.len() as u64 != FILES {
        return Err(format!("{} files are listed", keys.len()).into());
    }
    stream::iter(keys)
        .map(|key| {
            let (client, server) = (&client, &server);
            let target = format!("/files/{}/children?path=/", encoded(key));
            async move { Answer::get_ok(client, server, &target).await }
        })
        .buffer_unordered(CALLERS)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(started.elapsed())
}

/// All keys, page by page.
async fn listing(setup: &Setup) -> Result<()> {
    let keys = ListingServer::start(KEYS).await?;
    let proxy = Proxy::start(&keys.endpoint()).await?;
    let endpoint = proxy.endpoint();
    let columns = ["latency", "ours", "again", "requests", "s3fs `find`", "requests", "ratio"];
    let mut table = Table::new(&columns);
    for latency_ms in LATENCIES_MS {
        setup.progress.step(format!("listing at {latency_ms} ms"));
        proxy.set_latency(Duration::from_millis(latency_ms));
        let (server, client) = (setup.server(&endpoint, &[])?, Client::new());
        Answer::get_ok(&client, &server, "/health").await?;
        proxy.reset();
        let cold = all_keys(&client, &server).await?;
        let requests = proxy.counts().requests;
        let warm = all_keys(&client, &server).await?;
        proxy.reset();
        let asked = ("/", KEYS as u64);
        let server = (&setup.s3, endpoint.as_str());
        let peer = setup.peer.ask(server, "files", BUCKET, asked, Cache::Default).await?;
        let peer = peer.ok_or("the peer does not come to an end")?;
        if peer.found.len() != KEYS {
            return Err(format!("the peer lists {} keys", peer.found.len()).into());
        }
        let row = [
            format!("{latency_ms} ms"),
            time(cold),
            time(warm),
            requests.to_string(),
            time(peer.duration()),
            proxy.counts().requests.to_string(),
            ratio(peer.duration().as_secs_f64(), cold.as_secs_f64()),
        ];
        setup.progress.say(&format!("listing: {}", row.join(" | ")));
        table.row(&row);
    }
    setup.report.put("listing", table.text())
}

async fn all_keys(client: &Client, server: &Server) -> Result<Duration> {
    let started = Instant::now();
    let mut after = String::new();
    let mut listed = 0;
    loop {
        let target = format!("/files?limit=50000{after}");
        let page = Answer::get_ok(client, server, &target).await?.json()?;
        listed += page["files"].as_array().map_or(0, Vec::len);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", encoded(next)),
            None if listed == KEYS => return Ok(started.elapsed()),
            None => return Err(format!("{listed} keys are listed").into()),
        }
    }
}
