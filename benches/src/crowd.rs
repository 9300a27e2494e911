//! Many callers at once: one cold question that 64 ask, and 200 cold questions over 50 files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use futures::future::{join_all, try_join_all};
use reqwest::Client;
use tokio::runtime;

use crate::Result;
use crate::answer::{Answer, encoded};
use crate::cold::CASES;
use crate::proxy::Counts;
use crate::report::{Table, bytes, time};
use crate::server::Server;
use crate::setup::Setup;

const LATENCY: Duration = Duration::from_millis(50);

const CALLERS: usize = 64;

/// The file that all callers ask about: the one whose answer takes the most requests.
const SHARED_KEY: &str = "scattered.h5";

const FILES: usize = 50;

/// What is asked of each of the files.
const QUESTIONS: [&str; 4] = [
    "children?path=/",
    "children?path=/detector_1",
    "meta?path=/detector_2/frame_07",
    "attribute?path=/detector_0/frame_03&name=calibration",
];

/// How often the server is asked whether it lives while it is busy.
const HEALTH_EVERY: Duration = Duration::from_millis(5);

/// Measures both, and writes the part `crowd`.
pub(crate) async fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(3);
    setup.progress.step("upload for many callers");
    let bucket = setup.bucket().await?;
    bucket.put_file(SHARED_KEY, &setup.files.join(SHARED_KEY)).await?;
    let run = bytes::Bytes::from(std::fs::read(setup.files.join("run.h5"))?);
    for file in 0..FILES {
        bucket.put(&key(file), &run).await;
    }
    setup.proxy.set_latency(LATENCY);
    let shared = one_question(setup).await?;
    let many = many_questions(setup).await?;
    setup.proxy.set_latency(Duration::ZERO);
    let text = format!("{shared}\n{many}");
    setup.progress.say(&text);
    setup.report.put("crowd", &text)
}

/// One caller, then [`CALLERS`] at once, each time of a server that knows nothing.
async fn one_question(setup: &Setup) -> Result<String> {
    setup.progress.step("one question, many callers");
    let case = CASES.iter().find(|case| case.key == SHARED_KEY).ok_or("no such case")?;
    let columns = ["one cold question at 50 ms", "requests", "bytes", "slowest answer"];
    let mut table = Table::new(&columns);
    for callers in [1, CALLERS] {
        let server = setup.server(&setup.proxy.endpoint(), &[])?;
        let clients = clients(&server, callers).await?;
        setup.proxy.reset();
        let target = case.target();
        let asked = clients.iter().map(|client| Answer::get_ok(client, &server, &target));
        let answers = try_join_all(asked).await?;
        let slowest = answers.iter().map(|answer| answer.duration).max().unwrap_or_default();
        let Counts { requests, bytes: read, .. } = setup.proxy.counts();
        let callers = format!("{callers} callers");
        table.row(&[callers, requests.to_string(), bytes(read), time(slowest)]);
    }
    Ok(table.text().to_owned())
}

/// All questions to all files at once, and meanwhile the server's pulse.
async fn many_questions(setup: &Setup) -> Result<String> {
    setup.progress.step("many questions, many files");
    let server = setup.server(&setup.proxy.endpoint(), &[])?;
    let targets: Vec<_> = (0..FILES)
        .flat_map(|file| QUESTIONS.map(|question| format!("/files/{}/{question}", key(file))))
        .collect();
    let clients = clients(&server, targets.len()).await?;
    let pulse = Pulse::of(server.url("/health"));
    setup.proxy.reset();
    let started = Instant::now();
    let asked = clients.iter().zip(&targets);
    let asked = asked.map(|(client, target)| Answer::get_ok(client, &server, target));
    let answers = join_all(asked).await;
    let took = started.elapsed();
    let mut pulse = pulse.stop().await?;
    for answer in answers {
        answer?;
    }
    let Counts { requests, bytes: read, in_flight_max } = setup.proxy.counts();
    pulse.sort();
    let slowest = pulse.last().copied().unwrap_or_default();
    let mut table = Table::new(&[
        "200 cold questions over 50 files at 50 ms",
        "requests",
        "at once, at most",
        "bytes",
        "slowest `/health` meanwhile",
    ]);
    table.row(&[
        time(took),
        requests.to_string(),
        in_flight_max.to_string(),
        bytes(read),
        format!("{} of {}", time(slowest), pulse.len()),
    ]);
    Ok(table.text().to_owned())
}

/// Clients that have a connection each: making those is not part of a question.
async fn clients(server: &Server, count: usize) -> Result<Vec<Client>> {
    let clients: Vec<_> = (0..count).map(|_| Client::new()).collect();
    let greetings = clients.iter().map(|client| Answer::get_ok(client, server, "/health"));
    try_join_all(greetings).await?;
    Ok(clients)
}

fn key(file: usize) -> String {
    encoded(&format!("runs/run_{file:02}.h5"))
}

/// Asks one URL over and over, in a thread of its own: what else this process does must not be
/// taken for the server's time.
struct Pulse {
    stop: Arc<AtomicBool>,
    asking: tokio::task::JoinHandle<Result<Vec<Duration>>>,
}

impl Pulse {
    fn of(url: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let asking = tokio::task::spawn_blocking(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let client = Client::new();
                let mut times = Vec::new();
                while !stopped.load(Relaxed) {
                    let asked = Instant::now();
                    client.get(&url).send().await?.error_for_status()?.bytes().await?;
                    times.push(asked.elapsed());
                    tokio::time::sleep(HEALTH_EVERY).await;
                }
                Ok(times)
            })
        });
        Self { stop, asking }
    }

    async fn stop(self) -> Result<Vec<Duration>> {
        self.stop.store(true, Relaxed);
        self.asking.await?
    }
}
