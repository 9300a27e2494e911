//! Which ranges of a version were fetched, remembered longer than their bytes. When these were
//! evicted, the next question that misses one of them fetches all of them at once, instead of
//! finding its way through the file wave by wave again.
//!
//! What is fetched along is not what every question needs, so it must be cheap: a history is
//! bounded, and completed only while that costs no more than the waves that it saves.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::ranges::{self, GAP_BYTES, REQUEST_BYTES, length};

/// The most ranges of one history, 64 KiB of memory. The headers of a tree that lies scattered are
/// some hundred; where there are thousands, one listing reads them in one wave anyway.
pub(crate) const RANGES: usize = 4096;

/// The most bytes of one history: what is worth fetching at once, and more than the metadata that a
/// question usually reads.
const BYTES: u64 = 16 << 20;

/// What completing a history may cost, in round trips: as many as a cold question of a large file
/// takes. A round trip is taken as 50 ms, with 64 requests in flight and 100 MB/s.
const ROUND_TRIPS: f64 = 6.0;
const REQUESTS_OF_A_ROUND_TRIP: f64 = 64.0;
const BYTES_OF_A_ROUND_TRIP: f64 = 5e6;

/// A history is not completed again within this time: where bytes are evicted so soon, the cache is
/// too small for it, and completing would only evict those of others.
const PAUSE: Duration = Duration::from_secs(60);

/// The ranges that were fetched of one version, sorted, neither touching nor empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    ranges: Vec<Range<u64>>,
    completed: Option<Instant>,
}

impl History {
    /// Adds the ranges of one wave; all of them or, beyond the bounds, none: what was read first
    /// lies on the way to everything else, and half a wave saves none. Returns whether it changed.
    pub(crate) fn add(&mut self, wave: &[Range<u64>]) -> bool {
        let ranges = ranges::union(self.ranges.iter().chain(wave).cloned());
        let fits = ranges.len() <= RANGES && ranges.iter().map(length).sum::<u64>() <= BYTES;
        let changed = fits && ranges != self.ranges;
        if changed {
            self.ranges = ranges;
        }
        changed
    }

    /// Whether a read that misses `missing` is on a way that was gone before, and the history may
    /// be completed for it.
    pub(crate) fn is_wanted(&self, missing: &[Range<u64>], now: Instant) -> bool {
        let rested = |at: Instant| now.saturating_duration_since(at) >= PAUSE;
        self.completed.is_none_or(rested)
            && missing.iter().any(|range| {
                let next = self.ranges.partition_point(|known| known.end <= range.start);
                self.ranges.get(next).is_some_and(|known| ranges::overlap(known, range))
            })
    }

    pub(crate) fn ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// It was completed at `now`.
    pub(crate) fn set_completed(&mut self, now: Instant) {
        self.completed = Some(now);
    }

    /// Bytes that it holds.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let (entries, entry) = (self.ranges.capacity(), size_of::<Range<u64>>());
        (size_of::<Self>() as u64).saturating_add(entries.saturating_mul(entry) as u64)
    }
}

/// Whether `rest` is at most `along_bytes`, and fetching it costs no more than the waves that it
/// may save.
pub(crate) fn is_affordable(rest: &[Range<u64>], along_bytes: u64) -> bool {
    let requests = ranges::requests(rest.iter().cloned(), GAP_BYTES, REQUEST_BYTES);
    let bytes: u64 = requests.iter().map(length).sum();
    let round_trips = requests.len() as f64 / REQUESTS_OF_A_ROUND_TRIP;
    bytes <= along_bytes && round_trips + bytes as f64 / BYTES_OF_A_ROUND_TRIP <= ROUND_TRIPS
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]
mod tests {
    use super::*;

    fn headers(count: u64) -> Vec<Range<u64>> {
        (0..count).map(|n| n * 1_000_000..n * 1_000_000 + 512).collect()
    }

    #[test]
    fn waves_are_added_while_there_is_room_for_all_of_them() {
        let mut history = History::default();
        assert!(history.add(&[0..100, 200..300]));
        assert!(history.add(&[50..210]));
        assert!(!history.add(&[100..150]), "nothing new");
        assert_eq!(history.ranges(), [0..300]);
        assert!(!history.add(&headers(RANGES as u64 + 1)));
        assert!(!history.add(&[1000..2000 + BYTES]));
        assert_eq!(history.ranges(), [0..300]);
        assert!(history.weight_bytes() < 1000);
    }

    #[test]
    fn it_is_wanted_where_it_was_gone_before_and_not_all_the_time() {
        let mut history = History::default();
        history.add(&[100..200, 300..400]);
        let now = Instant::now();
        assert!(!history.is_wanted(&[0..100, 200..300, 400..500], now));
        assert!(history.is_wanted(&[0..100, 399..500], now));
        history.set_completed(now);
        assert!(!history.is_wanted(&[100..200], now + PAUSE / 2));
        assert!(history.is_wanted(&[100..200], now + PAUSE));
    }

    #[test]
    fn what_is_fetched_along_may_cost_six_round_trips() {
        let is_affordable = |rest: &[_]| is_affordable(rest, 64 << 20);
        assert!(is_affordable(&headers(300)), "the headers of a scattered tree");
        assert!(!is_affordable(&headers(400)));
        assert!(is_affordable(&[0..16 << 20]));
        assert!(!is_affordable(&[0..32 << 20]));
    }

    #[test]
    fn what_is_fetched_along_must_fit_the_cache() {
        assert!(is_affordable(&[0..1000], 1000));
        assert!(!is_affordable(&[0..1000], 999));
    }
}
