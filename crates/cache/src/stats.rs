//! What can be counted about a cache.

use std::sync::OnceLock;

use metrics::{Counter, Unit, counter, describe_counter, describe_gauge, gauge};
use moka::notification::RemovalCause;

const LOOKUPS: &str = "h5scout_cache_lookups_total";
const EVICTIONS: &str = "h5scout_cache_evictions_total";
const ENTRIES: &str = "h5scout_cache_entries";
const BYTES: &str = "h5scout_cache_bytes";

/// Says what the metrics of caches mean, to the recorder of the process. To be called once it is
/// installed.
pub fn describe_metrics() {
    describe_counter!(LOOKUPS, "Look-ups by outcome: hit, miss, or coalesced with another's load");
    describe_counter!(EVICTIONS, "Entries that went for want of room (size) or with time (age)");
    describe_gauge!(ENTRIES, "Entries held");
    describe_gauge!(BYTES, Unit::Bytes, "Bytes held, with what an entry costs beside its value");
}

/// How a look-up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The value was there.
    Hit,
    /// The caller loaded it.
    Miss,
    /// The caller waited for a load that another caller had started.
    Coalesced,
}

impl Outcome {
    /// The word for logs, metrics and headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
        }
    }
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Entries.
    pub entries: u64,
    /// Their weight in bytes, overhead included.
    pub bytes: u64,
}

/// The counters `h5scout_cache_lookups_total{cache,outcome}` of one cache.
///
/// Each is made when it first counts and then kept: looking it up costs more than counting, and one
/// that was made before the process installed its recorder would count into nothing for ever.
#[derive(Debug)]
pub(crate) struct Lookups {
    cache: &'static str,
    hits: OnceLock<Counter>,
    misses: OnceLock<Counter>,
    coalesced: OnceLock<Counter>,
}

impl Lookups {
    pub(crate) fn of(cache: &'static str) -> Self {
        let (hits, misses, coalesced) = Default::default();
        Self { cache, hits, misses, coalesced }
    }

    pub(crate) fn count(&self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Hit => &self.hits,
            Outcome::Miss => &self.misses,
            Outcome::Coalesced => &self.coalesced,
        };
        let (cache, outcome) = (self.cache, outcome.as_str());
        let made = || counter!(LOOKUPS, "cache" => cache, "outcome" => outcome);
        counter.get_or_init(made).increment(1);
    }
}

/// The counters `h5scout_cache_evictions_total{cache,cause}` of one cache, made as [`Lookups`] are.
#[derive(Debug)]
pub(crate) struct Evictions {
    cache: &'static str,
    by_size: OnceLock<Counter>,
    by_age: OnceLock<Counter>,
}

impl Evictions {
    pub(crate) fn of(cache: &'static str) -> Self {
        let (by_size, by_age) = Default::default();
        Self { cache, by_size, by_age }
    }

    /// What was removed or replaced is no eviction.
    pub(crate) fn count(&self, cause: RemovalCause) {
        let (counter, name) = match cause {
            RemovalCause::Size => (&self.by_size, "size"),
            RemovalCause::Expired => (&self.by_age, "age"),
            RemovalCause::Explicit | RemovalCause::Replaced => return,
        };
        let cache = self.cache;
        let made = || counter!(EVICTIONS, "cache" => cache, "cause" => name);
        counter.get_or_init(made).increment(1);
    }
}

/// Sets the gauges of one cache, and shows what has not happened to it yet as well.
pub(crate) fn report(cache: &'static str, stats: CacheStats) {
    for cause in ["size", "age"] {
        counter!(EVICTIONS, "cache" => cache, "cause" => cause).increment(0);
    }
    gauge!(ENTRIES, "cache" => cache).set(stats.entries as f64);
    gauge!(BYTES, "cache" => cache).set(stats.bytes as f64);
}
