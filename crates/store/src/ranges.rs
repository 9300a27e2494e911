//! Arithmetic on byte ranges: which are missing, which become one request. Pure.

use std::ops::Range;

/// Ranges with at most this many bytes between them are fetched together. A request costs a round
/// trip and, at the large stores, money; 16 KiB cost a tenth of a millisecond at 1 Gbit/s.
pub(crate) const GAP_BYTES: u64 = 16 << 10;

/// Longer ranges are fetched in parts of this size, side by side: one connection alone does not
/// fill the line, and a broken one loses less.
pub(crate) const REQUEST_BYTES: u64 = 8 << 20;

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
