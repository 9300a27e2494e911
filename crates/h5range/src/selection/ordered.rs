//! Elements of one dataset that are elements of another one in the same order, whatever their
//! places: irregular blocks, and regular blocks of another shape.

use std::ops::Range;
use std::slice;

use crate::budget::Budget;
use crate::decode::selection::Places;
use crate::error::Result;
use crate::selection::{
    Axis, Hyperslab, Indices, Lattice, Mapped, Span, element_count, number_of, row_major_steps,
};

/// Elements in their order, as runs along the last dimension.
#[derive(Debug)]
pub(crate) struct Ordered {
    /// An array that has all of them; it may be larger than the dataset.
    shape: Vec<u64>,
    /// Their numbers in that array.
    runs: Vec<Range<u64>>,
}

impl Ordered {
    /// Those that stand at `indices` of an array of this `shape`.
    ///
    /// # Errors
    ///
    /// When they are in more runs than `budget` pays for.
    pub(crate) fn of_indices(indices: &[Indices], shape: &[u64], budget: &Budget) -> Result<Self> {
        let mut ordered = Self { shape: shape.to_vec(), runs: Vec::new() };
        let Some((last, outer)) = indices.split_last() else { return Ok(ordered) };
        let mut along_outer = Vec::new();
        for indices in outer {
            budget.list::<u64>(indices.count())?;
            along_outer.push(indices.iter().collect());
        }
        budget.list::<Range<u64>>(last.run_count())?;
        let last: Vec<Range<u64>> = last.runs().collect();
        ordered.add(&along_outer, &last, budget)?;
        Ok(ordered)
    }

    /// Those of irregular blocks in a dataset of this `shape`, each given as the places of its first
    /// and its last element. `None` where they are of another rank, or too far away to be numbered.
    ///
    /// # Errors
    ///
    /// As above.
    pub(crate) fn of_blocks(
        corners: &Places,
        shape: &[u64],
        budget: &Budget,
    ) -> Result<Option<Self>> {
        let ends = corners.ends();
        let reach = shape.iter().zip(&ends).map(|(&extent, &end)| extent.max(end));
        let reach: Vec<u64> = reach.collect();
        if shape.len() != ends.len() || element_count(&reach).is_none() {
            return Ok(None);
        }
        let mut ordered = Self { shape: reach, runs: Vec::new() };
        let mut corners = corners.iter();
        while let (Some(first), Some(last)) = (corners.next(), corners.next()) {
            ordered.add_block(first, last, budget)?;
        }
        let mut runs = std::mem::take(&mut ordered.runs);
        runs.sort_unstable_by_key(|run| run.start);
        for run in runs {
            let done = ordered.runs.last().map_or(0, |run| run.end);
            ordered.push(run.start.max(done)..run.end);
        }
        Ok(Some(ordered))
    }

    /// How many there are.
    pub(crate) fn element_count(&self) -> u64 {
        let lengths = self.runs.iter().map(|run| run.end.saturating_sub(run.start));
        lengths.fold(0, u64::saturating_add)
    }

    fn add_block(&mut self, first: &[u64], last: &[u64], budget: &Budget) -> Result<()> {
        let sides = first.iter().zip(last).map(|(&first, &last)| first..last.saturating_add(1));
        let mut outer = Vec::new();
        let mut sides: Vec<Range<u64>> = sides.collect();
        let Some(side_of_rows) = sides.pop() else { return Ok(()) };
        for side in sides {
            budget.list::<u64>(side.end.saturating_sub(side.start))?;
            outer.push(side.collect());
        }
        self.add(&outer, &[side_of_rows], budget)
    }

    /// Adds the runs `last` of each row at a combination of the indices `outer`.
    fn add(&mut self, outer: &[Vec<u64>], last: &[Range<u64>], budget: &Budget) -> Result<()> {
        let counts = outer.iter().map(|indices| indices.len() as u64);
        let rows = counts.fold(1, u64::saturating_mul);
        budget.list::<u64>(rows)?;
        budget.list::<Range<u64>>(rows.saturating_mul(last.len() as u64))?;
        let steps = row_major_steps(&self.shape);
        let mut rows = vec![0_u64];
        for (indices, step) in outer.iter().zip(&steps) {
            let along = |row: u64| {
                indices.iter().map(move |at| row.saturating_add(at.saturating_mul(*step)))
            };
            rows = rows.into_iter().flat_map(along).collect();
        }
        for row in rows {
            for run in last {
                self.push(row.saturating_add(run.start)..row.saturating_add(run.end));
            }
        }
        Ok(())
    }

    fn push(&mut self, run: Range<u64>) {
        match self.runs.last_mut() {
            _ if run.is_empty() => {}
            Some(last) if last.end == run.start => last.end = run.end,
            _ => self.runs.push(run),
        }
    }
}

