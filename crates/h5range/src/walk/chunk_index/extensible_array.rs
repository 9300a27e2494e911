//! Extensible arrays of chunks.

use futures::future::{try_join, try_join_all};

use crate::decode::Address;
use crate::decode::chunk_element::ChunkElement;
use crate::decode::extensible_array::{DataBlock, ExtensibleArrayHeader, SecondaryBlock};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::visited::Visited;

const HEADER: &str = "extensible array header";
const INDEX_BLOCK: &str = "extensible array index block";
const SECONDARY_BLOCK: &str = "extensible array secondary block";
const DATA_BLOCK: &str = "extensible array data block";

/// All elements, but those of blocks and pages that were never written to: none of these chunks is
/// allocated. Two to four waves: header, index block, secondary blocks, and the data blocks beside
/// or after these.
pub(super) async fn elements(reader: &Reader, address: Address) -> Result<Vec<ChunkElement>> {
    reader.budget().nodes(2)?;
    let length = ExtensibleArrayHeader::encoded_bytes(reader.widths());
    let bytes = reader.ask(address, length, HEADER).await?;
    let header = ExtensibleArrayHeader::decode(&mut reader.cursor(&bytes, HEADER, address))?;
    let Some(index_block) = header.index_block else { return Ok(Vec::new()) };

    let length = header.index_block_bytes(reader.widths());
    let bytes = reader.ask(index_block, length, INDEX_BLOCK).await?;
    let index = header.index_block(reader.cursor(&bytes, INDEX_BLOCK, index_block))?;
    let secondary = index.secondary_blocks.iter().map(async |&block| {
        let data_blocks = secondary_block(reader, &header, block).await?;
        data_block_elements(reader, &header, &data_blocks).await
    });
    let (direct, secondary) =
        try_join(data_block_elements(reader, &header, &index.data_blocks), try_join_all(secondary))
            .await?;
    let mut elements = index.elements;
    elements.extend(direct);
    elements.extend(secondary.into_iter().flatten());
    Ok(elements)
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

async fn data_block_elements(
    reader: &Reader,
    header: &ExtensibleArrayHeader,
    blocks: &[DataBlock],
) -> Result<Vec<ChunkElement>> {
    let addresses = blocks.iter().map(|block| block.address);
    Visited::default().enter_all(addresses, DATA_BLOCK, reader.budget())?;
    let elements = blocks.iter().map(async |&block| {
        let length = header.data_block_bytes(block, reader.widths());
        let bytes = reader.ask(block.address, length, DATA_BLOCK).await?;
        reader.budget().list::<ChunkElement>(block.element_count)?;
        header.data_block(block, reader.cursor(&bytes, DATA_BLOCK, block.address))
    });
    Ok(try_join_all(elements).await?.into_iter().flatten().collect())
}
