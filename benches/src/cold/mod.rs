//! First questions to files in a bucket, at several latencies: ours from a server that has just
//! started, the peer from a process that has just started.

mod cases;
mod plots;

use std::time::Duration;

use serde_json::Value;

use crate::Result;
use crate::answer::Answer;
use crate::peer::{Cache, PATIENCE};
use crate::proxy::Counts;
use crate::report::{Table, bytes, median, ratio, time};
use crate::setup::Setup;
pub(crate) use cases::CASES;
use cases::Case;

/// Added to each request to the store, in milliseconds.
const LATENCIES_MS: [u64; 3] = [0, 20, 50];

/// Fresh servers that are asked the same; the median counts.
const TIMES: usize = 5;

/// What the time of an answer may be beyond the latency of its waves and requests.
const SLACK: Duration = Duration::from_millis(150);

/// Requests that are in flight at once, at most, by default.
const REQUESTS_IN_FLIGHT: u64 = 64;

/// What a question took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) time: Duration,
    /// Round trips one after another.
    pub(crate) waves: u64,
    pub(crate) counts: Counts,
    pub(crate) peak_bytes: u64,
}

/// One case at one latency.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) case: Case,
    pub(crate) latency_ms: u64,
    pub(crate) ours: Taken,
    /// In the order of [`Cache::ALL`]; none where the peer did not answer in time.
    pub(crate) peers: Vec<Option<Taken>>,
}

/// Measures all cases, and writes the part `cold` and its plots.
pub(crate) async fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(CASES.len() as u64);
    let bucket = setup.bucket().await?;
    for case in CASES {
        setup.progress.step(format!("upload of {}", case.key));
        bucket.put_file(case.key, &setup.files.join(case.key)).await?;
    }
    let latencies = if setup.quick { &LATENCIES_MS[1..2] } else { &LATENCIES_MS[..] };
    let runs = CASES.len() * latencies.len() * (1 + Cache::ALL.len());
    setup.progress.expect(runs as u64);
    let mut outcomes = Vec::new();
    for &latency_ms in latencies {
        setup.proxy.set_latency(Duration::from_millis(latency_ms));
        for case in CASES {
            let outcome = measured(setup, case, latency_ms).await?;
            setup.progress.say(&outcome.line());
            outcomes.push(outcome);
        }
    }
    setup.proxy.set_latency(Duration::ZERO);
    setup.report.put("cold", &tables(latencies, &outcomes))?;
    plots::draw(setup, &outcomes)
}

async fn measured(setup: &Setup, case: Case, latency_ms: u64) -> Result<Outcome> {
    setup.progress.step(format!("{}, {latency_ms} ms: ours", case.name));
    let mut all_taken = Vec::new();
    let mut answer = Value::Null;
    for _ in 0..setup.times(TIMES) {
        let taken;
        (taken, answer) = ours(setup, &case).await?;
        all_taken.push(taken);
    }
    let times: Vec<_> = all_taken.iter().map(|taken| taken.time).collect();
    let middle = median(&times).ok_or("nothing was measured")?;
    let ours = all_taken.into_iter().find(|taken| taken.time == middle);
    let ours = ours.ok_or("nothing was measured")?;
    let mut peers = Vec::new();
    for cache in Cache::ALL {
        setup.progress.step(format!("{}, {latency_ms} ms: {}", case.name, cache.label()));
        peers.push(peer(setup, &case, cache, &answer).await?);
    }
    Ok(Outcome { case, latency_ms, ours, peers })
}

/// A server that has just started knows nothing of the file, and has no connection to the store.
async fn ours(setup: &Setup, case: &Case) -> Result<(Taken, Value)> {
    let (server, client) = setup.cold_server().await?;
    setup.proxy.reset();
    let answer = Answer::get_ok(&client, &server, &case.target()).await?;
    let taken = Taken {
        time: answer.duration,
        waves: answer.rounds,
        counts: setup.proxy.counts(),
        peak_bytes: server.peak_resident_bytes()?,
    };
    Ok((taken, answer.json()?))
}

