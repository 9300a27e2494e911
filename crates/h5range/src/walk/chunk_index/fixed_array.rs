//! Fixed arrays of chunks.

use futures::future::try_join_all;

use crate::decode::Address;
use crate::decode::chunk_element::ChunkElement;
use crate::decode::fixed_array::{FixedArrayHeader, Page};
use crate::error::Result;
use crate::walk::Reader;

const HEADER: &str = "fixed array header";
const DATA_BLOCK: &str = "fixed array data block";
const PAGE: &str = "fixed array data block page";

/// All elements, but those of pages that were never written to: none of these chunks is allocated.
/// Two waves, three for an array with pages.
pub(super) async fn elements(reader: &Reader, address: Address) -> Result<Vec<ChunkElement>> {
    reader.budget().nodes(2)?;
    let length = FixedArrayHeader::encoded_bytes(reader.widths());
    let bytes = reader.ask(address, length, HEADER).await?;
    let header = FixedArrayHeader::decode(&mut reader.cursor(&bytes, HEADER, address))?;
    let Some(data_block) = header.data_block else { return Ok(Vec::new()) };

    let length = header.data_block_bytes(reader.widths());
    let bytes = reader.ask(data_block, length, DATA_BLOCK).await?;
    let cursor = reader.cursor(&bytes, DATA_BLOCK, data_block);
    if !header.is_paged() {
        reader.budget().list::<ChunkElement>(header.element_count)?;
        return header.elements(cursor);
    }
    reader.budget().list::<Page>(header.page_count())?;
    let pages = header.pages(cursor)?;
    reader.budget().nodes(pages.len() as u64)?;
    let pages = pages.into_iter().map(|page| page_content(reader, &header, page));
    Ok(try_join_all(pages).await?.into_iter().flatten().collect())
}

async fn page_content(
    reader: &Reader,
    header: &FixedArrayHeader,
    page: Page,
) -> Result<Vec<ChunkElement>> {
    let length = header.page_bytes(page.element_count);
    let bytes = reader.ask(page.address, length, PAGE).await?;
    reader.budget().list::<ChunkElement>(page.element_count)?;
    header.page_content(page, reader.cursor(&bytes, PAGE, page.address))
}
