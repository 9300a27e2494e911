//! Version 2 B-trees of chunks.

use crate::decode::Address;
use crate::decode::btree_v2::ChunkRecord;
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::chunk_index::ChunkStorage;

/// The type of trees of chunks without filters. Such chunks are all of the same size.
const PLAIN_CHUNKS: u8 = 10;

/// Counts the records, or adds up what they say. One wave for the header, and for filtered chunks
/// one for each level.
pub(super) async fn storage(
    reader: &Reader,
    address: Address,
    chunk_bytes: u64,
    rank: u8,
) -> Result<ChunkStorage> {
    let tree = BTreeV2::open(reader, address).await?;
    if tree.record_type() == PLAIN_CHUNKS {
        return Ok(ChunkStorage::of_equal(tree.record_count(), chunk_bytes));
    }
    let mut storage = ChunkStorage::default();
    for record in tree.records(reader).await?.all()? {
        let mut cursor = reader.cursor(&record, "version 2 B-tree record", address);
        let record = ChunkRecord::decode(&mut cursor, tree.record_type(), rank)?;
        storage = storage.with(record.size_bytes.unwrap_or(chunk_bytes));
    }
    Ok(storage)
}
