//! Reads the indexes of chunks: how much of the file a dataset's chunks take (section VII of the
//! specification, "Types of Indexes for Dataset Chunks").

mod btree_v1;
mod btree_v2;
mod extensible_array;
mod fixed_array;

use crate::decode::chunk_element::ChunkElement;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::layout::{ChunkIndex, Layout};
use crate::error::Result;
use crate::walk::{File, Object};

/// Bytes that the chunks of a dataset take in the file: those that are allocated, after all
/// filters. 0 for datasets without chunks.
///
/// Waves: none for a single chunk and for the implicit index. One for a version 2 B-tree of chunks
/// without filters, else its levels and the header. The levels of a version 1 B-tree. Up to three
/// for a fixed array and up to four for an extensible one.
///
/// # Errors
///
/// When a part of the index is malformed, or there is more of it than the question may read.
pub(crate) async fn storage_size(file: &File, dataset: &Object, layout: &Layout) -> Result<u64> {
    let Layout::Chunked { chunk, element_size, index, .. } = layout else { return Ok(0) };
    let elements = chunk.iter().fold(1, |product: u64, &extent| product.saturating_mul(extent));
    let chunk_bytes = elements.saturating_mul(*element_size);
    let rank = u8::try_from(chunk.len()).unwrap_or(u8::MAX);
    let reader = file.reader();
    match *index {
        ChunkIndex::BTreeV1 { address: Some(root) } => {
            let internal_k = file.header().indexed_storage_k();
            btree_v1::storage_size(reader, root, internal_k, rank).await
        }
        ChunkIndex::SingleChunk { address: Some(_), filtered } => {
            Ok(filtered.map_or(chunk_bytes, |filtered| filtered.size_bytes))
        }
        ChunkIndex::Implicit { address: Some(_) } => {
            let chunks = chunk_count(chunk, dataset.dataspace()?.as_ref());
            Ok(chunks.saturating_mul(chunk_bytes))
        }
        ChunkIndex::FixedArray { address: Some(address), .. } => {
            let elements = fixed_array::elements(reader, address).await?;
            Ok(allocated_bytes(&elements, chunk_bytes))
        }
        ChunkIndex::ExtensibleArray { address: Some(address), .. } => {
            let elements = extensible_array::elements(reader, address).await?;
            Ok(allocated_bytes(&elements, chunk_bytes))
        }
        ChunkIndex::BTreeV2 { address: Some(address), .. } => {
            btree_v2::storage_size(reader, address, chunk_bytes, rank).await
        }
        _ => Ok(0),
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

fn allocated_bytes(elements: &[ChunkElement], chunk_bytes: u64) -> u64 {
    let allocated = elements.iter().filter(|element| element.address.is_some());
    let sizes = allocated.map(|element| element.size_bytes.unwrap_or(chunk_bytes));
    sizes.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
