//! Elements of one dataset that are elements of another one, as virtual datasets have them.

use crate::decode::selection::{Selection, Slab};
use crate::selection::{Axis, Hyperslab, Lattice, Span, row_major_steps};

/// What is to be read of a source for a block, and where it goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mapped {
    /// What to read.
    pub(crate) source: Hyperslab,
    /// From that into the block.
    pub(crate) lattices: Vec<Lattice>,
}

/// Indices along one dimension: blocks at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Indices {
    start: u64,
    stride: u64,
    block: u64,
    /// How many there are by what the selection says; `None`: as many as fit.
    declared: Option<u64>,
    /// How many of them lie within the dataset.
    count: u64,
}

/// A run of places in a block, and the indices of the source whose elements go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    source: Span,
    target_start: u64,
    target_step: u64,
}

/// What `selection` takes along each dimension of a dataset of this `shape`. `None` where that
/// cannot be said dimension by dimension, or the selection is of another rank.
pub(crate) fn indices_of(selection: &Selection, shape: &[u64]) -> Option<Vec<Indices>> {
    match selection {
        Selection::All => Some(shape.iter().map(|&extent| Indices::first(extent)).collect()),
        Selection::Regular(slabs) if slabs.len() == shape.len() => {
            Some(slabs.iter().zip(shape).map(|(slab, &extent)| Indices::of(slab, extent)).collect())
        }
        _ => None,
    }
}

impl Indices {
    /// The first `count` ones.
    pub(crate) fn first(count: u64) -> Self {
        Self { start: 0, stride: 1, block: count.max(1), declared: Some(count), count }
    }

    fn of(slab: &Slab, extent: u64) -> Self {
        let declared = slab.count.zip(slab.block);
        let declared = declared.map(|(count, block)| count.saturating_mul(block));
        let within = slab.elements_within(extent);
        let count = declared.map_or(within, |declared| declared.min(within));
        let is_one_run =
            slab.count == Some(1) || slab.block.is_none_or(|block| block == slab.stride);
        let block = if is_one_run { count.max(1) } else { slab.block.unwrap_or(1).max(1) };
        Self { start: slab.start, stride: slab.stride, block, declared, count }
    }

    /// The block of this number alone, of indices without end.
    pub(crate) fn numbered(slab: &Slab, number: u64, extent: u64) -> Self {
        let start = slab.start.saturating_add(number.saturating_mul(slab.stride));
        Self::of(&Slab { start, count: Some(1), ..*slab }, extent)
    }

    /// How many of them lie within the dataset.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// All that lie within the dataset, one by one.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> {
        (0..self.count).map(|ordinal| self.index(ordinal))
    }

    /// How many runs they are.
    pub(crate) fn run_count(&self) -> u64 {
        self.count.div_ceil(self.block)
    }

    /// The same as runs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = std::ops::Range<u64>> {
        (0..self.run_count()).map(|run| {
            let ordinal = run.saturating_mul(self.block);
            let start = self.index(ordinal);
            start..start.saturating_add(self.block.min(self.count.saturating_sub(ordinal)))
        })
    }

    /// Whether `span` may have one of them: it has an index between the first and the last.
    pub(crate) fn meets(&self, span: Span) -> bool {
        let Some(last) = self.count.checked_sub(1) else { return false };
        !span.within(self.index(0)..self.index(last).saturating_add(1)).is_empty()
    }

    fn index(&self, ordinal: u64) -> u64 {
        let (run, within) = (ordinal / self.block, ordinal % self.block);
        self.start.saturating_add(run.saturating_mul(self.stride)).saturating_add(within)
    }

    /// Whether all of them stand at equal distances; which they then have.
    fn equal_step(&self) -> Option<u64> {
        match self.block {
            block if block >= self.count => Some(1),
            1 => Some(self.stride),
            _ => None,
        }
    }

    /// The ordinals whose indices `span` wants, as runs, with their places in the span; at most
    /// [`RUNS_MAX`].
    fn wanted_of(&self, span: Span) -> Vec<Run> {
        if self.equal_step().is_some() {
            return self.wanted(&(0..self.count), span);
        }
        let stride = self.stride.max(1);
        let piece_of = |index: u64| index.saturating_sub(self.start) / stride;
        let last = span.at(span.count.saturating_sub(1));
        let pieces = piece_of(span.start)
            ..piece_of(last).saturating_add(1).min(self.count.div_ceil(self.block));
        if pieces.end.saturating_sub(pieces.start) <= span.count {
            let runs = pieces.flat_map(|piece| {
                let start = piece.saturating_mul(self.block);
                self.wanted(&(start..start.saturating_add(self.block).min(self.count)), span)
            });
            return runs.take(RUNS_MAX).collect();
        }
        let one = |place: u64| {
            let distance = span.at(place).checked_sub(self.start)?;
            let (piece, within) = (distance / stride, distance % stride);
            let ordinal = piece.saturating_mul(self.block).saturating_add(within);
            let source = Span { start: ordinal, step: 1, count: 1 };
            let is_one = within < self.block && ordinal < self.count;
            is_one.then_some(Run { source, target_start: place, target_step: 1 })
        };
        (0..span.count).filter_map(one).take(RUNS_MAX).collect()
    }

    /// The same of the ordinals of `piece`, whose indices stand at equal distances.
    fn wanted(&self, piece: &std::ops::Range<u64>, span: Span) -> Vec<Run> {
        let step = self.equal_step().unwrap_or(1).max(1);
        let own = Span {
            start: self.index(piece.start),
            step,
            count: piece.end.saturating_sub(piece.start),
        };
        let run = |ordinal: u64, ordinal_step, count, target_start, target_step| Run {
            source: Span { start: piece.start.saturating_add(ordinal), step: ordinal_step, count },
            target_start,
            target_step,
        };
        let end = own.end().unwrap_or(u64::MAX);
        if step == 1 {
            let places = span.within(own.start..end);
            let count = places.end.saturating_sub(places.start);
            let first = span.at(places.start).saturating_sub(own.start);
            return Some(run(first, span.step, count, places.start, 1))
                .filter(|run| run.source.count > 0)
                .into_iter()
                .collect();
        }
        if span.step == 1 {
            let ordinals = own.within(span.start..span.start.saturating_add(span.count));
            let count = ordinals.end.saturating_sub(ordinals.start);
            let first = own.at(ordinals.start).saturating_sub(span.start);
            return Some(run(ordinals.start, 1, count, first, step))
                .filter(|run| run.source.count > 0)
                .into_iter()
                .collect();
        }
        // Where two distances meet: one by one, as far as the span goes.
        let places = span.within(own.start..end);
        let met = places.filter_map(|place| {
            let distance = span.at(place).saturating_sub(own.start);
            distance.is_multiple_of(step).then(|| run(distance / step, 1, 1, place, 1))
        });
        met.take(RUNS_MAX).collect()
    }
}

