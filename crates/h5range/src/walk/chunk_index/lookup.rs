//! Looks up where some of the chunks of a dataset are.

use std::ops::Range;

use crate::decode::Address;
use crate::decode::chunk_element::ChunkElement;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::layout::ChunkIndex;
use crate::error::{Error, Result};
use crate::selection::{ChunkGrid, number_of, row_major_steps};
use crate::walk::File;
use crate::walk::chunk_index::{btree_v1, btree_v2, extensible_array, fixed_array};

/// A chunk that is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkPlace {
    /// Where it is.
    pub(crate) address: Address,
    /// Its bytes in the file, after all filters.
    pub(crate) size_bytes: u64,
    /// Bit n is set when the pipeline's filter n was skipped for it.
    pub(crate) filter_mask: u32,
}

/// Chunks that are looked for, and what was found of them.
#[derive(Debug)]
pub(crate) struct Wanted<'g> {
    pub(super) grid: &'g ChunkGrid,
    /// Their numbers in the grid, in order.
    numbers: Vec<u64>,
    /// Bytes of a chunk without filters.
    pub(super) chunk_bytes: u64,
    places: Vec<Option<ChunkPlace>>,
}

/// Looks up the chunks with these `numbers`, which are in order: where each of them is, `None` for
/// those that are not allocated. Reads what leads to them, and no other parts of the index.
///
/// Waves: none for a single chunk and for the implicit index. The levels of a version 1 B-tree; one
/// more for a version 2 B-tree. Up to three for a fixed array and up to four for an extensible one.
///
/// # Errors
///
/// When a part of the index that is needed is malformed, or there is more of it than the question
/// may read.
pub(crate) async fn places(
    file: &File,
    index: &ChunkIndex,
    dataspace: &Dataspace,
    grid: &ChunkGrid,
    numbers: Vec<u64>,
    chunk_bytes: u64,
) -> Result<Vec<Option<ChunkPlace>>> {
    let reader = file.reader();
    let places = vec![None; numbers.len()];
    let mut wanted = Wanted { grid, numbers, chunk_bytes, places };
    if wanted.numbers.is_empty() {
        return Ok(wanted.places);
    }
    match *index {
        ChunkIndex::BTreeV1 { address: Some(root) } => {
            let internal_k = file.header().indexed_storage_k();
            btree_v1::find(reader, root, internal_k, &mut wanted).await?;
        }
        ChunkIndex::SingleChunk { address: Some(address), filtered } => {
            let size_bytes = filtered.map_or(chunk_bytes, |filtered| filtered.size_bytes);
            let filter_mask = filtered.map_or(0, |filtered| filtered.filter_mask);
            let only = ChunkPlace { address, size_bytes, filter_mask };
            wanted.put(&vec![0; grid.chunk().len()], only);
        }
        ChunkIndex::Implicit { address: Some(first) } => {
            let order = ArrayOrder::new(dataspace, grid, false)?;
            for (number, place) in wanted.numbers.iter().zip(&mut wanted.places) {
                let offset = order.index(&grid.scaled(*number)).checked_mul(chunk_bytes);
                let address = offset.and_then(|offset| first.checked_add(offset));
                *place = address.map(|address| wanted_whole(address, chunk_bytes));
            }
        }
        ChunkIndex::FixedArray { address: Some(address), .. } => {
            let elements = wanted.elements(&ArrayOrder::new(dataspace, grid, false)?);
            let runs = fixed_array::runs(reader, address, |run| elements.meet(run)).await?;
            wanted.put_elements(&elements, &runs);
        }
        ChunkIndex::ExtensibleArray { address: Some(address), .. } => {
            let elements = wanted.elements(&ArrayOrder::new(dataspace, grid, true)?);
            let runs = extensible_array::runs(reader, address, |run| elements.meet(run)).await?;
            wanted.put_elements(&elements, &runs);
        }
        ChunkIndex::BTreeV2 { address: Some(address), .. } => {
            btree_v2::find(reader, address, &mut wanted).await?;
        }
        _ => {}
    }
    Ok(wanted.places)
}

fn wanted_whole(address: Address, chunk_bytes: u64) -> ChunkPlace {
    ChunkPlace { address, size_bytes: chunk_bytes, filter_mask: 0 }
}

