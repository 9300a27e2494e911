//! Fixed arrays of chunks.

use std::ops::Range;

use futures::future::try_join_all;

use crate::decode::Address;
use crate::decode::chunk_element::ChunkElement;
use crate::decode::fixed_array::{FixedArrayHeader, Page};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::chunk_index::lookup::ElementRun;

const HEADER: &str = "fixed array header";
const DATA_BLOCK: &str = "fixed array data block";
const PAGE: &str = "fixed array data block page";

/// The elements, but those of pages that were never written to, whose chunks are not allocated, or
/// that `is_wanted` does not want. Two waves, three for an array with pages.
pub(super) async fn runs(
    reader: &Reader,
    address: Address,
    is_wanted: impl Fn(Range<u64>) -> bool,
) -> Result<Vec<ElementRun>> {
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
        return Ok(vec![(0, header.elements(cursor)?)]);
    }
    reader.budget().list::<Page>(header.page_count())?;
    let mut pages = header.pages(cursor)?;
    pages.retain(|page| {
        is_wanted(page.first_element..page.first_element.saturating_add(page.element_count))
    });
    reader.budget().nodes(pages.len() as u64)?;
    try_join_all(pages.into_iter().map(|page| page_content(reader, &header, page))).await
}

async fn page_content(
    reader: &Reader,
    header: &FixedArrayHeader,
    page: Page,
) -> Result<ElementRun> {
    let length = header.page_bytes(page.element_count);
    let bytes = reader.ask(page.address, length, PAGE).await?;
    reader.budget().list::<ChunkElement>(page.element_count)?;
    let elements = header.page_content(page, reader.cursor(&bytes, PAGE, page.address))?;
    Ok((page.first_element, elements))
}
