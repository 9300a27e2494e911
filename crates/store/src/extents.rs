//! Bytes that were read of one version, where they are. Pure.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::ranges::{self, length};

/// Pieces of an object, by offset, without overlaps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extents {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
struct Piece {
    range: Range<u64>,
    bytes: Bytes,
}

/// What a piece costs beside its bytes: its place in the list, and the allocation's own header.
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
        for piece in other.overlapping(range) {
            self.insert_shared(piece.range.start, &piece.bytes);
        }
    }

    /// The bytes of `wanted` (sorted, without overlaps) that are not here.
    pub(crate) fn missing(&self, wanted: &[Range<u64>]) -> Vec<Range<u64>> {
        let held: Vec<_> = self.pieces.iter().map(|piece| piece.range.clone()).collect();
        ranges::subtract(wanted, &held)
    }

    /// The bytes of `range`, if all of them are here. Copied only if they lie in several pieces.
    pub(crate) fn read(&self, range: &Range<u64>) -> Option<Bytes> {
        let mut parts = self.overlapping(range).map(|piece| piece.part(range));
        let Some(first) = parts.next() else {
            return range.is_empty().then(Bytes::new);
        };
        let wanted = length(range);
        if first.len() as u64 == wanted {
            return Some(first);
        }
        let mut joined = BytesMut::with_capacity(usize::try_from(wanted).ok()?);
        joined.extend_from_slice(&first);
        parts.for_each(|part| joined.extend_from_slice(&part));
        (joined.len() as u64 == wanted).then(|| joined.freeze())
    }

    /// Bytes held, overhead included.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let piece = |piece: &Piece| length(&piece.range).saturating_add(PIECE_OVERHEAD_BYTES);
        self.pieces.iter().map(piece).sum()
    }

    fn insert_with(&mut self, start: u64, bytes: &Bytes, own: impl Fn(Bytes) -> Bytes) {
        let whole =
            Piece { range: start..start.saturating_add(bytes.len() as u64), bytes: bytes.clone() };
        for range in self.missing(std::slice::from_ref(&whole.range)) {
            let at = self.pieces.partition_point(|piece| piece.range.start < range.start);
            let bytes = own(whole.part(&range));
            self.pieces.insert(at, Piece { range, bytes });
        }
    }

    fn overlapping(&self, range: &Range<u64>) -> impl Iterator<Item = &Piece> {
        let first = self.pieces.partition_point(|piece| piece.range.end <= range.start);
        self.pieces.iter().skip(first).take_while(|piece| ranges::overlap(&piece.range, range))
    }
}

impl Piece {
    /// The bytes that are also in `range`.
    fn part(&self, range: &Range<u64>) -> Bytes {
        let offset = |at: u64| {
            let at = at.clamp(self.range.start, self.range.end).saturating_sub(self.range.start);
            // Cannot truncate: an offset into bytes that are in memory.
            usize::try_from(at).unwrap_or(usize::MAX).min(self.bytes.len())
        };
        let (start, end) = (offset(range.start), offset(range.end));
        self.bytes.slice(start..end.max(start))
    }
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
