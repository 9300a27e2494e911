//! What one question cost: the numbers of `Server-Timing` and of the logs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts what the store was asked on behalf of one question.
///
/// Requests are counted where they leave the process, below the caches and the retries: each
/// attempt is one, of whatever kind. A request that several questions wait for is counted for the
/// one that started it; the others count the round only, for they waited like it.
#[derive(Debug, Default)]
pub struct Meter {
    rounds: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    waited_nanos: AtomicU64,
}

impl Meter {
    /// Counts from zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Times that the question waited for the store before it could go on.
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Relaxed)
    }

    /// Requests sent, attempts included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Bytes of bodies received.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Time spent waiting for the store, summed over the rounds.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(self.waited_nanos.load(Relaxed))
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn count_round(&self, waited: Duration) {
        self.rounds.fetch_add(1, Relaxed);
        let nanos = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.waited_nanos.fetch_add(nanos, Relaxed);
    }
}
