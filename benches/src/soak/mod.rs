//! The soak test: random questions from many clients for minutes to a server over a bucket, with
//! faults on the line to it, a writer that overwrites objects, and caches that are much smaller
//! than what is asked about.
//!
//! Every answer is compared with that of a server over a local folder with the same files. Errors
//! may only be the store's, and only while there are faults. Memory must stay within the caches'
//! flags and a margin, and must not grow.

mod caller;
mod memory;
mod pool;
mod questions;
mod reference;
mod stage;
mod tally;
mod weather;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use reqwest::Client;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use self::caller::Caller;
use self::memory::Samples;
use self::pool::Pool;
use self::reference::Reference;
use self::stage::{BUCKET, Stage};
use self::weather::Weather;
use crate::Result;
use crate::arguments::Soak;
use crate::memory::caches;
use crate::progress::{Progress, columns, say};
use crate::proxy::Proxy;
use crate::report::{bytes, count};
use crate::s3::S3;
use crate::server::Server;

/// Callers that wait for an answer each before they ask again.
const CLIENTS: u64 = 64;

/// The flags that memory is measured by, in MiB: caches of a fraction of what the questions touch,
/// and what elements on their way may take.
const MEMORY_MIB: [(&str, u64); 5] = [
    ("--block-cache", 32),
    ("--object-cache", 16),
    ("--response-cache", 16),
    ("--listing-cache", 4),
    ("--data-memory", 16),
];

/// Files in several reads, so that some are overwritten between two of them; a store that stalls
/// is not waited for until the run is over; and what is known is asked for again often.
const FLAGS: [&str; 7] = [
    "--whole-file=64KiB",
    "--head=4KiB",
    "--read-around=16KiB",
    "--store-timeout=3s",
    "--version-ttl=1s",
    "--list-ttl=5s",
    MAX_DATA,
];

/// Some arrays are too large then.
const MAX_DATA: &str = "--max-data=1MiB";

/// What memory may be beyond what the process had when it began and what its caches may hold.
const MARGIN_MIB: u64 = 64;

/// How often the memory is looked at, and how often it is said.
const SAMPLED_EVERY: Duration = Duration::from_secs(1);
const SAID_EVERY: u32 = 30;

/// Asks until the time is over.
///
/// # Errors
///
/// When an answer is wrong or an error not the store's, when memory goes over its bound or grows,
/// or when the server ends.
pub(crate) async fn run(soak: Soak) -> Result<()> {
    let s3 = S3::of_environment()?;
    say(&format!("a bucket on {} with what is in {}", s3.name, soak.corpus.display()));
    let stage = Stage::set(&s3, &soak.corpus, &soak.twin).await?;
    let proxy = Arc::new(Proxy::with_faults(&s3.endpoint).await?);
    let mut server = server(&soak, &s3, &proxy)?;
    let client = Client::new();
    let overwritten = stage.written.keys().cloned().collect();
    let caller = Caller {
        base: server.url(""),
        pool: Arc::new(Pool::of_files(&client, &server, overwritten).await?),
        reference: Arc::new(Reference::start(&soak.h5scout, &stage)?),
        weather: Weather::fine(),
        tally: Arc::default(),
        until: Instant::now() + soak.seconds,
    };
    let baseline = server.resident_bytes()?;
    let memory_mib: u64 = MEMORY_MIB.iter().map(|(_, mib)| mib).sum();
    let allowed = baseline + ((memory_mib + MARGIN_MIB) << 20);

    let overwrites = Arc::new(AtomicU64::new(0));
    let writing = writer::write(s3, stage.written.clone(), overwrites.clone());
    let writing: JoinHandle<Result<()>> = tokio::spawn(writing);
    let changing = tokio::spawn(caller.weather.clone().change(proxy.clone()));
    let clients = (0..CLIENTS).map(|seed| tokio::spawn(caller.clone().ask(seed)));
    let clients: Vec<_> = clients.collect();
    let samples = watch(&mut server, &client, &caller, &proxy).await?;
    for asked in try_join_all(clients).await? {
        asked?;
    }
    changing.abort();
    if writing.is_finished() {
        return Err("the writer has ended before the callers".into());
    }
    writing.abort();

    let tally = &caller.tally;
    let (asked, seconds) = (tally.asked() as f64, soak.seconds.as_secs_f64());
    let (faults, overwrites) = (proxy.faults(), overwrites.load(Relaxed));
    say(&format!(
        "{} questions, {} a second; {faults} faults on the line, {overwrites} objects overwritten",
        count(asked),
        count(asked / seconds)
    ));
    say(&tally.statuses());
    say(&tally.rights());
    say(&samples.line(baseline, allowed));
    tally.verdict()?;
    samples.verdict(allowed)
}

/// The server under test, behind the proxy.
fn server(soak: &Soak, s3: &S3, proxy: &Proxy) -> Result<Server> {
    let memory: Vec<_> = MEMORY_MIB.iter().map(|(flag, mib)| format!("{flag}={mib}MiB")).collect();
    let flags: Vec<_> = memory.iter().map(String::as_str).chain(FLAGS).collect();
    let endpoint = proxy.endpoint();
    let environment = s3.environment(&endpoint);
    Server::h5scout(&soak.h5scout, &format!("s3://{BUCKET}"), &flags, &environment)
}

/// Looks at the memory until the time is over.
async fn watch(
    server: &mut Server,
    client: &Client,
    caller: &Caller,
    proxy: &Proxy,
) -> Result<Samples> {
    let started = Instant::now();
    let total = caller.until.saturating_duration_since(started);
    let progress = Progress::of(total.as_secs());
    progress.say(&columns(&["seconds", "questions", "faults", "memory", "caches"], 14));
    let mut ticks = interval(SAMPLED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut samples = Samples::default();
    for tick in 0_u32.. {
        ticks.tick().await;
        if Instant::now() >= caller.until {
            break;
        }
        if !server.is_alive() {
            return Err("the server has ended".into());
        }
        let resident = server.resident_bytes()?;
        samples.push(resident);
        progress.step(format!("{}, at most {}", bytes(resident), bytes(samples.peak_bytes())));
        if tick % SAID_EVERY == 0 {
            let caches = cache_bytes(client, server).await?;
            let elapsed = started.elapsed().as_secs().to_string();
            let asked = count(caller.tally.asked() as f64);
            let faults = proxy.faults().to_string();
            progress.say(&columns(&[&elapsed, &asked, &faults, &bytes(resident), &caches], 14));
        }
    }
    Ok(samples)
}

/// What the caches hold, as the server counts it.
async fn cache_bytes(client: &Client, server: &Server) -> Result<String> {
    let held = caches(client, server).await?;
    let held = held.iter().map(|(name, held)| format!("{name} {}", bytes(*held)));
    Ok(held.collect::<Vec<_>>().join(", "))
}
