//! Which elements of a dataset a reader wants: a hyperslab, as the specification calls a regular
//! choice of indices along each dimension.

mod cover;
mod grid;
mod lattice;
mod mapped;
mod ordered;
mod span;

use std::fmt;

pub(crate) use cover::{Cover, Covers};
pub(crate) use grid::{ChunkGrid, between};
pub(crate) use lattice::{Axis, Lattice, number_of, row_major_steps};
pub(crate) use mapped::{Indices, Mapped, indices_of, mapped};
pub(crate) use ordered::{Ordered, mapped_in_order};
pub use span::Span;

/// Indices along each dimension of a dataset, of which all combinations are selected. A scalar has
/// no dimensions, and its one element is selected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hyperslab {
    spans: Vec<Span>,
}

/// Why a selection does not fit a dataset: a mistake of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// It has not one span for each dimension.
    #[error("a selection of {spans} dimensions from a dataset of {rank}")]
    Rank {
        /// Dimensions of the selection.
        spans: usize,
        /// Dimensions of the dataset.
        rank: usize,
    },
    /// A step of zero leads nowhere.
    #[error("the step along dimension {dimension} is 0")]
    Step {
        /// The dimension, counted from 0.
        dimension: usize,
    },
    /// It reaches over the edge of the dataset.
    #[error("{span} reaches over the end of dimension {dimension}, which has {extent} elements")]
    Outside {
        /// The dimension, counted from 0.
        dimension: usize,
        /// What was asked for.
        span: Span,
        /// What there is.
        extent: u64,
    },
}

impl Hyperslab {
    /// A selection from a dataset of this `shape`.
    ///
    /// # Errors
    ///
    /// When it does not lie within the shape.
    pub fn new(spans: Vec<Span>, shape: &[u64]) -> Result<Self, SelectionError> {
        if spans.len() != shape.len() {
            return Err(SelectionError::Rank { spans: spans.len(), rank: shape.len() });
        }
        for (dimension, (&span, &extent)) in spans.iter().zip(shape).enumerate() {
            if span.step == 0 {
                return Err(SelectionError::Step { dimension });
            }
            if span.end().is_none_or(|end| end > extent) {
                return Err(SelectionError::Outside { dimension, span, extent });
            }
        }
        Ok(Self { spans })
    }

    /// All of a dataset of this `shape`.
    pub fn all(shape: &[u64]) -> Self {
        let whole = |&count: &u64| Span { start: 0, step: 1, count };
        Self { spans: shape.iter().map(whole).collect() }
    }

    /// What is selected along each dimension.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The shape of what is selected.
    pub fn shape(&self) -> Vec<u64> {
        self.spans.iter().map(|span| span.count).collect()
    }

    /// How many elements are selected; `None` when the number does not fit 64 bits.
    pub fn element_count(&self) -> Option<u64> {
        element_count(&self.shape())
    }

    /// The part of it whose first `outer` indices are these, counted in the selection, and whose
    /// next ones are those of `ordinals`.
    fn part(&self, outer: &[u64], ordinals: std::ops::Range<u64>) -> Self {
        let (fixed, rest) = self.spans.split_at(outer.len().min(self.spans.len()));
        let fixed = fixed.iter().zip(outer).map(|(span, &at)| span.part(at..at.saturating_add(1)));
        let mut spans: Vec<Span> = fixed.collect();
        spans.extend(rest.split_first().map(|(span, _)| span.part(ordinals)));
        spans.extend(rest.iter().skip(1));
        Self { spans }
    }

    /// Cuts it into blocks that follow each other in the order of its elements. Each has at most
    /// `elements_max` elements, if one is not more than that; it ends where chunks do (`grain` are
    /// the elements of a chunk along each dimension), if it meets such a place, however near: a chunk
    /// on both sides of a cut is read twice, a small block costs next to nothing.
    pub fn blocks(&self, elements_max: u64, grain: &[u64]) -> Blocks {
        Blocks::new(self.clone(), elements_max.max(1), grain)
    }
}

/// The blocks of a [`Hyperslab`], in the order of its elements.
#[derive(Debug)]
pub struct Blocks {
    whole: Hyperslab,
    /// The dimension along which it is cut: those before it have one index in each block.
    cut: usize,
    /// Indices of a block along that dimension.
    rows: u64,
    grain: Option<u64>,
    /// Where the next block starts; `None` behind the last.
    next: Option<Vec<u64>>,
}

impl Blocks {
    fn new(whole: Hyperslab, elements_max: u64, grain: &[u64]) -> Self {
        let shape = whole.shape();
        let mut cut = shape.len().saturating_sub(1);
        let mut inner = 1_u64;
        let mut rows = 1;
        for (dimension, &count) in shape.iter().enumerate().rev() {
            cut = dimension;
            rows = (elements_max / inner).max(1).min(count);
            inner = inner.saturating_mul(count.max(1));
            if inner > elements_max {
                break;
            }
        }
        let is_empty = shape.contains(&0);
        let next = (!is_empty).then(|| vec![0; cut.saturating_add(1).min(shape.len())]);
        Self { whole, cut, rows, grain: grain.get(cut).copied(), next }
    }

    /// How many indices along the dimension of the cut the block takes that starts at `first`.
    fn rows_from(&self, first: u64) -> u64 {
        let Some(span) = self.whole.spans.get(self.cut) else { return 1 };
        let rows = self.rows.min(span.count.saturating_sub(first));
        let Some(grain) = self.grain.filter(|&grain| grain > 0) else { return rows };
        let end = first.saturating_add(rows);
        if end >= span.count {
            return rows;
        }
        // The first element of the next block: at best the first one of a chunk.
        let chunk_start = span.at(end) / grain * grain;
        let aligned = span.before(chunk_start).saturating_sub(first);
        if aligned > 0 { aligned } else { rows }
    }
}

impl Iterator for Blocks {
    type Item = Hyperslab;

    fn next(&mut self) -> Option<Hyperslab> {
        let mut at = self.next.take()?;
        let Some((first, outer)) = at.split_last() else { return Some(self.whole.clone()) };
        let rows = self.rows_from(*first);
        let end = first.saturating_add(rows);
        let block = self.whole.part(outer, *first..end);
        self.next = advance(&mut at, end, &self.whole.spans).then_some(at);
        Some(block)
    }
}

/// Goes on to where the block behind `end` starts; false when there is none.
fn advance(at: &mut [u64], end: u64, spans: &[Span]) -> bool {
    if let Some(last) = at.last_mut() {
        *last = end;
    }
    for (dimension, span) in spans.iter().enumerate().take(at.len()).rev() {
        match at.get_mut(dimension) {
            Some(index) if *index >= span.count => *index = 0,
            _ => return true,
        }
        if let Some(before) = dimension.checked_sub(1).and_then(|before| at.get_mut(before)) {
            *before = before.saturating_add(1);
        }
    }
    false
}

/// The product of `shape`; `None` when it does not fit 64 bits. A zero makes it zero whatever the
/// others would overflow to.
pub(crate) fn element_count(shape: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_u64, |count, &extent| count.checked_mul(extent))
}

impl fmt::Display for Hyperslab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (dimension, span) in self.spans.iter().enumerate() {
            let comma = if dimension == 0 { "" } else { ", " };
            write!(f, "{comma}{span}")?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests;
