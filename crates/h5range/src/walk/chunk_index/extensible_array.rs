//! Extensible arrays of chunks.

use std::ops::Range;

use futures::future::{try_join, try_join_all};

use crate::decode::Address;
use crate::decode::chunk_element::ChunkElement;
use crate::decode::extensible_array::{DataBlock, ExtensibleArrayHeader, SecondaryBlock};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::chunk_index::lookup::ElementRun;
use crate::walk::visited::Visited;

const HEADER: &str = "extensible array header";
const INDEX_BLOCK: &str = "extensible array index block";
const SECONDARY_BLOCK: &str = "extensible array secondary block";
const DATA_BLOCK: &str = "extensible array data block";

/// From blocks of this size the library by default takes the places of small structures, so that
/// those that are made together stand together.
const METADATA_BLOCK_BYTES: u64 = 2048;

/// The elements, but those of blocks and pages that were never written to, whose chunks are not
/// allocated, or that `is_wanted` does not want. Up to four waves: header, index block, secondary
/// blocks, and the data blocks beside or after these. Where the index block stands behind the header,
/// as the library writes it, it comes with it.
pub(super) async fn runs(
    reader: &Reader,
    address: Address,
    is_wanted: impl Fn(Range<u64>) -> bool,
) -> Result<Vec<ElementRun>> {
    reader.budget().nodes(2)?;
    let length = ExtensibleArrayHeader::encoded_bytes(reader.widths());
    if let Some(behind) = address.checked_add(length) {
        reader.ask_ahead(behind, METADATA_BLOCK_BYTES);
    }
    let bytes = reader.ask(address, length, HEADER).await?;
    let header = ExtensibleArrayHeader::decode(&mut reader.cursor(&bytes, HEADER, address))?;
    let Some(index_block) = header.index_block else { return Ok(Vec::new()) };

    let length = header.index_block_bytes(reader.widths());
    let bytes = reader.ask(index_block, length, INDEX_BLOCK).await?;
    let index = header.index_block(reader.cursor(&bytes, INDEX_BLOCK, index_block))?;
    let secondary = index.secondary_blocks.iter();
    let secondary = secondary.filter(|block| is_wanted(header.secondary_block_elements(**block)));
    let secondary = secondary.map(async |&block| {
        let data_blocks = secondary_block(reader, &header, block).await?;
        data_block_runs(reader, &header, data_blocks, &is_wanted).await
    });
    let (direct, secondary) = try_join(
        data_block_runs(reader, &header, index.data_blocks, &is_wanted),
        try_join_all(secondary),
    )
    .await?;
    let mut runs = vec![(0, index.elements)];
    runs.extend(direct);
    runs.extend(secondary.into_iter().flatten());
    Ok(runs)
}

async fn secondary_block(
    reader: &Reader,
    header: &ExtensibleArrayHeader,
    block: SecondaryBlock,
) -> Result<Vec<DataBlock>> {
    reader.budget().nodes(1)?;
    let length = header.secondary_block_bytes(block, reader.widths());
    let bytes = reader.ask(block.address, length, SECONDARY_BLOCK).await?;
    reader.budget().list::<DataBlock>(header.data_blocks_max(block))?;
    header.secondary_block(block, reader.cursor(&bytes, SECONDARY_BLOCK, block.address))
}

async fn data_block_runs(
    reader: &Reader,
    header: &ExtensibleArrayHeader,
    mut blocks: Vec<DataBlock>,
    is_wanted: &impl Fn(Range<u64>) -> bool,
) -> Result<Vec<ElementRun>> {
    blocks.retain(|block| {
        is_wanted(block.first_element..block.first_element.saturating_add(block.element_count))
    });
    let addresses = blocks.iter().map(|block| block.address);
    Visited::default().enter_all(addresses, DATA_BLOCK, reader.budget())?;
    let runs = blocks.iter().map(async |&block| {
        let length = header.data_block_bytes(block, reader.widths());
        let bytes = reader.ask(block.address, length, DATA_BLOCK).await?;
        reader.budget().list::<ChunkElement>(block.element_count)?;
        let cursor = reader.cursor(&bytes, DATA_BLOCK, block.address);
        Ok((block.first_element, header.data_block(block, cursor)?))
    });
    try_join_all(runs).await
}
