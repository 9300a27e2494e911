//! Fractal heap: the links and attributes of new groups and objects, and shared messages. Section
//! III.G of the specification ("Fractal Heap").
//!
//! The free space manager and the allocation iterator are not read: they matter to writers.

mod blocks;
mod doubling_table;
mod heap_id;

use crate::decode::checksum::verified;
use crate::decode::message::filter_pipeline::FilterPipeline;
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

use blocks::direct_overhead_bytes;
pub use blocks::{BlockPlace, DirectBlock, FilteredBlock, IndirectBlock, IndirectChild};
pub use doubling_table::{BlockSpan, DoublingTable};
pub use heap_id::{HeapId, HugeObject, ManagedObject};

const HEADER: &str = "fractal heap header";

/// The header of a heap.
#[derive(Debug, Clone, PartialEq)]
pub struct FractalHeapHeader {
    /// Where the header is: each block repeats it.
    pub address: Address,
    /// "Heap ID Length" in bytes.
    pub heap_id_bytes: u16,
    /// Whether direct blocks have a checksum.
    pub direct_blocks_have_checksums: bool,
    /// "Maximum Size of Managed Objects" in bytes. Larger ones are huge.
    pub managed_object_bytes_max: u32,
    /// The version 2 B-tree of huge objects, where there are any.
    pub huge_objects: Option<Address>,
    /// What the heap says that it holds.
    pub contents: HeapContents,
    /// The sizes of blocks.
    pub table: DoublingTable,
    /// "Address of Root Block"; `None` for a heap without managed objects.
    pub root_block: Option<Address>,
    /// Rows of the root indirect block. 0: the root is a direct block.
    pub root_rows: u16,
    /// What the heap's direct blocks and huge objects went through.
    pub filters: Option<HeapFilters>,
}

/// How much a heap holds, as its header counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeapContents {
    /// "Amount of Free Space in Managed Blocks", in bytes: of all blocks that the rows of the root
    /// have room for, allocated or not.
    pub free_bytes: u64,
    /// "Number of Managed Objects in Heap".
    pub managed_objects: u64,
    /// "Number of Huge Objects in Heap".
    pub huge_objects: u64,
    /// "Number of Tiny Objects in Heap".
    pub tiny_objects: u64,
}

/// The filters of a heap.
#[derive(Debug, Clone, PartialEq)]
pub struct HeapFilters {
    /// The filters, in the order in which the writer applied them.
    pub pipeline: FilterPipeline,
    /// How a root direct block was filtered.
    pub root_block: FilteredBlock,
}

impl FractalHeapHeader {
    /// Bytes of the header at the front of `cursor`, which has at least
    /// [`FractalHeapHeader::FIXED_BYTES`] of it.
    ///
    /// # Errors
    ///
    /// When it is not a header of a known version.
    pub fn encoded_bytes(mut cursor: Cursor<'_>) -> Result<u64> {
        let Widths { offset, length } = cursor.widths();
        let filter_bytes = Preamble::decode(&mut cursor)?.filter_bytes;
        let fields = 26 + 3 * u64::from(offset) + 12 * u64::from(length);
        Ok(match u64::from(filter_bytes) {
            0 => fields,
            filter_bytes => fields + u64::from(length) + 4 + filter_bytes,
        })
    }

    /// Bytes that [`FractalHeapHeader::encoded_bytes`] looks at.
    pub const FIXED_BYTES: u64 = 9;

    /// Takes a header and checks its checksum.
    ///
    /// # Errors
    ///
    /// When it is not a header of a known version, the sizes of its blocks are impossible, or the
    /// checksum is wrong.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let address = cursor.address();
        let whole = cursor.sub(Self::encoded_bytes(cursor.clone())?, HEADER)?;
        let mut cursor = verified(whole, HEADER)?;
        let Preamble { heap_id_bytes, filter_bytes } = Preamble::decode(&mut cursor)?;
        let flags = cursor.u8("flags")?;
        let managed_object_bytes_max = cursor.u32("maximum size of managed objects")?;
        cursor.length("next huge object id")?;
        let huge_objects = cursor.offset("address of the B-tree of huge objects")?;
        let contents = HeapContents::decode(&mut cursor)?;
        let table = DoublingTable::decode(&mut cursor)?;
        cursor.u16("starting number of rows in root indirect block")?;
        let root_block = cursor.offset("address of root block")?;
        let root_rows = cursor.u16("current number of rows in root indirect block")?;
        if root_rows > table.root_rows_max() {
            return Err(cursor.malformed(format!("{root_rows} rows in the root indirect block")));
        }
        let filters = match filter_bytes {
            0 => None,
            _ => Some(HeapFilters {
                root_block: FilteredBlock::decode(&mut cursor)?,
                pipeline: FilterPipeline::decode(&mut cursor)?,
            }),
        };
        Ok(Self {
            address,
            heap_id_bytes,
            direct_blocks_have_checksums: flags & CHECKSUM_FLAG != 0,
            managed_object_bytes_max,
            huge_objects,
            contents,
            table,
            root_block,
            root_rows,
            filters,
        })
    }
}

impl FractalHeapHeader {
    /// Bytes that all managed objects take together: what the blocks have room for, without what is
    /// free. `None` where that is less than nothing.
    pub fn managed_object_bytes(&self, widths: Widths) -> Option<u64> {
        let blocks = match self.root_rows {
            0 => Some((1, self.table.starting_block_bytes())),
            rows => self.table.direct_blocks(rows),
        };
        let (count, bytes) = blocks?;
        let overhead = count.checked_mul(direct_overhead_bytes(self, widths))?;
        bytes.checked_sub(overhead)?.checked_sub(self.contents.free_bytes)
    }
}

impl HeapContents {
    /// Takes the fields from "Amount of Free Space in Managed Blocks" to "Number of Tiny Objects in
    /// Heap".
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let free_bytes = cursor.length("amount of free space in managed blocks")?;
        cursor.offset("address of managed block free space manager")?;
        for _ in 0..3 {
            cursor.length("amount of managed space")?;
        }
        let managed_objects = cursor.length("number of managed objects in heap")?;
        cursor.length("size of huge objects in heap")?;
        let huge_objects = cursor.length("number of huge objects in heap")?;
        cursor.length("size of tiny objects in heap")?;
        let tiny_objects = cursor.length("number of tiny objects in heap")?;
        Ok(Self { free_bytes, managed_objects, huge_objects, tiny_objects })
    }
}

/// Bit 1 of "Flags".
const CHECKSUM_FLAG: u8 = 0b10;

/// The fields that are in every header at the same place.
struct Preamble {
    heap_id_bytes: u16,
    filter_bytes: u16,
}

impl Preamble {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        cursor.signature(b"FRHP")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let heap_id_bytes = cursor.u16("heap id length")?;
        Ok(Self { heap_id_bytes, filter_bytes: cursor.u16("I/O filters' encoded length")? })
    }
}

#[cfg(test)]
mod tests;
