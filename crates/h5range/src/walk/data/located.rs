//! A selection of a dataset, of which it is known where its chunks are: it is read block by block.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::{join, try_join_all};
use futures::stream::{self, Stream};

use crate::error::Result;
use crate::selection::{Blocks, Covers, Hyperslab};
use crate::walk::chunk_index::{self, ChunkPlace};
use crate::walk::data::block::Fetched;
use crate::walk::data::parts::{self, Filtered, Part, Piece, plain_parts};
use crate::walk::data::storage::{Chunked, Storage};
use crate::walk::data::{Dataset, external, virtual_storage};

/// A selection of a dataset whose chunks were looked up.
pub struct Located {
    dataset: Arc<Dataset>,
    selection: Hyperslab,
    /// The chunks that it meets, in order.
    chunks: Vec<(u64, Option<ChunkPlace>)>,
}

/// Bytes that are fetched for a block, at most so many times those that it is to have: a selection
/// with steps needs chunks of which it wants little.
const FETCHED_SHARE: u64 = 4;

/// The same of a block that is a row of chunks. A smaller one would be fetched and decoded once for
/// each block that has a part of it.
const CHUNK_ROW_SHARE: u64 = 16;

impl Located {
    pub(super) async fn new(dataset: Arc<Dataset>, selection: Hyperslab) -> Result<Self> {
        let chunks = chunks_met(&dataset, std::slice::from_ref(&selection)).await?;
        Ok(Self { dataset, selection, chunks })
    }

    /// The elements of each of `selections`.
    pub(super) async fn read_each(
        dataset: Arc<Dataset>,
        selections: &[Hyperslab],
    ) -> Result<Vec<Bytes>> {
        let chunks = chunks_met(&dataset, selections).await?;
        let selection = Hyperslab::all(&dataset.shape());
        let located = Self { dataset, selection, chunks };
        let fetched = located.fetch_each(selections).await?;
        let executor = &*located.dataset.executor;
        try_join_all(fetched.into_iter().map(|fetched| fetched.decode(executor))).await
    }

    /// Cuts the selection into blocks that follow each other in the order of its elements. Each has
    /// about `block_bytes`; up to sixteen times as much where that is a row of chunks, so that no
    /// chunk is read for two blocks; or less where it needs many times as much of the file. Where a row
    /// of chunks is too much, it is the same along the next dimension: then a chunk is read once for
    /// each index that it has along those before.
    pub fn blocks(&self, block_bytes: u64) -> Blocks {
        self.selection.blocks(self.block_elements(block_bytes), self.grain())
    }

    /// Bytes that [`Located::stream`] takes in memory at most, about: its blocks, and what is fetched
    /// for them.
    pub fn stream_memory_bytes(&self, block_bytes: u64) -> u64 {
        let count = self.selection.element_count().unwrap_or(u64::MAX);
        let elements = self.block_elements(block_bytes).min(count);
        let own = elements.saturating_mul(self.dataset.element_bytes());
        let first = self.blocks(block_bytes).next();
        let fetched = first.map_or(0, |block| self.fetched_bytes(&block));
        let fetched = fetched.max(block_bytes.saturating_mul(FETCHED_SHARE));
        let fetched = fetched.min(self.fetched_bytes(&self.selection)).max(own);
        let blocks = if elements < count { 2 } else { 1 };
        own.saturating_add(fetched).saturating_mul(blocks)
    }

    /// The elements of `block`, which is the selection or one of its [`Located::blocks`].
    ///
    /// Waves: one; none where nothing is stored. Other files take their own.
    ///
    /// # Errors
    ///
    /// As [`Dataset::read`].
    pub async fn read(&self, block: &Hyperslab) -> Result<Bytes> {
        self.fetch(block).await?.decode(&*self.dataset.executor).await
    }

    /// All blocks, one after the other, with their elements: while one is decoded, the next one is
    /// fetched. So there are never more than two of them in memory, and what is in the reader's
    /// hands. Ends with the first error.
    pub fn stream(self, block_bytes: u64) -> impl Stream<Item = Result<(Hyperslab, Bytes)>> {
        let blocks = self.blocks(block_bytes);
        let start = Streamed { located: self, blocks, ahead: Ahead::Start };
        stream::unfold(start, |mut streamed| async move {
            let answer = streamed.next().await.transpose()?;
            if answer.is_err() {
                streamed.ahead = Ahead::End;
            }
            Some((answer, streamed))
        })
    }

    #[cfg(test)]
    pub(super) fn first_chunk_address(&self) -> Option<crate::decode::Address> {
        self.chunks.iter().find_map(|(_, place)| place.map(|place| place.address))
    }