/// Elements do not correspond dimension by dimension, but only in their order; or they do in too
/// many pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotMapped;

/// The most pieces that a block has of one source: each takes some hundred bytes.
const LATTICES_MAX: u64 = 1 << 16;

/// Runs along one dimension: one more than would be too many.
const RUNS_MAX: usize = (1 << 16) + 1;

/// What of a source a block wants, where the elements `of_virtual` of the virtual dataset are those
/// `of_source`, in the same order; `None` where it wants nothing. Dimensions of one index may stand
/// anywhere.
///
/// # Errors
///
/// When it cannot be said in this way.
pub(crate) fn mapped(
    of_virtual: &[Indices],
    of_source: &[Indices],
    block: &Hyperslab,
) -> Result<Option<Mapped>, NotMapped> {
    let pairs = pairs(of_virtual, of_source).ok_or(NotMapped)?;
    let target_steps = row_major_steps(&block.shape());
    let Some(target_start) = start_of_others(of_virtual, &pairs, block, &target_steps) else {
        return Ok(None);
    };
    // Of each dimension of the source: what is read of it, and where that goes.
    let (mut spans, mut runs) = (Vec::new(), Vec::new());
    for (pair, source) in pairs.iter().zip(of_source) {
        let own = pair.and_then(|dimension| {
            let (own, span) = (of_virtual.get(dimension)?, block.spans().get(dimension)?);
            Some((*own, *span, *target_steps.get(dimension)?))
        });
        let (read, found, step) = match own {
            None => (Span { start: source.index(0), step: 1, count: source.count }, vec![], 0),
            Some((own, span, step)) => {
                let found = own.found_in(source, span);
                let Some(read) = covering(&found) else { return Ok(None) };
                let places = found.into_iter();
                let places = places.map(|run| Run { source: within(run.source, read), ..run });
                (read, places.collect(), step)
            }
        };
        spans.push(read);
        runs.push((found, step));
    }
    let counts = runs.iter().map(|(runs, _): &(Vec<Run>, u64)| (runs.len() as u64).max(1));
    if counts.fold(1, u64::saturating_mul) > LATTICES_MAX {
        return Err(NotMapped);
    }
    let lattices = lattices(&spans, &runs, target_start);
    let source = Hyperslab { spans };
    Ok((source.element_count() != Some(0)).then_some(Mapped { source, lattices }))
}