/// What of a source of this shape a block wants, where the elements `of_virtual` are those
/// `of_source`; `None` where it wants nothing. Everything is read between the first and the last
/// that are wanted, along each dimension.
///
/// # Errors
///
/// When it is in more pieces than `budget` pays for.
pub(crate) fn mapped_in_order(
    of_virtual: &Ordered,
    of_source: &Ordered,
    source_shape: &[u64],
    block: &Hyperslab,
    budget: &Budget,
) -> Result<Option<Mapped>> {
    let mut pieces = Vec::new();
    let (mut virtual_rows, mut source_rows) = (Rows::of(of_virtual), Rows::of(of_source));
    while let (Some(left), Some(source_left)) = (virtual_rows.left(), source_rows.left()) {
        let count = left.min(source_left);
        let (place, source) = (virtual_rows.take(count), source_rows.take(count));
        let piece = Piece::of(&place, source, count, block);
        if let Some(piece) = piece.and_then(|piece| piece.within(source_shape)) {
            budget.list::<(Piece, u64, Lattice, Axis)>(1)?;
            pieces.push(piece);
        }
    }
    let Some(spans) = covering(&pieces) else { return Ok(None) };
    let source = Hyperslab { spans };
    let steps = row_major_steps(&source.shape());
    let lattice = |piece: Piece| {
        let place = piece.source.iter().zip(source.spans());
        let place: Vec<u64> = place.map(|(at, span)| at.saturating_sub(span.start)).collect();
        let axis = Axis { count: piece.count, source_step: piece.step, target_step: 1 };
        Lattice {
            axes: vec![axis],
            source_start: number_of(&place, &steps),
            target_start: piece.target_start,
        }
    };
    let lattices = pieces.into_iter().map(lattice).collect();
    Ok(Some(Mapped { source, lattices }))
}

/// Goes through the elements, row by row.
struct Rows<'o> {
    shape: &'o [u64],
    runs: slice::Iter<'o, Range<u64>>,
    run: Range<u64>,
}

impl<'o> Rows<'o> {
    fn of(ordered: &'o Ordered) -> Self {
        Self { shape: &ordered.shape, runs: ordered.runs.iter(), run: 0..0 }
    }

    /// Elements that follow in the same row; `None` behind the last one.
    fn left(&mut self) -> Option<u64> {
        while self.run.is_empty() {
            self.run = self.runs.next()?.clone();
        }
        let row = self.shape.last().copied().unwrap_or(1).max(1);
        let row_left = row - self.run.start % row;
        Some(row_left.min(self.run.end - self.run.start))
    }

    /// Goes `count` elements further. Returns the place of the first of them.
    fn take(&mut self, count: u64) -> Vec<u64> {
        let number = self.run.start;
        self.run.start = self.run.start.saturating_add(count);
        let steps = row_major_steps(self.shape);
        let places = self.shape.iter().zip(steps);
        places.map(|(extent, step)| number / step.max(1) % (*extent).max(1)).collect()
    }
}

/// Elements of a row of the source, and where they go.
struct Piece {
    /// The place of the first.
    source: Vec<u64>,
    /// From one to the next.
    step: u64,
    count: u64,
    /// They go side by side from here on.
    target_start: u64,
}

impl Piece {
    /// What `block` wants of `count` elements from `place` on, which are those from `source` on.
    fn of(place: &[u64], mut source: Vec<u64>, count: u64, block: &Hyperslab) -> Option<Self> {
        let steps = row_major_steps(&block.shape());
        let mut dimensions = place.iter().zip(block.spans()).zip(steps);
        let ((&first, span), _) = dimensions.next_back()?;
        let ordinals = span.within(first..first.saturating_add(count));
        let mut target_start = ordinals.start;
        for ((&at, span), step) in dimensions {
            let ordinal = span.within(at..at.saturating_add(1));
            target_start = target_start.saturating_add(ordinal.start.saturating_mul(step));
            if ordinal.is_empty() {
                return None;
            }
        }
        let along = source.last_mut()?;
        *along = along.saturating_add(span.at(ordinals.start).saturating_sub(first));
        let count = ordinals.end.saturating_sub(ordinals.start);
        (count > 0).then_some(Self { source, step: span.step, count, target_start })
    }

    /// What of it lies within a dataset of this shape.
    fn within(mut self, shape: &[u64]) -> Option<Self> {
        let mut left = self.source.iter().zip(shape).map(|(at, &extent)| extent.checked_sub(*at));
        let along = left.next_back()??;
        self.count = self.count.min(along.div_ceil(self.step.max(1)));
        let is_inside = left.all(|left| left.is_some_and(|left| left > 0)) && self.count > 0;
        is_inside.then_some(self)
    }

    /// The index of the last of them along the last dimension.
    fn end(&self) -> u64 {
        let first = self.source.last().copied().unwrap_or(0);
        let behind = self.count.saturating_sub(1).saturating_mul(self.step);
        first.saturating_add(behind)
    }
}

/// The least span along each dimension that holds all pieces; `None` where there are none.
fn covering(pieces: &[Piece]) -> Option<Vec<Span>> {
    let mut lower = pieces.first()?.source.clone();
    let mut upper = lower.clone();
    for piece in pieces {
        lower.iter_mut().zip(&piece.source).for_each(|(lower, at)| *lower = *at.min(lower));
        upper.iter_mut().zip(&piece.source).for_each(|(upper, at)| *upper = *at.max(upper));
        if let Some(along) = upper.last_mut() {
            *along = piece.end().max(*along);
        }
    }
    let span = |(start, last): (u64, u64)| Span {
        start,
        step: 1,
        count: last.saturating_sub(start).saturating_add(1),
    };
    Some(lower.into_iter().zip(upper).map(span).collect())
}

#[cfg(test)]
mod tests;
