//! Version 2 B-trees of chunks.

use crate::decode::Address;
use crate::decode::btree_v2::ChunkRecord;
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::btree_v2::BTreeV2;

/// The type of trees of chunks without filters. Such chunks are all of the same size.
const PLAIN_CHUNKS: u8 = 10;

/// Counts the records, or adds up what they say. One wave for the header, and for filtered chunks
/// one for each level.
pub(super) async fn storage_size(
    reader: &Reader,
    address: Address,
    chunk_bytes: u64,
    rank: u8,
) -> Result<u64> {
    let tree = BTreeV2::open(reader, address).await?;
    if tree.record_type() == PLAIN_CHUNKS {
        return Ok(tree.record_count().saturating_mul(chunk_bytes));
    }
    let mut size_bytes = 0_u64;
    for record in tree.records(reader).await? {
        let mut cursor = reader.cursor(&record, "version 2 B-tree record", address);
        let record = ChunkRecord::decode(&mut cursor, tree.record_type(), rank)?;
        size_bytes = size_bytes.saturating_add(record.size_bytes.unwrap_or(chunk_bytes));
    }
    Ok(size_bytes)
}