/// Where in the block the one index is of each dimension that belongs to none of the source. `None`
/// where the block has not all of them.
fn start_of_others(
    of_virtual: &[Indices],
    pairs: &[Option<usize>],
    block: &Hyperslab,
    target_steps: &[u64],
) -> Option<u64> {
    let dimensions = of_virtual.iter().zip(block.spans()).zip(target_steps).enumerate();
    let mut others = dimensions.filter(|(dimension, _)| !pairs.contains(&Some(*dimension)));
    others.try_fold(0_u64, |start, (_, ((own, span), step))| {
        let index = own.index(0);
        let place = span.before(index);
        let is_there = own.count > 0 && place < span.count && span.at(place) == index;
        is_there.then(|| start.saturating_add(place.saturating_mul(*step)))
    })
}

impl Indices {
    /// The indices of `source` for those that `span` wants, in the same order.
    fn found_in(&self, source: &Self, span: Span) -> Vec<Run> {
        let own = Self { count: self.count.min(source.count), ..*self };
        let wanted = own.wanted_of(span).into_iter();
        wanted.flat_map(|run| source.found(run)).take(RUNS_MAX).collect()
    }

    /// The indices of the ordinals that `run` has as its source.
    fn found(&self, run: Run) -> Vec<Run> {
        let Run { source: ordinals, target_start, target_step } = run;
        if let Some(step) = self.equal_step() {
            let step = step.saturating_mul(ordinals.step);
            let source = Span { start: self.index(ordinals.start), step, ..ordinals };
            return vec![Run { source, ..run }];
        }
        let mut runs = Vec::new();
        let mut done = 0;
        while done < ordinals.count && runs.len() < RUNS_MAX {
            let ordinal = ordinals.at(done);
            let left = self.block.saturating_sub(ordinal % self.block);
            let count = left.div_ceil(ordinals.step.max(1)).min(ordinals.count - done).max(1);
            runs.push(Run {
                source: Span { start: self.index(ordinal), step: ordinals.step, count },
                target_start: target_start.saturating_add(done.saturating_mul(target_step)),
                target_step,
            });
            done += count;
        }
        runs
    }
}

/// Of each dimension of the source the one of the virtual dataset that it belongs to. Dimensions of
/// one index belong to none.
fn pairs(of_virtual: &[Indices], of_source: &[Indices]) -> Option<Vec<Option<usize>>> {
    let counts = |indices: &Indices| indices.declared != Some(1);
    let mut of_virtual = of_virtual.iter().enumerate().filter(|(_, indices)| counts(indices));
    let mut pairs = Vec::new();
    for source in of_source {
        if !counts(source) {
            pairs.push(None);
            continue;
        }
        let (dimension, own) = of_virtual.next()?;
        let is_open = own.declared.is_none() || source.declared.is_none();
        if !is_open && own.declared != source.declared {
            return None;
        }
        pairs.push(Some(dimension));
    }
    of_virtual.next().is_none().then_some(pairs)
}

/// The least span that holds all runs: the run itself where there is one.
fn covering(runs: &[Run]) -> Option<Span> {
    if let [only] = runs {
        return Some(only.source);
    }
    let start = runs.iter().map(|run| run.source.start).min()?;
    let end = runs.iter().filter_map(|run| run.source.end()).max()?;
    Some(Span { start, step: 1, count: end.saturating_sub(start) })
}

/// The places of `indices` among those of `read`, which has all of them.
fn within(indices: Span, read: Span) -> Span {
    let step = read.step.max(1);
    Span {
        start: indices.start.saturating_sub(read.start) / step,
        step: indices.step.div_ceil(step),
        ..indices
    }
}

/// All combinations of runs.
fn lattices(spans: &[Span], runs: &[(Vec<Run>, u64)], target_start: u64) -> Vec<Lattice> {
    let shape: Vec<u64> = spans.iter().map(|span| span.count).collect();
    let start = Lattice { axes: Vec::new(), source_start: 0, target_start };
    let dimensions = runs.iter().zip(row_major_steps(&shape));
    dimensions.fold(vec![start], |lattices, ((runs, target_step), source_step)| {
        if runs.is_empty() {
            return lattices;
        }
        let extended = lattices.iter().flat_map(|lattice| {
            runs.iter().map(|run| {
                let mut lattice = lattice.clone();
                let by = |at: u64, step: u64| at.saturating_mul(step);
                lattice.source_start =
                    lattice.source_start.saturating_add(by(run.source.start, source_step));
                lattice.target_start =
                    lattice.target_start.saturating_add(by(run.target_start, *target_step));
                lattice.axes.push(Axis {
                    count: run.source.count,
                    source_step: by(run.source.step, source_step),
                    target_step: by(run.target_step, *target_step),
                });
                lattice
            })
        });
        extended.collect()
    })
}

#[cfg(test)]
pub(super) mod tests;
