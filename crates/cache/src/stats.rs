//! What can be counted about a cache.

use std::sync::OnceLock;

use metrics::{Counter, counter, gauge};

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
        let made =
            || counter!("h5scout_cache_lookups_total", "cache" => cache, "outcome" => outcome);
        counter.get_or_init(made).increment(1);
    }
}

/// Sets the gauges of one cache.
pub(crate) fn report(cache: &'static str, stats: CacheStats) {
    gauge!("h5scout_cache_entries", "cache" => cache).set(stats.entries as f64);
    gauge!("h5scout_cache_bytes", "cache" => cache).set(stats.bytes as f64);
}
