//! Bytes that were read of one version, where they are. Pure.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::ranges::length;

/// Pieces of an object, by offset, without overlaps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extents {
    pieces: BTreeMap<u64, Bytes>,
}

/// What a piece costs beside its bytes: its place in the tree, and the allocation's own header.
const PIECE_OVERHEAD_BYTES: u64 = 96;

impl Extents {
    /// Adds `bytes`, which start at `start` in the object, as far as they are not there yet.
    ///
    /// A part of `bytes` is copied, so that no small piece keeps a large allocation alive that
    /// nobody accounts for.
    pub(crate) fn insert_copied(&mut self, start: u64, bytes: &Bytes) {
        self.insert_with(start, bytes, |part| {
            if part.len() == bytes.len() { part } else { Bytes::copy_from_slice(&part) }
        });
    }

    /// As [`Self::insert_copied`], but shares the allocation: for extents that live shortly.
    pub(crate) fn insert_shared(&mut self, start: u64, bytes: &Bytes) {
        self.insert_with(start, bytes, |part| part);
    }

    /// Adds the pieces of `other` that have bytes of `range`.
    pub(crate) fn insert_overlapping(&mut self, other: &Self, range: &Range<u64>) {
        for (start, bytes) in other.overlapping(range) {
            self.insert_shared(start, bytes);
        }
    }

    /// The bytes of `wanted` (sorted, without overlaps) that are not here.
    pub(crate) fn missing(&self, wanted: &[Range<u64>]) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        for range in wanted {
            let mut start = range.start;
            for (at, bytes) in self.overlapping(range) {
                if start < at {
                    missing.push(start..at);
                }
                start = end(at, bytes);
            }
            if start < range.end {
                missing.push(start..range.end);
            }
        }
        missing
    }

    /// The bytes of `range`, if all of them are here. Copied only if they lie in several pieces.
    pub(crate) fn read(&self, range: &Range<u64>) -> Option<Bytes> {
        let mut parts = self.overlapping(range).map(|(start, bytes)| part(start, bytes, range));
        let Some(first) = parts.next() else {
            return range.is_empty().then(Bytes::new);
        };
        let wanted = length(range);
        if first.len() as u64 == wanted {
            return Some(first);
        }
        let parts: Vec<_> = std::iter::once(first).chain(parts).collect();
        let held: usize = parts.iter().map(Bytes::len).sum();
        let mut joined = BytesMut::with_capacity(held);
        parts.iter().for_each(|part| joined.extend_from_slice(part));
        (held as u64 == wanted).then(|| joined.freeze())
    }

    /// Bytes held, overhead included.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let piece = |bytes: &Bytes| (bytes.len() as u64).saturating_add(PIECE_OVERHEAD_BYTES);
        self.pieces.values().map(piece).sum()
    }

    fn insert_with(&mut self, start: u64, bytes: &Bytes, own: impl Fn(Bytes) -> Bytes) {
        let whole = start..end(start, bytes);
        for range in self.missing(std::slice::from_ref(&whole)) {
            self.pieces.insert(range.start, own(part(start, bytes, &range)));
        }
    }

    /// The pieces that have bytes of `range`, with their offsets, in order.
    fn overlapping(&self, range: &Range<u64>) -> impl Iterator<Item = (u64, &Bytes)> {
        let first = self.pieces.range(..range.start).next_back();
        let first = first.filter(|(start, bytes)| range.start < end(**start, bytes));
        let from = first.map_or(range.start, |(start, _)| *start);
        // A range that ends before it starts has no bytes; the tree would panic at it.
        self.pieces.range(from..range.end.max(from)).map(|(start, bytes)| (*start, bytes))
    }
}

fn end(start: u64, bytes: &Bytes) -> u64 {
    start.saturating_add(bytes.len() as u64)
}

/// The part of `bytes`, which start at `start`, that is in `range`.
fn part(start: u64, bytes: &Bytes, range: &Range<u64>) -> Bytes {
    // Cannot truncate: at most the length of bytes that are in memory.
    let offset =
        |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX).min(bytes.len());
    let (from, to) = (offset(range.start), offset(range.end));
    bytes.slice(from..to.max(from))
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]
mod tests {
    use super::*;

    fn object() -> Bytes {
        (0..200_u8).collect()
    }

    fn holding(ranges: &[Range<u64>]) -> Extents {
        let mut extents = Extents::default();
        for range in ranges {
            let bytes = object().slice(range.start as usize..range.end as usize);
            extents.insert_copied(range.start, &bytes);
        }
        extents
    }

    #[test]
    fn reads_within_and_across_pieces() {
        let extents = holding(&[50..60, 10..20, 20..30]);
        assert_eq!(extents.read(&(12..18)).unwrap(), object().slice(12..18));
        assert_eq!(extents.read(&(12..30)).unwrap(), object().slice(12..30));
        assert_eq!(extents.read(&(12..31)), None);
        assert_eq!(extents.read(&(5..15)), None);
        assert_eq!(extents.read(&(25..55)), None);
        assert_eq!(extents.read(&(0..5)), None);
        assert_eq!(extents.read(&(5..5)).unwrap(), Bytes::new());
    }

    #[test]
    fn overlapping_bytes_are_kept_once() {
        let extents = holding(&[10..20, 15..40, 5..50, 30..35]);
        assert_eq!(extents.read(&(5..50)).unwrap(), object().slice(5..50));
        assert_eq!(extents.weight_bytes(), 45 + 4 * PIECE_OVERHEAD_BYTES);
        assert_eq!(extents.missing(&[0..60]), [0..5, 50..60]);
    }

    #[test]
    fn a_part_does_not_keep_the_whole_alive() {
        let mut extents = holding(&[0..10]);
        let body = object();
        extents.insert_copied(0, &body);
        let kept = extents.read(&(10..200)).unwrap();
        assert_ne!(kept.as_ptr(), body.slice(10..).as_ptr());
    }

    #[test]
    fn pieces_can_be_taken_over() {
        let mut extents = Extents::default();
        extents.insert_overlapping(&holding(&[0..10, 20..30, 40..50]), &(5..25));
        assert_eq!(extents.missing(&[0..50]), [10..20, 30..50]);
    }
}