impl Wanted<'_> {
    /// Dimensions of the dataset.
    pub(super) fn rank(&self) -> u8 {
        u8::try_from(self.grid.chunk().len()).unwrap_or(u8::MAX)
    }

    /// Whether a chunk is wanted that is at `lower` or behind it, and before `upper`, both counted
    /// in chunks. `None` is either end.
    pub(super) fn any_between(&self, lower: Option<&[u64]>, upper: Option<&[u64]>) -> bool {
        let place = |scaled: &[u64]| {
            let number = self.grid.number_from(scaled);
            self.numbers.partition_point(|wanted| *wanted < number)
        };
        let lower = lower.map_or(0, place);
        let upper = upper.map_or(self.numbers.len(), place);
        lower < upper
    }

    /// Notes where the chunk at `scaled` is, if it is wanted.
    pub(super) fn put(&mut self, scaled: &[u64], place: ChunkPlace) {
        if !self.grid.contains(scaled) {
            return;
        }
        let found = self.numbers.binary_search(&self.grid.number_from(scaled));
        if let Some(slot) = found.ok().and_then(|at| self.places.get_mut(at)) {
            *slot = Some(place);
        }
    }

    fn elements(&self, order: &ArrayOrder) -> WantedElements {
        let indices = self.numbers.iter().enumerate();
        let indices = indices.map(|(at, number)| (order.index(&self.grid.scaled(*number)), at));
        let mut indices: Vec<(u64, usize)> = indices.collect();
        indices.sort_unstable();
        WantedElements(indices)
    }

    fn put_elements(&mut self, wanted: &WantedElements, runs: &[ElementRun]) {
        for (first, elements) in runs {
            let end = first.saturating_add(elements.len() as u64);
            for &(index, at) in wanted.within(*first..end) {
                let element = usize::try_from(index.saturating_sub(*first)).ok();
                let element = element.and_then(|element| elements.get(element));
                if let (Some(element), Some(slot)) = (element, self.places.get_mut(at)) {
                    *slot = place_of(element, self.chunk_bytes);
                }
            }
        }
    }
}

fn place_of(element: &ChunkElement, chunk_bytes: u64) -> Option<ChunkPlace> {
    Some(ChunkPlace {
        address: element.address?,
        size_bytes: element.size_bytes.unwrap_or(chunk_bytes),
        filter_mask: element.filter_mask,
    })
}

/// Elements of an array that follow each other, and the index of the first one.
pub(super) type ElementRun = (u64, Vec<ChunkElement>);

/// Indices of array elements that are wanted, in order, each with its place in [`Wanted`].
struct WantedElements(Vec<(u64, usize)>);

impl WantedElements {
    fn within(&self, run: Range<u64>) -> &[(u64, usize)] {
        let place = |end: u64| self.0.partition_point(|(index, _)| *index < end);
        self.0.get(place(run.start)..place(run.end)).unwrap_or_default()
    }

    fn meet(&self, run: Range<u64>) -> bool {
        !self.within(run).is_empty()
    }
}

/// How arrays number chunks: in the order of their places in the largest shape that the dataset may
/// have. In an extensible array the dimension without limit counts slowest. The specification leaves
/// this out; it is how the library has always written them.
struct ArrayOrder {
    steps: Vec<u64>,
}

impl ArrayOrder {
    fn new(dataspace: &Dataspace, grid: &ChunkGrid, grows: bool) -> Result<Self> {
        let Dataspace::Simple { dimensions, maximum } = dataspace else {
            return Err(Error::unsupported("chunks of a dataset without dimensions"));
        };
        let largest = |dimension: usize, extent: u64| {
            let maximum = maximum.as_ref().and_then(|maximum| maximum.get(dimension).copied());
            maximum.unwrap_or(Some(extent))
        };
        let counts = dimensions.iter().zip(grid.chunk()).enumerate();
        let counts = counts.map(|(dimension, (&extent, chunk))| {
            largest(dimension, extent).map(|extent| extent.div_ceil((*chunk).max(1)))
        });
        let mut counts: Vec<Option<u64>> = counts.collect();
        let unlimited = counts.iter().position(Option::is_none).filter(|_| grows);
        let slowest = unlimited.map(|dimension| counts.remove(dimension));
        let counts: Vec<u64> = counts.into_iter().map(|count| count.unwrap_or(u64::MAX)).collect();
        let mut steps = row_major_steps(&counts);
        if let (Some(dimension), Some(_)) = (unlimited, slowest) {
            steps.insert(
                dimension,
                counts.iter().fold(1, |step, count| step.saturating_mul(*count)),
            );
        }
        Ok(Self { steps })
    }

    fn index(&self, scaled: &[u64]) -> u64 {
        number_of(scaled, &self.steps)
    }
}
