//! Reads the indexes of chunks: where some of them are, or how many there are and how much of the
//! file they take (section VII of the specification, "Types of Indexes for Dataset Chunks").

mod btree_v1;
mod btree_v2;
mod extensible_array;
mod fixed_array;
mod lookup;

use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::layout::{ChunkIndex, Layout};
use crate::error::Result;
use crate::walk::{File, Object};

use self::lookup::ElementRun;

pub(crate) use lookup::{ChunkPlace, places};

/// The chunks of a dataset that are allocated, in the sizes that they have in the file: after all
/// filters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChunkStorage {
    /// How many there are.
    pub count: u64,
    /// Bytes of all together.
    pub size_bytes: u64,
    /// Bytes of the smallest; 0 where there is none.
    pub smallest_bytes: u64,
    /// Bytes of the largest.
    pub largest_bytes: u64,
}

/// Reads the index of a dataset's chunks. Nothing for datasets without chunks.
///
/// Waves: none for a single chunk and for the implicit index. One for a version 2 B-tree of chunks
/// without filters, else its levels and the header. The levels of a version 1 B-tree. Up to three
/// for a fixed array and up to four for an extensible one.
///
/// # Errors
///
/// When a part of the index is malformed, or there is more of it than the question may read.
pub(crate) async fn storage(
    file: &File,
    dataset: &Object,
    layout: &Layout,
) -> Result<ChunkStorage> {
    let Layout::Chunked { chunk, element_size, index, .. } = layout else {
        return Ok(ChunkStorage::default());
    };
    let elements = chunk.iter().fold(1, |product: u64, &extent| product.saturating_mul(extent));
    let chunk_bytes = elements.saturating_mul(*element_size);
    let rank = u8::try_from(chunk.len()).unwrap_or(u8::MAX);
    let reader = file.reader();
    match *index {
        ChunkIndex::BTreeV1 { address: Some(root) } => {
            let internal_k = file.header().indexed_storage_k();
            btree_v1::storage(reader, root, internal_k, rank).await
        }
        ChunkIndex::SingleChunk { address: Some(_), filtered } => {
            let size_bytes = filtered.map_or(chunk_bytes, |filtered| filtered.size_bytes);
            Ok(ChunkStorage::of_equal(1, size_bytes))
        }
        ChunkIndex::Implicit { address: Some(_) } => {
            let count = chunk_count(chunk, dataset.dataspace()?.as_ref());
            Ok(ChunkStorage::of_equal(count, chunk_bytes))
        }
        ChunkIndex::FixedArray { address: Some(address), .. } => {
            let runs = fixed_array::runs(reader, address, |_| true).await?;
            Ok(ChunkStorage::of_runs(&runs, chunk_bytes))
        }
        ChunkIndex::ExtensibleArray { address: Some(address), .. } => {
            let runs = extensible_array::runs(reader, address, |_| true).await?;
            Ok(ChunkStorage::of_runs(&runs, chunk_bytes))
        }
        ChunkIndex::BTreeV2 { address: Some(address), .. } => {
            btree_v2::storage(reader, address, chunk_bytes, rank).await
        }
        _ => Ok(ChunkStorage::default()),
    }
}

impl ChunkStorage {
    /// Chunks that are all of the same size, as they are without filters.
    fn of_equal(count: u64, chunk_bytes: u64) -> Self {
        if count == 0 {
            return Self::default();
        }
        Self {
            count,
            size_bytes: count.saturating_mul(chunk_bytes),
            smallest_bytes: chunk_bytes,
            largest_bytes: chunk_bytes,
        }
    }

    fn of_sizes(sizes_bytes: impl Iterator<Item = u64>) -> Self {
        sizes_bytes.fold(Self::default(), Self::with)
    }

    fn of_runs(runs: &[ElementRun], chunk_bytes: u64) -> Self {
        let elements = runs.iter().flat_map(|(_, elements)| elements);
        let allocated = elements.filter(|element| element.address.is_some());
        Self::of_sizes(allocated.map(|element| element.size_bytes.unwrap_or(chunk_bytes)))
    }

    /// These chunks and one more.
    fn with(self, size_bytes: u64) -> Self {
        let smallest_bytes =
            if self.count == 0 { size_bytes } else { self.smallest_bytes.min(size_bytes) };
        Self {
            count: self.count.saturating_add(1),
            size_bytes: self.size_bytes.saturating_add(size_bytes),
            smallest_bytes,
            largest_bytes: self.largest_bytes.max(size_bytes),
        }
    }
}

/// How many chunks it takes to cover the dataset as it is now.
fn chunk_count(chunk: &[u64], dataspace: Option<&Dataspace>) -> u64 {
    let Some(Dataspace::Simple { dimensions, .. }) = dataspace else { return 0 };
    let counts = dimensions.iter().zip(chunk).map(|(extent, chunk)| {
        let whole = extent.checked_div(*chunk).unwrap_or(0);
        whole.saturating_add(u64::from(extent.checked_rem(*chunk).is_some_and(|rest| rest > 0)))
    });
    counts.fold(1, u64::saturating_mul)
}

#[cfg(test)]
mod tests;
