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

    /// The runs of ordinals within which indices stand at equal distances.
    fn pieces(&self) -> impl Iterator<Item = std::ops::Range<u64>> {
        let length = if self.equal_step().is_some() { self.count.max(1) } else { self.block };
        let count = self.count.div_ceil(length);
        (0..count).map(move |piece| {
            let start = piece.saturating_mul(length);
            start..start.saturating_add(length).min(self.count)
        })
    }

    /// The ordinals within `piece` whose indices `span` wants, as a run from its first one on: with
    /// their places in the span.
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
        met.collect()
    }
}

/// What of a source a block wants, where the elements `of_virtual` of the virtual dataset are those
/// `of_source`, in the same order. `None` where these do not correspond dimension by dimension:
/// dimensions of one index apart, which may stand anywhere.
pub(crate) fn mapped(
    of_virtual: &[Indices],
    of_source: &[Indices],
    block: &Hyperslab,
) -> Option<Option<Mapped>> {
    let pairs = pairs(of_virtual, of_source)?;
    let target_steps = row_major_steps(&block.shape());
    // Of each dimension of the source: what is read of it, and the runs.
    let mut spans = Vec::new();
    let mut runs = Vec::new();
    let mut target_start = 0_u64;
    for (dimension, (own, &span)) in of_virtual.iter().zip(block.spans()).enumerate() {
        if pairs.iter().any(|(of, _)| *of == Some(dimension)) {
            continue;
        }
        // One index: the block has it or not.
        let places = span.within(own.index(0)..own.index(0).saturating_add(1));
        if places.is_empty() || own.count == 0 || span.at(places.start) != own.index(0) {
            return Some(None);
        }
        let step = target_steps.get(dimension)?;
        target_start = target_start.saturating_add(places.start.saturating_mul(*step));
    }
    for (of_virtual_dimension, of_source_dimension) in pairs {
        let source = of_source.get(of_source_dimension)?;
        let Some(dimension) = of_virtual_dimension else {
            if source.count == 0 {
                return Some(None);
            }
            spans.push(Span { start: source.index(0), step: 1, count: 1 });
            runs.push((vec![], 0));
            continue;
        };
        let own = of_virtual.get(dimension)?;
        let own = Indices { count: own.count.min(source.count), ..*own };
        let span = *block.spans().get(dimension)?;
        let wanted: Vec<Run> = own.pieces().flat_map(|piece| own.wanted(&piece, span)).collect();
        let found: Vec<Run> = wanted.into_iter().flat_map(|run| source.found(run)).collect();
        let Some(read) = covering(&found) else { return Some(None) };
        let found = found.into_iter().map(|run| Run { source: within(run.source, read), ..run });
        spans.push(read);
        runs.push((found.collect::<Vec<Run>>(), *target_steps.get(dimension)?));
    }
    let lattices = lattices(&spans, &runs, target_start);
    Some(Some(Mapped { source: Hyperslab { spans }, lattices }))
}

impl Indices {
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
        while done < ordinals.count {
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
fn pairs(of_virtual: &[Indices], of_source: &[Indices]) -> Option<Vec<(Option<usize>, usize)>> {
    let counts = |indices: &Indices| indices.declared != Some(1);
    let mut of_virtual = of_virtual.iter().enumerate().filter(|(_, indices)| counts(indices));
    let mut pairs = Vec::new();
    for (dimension, source) in of_source.iter().enumerate() {
        if !counts(source) {
            pairs.push((None, dimension));
            continue;
        }
        let (own_dimension, own) = of_virtual.next()?;
        let agree = own.declared.is_none() || source.declared.is_none();
        if !agree && own.declared != source.declared {
            return None;
        }
        pairs.push((Some(own_dimension), dimension));
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
mod tests;
