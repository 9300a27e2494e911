//! Warm answers: ours beside a bare axum handler that sends the same bytes, in turns.

mod load;
mod replay;

use std::process::Command;
use std::time::Duration;

use reqwest::Client;
use tempfile::TempDir;

use crate::Result;
use crate::listing_server::ListingServer;
use crate::proxy::Proxy;
use crate::report::{Table, count, median, time};
use crate::server::Server;
use crate::setup::Setup;
use load::{Load, load};
use replay::Recorded;
pub(crate) use replay::serve as serve_recorded;

const CONNECTIONS: usize = 64;

/// Each server has so many turns of so long; the medians count.
const TURNS: usize = 7;
const TURN: Duration = Duration::from_secs(2);

/// Before the first turn, not counted.
const WARM_UP: Duration = Duration::from_millis(500);

const KEYS: usize = 10_000;

/// Nothing is to be asked again during a turn.
const FLAGS: [&str; 4] = ["--version-ttl", "1h", "--list-ttl", "1h"];

/// A question that has been answered before.
struct Case {
    name: &'static str,
    target: &'static str,
    /// Sent with the request.
    headers: &'static [(&'static str, &'static str)],
    /// Whether the client has the answer already, and says so.
    known: bool,
}

const OF_FILES: [Case; 4] = [
    Case {
        name: "small group (20 children)",
        target: "/files/run.h5/children?path=/detector_1",
        headers: &[],
        known: false,
    },
    Case {
        name: "1,000 children",
        target: "/files/thousand.h5/children?path=/",
        headers: &[],
        known: false,
    },
    Case {
        name: "1,000 children, gzip",
        target: "/files/thousand.h5/children?path=/",
        headers: &[("accept-encoding", "gzip")],
        known: false,
    },
    Case {
        name: "304 to 1,000 children",
        target: "/files/thousand.h5/children?path=/",
        headers: &[],
        known: true,
    },
];

const OF_LISTINGS: Case = Case {
    name: "listing of 10,000 keys",
    target: "/files?limit=10000",
    headers: &[],
    known: false,
};

/// What one server did in one turn.
struct Turn {
    load: Load,
    processor_time: Duration,
}

/// Measures all cases, and writes the part `warm`.
pub(crate) async fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(OF_FILES.len() as u64 + 2);
    setup.progress.step("upload for warm answers");
    let bucket = setup.bucket().await?;
    for key in ["run.h5", "thousand.h5"] {
        bucket.put_file(key, &setup.files.join(key)).await?;
    }
    let mut table = Table::new(&[
        "case",
        "bytes",
        "ours, answers/s",
        "bare, answers/s",
        "ratio",
        "ours, p50",
        "p99",
        "bare, p50",
        "p99",
        "ours, processor/answer",
        "bare",
        "store requests",
    ]);
    let endpoint = setup.proxy.endpoint();
    let files = setup.server(&endpoint, &FLAGS)?;
    for case in &OF_FILES {
        setup.progress.step(format!("warm: {}", case.name));
        table.row(&measured(setup, case, &files, &setup.proxy).await?);
    }
    let keys = ListingServer::start(KEYS).await?;
    let proxy = Proxy::start(&keys.endpoint()).await?;
    let listings = setup.server(&proxy.endpoint(), &FLAGS)?;
    setup.progress.step(format!("warm: {}", OF_LISTINGS.name));
    table.row(&measured(setup, &OF_LISTINGS, &listings, &proxy).await?);
    setup.report.put("warm", table.text())
}

/// A row of the table.
async fn measured(
    setup: &Setup,
    case: &Case,
    ours: &Server,
    store: &Proxy,
) -> Result<[String; 12]> {
    let folder = TempDir::new()?;
    let Recording { request, status, bytes, bare } = recording(case, ours, &folder).await?;
    store.reset();
    let mut turns: [Vec<Turn>; 2] = [Vec::new(), Vec::new()];
    for server in [ours, &bare] {
        load(server.address(), &request, status, CONNECTIONS, WARM_UP).await?;
    }
    for _ in 0..setup.times(TURNS) {
        for (turns, server) in turns.iter_mut().zip([ours, &bare]) {
            let before = server.processor_time()?;
            let load = load(server.address(), &request, status, CONNECTIONS, TURN).await?;
            let processor_time = server.processor_time()?.saturating_sub(before);
            turns.push(Turn { load, processor_time });
        }
    }
    let [ours, bare] = turns;
    let ratios = ours.iter().zip(&bare).map(|(a, b)| a.per_second() / b.per_second());
    let ratio = median(&ratios.collect::<Vec<_>>()).unwrap_or_default();
    let middle = |turns: &[Turn], of: fn(&Turn) -> f64| {
        median(&turns.iter().map(of).collect::<Vec<_>>()).unwrap_or_default()
    };
    let as_time = |turns: &[Turn], of| time(Duration::from_secs_f64(middle(turns, of)));
    let row = [
        case.name.to_owned(),
        count(bytes as f64),
        count(middle(&ours, Turn::per_second)),
        count(middle(&bare, Turn::per_second)),
        format!("{ratio:.2}"),
        as_time(&ours, |turn| turn.load.p50.as_secs_f64()),
        as_time(&ours, |turn| turn.load.p99.as_secs_f64()),
        as_time(&bare, |turn| turn.load.p50.as_secs_f64()),
        as_time(&bare, |turn| turn.load.p99.as_secs_f64()),
        microseconds(middle(&ours, Turn::processor_seconds)),
        microseconds(middle(&bare, Turn::processor_seconds)),
        store.counts().requests.to_string(),
    ];
    setup.progress.say(&row.join(" | "));
    Ok(row)
}

/// An answer of ours that was asked for twice, and a bare handler that sends the same.
struct Recording {
    request: String,
    status: u16,
    bytes: usize,
    bare: Server,
}

async fn recording(case: &Case, ours: &Server, folder: &TempDir) -> Result<Recording> {
    let client = Client::new();
    let ask = |known: Option<String>| {
        let mut request = client.get(ours.url(case.target));
        for (name, value) in case.headers {
            request = request.header(*name, *value);
        }
        if let Some(tag) = known {
            request = request.header("if-none-match", tag);
        }
        request.send()
    };
    let cold = ask(None).await?.error_for_status()?;
    let tag = cold.headers().get("etag").ok_or("an answer without a tag")?.to_str()?.to_owned();
    cold.bytes().await?;
    let known = case.known.then_some(tag);
    let warm = ask(known.clone()).await?;
    let (status, headers) = (warm.status(), warm.headers().clone());
    let body = warm.bytes().await?;

    let (path, _) = case.target.split_once('?').unwrap_or((case.target, ""));
    let file = Recorded::write(folder.path(), path, status, &headers, &body)?;
    let mut command = Command::new(std::env::current_exe()?);
    let bare = Server::start(command.arg("replay").arg(file))?;
    let mut request = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n", case.target);
    let known = known.iter().map(|tag| ("if-none-match", tag.as_str()));
    for (name, value) in case.headers.iter().copied().chain(known) {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    Ok(Recording { request, status: status.as_u16(), bytes: body.len(), bare })
}

impl Turn {
    fn per_second(&self) -> f64 {
        self.load.answers as f64 / TURN.as_secs_f64()
    }

    fn processor_seconds(&self) -> f64 {
        self.processor_time.as_secs_f64() / self.load.answers.max(1) as f64
    }
}

fn microseconds(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}
