//! Extensible arrays: the index of chunks of datasets with one unlimited dimension. Section VII.D
//! of the specification ("The Extensible Array Index").
//!
//! The array is cut into groups of data blocks ("secondary blocks" where they have a block of their
//! own, else part of the index block). Group n has 2^(n / 2) data blocks of 2^((n + 1) / 2) times
//! the least number of elements; so the groups double in size. The specification leaves this out;
//! it is how the library has always written them. The statistics are not read.

use std::ops::Range;

use crate::decode::checksum::verified;
use crate::decode::chunk_element::{ChunkElement, ElementShape};
use crate::decode::fixed_array::is_set;
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

const HEADER: &str = "extensible array header";
const INDEX_BLOCK: &str = "extensible array index block";
const SECONDARY_BLOCK: &str = "extensible array secondary block";
const DATA_BLOCK: &str = "extensible array data block";
const PAGE: &str = "extensible array data block page";

/// The header of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensibleArrayHeader {
    /// Where the header is: all blocks repeat it.
    pub address: Address,
    /// What the elements look like.
    pub shape: ElementShape,
    /// The index block; `None` when nothing is allocated.
    pub index_block: Option<Address>,
    max_bits: u8,
    index_elements: u8,
    min_elements_bits: u32,
    min_pointers_bits: u32,
    page_bits: u8,
}

/// What the index block holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexBlock {
    /// The first elements of the array.
    pub elements: Vec<ChunkElement>,
    /// Data blocks of the first groups.
    pub data_blocks: Vec<DataBlock>,
    /// The blocks of the other groups.
    pub secondary_blocks: Vec<SecondaryBlock>,
}

/// A block that leads to the data blocks of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondaryBlock {
    /// Where it is.
    pub address: Address,
    group: u32,
}

/// A run of elements with a checksum of its own: a whole data block, or one of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataBlock {
    /// Where it is.
    pub address: Address,
    /// The first of its elements, counted in the array.
    pub first_element: u64,
    /// How many elements it has.
    pub element_count: u64,
    /// Whether it is a page, which has no prefix.
    pub is_page: bool,
}

