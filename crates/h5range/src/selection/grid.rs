//! The chunks of a dataset, and which of them a selection meets.

use std::ops::Range;

use crate::selection::{Axis, Hyperslab, Lattice, Span, element_count, row_major_steps};

/// A dataset cut into chunks of equal shape. Those at its edges reach over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChunkGrid {
    shape: Vec<u64>,
    chunk: Vec<u64>,
    /// Chunks along each dimension.
    counts: Vec<u64>,
    /// From the number of a chunk to that of the next one along each dimension.
    steps: Vec<u64>,
}

impl ChunkGrid {
    /// The grid of a dataset of `shape` with chunks of the shape `chunk`, which has no zeros.
    /// `None` when they differ in rank, or there are more chunks than 64 bits can count.
    pub(crate) fn new(shape: Vec<u64>, chunk: Vec<u64>) -> Option<Self> {
        if shape.len() != chunk.len() || chunk.contains(&0) {
            return None;
        }
        let counts: Vec<u64> =
            shape.iter().zip(&chunk).map(|(extent, chunk)| extent.div_ceil(*chunk)).collect();
        element_count(&counts)?;
        element_count(&chunk)?;
        let steps = row_major_steps(&counts);
        Some(Self { shape, chunk, counts, steps })
    }

    /// Elements of a chunk along each dimension.
    pub(crate) fn chunk(&self) -> &[u64] {
        &self.chunk
    }

    /// How many chunks `selection` meets.
    pub(crate) fn count_met(&self, selection: &Hyperslab) -> u64 {
        let counts = self.met(selection).map(|met| met.count);
        counts.fold(1, u64::saturating_mul)
    }

    /// The numbers of the chunks that `selection` meets, in order; the last index counts fastest.
    pub(crate) fn numbers_met(&self, selection: &Hyperslab) -> impl Iterator<Item = u64> {
        let met: Vec<(Met, u64)> = self.met(selection).zip(self.steps.iter().copied()).collect();
        (0..self.count_met(selection)).map(move |ordinal| {
            let mut rest = ordinal;
            met.iter().rev().fold(0, |number: u64, (met, step)| {
                let at = met.at(rest % met.count.max(1));
                rest /= met.count.max(1);
                number.saturating_add(at.saturating_mul(*step))
            })
        })
    }

    /// Where the chunk of this number is, counted in chunks.
    pub(crate) fn scaled(&self, number: u64) -> Vec<u64> {
        let places = self.counts.iter().zip(&self.steps);
        places.map(|(count, step)| number / (*step).max(1) % (*count).max(1)).collect()
    }

    /// The least number of a chunk that is not before the place `scaled`, which may lie outside.
    pub(crate) fn number_from(&self, scaled: &[u64]) -> u64 {
        let mut number = 0_u64;
        for ((&at, &count), &step) in scaled.iter().zip(&self.counts).zip(&self.steps) {
            if at >= count {
                return number.saturating_add(count.saturating_mul(step));
            }
            number = number.saturating_add(at.saturating_mul(step));
        }
        number
    }

    /// Whether there is a chunk at the place `scaled`.
    pub(crate) fn contains(&self, scaled: &[u64]) -> bool {
        scaled.len() == self.counts.len() && scaled.iter().zip(&self.counts).all(|(at, of)| at < of)
    }

    /// Whether the chunk of this number reaches over the edge of the dataset.
    pub(crate) fn is_partial(&self, number: u64) -> bool {
        let ends = self.bounds(number).map(|bounds| bounds.end);
        ends.zip(&self.shape).any(|(end, extent)| end > *extent)
    }

    /// What of the chunk of this number `selection` wants: from the chunk into an array of the
    /// selection's shape.
    pub(crate) fn lattice(&self, number: u64, selection: &Hyperslab) -> Lattice {
        let bounds: Vec<Range<u64>> = self.bounds(number).collect();
        between(&bounds, &self.chunk, selection)
    }

    fn bounds(&self, number: u64) -> impl Iterator<Item = Range<u64>> {
        self.scaled(number).into_iter().zip(&self.chunk).map(|(at, &chunk)| {
            let start = at.saturating_mul(chunk);
            start..start.saturating_add(chunk)
        })
    }

    fn met(&self, selection: &Hyperslab) -> impl Iterator<Item = Met> {
        selection.spans().iter().zip(&self.chunk).map(|(&span, &chunk)| Met::new(span, chunk))
    }
}

/// What of an array that lies at `bounds`, and is stored in the shape `stored`, a selection wants:
/// from that array into one of the selection's shape.
pub(crate) fn between(bounds: &[Range<u64>], stored: &[u64], selection: &Hyperslab) -> Lattice {
    let source_steps = row_major_steps(stored);
    let target_steps = row_major_steps(&selection.shape());
    let mut lattice = Lattice { axes: Vec::new(), source_start: 0, target_start: 0 };
    let dimensions =
        selection.spans().iter().zip(bounds).zip(source_steps.iter().zip(&target_steps));
    for ((span, bounds), (&source_step, &target_step)) in dimensions {
        let ordinals = span.within(bounds.clone());
        let first = span.at(ordinals.start).saturating_sub(bounds.start);
        lattice.source_start =
            lattice.source_start.saturating_add(first.saturating_mul(source_step));
        lattice.target_start =
            lattice.target_start.saturating_add(ordinals.start.saturating_mul(target_step));
        lattice.axes.push(Axis {
            count: ordinals.end.saturating_sub(ordinals.start),
            source_step: span.step.saturating_mul(source_step),
            target_step,
        });
    }
    lattice
}

/// The chunks that a span meets along one dimension.
struct Met {
    span: Span,
    chunk: u64,
    count: u64,
}

impl Met {
    fn new(span: Span, chunk: u64) -> Self {
        let count = match span.count.checked_sub(1) {
            None => 0,
            // Two neighbours never share a chunk.
            Some(_) if span.step >= chunk => span.count,
            // They never leave one out.
            Some(last) => (span.at(last) / chunk).saturating_sub(span.start / chunk) + 1,
        };
        Self { span, chunk, count }
    }

    fn at(&self, ordinal: u64) -> u64 {
        if self.span.step >= self.chunk {
            self.span.at(ordinal) / self.chunk
        } else {
            (self.span.start / self.chunk).saturating_add(ordinal)
        }
    }
}
