//! Which bytes of a file were touched, each counted once. Pure.

use std::ops::Range;

use crate::answers::MetadataPlace;

const HEAD_BYTES: u64 = 256 << 10;
const FIRST_MIB_BYTES: u64 = 1 << 20;

/// Ranges that are joined from time to time, so that reading a place again and again takes no
/// more memory than reading it once.
#[derive(Debug, Default)]
pub(super) struct Touched {
    ranges: Vec<Range<u64>>,
    /// How many ranges were left when they were last joined.
    joined: usize,
}

/// Ranges that are added before joining is worth it.
const SLACK: usize = 4096;

impl Touched {
    pub(super) fn add(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        self.ranges.push(range);
        if self.ranges.len() > self.joined.saturating_mul(2).saturating_add(SLACK) {
            self.join();
        }
    }

    /// Where the bytes are.
    pub(super) fn place(&mut self) -> MetadataPlace {
        self.join();
        MetadataPlace {
            bytes: self.bytes_before(u64::MAX),
            places: self.ranges.len() as u64,
            first_offset: self.ranges.first().map_or(0, |first| first.start),
            end_offset: self.ranges.last().map_or(0, |last| last.end),
            bytes_in_first_256_kib: self.bytes_before(HEAD_BYTES),
            bytes_in_first_mib: self.bytes_before(FIRST_MIB_BYTES),
        }
    }

    /// Makes the ranges sorted, and so that none touches another.
    fn join(&mut self) {
        self.ranges.sort_unstable_by_key(|range| range.start);
        self.ranges.dedup_by(|next, before| {
            let touches = next.start <= before.end;
            if touches {
                before.end = before.end.max(next.end);
            }
            touches
        });
        self.joined = self.ranges.len();
    }

    fn bytes_before(&self, end: u64) -> u64 {
        let lengths =
            self.ranges.iter().map(|range| range.end.min(end).saturating_sub(range.start));
        lengths.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_once_and_places_apart() {
        let mut touched = Touched::default();
        for range in [900_000..900_512, 0..100, 50..200, 200..300, 7..7, 2_000_000..2_000_010] {
            touched.add(range);
        }
        let place = touched.place();
        assert_eq!((place.bytes, place.places), (300 + 512 + 10, 3));
        assert_eq!((place.first_offset, place.end_offset), (0, 2_000_010));
        assert_eq!((place.bytes_in_first_256_kib, place.bytes_in_first_mib), (300, 812));
    }

    #[test]
    fn reading_a_place_again_takes_no_memory() {
        let mut touched = Touched::default();
        for at in 0..100_000 {
            touched.add(at % 10 * 100..at % 10 * 100 + 50);
        }
        assert!(touched.ranges.len() <= SLACK + 30, "{}", touched.ranges.len());
        assert_eq!(touched.place().places, 10);
    }

    #[test]
    fn nothing_is_nowhere() {
        assert_eq!(Touched::default().place(), MetadataPlace::default());
    }
}
