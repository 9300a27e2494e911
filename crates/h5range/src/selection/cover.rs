//! Which byte ranges to read for a lattice of elements that lie in one piece.

use std::ops::Range;

use crate::selection::{Axis, Lattice};

/// Bytes between two wanted elements that are read along: a store that is asked for both would join
/// the two ranges (ADR 0008).
const GAP_BYTES_MAX: u64 = 16 << 10;

/// Some bytes of a source, and what is wanted of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cover {
    /// Where in the source.
    pub(crate) bytes: Range<u64>,
    /// From these bytes into the target.
    pub(crate) lattice: Lattice,
}

/// A lattice cut into ranges: the inner axes, whose elements lie close to each other, are one range
/// for each combination of steps along the outer ones.
#[derive(Debug)]
pub(crate) struct Covers {
    outer: Vec<Axis>,
    inner: Lattice,
    inner_bytes: u64,
    element_bytes: u64,
}

impl Covers {
    /// `None` where the places overflow.
    pub(crate) fn new(lattice: &Lattice, element_bytes: u64) -> Option<Self> {
        let mut outer = lattice.joined();
        let mut inner = Vec::new();
        let mut inner_bytes = element_bytes;
        while let Some(axis) = outer.last() {
            let step_bytes = axis.source_step.checked_mul(element_bytes)?;
            if step_bytes.saturating_sub(inner_bytes) > GAP_BYTES_MAX {
                break;
            }
            let others = axis.count.saturating_sub(1);
            inner_bytes = others.checked_mul(step_bytes)?.checked_add(inner_bytes)?;
            inner.insert(0, *axis);
            outer.pop();
        }
        let inner = Lattice { axes: inner, ..*lattice };
        Some(Self { outer, inner, inner_bytes, element_bytes })
    }

    /// How many ranges there are.
    pub(crate) fn count(&self) -> u64 {
        self.outer.iter().fold(1, |count, axis| count.saturating_mul(axis.count))
    }

    /// Bytes of all ranges together.
    pub(crate) fn bytes(&self) -> u64 {
        self.count().saturating_mul(self.inner_bytes)
    }

    /// The range of this ordinal. `None` where its place overflows.
    fn cover(&self, ordinal: u64) -> Option<Cover> {
        let mut rest = ordinal;
        let (mut source, mut target) = (self.inner.source_start, self.inner.target_start);
        for axis in self.outer.iter().rev() {
            let at = rest % axis.count.max(1);
            rest /= axis.count.max(1);
            source = source.checked_add(at.checked_mul(axis.source_step)?)?;
            target = target.checked_add(at.checked_mul(axis.target_step)?)?;
        }
        let start = source.checked_mul(self.element_bytes)?;
        let bytes = start..start.checked_add(self.inner_bytes)?;
        let axes = self.inner.axes.clone();
        Some(Cover { bytes, lattice: Lattice { axes, source_start: 0, target_start: target } })
    }

    /// All ranges, in the order of the target. `None` for one whose place overflows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<Cover>> {
        (0..self.count()).map(|ordinal| self.cover(ordinal))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn covers(axes: &[(u64, u64)], element_bytes: u64) -> Vec<Cover> {
        let mut target_step = 1;
        let mut all = Vec::new();
        for &(count, source_step) in axes.iter().rev() {
            all.insert(0, Axis { count, source_step, target_step });
            target_step *= count;
        }
        let lattice = Lattice { axes: all, source_start: 3, target_start: 0 };
        Covers::new(&lattice, element_bytes).unwrap().iter().map(Option::unwrap).collect()
    }

    #[test]
    fn rows_that_lie_far_apart_are_ranges_of_their_own() {
        let rows = covers(&[(3, 10_000), (5, 1)], 8);
        let bytes: Vec<Range<u64>> = rows.iter().map(|cover| cover.bytes.clone()).collect();
        assert_eq!(bytes, [24..64, 80_024..80_064, 160_024..160_064]);
        assert_eq!(rows[2].lattice.target_start, 10);
    }

    #[test]
    fn rows_that_lie_close_are_one_range() {
        let rows = covers(&[(3, 100), (5, 2)], 8);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].bytes, 24..24 + (200 + 8 + 1) * 8);
    }

    #[test]
    fn places_that_overflow_are_none() {
        let axis = Axis { count: 3, source_step: u64::MAX / 2, target_step: 1 };
        let lattice = Lattice { axes: vec![axis], source_start: 9, target_start: 0 };
        assert!(Covers::new(&lattice, 8).is_none());
        assert!(Covers::new(&lattice, 1).unwrap().iter().any(|cover| cover.is_none()));
    }

    proptest! {
        #[test]
        fn ranges_together_hold_what_the_lattice_wants(
            axes in vec((1..5_u64, 1..30_000_u64), 0..3),
            element_bytes in 1..5_u64,
        ) {
            // Axes that do not overlap.
            let mut room = 1;
            let mut steps = Vec::new();
            for (count, factor) in axes.into_iter().rev() {
                let factor = if room > 1000 { 1 + factor % 3 } else { factor };
                steps.insert(0, (count, room * factor));
                room *= factor * count;
            }
            let source: Vec<u8> = (0..(room + 4) * element_bytes).map(|at| (at % 251) as u8).collect();
            let mut wanted = vec![3];
            for &(count, step) in &steps {
                wanted = wanted.iter().flat_map(|at| (0..count).map(move |i| at + i * step)).collect();
            }
            let bytes = |at: &u64| (at * element_bytes..(at + 1) * element_bytes).map(|at| source[at as usize]);
            let expected: Vec<u8> = wanted.iter().flat_map(bytes).collect();
            let mut found = vec![0; expected.len()];
            for cover in covers(&steps, element_bytes) {
                let part = &source[cover.bytes.start as usize..cover.bytes.end as usize];
                prop_assert_eq!(cover.lattice.copy(part, &mut found, element_bytes), Some(()));
            }
            prop_assert_eq!(found, expected);
        }
    }
}
