//! What can be counted about a cache.

use metrics::{counter, gauge};

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

/// Adds one to `h5scout_cache_lookups_total{cache,outcome}`.
///
/// The counter is looked up each time: one that was made before the process installed its recorder
/// would count into nothing for ever.
pub(crate) fn count(cache: &'static str, outcome: Outcome) {
    counter!("h5scout_cache_lookups_total", "cache" => cache, "outcome" => outcome.as_str())
        .increment(1);
}

/// Sets the gauges of one cache.
pub(crate) fn report(cache: &'static str, stats: CacheStats) {
    gauge!("h5scout_cache_entries", "cache" => cache).set(stats.entries as f64);
    gauge!("h5scout_cache_bytes", "cache" => cache).set(stats.bytes as f64);
}
