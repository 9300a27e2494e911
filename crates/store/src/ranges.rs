//! Arithmetic on byte ranges: which are missing, which become one request. Pure.

use std::ops::Range;

/// Ranges with at most this many bytes between them are fetched together. A request costs a round
/// trip and, at the large stores, money; 16 KiB cost a tenth of a millisecond at 1 Gbit/s.
pub(crate) const GAP_BYTES: u64 = 16 << 10;

/// Longer ranges are fetched in parts of this size, side by side: one connection alone does not
/// fill the line, and a broken one loses less.
pub(crate) const REQUEST_BYTES: u64 = 8 << 20;

/// Longer ranges are read as they are: they are data of their own, not a structure with others
/// around it.
const STRUCTURE_BYTES: u64 = 16 << 10;

/// The most that is read along on either side of one range.
const AROUND_BYTES_MAX: u64 = 8 << 10;

/// The least that is read along before a range, however many there are: the continuation of a
/// header is often right before the next header. A request of its own would cost far more.
const BEFORE_BYTES_MIN: u64 = 512;

/// Less than this is not worth reading behind a range.
const BEHIND_BYTES_MIN: u64 = 256;

/// The same bytes as sorted ranges that neither touch nor overlap nor are empty.
pub(crate) fn union(ranges: impl IntoIterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    join(ranges, 0)
}

/// The requests for `missing`: joined over gaps of up to `gap_bytes`, then cut to at most
/// `request_bytes`.
pub(crate) fn requests(
    missing: impl IntoIterator<Item = Range<u64>>,
    gap_bytes: u64,
    request_bytes: u64,
) -> Vec<Range<u64>> {
    let joined = join(missing, gap_bytes);
    joined.into_iter().flat_map(|range| split(range, request_bytes)).collect()
}

/// `missing` with what lies around its small ranges, in an object of `size_bytes`. They share
/// `around_bytes`.
///
/// HDF5 allocates metadata in blocks of 2 KiB, so what a structure leads to is mostly beside it:
/// the continuation of a header, the B-tree and the heap of a group. The fewer places a wave reads
/// at, the more it reads around each range.
pub(crate) fn widened(
    missing: Vec<Range<u64>>,
    size_bytes: u64,
    around_bytes: u64,
) -> Vec<Range<u64>> {
    let requests = join(missing.iter().cloned(), GAP_BYTES).len() as u64;
    let share = (around_bytes / 2 / requests.max(1)).min(AROUND_BYTES_MAX);
    let before = share.max(BEFORE_BYTES_MIN);
    let behind = if share < BEHIND_BYTES_MIN { 0 } else { share };
    union(missing.into_iter().map(|range| {
        if length(&range) > STRUCTURE_BYTES {
            return range;
        }
        let end = range.end.saturating_add(behind).min(size_bytes);
        range.start.saturating_sub(before)..end.max(range.end)
    }))
}

/// The bytes of `ranges` that are not in `taken`. Both sorted and without overlaps.
pub(crate) fn subtract(ranges: &[Range<u64>], taken: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut left = Vec::new();
    for range in ranges {
        let mut start = range.start;
        let first = taken.partition_point(|other| other.end <= range.start);
        for other in taken.iter().skip(first).take_while(|other| other.start < range.end) {
            if start < other.start {
                left.push(start..other.start);
            }
            start = start.max(other.end);
        }
        if start < range.end {
            left.push(start..range.end);
        }
    }
    left
}

/// Whether two ranges have a byte in common.
pub(crate) fn overlap(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start.max(other.start) < one.end.min(other.end)
}

/// How many bytes a range has.
pub(crate) fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

fn join(ranges: impl IntoIterator<Item = Range<u64>>, gap_bytes: u64) -> Vec<Range<u64>> {
    let mut sorted: Vec<_> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
    sorted.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(sorted.len());
    for range in sorted {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap_bytes) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

fn split(range: Range<u64>, request_bytes: u64) -> impl Iterator<Item = Range<u64>> {
    let step = request_bytes.max(1);
    let parts = length(&range).div_ceil(step);
    (0..parts).map(move |part| {
        let start = range.start.saturating_add(part.saturating_mul(step));
        start..start.saturating_add(step).min(range.end)
    })
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]
mod tests {
    use super::*;

    #[test]
    fn union_sorts_and_joins_what_touches() {
        assert_eq!(union([30..40, 0..10, 10..20, 5..7, 9..9, 39..45]), [0..20, 30..45]);
        assert!(union([]).is_empty());
    }

    #[test]
    fn near_ranges_become_one_request_and_far_ones_do_not() {
        assert_eq!(requests([0..10, 26..30, 47..50], 16, 1000), [0..30, 47..50]);
        let end = u64::MAX;
        assert_eq!(requests([end - 4..end - 2, end - 1..end], 16, 1000), [end - 4..end]);
    }

    #[test]
    fn a_few_structures_are_read_with_what_lies_around_them() {
        const SIZE: u64 = 1 << 30;
        let widened = |missing: &[Range<u64>]| widened(missing.to_vec(), SIZE, 256 << 10);
        assert_eq!(widened(&[100_000..100_512]), [91_808..108_704]);
        assert_eq!(widened(&[100..612, SIZE - 9..SIZE - 1]), [0..8804, SIZE - 8201..SIZE]);
        assert_eq!(widened(&[50_000..70_000]), [50_000..70_000]);
    }

    #[test]
    fn many_share_what_is_read_around_them() {
        let headers = |count: u64| -> Vec<_> {
            (1..=count).map(|at| at << 20).map(|start| start..start + 512).collect()
        };
        let extra = |count| {
            let widened = widened(headers(count), u64::MAX, 256 << 10);
            widened.iter().map(length).sum::<u64>() - count * 512
        };
        assert_eq!(extra(16), 16 * (16 << 10));
        assert_eq!(extra(256), 256 << 10);
        // From here on only the place of the continuation of the header before is read.
        assert_eq!(extra(1000), 1000 * 512);
        assert!(widened(Vec::new(), u64::MAX, 256 << 10).is_empty());
    }

    #[test]
    fn long_requests_are_cut() {
        assert_eq!(requests([0..25, 100..110], 0, 10), [0..10, 10..20, 20..25, 100..110]);
    }

    #[test]
    fn subtract_leaves_what_is_not_taken() {
        let ranges = [0..10, 20..30, 40..50];
        assert_eq!(subtract(&ranges, &[]), ranges);
        assert_eq!(subtract(&ranges, &[2..4, 8..22, 25..26]), [0..2, 4..8, 22..25, 26..30, 40..50]);
        assert!(subtract(&ranges, &[0..100]).is_empty());
        assert_eq!(subtract(&ranges, &[10..20, 30..40, 50..60]), ranges);
    }

    #[test]
    fn overlap_needs_a_common_byte() {
        assert!(overlap(&(0..10), &(9..20)));
        assert!(!overlap(&(0..10), &(10..20)));
        assert!(!overlap(&(5..5), &(0..10)));
    }
}
