//! What is counted of requests to the store, each attempt one.
//!
//! The handles are made at the first request and then kept: to look one up by its name takes a lock
//! that all threads share.

use std::fmt;
use std::sync::LazyLock;

use byte_source::SourceErrorKind;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tokio::time::Instant;
use tracing::Span;

use crate::spans::signed;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    Head,
    List,
    Probe,
}

const OPERATIONS: [Operation; 4] =
    [Operation::Get, Operation::Head, Operation::List, Operation::Probe];

/// Of a request that nobody waits for any more.
const ABANDONED: &str = "abandoned";

const OUTCOMES: [&str; 10] = [
    "ok",
    ABANDONED,
    "not_found",
    "forbidden",
    "changed",
    "timeout",
    "out_of_bounds",
    "unavailable",
    "misconfigured",
    "failed",
];

static HANDLES: LazyLock<[Handles; 4]> = LazyLock::new(|| OPERATIONS.map(Handles::of));
static BYTES: LazyLock<Counter> = LazyLock::new(|| counter!("h5scout_store_bytes_total"));

struct Handles {
    operation: Operation,
    outcomes: [(&'static str, Counter); OUTCOMES.len()],
    duration: Histogram,
    in_flight: Gauge,
    retries: Counter,
}

/// Counts a request when it is over, also when nobody waits for its answer any more.
pub(crate) struct Counted {
    operation: Operation,
    outcome: &'static str,
    started: Instant,
    span: Span,
}

impl Counted {
    /// A request that is sent now. How it ends is noted in `span` too.
    pub(crate) fn begin(operation: Operation, span: Span) -> Self {
        with(operation, |handles| handles.in_flight.increment(1));
        Self { operation, outcome: ABANDONED, started: Instant::now(), span }
    }

    /// An answer of so many bytes came.
    pub(crate) fn answered(&mut self, bytes: u64) {
        self.outcome = "ok";
        BYTES.increment(bytes);
        self.span.record("h5scout.bytes", signed(bytes));
    }

    pub(crate) fn failed(&mut self, kind: SourceErrorKind) {
        self.outcome = outcome(kind);
        self.span.record("otel.status_code", "error");
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.span.record("h5scout.outcome", self.outcome);
        with(self.operation, |handles| {
            let count = handles.outcomes.iter().find(|(outcome, _)| *outcome == self.outcome);
            if let Some((_, count)) = count {
                count.increment(1);
            }
            handles.duration.record(self.started.elapsed());
            handles.in_flight.decrement(1);
        });
    }
}

/// Counts another attempt.
pub(crate) fn count_retry(operation: Operation) {
    with(operation, |handles| handles.retries.increment(1));
}

/// Shows also what has not happened yet. To be called when metrics are asked for.
pub(crate) fn report() {
    BYTES.increment(0);
    HANDLES.iter().for_each(|handles| handles.retries.increment(0));
}

fn with(operation: Operation, count: impl FnOnce(&Handles)) {
    if let Some(handles) = HANDLES.iter().find(|handles| handles.operation == operation) {
        count(handles);
    }
}

impl Handles {
    fn of(operation: Operation) -> Self {
        let name = operation.name();
        let requests = |outcome| {
            let count =
                counter!("h5scout_store_requests_total", "op" => name, "outcome" => outcome);
            (outcome, count)
        };
        Self {
            operation,
            outcomes: OUTCOMES.map(requests),
            duration: histogram!("h5scout_store_request_duration_seconds", "op" => name),
            in_flight: gauge!("h5scout_store_requests_in_flight", "op" => name),
            retries: counter!("h5scout_store_retries_total", "op" => name),
        }
    }
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Head => "head",
            Self::List => "list",
            Self::Probe => "probe",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn outcome(kind: SourceErrorKind) -> &'static str {
    match kind {
        SourceErrorKind::NotFound => "not_found",
        SourceErrorKind::Forbidden => "forbidden",
        SourceErrorKind::Changed => "changed",
        SourceErrorKind::Timeout => "timeout",
        SourceErrorKind::OutOfBounds => "out_of_bounds",
        SourceErrorKind::Unavailable => "unavailable",
        SourceErrorKind::Misconfigured => "misconfigured",
        SourceErrorKind::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_counter() {
        for kind in [
            SourceErrorKind::NotFound,
            SourceErrorKind::Forbidden,
            SourceErrorKind::Changed,
            SourceErrorKind::Timeout,
            SourceErrorKind::OutOfBounds,
            SourceErrorKind::Unavailable,
            SourceErrorKind::Misconfigured,
            SourceErrorKind::Failed,
        ] {
            assert!(OUTCOMES.contains(&outcome(kind)), "{kind:?}");
        }
    }
}