    /// The most elements of a block of about `block_bytes`.
    fn block_elements(&self, block_bytes: u64) -> u64 {
        let fetched = |elements: u64| {
            let first = self.selection.blocks(elements, self.grain()).next();
            first.map_or(0, |block| self.fetched_bytes(&block))
        };
        let of_one = fetched(1);
        let is_affordable = |elements: u64, share: u64| {
            fetched(elements) <= block_bytes.saturating_mul(share).max(of_one)
        };
        let mut elements = (block_bytes / self.dataset.element_bytes()).max(1);
        let is_enough = is_affordable(elements, FETCHED_SHARE);
        for row in chunk_rows(&self.selection, self.grain()) {
            if is_enough && row <= elements {
                return elements;
            }
            if is_affordable(row, CHUNK_ROW_SHARE) {
                return row;
            }
        }
        while elements > 1 && !is_affordable(elements, FETCHED_SHARE) {
            elements /= 2;
        }
        elements
    }

    /// The elements of a chunk along each dimension.
    fn grain(&self) -> &[u64] {
        match &self.dataset.storage {
            Storage::Chunked(chunked) => chunked.grid.chunk(),
            _ => &[],
        }
    }

    /// Bytes that are fetched at most for `block`.
    fn fetched_bytes(&self, block: &Hyperslab) -> u64 {
        match &self.dataset.storage {
            Storage::Chunked(chunked) => {
                chunked.grid.count_met(block).saturating_mul(chunked.chunk_bytes)
            }
            Storage::Contiguous { .. } => {
                let whole = self.dataset.lattice_of_whole(block);
                let covers = Covers::new(&whole, self.dataset.element_bytes());
                covers.map_or(u64::MAX, |covers| covers.bytes())
            }
            _ => 0,
        }
    }

    async fn fetch(&self, block: &Hyperslab) -> Result<Fetched> {
        let (mut fetched, wanted) = self.plan(block)?;
        fetched.pieces.extend(self.fetch_parts(wanted).await?);
        fetched.pieces.extend(self.pieces_elsewhere(block).await?);
        Ok(fetched)
    }

    /// All blocks in one wave; other files take their own.
    async fn fetch_each(&self, blocks: &[Hyperslab]) -> Result<Vec<Fetched>> {
        let (mut each, mut counts, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for block in blocks {
            let (fetched, parts) = self.plan(block)?;
            each.push(fetched);
            counts.push(parts.len());
            wanted.extend(parts);
        }
        let mut pieces = self.fetch_parts(wanted).await?.into_iter();
        for (fetched, count) in each.iter_mut().zip(counts) {
            fetched.pieces.extend(pieces.by_ref().take(count));
        }
        let elsewhere = try_join_all(blocks.iter().map(|block| self.pieces_elsewhere(block)));
        for (fetched, pieces) in each.iter_mut().zip(elsewhere.await?) {
            fetched.pieces.extend(pieces);
        }
        Ok(each)
    }

    async fn fetch_parts(&self, wanted: Vec<Part>) -> Result<Vec<Piece>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let file = &self.dataset.file;
        file.drive(parts::fetch(file.reader(), wanted)).await
    }

    /// A block with what needs not to be fetched, and what to fetch of this file for the rest.
    fn plan(&self, block: &Hyperslab) -> Result<(Fetched, Vec<Part>)> {
        let dataset = &*self.dataset;
        let (file, element_bytes) = (&dataset.file, dataset.element_bytes());
        let size_bytes = block.element_count().and_then(|count| count.checked_mul(element_bytes));
        let size_bytes = size_bytes.unwrap_or(u64::MAX);
        file.budget().decoded(size_bytes)?;
        let fill = dataset.description.fill.clone();
        let mut fetched = Fetched::new(size_bytes, element_bytes, fill)?;
        let mut wanted = Vec::new();
        match &dataset.storage {
            _ if size_bytes == 0 => {}
            Storage::Unwritten => fetched.has_gaps = true,
            Storage::Compact(data) => {
                let lattice = dataset.lattice_of_whole(block);
                fetched.pieces.push(Piece::plain(dataset.address, data.clone(), lattice));
            }
            Storage::Contiguous { address, size_bytes } => {
                let lattice = dataset.lattice_of_whole(block);
                let reader = file.reader();
                plain_parts(reader, *address, *size_bytes, &lattice, element_bytes, &mut wanted)?;
            }
            Storage::Chunked(chunked) => {
                (wanted, fetched.has_gaps) = self.chunk_parts(chunked, block)?;
            }
            Storage::External(_) => {}
            Storage::Virtual(_) => fetched.has_gaps = true,
        }
        Ok((fetched, wanted))
    }

    /// What other files have of `block`.
    async fn pieces_elsewhere(&self, block: &Hyperslab) -> Result<Vec<Piece>> {
        let dataset = &*self.dataset;
        match &dataset.storage {
            _ if block.element_count() == Some(0) => Ok(Vec::new()),
            Storage::External(sources) => {
                external::pieces(dataset, sources, &dataset.lattice_of_whole(block)).await
            }
            Storage::Virtual(mappings) => virtual_storage::pieces(dataset, mappings, block).await,
            _ => Ok(Vec::new()),
        }
    }

