//! Indices along one dimension.

use std::fmt;
use std::ops::Range;

/// `count` indices from `start` on, each `step` behind the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first index.
    pub start: u64,
    /// From one index to the next. Not zero.
    pub step: u64,
    /// How many indices.
    pub count: u64,
}

impl Span {
    /// The index of this ordinal; no less than the last possible one where it overflows.
    pub(crate) fn at(self, ordinal: u64) -> u64 {
        self.start.saturating_add(ordinal.saturating_mul(self.step))
    }

    /// The first index behind the last one; 0 for none. `None` where it overflows.
    pub(crate) fn end(self) -> Option<u64> {
        let Some(last) = self.count.checked_sub(1) else { return Some(0) };
        last.checked_mul(self.step)?.checked_add(self.start)?.checked_add(1)
    }

    /// How many of its indices are less than `index`.
    pub(crate) fn before(self, index: u64) -> u64 {
        let reach = index.saturating_sub(self.start);
        reach.div_ceil(self.step.max(1)).min(self.count)
    }

    /// The ordinals of its indices within `indices`.
    pub(crate) fn within(self, indices: Range<u64>) -> Range<u64> {
        self.before(indices.start)..self.before(indices.end)
    }

    /// The indices of these ordinals.
    pub(crate) fn part(self, ordinals: Range<u64>) -> Self {
        let end = ordinals.end.min(self.count);
        let count = end.saturating_sub(ordinals.start);
        Self { start: self.at(ordinals.start), step: self.step, count }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, step, .. } = *self;
        let end = self.end().map_or(u64::MAX, |end| end.max(start));
        match step {
            1 => write!(f, "{start}:{end}"),
            _ => write!(f, "{start}:{end}:{step}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn indices(span: Span) -> Vec<u64> {
        (0..span.count).map(|ordinal| span.start + ordinal * span.step).collect()
    }

    #[test]
    fn numbers_that_make_no_sense_do_no_harm() {
        for start in [0, u64::MAX] {
            for step in [0, 1, u64::MAX] {
                for count in [0, 1, u64::MAX] {
                    let span = Span { start, step, count };
                    assert!(span.before(u64::MAX) <= count && span.at(u64::MAX) >= start);
                    assert!(span.part(1..u64::MAX).count < u64::MAX);
                    let _ = span.end();
                    assert!(!span.to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn is_written_as_in_numpy() {
        assert_eq!(Span { start: 2, step: 1, count: 3 }.to_string(), "2:5");
        assert_eq!(Span { start: 2, step: 4, count: 3 }.to_string(), "2:11:4");
    }

    proptest! {
        #[test]
        fn ordinals_are_places_among_the_indices(
            start in 0..20_u64, step in 1..9_u64, count in 0..9_u64,
            from in 0..100_u64, length in 0..40_u64,
        ) {
            let span = Span { start, step, count };
            let all = indices(span);
            prop_assert_eq!(span.end(), Some(all.last().map_or(0, |last| last + 1)));
            let ordinals = span.within(from..from + length);
            let expected: Vec<u64> =
                all.iter().copied().filter(|at| (from..from + length).contains(at)).collect();
            prop_assert_eq!(indices(span.part(ordinals)), expected);
        }
    }
}