async fn peer(setup: &Setup, case: &Case, cache: Cache, ours: &Value) -> Result<Option<Taken>> {
    setup.proxy.reset();
    let endpoint = setup.proxy.endpoint();
    let server = (&setup.s3, endpoint.as_str());
    let asked = (case.path, case.limit);
    let answer = setup.peer.ask(server, case.word(), &case.place(), asked, cache).await?;
    let Some(answer) = answer else { return Ok(None) };
    case.check(ours, &answer.found)?;
    let counts = setup.proxy.counts();
    // libhdf5 waits for each range before it asks for the next.
    let (time, waves) = (answer.duration(), counts.requests);
    Ok(Some(Taken { time, waves, counts, peak_bytes: answer.peak_bytes }))
}

impl Taken {
    /// The most that the latency of the waves and requests excuses.
    fn time_allowed(&self, latency_ms: u64) -> Duration {
        let trips = self.waves as f64 + self.counts.requests as f64 / REQUESTS_IN_FLIGHT as f64;
        Duration::from_secs_f64(trips * latency_ms as f64 / 1e3) + SLACK
    }
}

impl Outcome {
    fn line(&self) -> String {
        let Taken { time: taken, waves, counts, peak_bytes } = self.ours;
        let peers = self.peers.iter().zip(Cache::ALL).map(|(peer, cache)| {
            let [time, requests, ..] = cells_of(peer.as_ref(), taken);
            format!("; {}: {time}, {requests} requests", cache.label())
        });
        format!(
            "{} at {} ms: {}, {waves} waves, {} requests ({} at once), {}, peak {}{}",
            self.case.name,
            self.latency_ms,
            time(taken),
            counts.requests,
            counts.in_flight_max,
            bytes(counts.bytes),
            bytes(peak_bytes),
            peers.collect::<String>()
        )
    }
}

fn tables(latencies: &[u64], outcomes: &[Outcome]) -> String {
    let mut text = questions();
    for &latency_ms in latencies {
        let mut table = Table::new(&[
            "case",
            "ours",
            "allowed",
            "waves",
            "requests",
            "bytes",
            "memory",
            "s3fs, default",
            "requests",
            "bytes",
            "ratio",
            "s3fs, blocks",
            "requests",
            "bytes",
            "ratio",
        ]);
        for outcome in outcomes.iter().filter(|outcome| outcome.latency_ms == latency_ms) {
            let Outcome { case, ours, peers, .. } = outcome;
            let mut cells = vec![
                case.name.to_owned(),
                time(ours.time),
                time(ours.time_allowed(latency_ms)),
                ours.waves.to_string(),
                ours.counts.requests.to_string(),
                bytes(ours.counts.bytes),
                bytes(ours.peak_bytes),
            ];
            for peer in peers {
                cells.extend(cells_of(peer.as_ref(), ours.time));
            }
            table.row(&cells);
        }
        text += &format!("\nAt {latency_ms} ms:\n\n{}", table.text());
    }
    text
}

/// Time, requests, bytes and ratio of a peer.
fn cells_of(peer: Option<&Taken>, ours: Duration) -> [String; 4] {
    let ratio_to = |theirs: Duration| ratio(theirs.as_secs_f64(), ours.as_secs_f64());
    match peer {
        Some(Taken { time: theirs, counts, .. }) => {
            [time(*theirs), counts.requests.to_string(), bytes(counts.bytes), ratio_to(*theirs)]
        }
        None => {
            let [requests, bytes] = ["–", "–"].map(str::to_owned);
            [format!("> {}", time(PATIENCE)), requests, bytes, format!("> {}", ratio_to(PATIENCE))]
        }
    }
}

/// What each case asks for.
fn questions() -> String {
    let mut table = Table::new(&["case", "question to ours"]);
    for case in CASES {
        table.row(&[case.name.to_owned(), format!("`GET {}`", case.target())]);
    }
    table.text().replace("--:|", "---|")
}