    /// What to read for the chunks that `block` meets, and whether some of them are not allocated.
    fn chunk_parts(&self, chunked: &Chunked, block: &Hyperslab) -> Result<(Vec<Part>, bool)> {
        let reader = self.dataset.file.reader();
        let element_bytes = self.dataset.element_bytes();
        reader.budget().list::<Part>(chunked.grid.count_met(block))?;
        let (mut wanted, mut has_gaps) = (Vec::new(), false);
        for number in chunked.grid.numbers_met(block) {
            let Some(place) = self.place_of(number) else {
                has_gaps = true;
                continue;
            };
            let lattice = chunked.grid.lattice(number, block);
            let ChunkPlace { address, size_bytes, filter_mask } = place;
            if !chunked.is_filtered(number, filter_mask) {
                plain_parts(reader, address, size_bytes, &lattice, element_bytes, &mut wanted)?;
                continue;
            }
            let pipeline = Arc::clone(&chunked.pipeline);
            let filtered = Filtered { pipeline, filter_mask, chunk_bytes: chunked.chunk_bytes };
            wanted.push(Part { address, size_bytes, lattice, filtered: Some(filtered) });
        }
        Ok((wanted, has_gaps))
    }

    fn place_of(&self, number: u64) -> Option<ChunkPlace> {
        let found = self.chunks.binary_search_by_key(&number, |(number, _)| *number);
        found.ok().and_then(|at| self.chunks.get(at)).and_then(|(_, place)| *place)
    }
}

/// The chunks that any of `selections` meets, in order, and where they are.
async fn chunks_met(
    dataset: &Dataset,
    selections: &[Hyperslab],
) -> Result<Vec<(u64, Option<ChunkPlace>)>> {
    let Storage::Chunked(Chunked { grid, index, dataspace, chunk_bytes, .. }) = &dataset.storage
    else {
        return Ok(Vec::new());
    };
    let file = &dataset.file;
    for selection in selections {
        file.budget().list::<(u64, Option<ChunkPlace>)>(grid.count_met(selection))?;
    }
    let met = selections.iter().flat_map(|selection| grid.numbers_met(selection));
    let mut numbers: Vec<u64> = met.collect();
    if selections.len() > 1 {
        numbers.sort_unstable();
        numbers.dedup();
    }
    let wanted = numbers.clone();
    let places = chunk_index::places(file, index, dataspace, grid, wanted, *chunk_bytes);
    Ok(numbers.into_iter().zip(file.drive(places).await?).collect())
}

/// The elements of rows of chunks of `selection`, from the longest to the shortest ones: for each
/// dimension along which neighbours share chunks, those of the least block that shares none with the
/// next one along it. `chunk` are the elements of one along each dimension.
fn chunk_rows(selection: &Hyperslab, chunk: &[u64]) -> Vec<u64> {
    let (mut rows, mut behind) = (Vec::new(), 1_u64);
    for (span, side) in selection.spans().iter().zip(chunk).rev() {
        if span.count > 1 && span.step < *side {
            let of_a_chunk = side.div_ceil(span.step.max(1)).min(span.count);
            rows.insert(0, of_a_chunk.saturating_mul(behind));
        }
        behind = behind.saturating_mul(span.count);
    }
    rows
}

impl Chunked {
    fn is_filtered(&self, number: u64, filter_mask: u32) -> bool {
        let filters = u32::try_from(self.pipeline.filters.len()).unwrap_or(u32::BITS);
        let all = 1_u32.checked_shl(filters).unwrap_or(0).wrapping_sub(1);
        let is_unfiltered = self.partial_chunks_unfiltered && self.grid.is_partial(number);
        filter_mask & all != all && !is_unfiltered
    }
}

/// Blocks that are read one after the other.
struct Streamed {
    located: Located,
    blocks: Blocks,
    ahead: Ahead,
}

/// What was fetched ahead.
enum Ahead {
    Start,
    Block(Hyperslab, Result<Fetched>),
    End,
}

impl Streamed {
    async fn next(&mut self) -> Result<Option<(Hyperslab, Bytes)>> {
        let (block, fetched) = match std::mem::replace(&mut self.ahead, Ahead::End) {
            Ahead::End => return Ok(None),
            Ahead::Block(block, fetched) => (block, fetched?),
            Ahead::Start => match self.blocks.next() {
                None => return Ok(None),
                Some(block) => {
                    let fetched = self.located.fetch(&block).await?;
                    (block, fetched)
                }
            },
        };
        let decoded = fetched.decode(&*self.located.dataset.executor);
        let decoded = match self.blocks.next() {
            None => decoded.await,
            Some(next) => {
                let (decoded, fetched) = join(decoded, self.located.fetch(&next)).await;
                self.ahead = Ahead::Block(next, fetched);
                decoded
            }
        };
        Ok(Some((block, decoded?)))
    }
}
