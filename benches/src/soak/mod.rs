//! The soak test: random questions from many clients for minutes, against caches that are much
//! smaller than what is asked about. Memory must stay within the caches' flags and a margin.

mod pool;
mod questions;
mod tally;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Client;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::Result;
use crate::arguments::Soak;
use crate::memory::caches;
use crate::progress::{Progress, columns};
use crate::report::{bytes, count};
use crate::server::Server;
use pool::Pool;
use questions::Question;
use tally::Tally;

/// Callers that wait for an answer each before they ask again.
const CLIENTS: u64 = 64;

/// The caches' flags, in MiB: a fraction of what the questions touch.
const CACHES_MIB: [(&str, u64); 3] =
    [("--block-cache", 32), ("--object-cache", 16), ("--response-cache", 16)];

/// What memory may be beyond what the process had when it began and what its caches may hold.
const MARGIN_MIB: u64 = 64;

/// How often the memory is looked at, and how often it is said.
const SAMPLED_EVERY: Duration = Duration::from_secs(1);
const SAID_EVERY: u32 = 30;

/// One question in so many is given up by its caller before the answer is there.
const GIVEN_UP: u32 = 50;

/// Asks until the time is over.
///
/// # Errors
///
/// When memory goes over its bound, a cache over its flag, an answer is a fault of the server, or
/// the server ends.
pub(crate) async fn run(soak: Soak) -> Result<()> {
    let flags: Vec<_> = CACHES_MIB.iter().map(|(flag, mib)| format!("{flag}={mib}MiB")).collect();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let source = soak.corpus.to_str().ok_or("the corpus has a name that is not UTF-8")?;
    let mut server = Server::h5scout(&soak.h5scout, source, &flags, &[])?;
    let client = Client::new();
    let pool = Arc::new(Pool::of_files(&client, &server).await?);
    let baseline = server.resident_bytes()?;
    let caches_mib: u64 = CACHES_MIB.iter().map(|(_, mib)| mib).sum();
    let allowed = baseline + ((caches_mib + MARGIN_MIB) << 20);

    let tally = Arc::new(Tally::default());
    let until = Instant::now() + soak.seconds;
    let base = server.url("");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|seed| tokio::spawn(ask(base.clone(), until, seed, pool.clone(), tally.clone())))
        .collect();
    let peak = watch(&mut server, &client, until, &tally).await;
    join_all(clients).await;
    let peak = peak?;

    let after = server.resident_bytes()?;
    let seconds = soak.seconds.as_secs_f64();
    let line = format!(
        "{} questions, {} a second; memory: {} at the start, {} at most, {} at the end, {} allowed",
        count(tally.asked() as f64),
        count(tally.asked() as f64 / seconds),
        bytes(baseline),
        bytes(peak),
        bytes(after),
        bytes(allowed)
    );
    crate::progress::say(&line);
    crate::progress::say(&tally.statuses());
    if peak > allowed {
        return Err("the memory went over its bound".into());
    }
    tally.verdict()
}

/// One caller.
async fn ask(base: String, until: Instant, seed: u64, pool: Arc<Pool>, tally: Arc<Tally>) {
    let client = Client::new();
    let mut random = fastrand::Rng::with_seed(seed);
    while Instant::now() < until {
        let question = Question::random(&mut random, &pool);
        let asked = async {
            let response = question.request(&client, &base).send().await?;
            let (status, tag) = (response.status(), response.headers().get("etag").cloned());
            Ok::<_, reqwest::Error>((status, tag, response.bytes().await?))
        };
        if random.u32(..GIVEN_UP) == 0 {
            // What the server was doing for it has to end as well.
            let patience = Duration::from_micros(random.u64(..3000));
            let _ = timeout(patience, asked).await;
            tally.given_up();
            continue;
        }
        match asked.await {
            Ok((status, tag, body)) => {
                tally.answered(status, &question.target, &body);
                pool.learn(&mut random, &question, tag, &body);
            }
            Err(error) => tally.failed(&question.target, &error.without_url().to_string()),
        }
    }
}

/// Looks at the memory until the time is over; returns the most that it was.
async fn watch(server: &mut Server, client: &Client, until: Instant, tally: &Tally) -> Result<u64> {
    let started = Instant::now();
    let total = until.saturating_duration_since(started);
    let progress = Progress::of(total.as_secs());
    progress.say(&columns(&["seconds", "questions", "memory", "caches"], 14));
    let mut ticks = interval(SAMPLED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut peak = 0;
    for tick in 0_u32.. {
        ticks.tick().await;
        if Instant::now() >= until {
            break;
        }
        if !server.is_alive() {
            return Err("the server has ended".into());
        }
        let resident = server.resident_bytes()?;
        peak = peak.max(resident);
        progress.step(format!("{}, at most {}", bytes(resident), bytes(peak)));
        if tick % SAID_EVERY == 0 {
            let caches = cache_bytes(client, server).await?;
            let elapsed = started.elapsed().as_secs().to_string();
            let asked = count(tally.asked() as f64);
            progress.say(&columns(&[&elapsed, &asked, &bytes(resident), &caches], 14));
        }
    }
    Ok(peak)
}

/// What the caches hold, as the server counts it.
async fn cache_bytes(client: &Client, server: &Server) -> Result<String> {
    let held = caches(client, server).await?;
    let held = held.iter().map(|(name, held)| format!("{name} {}", bytes(*held)));
    Ok(held.collect::<Vec<_>>().join(", "))
}