impl ExtensibleArrayHeader {
    /// Takes a header and checks its checksum.
    ///
    /// # Errors
    ///
    /// When it is not a header of a known version, its numbers do not fit each other, or the
    /// checksum is wrong.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let address = cursor.address();
        let whole = cursor.sub(Self::encoded_bytes(cursor.widths()), HEADER)?;
        let mut cursor = verified(whole, HEADER)?;
        cursor.signature(b"EAHD")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let shape = ElementShape::decode(&mut cursor)?;
        let max_bits = cursor.u8("max number of elements bits")?;
        let index_elements = cursor.u8("index block elements")?;
        let min_elements = cursor.u8("data block min elements")?;
        let min_pointers = cursor.u8("secondary block min data pointers")?;
        let page_bits = cursor.u8("max data block page elements bits")?;
        if !min_elements.is_power_of_two() || !min_pointers.is_power_of_two() {
            return Err(cursor.malformed("the least numbers are no powers of two"));
        }
        let min_elements_bits = min_elements.ilog2();
        if max_bits > 64 || u32::from(max_bits) < min_elements_bits || page_bits > 63 {
            return Err(cursor.malformed("the sizes of its blocks do not fit each other"));
        }
        for _ in 0..6 {
            cursor.length("statistics")?;
        }
        Ok(Self {
            address,
            shape,
            index_block: cursor.offset("index block address")?,
            max_bits,
            index_elements,
            min_elements_bits,
            min_pointers_bits: min_pointers.ilog2(),
            page_bits,
        })
    }

    /// Bytes of a header.
    pub fn encoded_bytes(widths: Widths) -> u64 {
        16 + u64::from(widths.offset) + 6 * u64::from(widths.length)
    }

    /// Bytes of the index block.
    pub fn index_block_bytes(&self, widths: Widths) -> u64 {
        let data_blocks = self.groups_in_index_block().map(|group| self.data_blocks_of(group));
        let pointers = data_blocks.sum::<u64>() + self.secondary_groups().len() as u64;
        let elements = u64::from(self.index_elements) * u64::from(self.shape.element_bytes);
        prefix_bytes(widths) + elements + pointers * u64::from(widths.offset) + 4
    }

    /// Decodes the index block, which was read whole.
    ///
    /// # Errors
    ///
    /// When it is not the block of this array, or its checksum is wrong; as for all blocks below.
    pub fn index_block(&self, cursor: Cursor<'_>) -> Result<IndexBlock> {
        let mut cursor = self.content(cursor, b"EAIB", INDEX_BLOCK)?;
        let elements = self.shape.elements(&mut cursor, self.index_elements.into())?;
        let mut data_blocks = Vec::new();
        for group in self.groups_in_index_block() {
            for index in 0..self.data_blocks_of(group) {
                let address = cursor.offset("data block address")?;
                data_blocks.extend(address.map(|address| DataBlock {
                    address,
                    first_element: self.first_element(group, index),
                    element_count: self.elements_of(group),
                    is_page: false,
                }));
            }
        }
        let mut secondary_blocks = Vec::new();
        for group in self.secondary_groups() {
            let address = cursor.offset("secondary block address")?;
            secondary_blocks.extend(address.map(|address| SecondaryBlock { address, group }));
        }
        Ok(IndexBlock { elements, data_blocks, secondary_blocks })
    }

    /// Bytes of a secondary block.
    pub fn secondary_block_bytes(&self, block: SecondaryBlock, widths: Widths) -> u64 {
        let data_blocks = self.data_blocks_of(block.group);
        let bitmap = data_blocks.saturating_mul(self.bitmap_bytes(block.group));
        let pointers = data_blocks.saturating_mul(widths.offset.into());
        (prefix_bytes(widths) + self.offset_bytes() + 4)
            .saturating_add(bitmap)
            .saturating_add(pointers)
    }

    /// The elements that a secondary block leads to, counted in the array.
    pub fn secondary_block_elements(&self, block: SecondaryBlock) -> Range<u64> {
        self.first_element(block.group, 0)..self.first_element(block.group + 1, 0)
    }

    /// The most data blocks, or pages of such, that a secondary block leads to.
    pub fn data_blocks_max(&self, block: SecondaryBlock) -> u64 {
        let pages = self.pages_of(block.group).unwrap_or(1);
        self.data_blocks_of(block.group).saturating_mul(pages)
    }

    /// Decodes a secondary block, which was read whole: its data blocks, or of blocks with pages
    /// those pages that were ever written to.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn secondary_block(
        &self,
        block: SecondaryBlock,
        cursor: Cursor<'_>,
    ) -> Result<Vec<DataBlock>> {
        let group = block.group;
        let mut cursor = self.content(cursor, b"EASB", SECONDARY_BLOCK)?;
        cursor.skip(self.offset_bytes(), "block offset")?;
        let count = self.data_blocks_of(group);
        let bitmap = cursor.take(count.saturating_mul(self.bitmap_bytes(group)), "page bitmap")?;
        let mut blocks = Vec::new();
        for index in 0..count {
            let Some(address) = cursor.offset("data block address")? else { continue };
            let first_element = self.first_element(group, index);
            match self.pages_of(group) {
                None => blocks.push(DataBlock {
                    address,
                    first_element,
                    element_count: self.elements_of(group),
                    is_page: false,
                }),
                Some(pages) => {
                    let first = index.saturating_mul(pages);
                    let written =
                        (0..pages).filter(|page| is_set(bitmap, first.saturating_add(*page)));
                    for page in written {
                        let block = self.page(address, page, &cursor)?;
                        let before = page.saturating_mul(self.page_elements());
                        let first_element = first_element.saturating_add(before);
                        blocks.push(DataBlock { first_element, ..block });
                    }
                }
            }
        }
        Ok(blocks)
    }

    /// Bytes of a data block or page.
    pub fn data_block_bytes(&self, block: DataBlock, widths: Widths) -> u64 {
        let prefix = if block.is_page { 0 } else { prefix_bytes(widths) + self.offset_bytes() };
        let elements = block.element_count.saturating_mul(self.shape.element_bytes.into());
        elements.saturating_add(prefix + 4)
    }

    /// Decodes a data block or page, which was read whole.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn data_block(&self, block: DataBlock, cursor: Cursor<'_>) -> Result<Vec<ChunkElement>> {
        let mut cursor = match block.is_page {
            true => verified(cursor, PAGE)?,
            false => {
                let mut cursor = self.content(cursor, b"EADB", DATA_BLOCK)?;
                cursor.skip(self.offset_bytes(), "block offset")?;
                cursor
            }
        };
        self.shape.elements(&mut cursor, block.element_count)
    }

    /// Pages follow their data block, which then has only a prefix and a checksum.
    fn page(&self, data_block: Address, page: u64, cursor: &Cursor<'_>) -> Result<DataBlock> {
        let element_count = self.page_elements();
        let whole =
            DataBlock { address: data_block, first_element: 0, element_count, is_page: true };
        let empty = DataBlock { element_count: 0, is_page: false, ..whole };
        let address = page
            .checked_mul(self.data_block_bytes(whole, cursor.widths()))
            .and_then(|at| at.checked_add(self.data_block_bytes(empty, cursor.widths())))
            .and_then(|at| data_block.checked_add(at));
        let address = address.ok_or_else(|| cursor.malformed("a page without address"))?;
        Ok(DataBlock { address, ..whole })
    }

    /// What is behind the prefix of a block.
    fn content<'a>(
        &self,
        cursor: Cursor<'a>,
        signature: &[u8; 4],
        structure: &'static str,
    ) -> Result<Cursor<'a>> {
        let mut cursor = verified(cursor, structure)?;
        cursor.signature(signature)?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        self.shape.check_client(&mut cursor)?;
        let header = cursor.defined_offset("header address")?;
        if header != self.address {
            return Err(cursor.malformed(format!("it belongs to the array at {header}")));
        }
        Ok(cursor)
    }

    /// The groups whose data blocks the index block refers to.
    fn groups_in_index_block(&self) -> Range<u32> {
        0..(2 * self.min_pointers_bits).min(self.group_count())
    }

    /// The groups that have secondary blocks.
    fn secondary_groups(&self) -> Range<u32> {
        self.groups_in_index_block().end..self.group_count()
    }

    fn group_count(&self) -> u32 {
        1 + u32::from(self.max_bits) - self.min_elements_bits
    }

    fn data_blocks_of(&self, group: u32) -> u64 {
        power_of_two(group / 2)
    }

    fn elements_of(&self, group: u32) -> u64 {
        power_of_two(group.div_ceil(2) + self.min_elements_bits)
    }

    /// The first element of a data block, counted in the array: the elements of the index block
    /// come first.
    fn first_element(&self, group: u32, data_block: u64) -> u64 {
        let groups = (0..group).map(|group| (self.data_blocks_of(group), group));
        let blocks = groups.chain([(data_block, group)]);
        blocks.fold(self.index_elements.into(), |first: u64, (blocks, group)| {
            first.saturating_add(blocks.saturating_mul(self.elements_of(group)))
        })
    }

    /// Pages of each data block of a group; `None` when the blocks are too small for pages.
    fn pages_of(&self, group: u32) -> Option<u64> {
        let pages = self.elements_of(group) / self.page_elements();
        (pages > 1).then_some(pages)
    }

    /// Bytes of the page bitmap for each data block of a group.
    fn bitmap_bytes(&self, group: u32) -> u64 {
        self.pages_of(group).map_or(0, |pages| pages.div_ceil(8))
    }

    fn page_elements(&self) -> u64 {
        power_of_two(self.page_bits.into())
    }

    /// Bytes of a "Block Offset".
    fn offset_bytes(&self) -> u64 {
        u64::from(self.max_bits).div_ceil(8)
    }
}

/// Signature, version, client id and header address.
fn prefix_bytes(widths: Widths) -> u64 {
    6 + u64::from(widths.offset)
}

fn power_of_two(bits: u32) -> u64 {
    1_u64.checked_shl(bits).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
