//! What is made of everything that can go wrong between us and a server, over TCP: a table.
//!
//! For each fault and operation: the answer, how many attempts it took, that it came within the
//! deadline, and that the same question is answered rightly as soon as the fault is gone.

mod expected;
mod server;

use std::io::Write;
use std::time::Instant;

use byte_source::{ByteSource, SourceError};
use futures::StreamExt;

use self::expected::{Expected, Row, rows};
use self::server::{FaultyServer, SIZE};
use super::*;
use crate::{Environment, ListQuery};

/// `open` reads the start of an object that was never seen, `read` a range of a version, `look`
/// asks for the current version.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
    Open,
    Read,
    Look,
    List,
}

const OPERATIONS: [Operation; 4] =
    [Operation::Open, Operation::Read, Operation::Look, Operation::List];

const DEADLINE: Duration = Duration::from_secs(15);

/// For faults that take all the time that they get.
const SHORT_DEADLINE: Duration = Duration::from_secs(1);

/// How late an answer may be, where others run on the same processors.
const SLACK: Duration = Duration::from_secs(3);

/// What came of one operation.
struct Outcome {
    /// Whether the answer is right.
    answer: Result<bool, SourceError>,
    attempts: u64,
    took: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_has_its_expected_answer() {
    let subjects = rows().into_iter().flat_map(|row| [("s3", row, row.s3), ("web", row, row.web)]);
    let tried = subjects.map(|(kind, row, expected)| tokio::spawn(tried(kind, row, expected)));
    let tried: Vec<_> = futures::stream::iter(tried).buffered(24).collect().await;
    let lines: Vec<_> = tried.into_iter().flat_map(Result::unwrap).collect();
    let table: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    // Not by `println!`, which shows nothing of a test that passes.
    write!(std::io::stdout(), "\n{TITLE}\n{table}").unwrap();
    let wrong: Vec<_> = lines.iter().filter(|(_, is_right)| !is_right).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(lines.len() > 150, "{}", lines.len());
}

const TITLE: &str =
    "store fault                    operation expected      got           attempts      ms then";

/// One row over one kind of store: a line of the table for each operation, and whether it is as it
/// must be.
async fn tried(
    kind: &'static str,
    row: Row,
    expected: [Option<Expected>; 4],
) -> Vec<(String, bool)> {
    let mut server = FaultyServer::start();
    let deadline = if row.takes_all_its_time() { SHORT_DEADLINE } else { DEADLINE };
    let (store, mut lines) = (store(kind, &server, deadline), Vec::new());
    for (operation, expected) in OPERATIONS.into_iter().zip(expected) {
        let Some(expected) = expected else { continue };
        let object = match operation {
            Operation::Open => None,
            _ => Some(open(&store, "k").await),
        };
        server.break_down(row.wrong).await;
        let outcome = ask(&store, operation, object.as_deref()).await;
        server.heal();
        let then = ask(&store, operation, object.as_deref()).await;
        let is_right =
            expected.is_met_by(&outcome) && outcome.took <= deadline + SLACK && then.is_fine();
        let line = format!(
            "{kind:5} {:24} {:9} {:13} {:13} {:8} {:7} {}",
            row.name(),
            format!("{operation:?}").to_lowercase(),
            said(expected.answer.map(|()| true)),
            said(outcome.kind()),
            outcome.attempts,
            outcome.took.as_millis(),
            said(then.kind()),
        );
        lines.push((line, is_right));
    }
    lines
}

fn said(answer: Result<bool, SourceErrorKind>) -> String {
    match answer {
        Ok(true) => "right".to_owned(),
        Ok(false) => "WRONG".to_owned(),
        Err(kind) => format!("{kind:?}"),
    }
}

impl Outcome {
    fn kind(&self) -> Result<bool, SourceErrorKind> {
        self.answer.as_ref().copied().map_err(|error| error.kind)
    }

    fn is_fine(&self) -> bool {
        self.kind() == Ok(true) && self.attempts <= 1
    }
}

/// A store that trusts nothing that it saw before.
fn store(kind: &str, server: &FaultyServer, store_timeout: Duration) -> Arc<Store> {
    let url = format!("http://{}", server.address);
    let environment = [("S3_ENDPOINT", url.as_str())].into_iter().collect::<Environment>();
    let config = StoreConfig {
        version_ttl: Duration::ZERO,
        list_ttl: Duration::ZERO,
        store_timeout,
        environment,
        ..config()
    };
    Store::open(if kind == "s3" { "s3://bucket" } else { &url }, config).unwrap()
}

/// Asks, and checks what comes as an answer.
async fn ask(store: &Store, operation: Operation, object: Option<&StoredObject>) -> Outcome {
    let (meter, begun) = (meter(), Instant::now());
    let mut before = 0;
    let answer = match (operation, object) {
        (Operation::Read, Some(object)) => {
            before = object.meter().requests();
            let answer = object.read_many(&[2000..2100]).await;
            answer.map(|answer| answer == [&bytes(SIZE)[2000..2100]])
        }
        (Operation::List, _) => {
            let query = ListQuery { limit: 10, ..ListQuery::default() };
            let answer = store.list(&query, true, &meter).await;
            answer.map(|answer| answer.page.entries.iter().map(|entry| &entry.key).eq(["k"]))
        }
        _ => {
            let answer = store.object("k", Freshness::Ask, meter.clone()).await;
            answer.map(|object| object.version().etag == "one")
        }
    };
    let attempts = object
        .filter(|_| operation == Operation::Read)
        .map_or_else(|| meter.requests(), |object| object.meter().requests() - before);
    Outcome { answer, attempts, took: begun.elapsed() }
}

#[tokio::test]
async fn names_and_certificates_that_are_wrong_are_failures_too() {
    let server = FaultyServer::start();
    let plain = server.address;
    for url in ["http://no-such-host.invalid".to_owned(), format!("https://{plain}")] {
        let config = StoreConfig { store_timeout: DEADLINE, ..config() };
        let store = Store::open(&url, config).unwrap();
        let begun = Instant::now();
        let error = store.object("k", Freshness::Trust, meter()).await.unwrap_err();
        println!("web   {url}: {:?}, {error}", error.kind);
        let failed = [SourceErrorKind::Failed, SourceErrorKind::Timeout];
        assert!(failed.contains(&error.kind), "{url}: {error}");
        assert!(begun.elapsed() <= DEADLINE + SLACK);
    }
}
