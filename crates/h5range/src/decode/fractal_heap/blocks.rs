//! Direct and indirect blocks of a fractal heap.

use bytes::Bytes;

use crate::decode::checksum::{self, verified};
use crate::decode::fractal_heap::{FractalHeapHeader, ManagedObject};
#[cfg(test)]
use crate::decode::trace;
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

const DIRECT: &str = "fractal heap direct block";
const INDIRECT: &str = "fractal heap indirect block";

/// Where a block is, in the file and in the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockPlace {
    /// The block's address in the file.
    pub address: Address,
    /// "Block Offset": where it starts in the heap's address space.
    pub offset: u64,
}

/// How a direct block was filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilteredBlock {
    /// Bytes of the block in the file.
    pub size_bytes: u64,
    /// Bit n is set when the pipeline's filter n was skipped.
    pub filter_mask: u32,
}

impl FilteredBlock {
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let size_bytes = cursor.length("size of filtered direct block")?;
        Ok(Self { size_bytes, filter_mask: cursor.u32("filter mask")? })
    }
}

/// A block that leads to other blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndirectBlock {
    /// Rows of the doubling table.
    pub rows: u16,
    /// The direct and then the indirect blocks below, in the order of the doubling table; `None`
    /// where no block is allocated.
    pub children: Vec<Option<IndirectChild>>,
}

/// A child of an [`IndirectBlock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndirectChild {
    /// Where the child is in the file.
    pub address: Address,
    /// How it was filtered, where it is a direct block of a heap with filters.
    pub filtered: Option<FilteredBlock>,
}

impl IndirectBlock {
    /// Bytes of a block with this many `rows`.
    pub fn encoded_bytes(header: &FractalHeapHeader, rows: u16, widths: Widths) -> u64 {
        let (direct, indirect) = header.table.children(rows);
        let address = u64::from(widths.offset);
        let direct_bytes = match header.filters {
            Some(_) => address + u64::from(widths.length) + 4,
            None => address,
        };
        let children = direct.saturating_mul(direct_bytes) + indirect.saturating_mul(address);
        prefix_bytes(header, widths) + children + 4
    }

    /// Decodes a block with this many `rows` that was read whole from `place`.
    ///
    /// # Errors
    ///
    /// When it is not that block of that heap, or its checksum is wrong.
    pub fn decode(
        bytes: &[u8],
        place: BlockPlace,
        rows: u16,
        header: &FractalHeapHeader,
        widths: Widths,
    ) -> Result<Self> {
        let whole = Cursor::new(bytes, INDIRECT, place.address, widths);
        let mut cursor = verified(whole, INDIRECT)?;
        check_prefix(&mut cursor, b"FHIB", place, header)?;
        let (direct, indirect) = header.table.children(rows);
        let mut children = Vec::new();
        for _ in 0..direct {
            let address = cursor.offset("child direct block address")?;
            let filtered = match header.filters {
                Some(_) => Some(FilteredBlock::decode(&mut cursor)?),
                None => None,
            };
            children.push(address.map(|address| IndirectChild { address, filtered }));
        }
        for _ in 0..indirect {
            let address = cursor.offset("child indirect block address")?;
            children.push(address.map(|address| IndirectChild { address, filtered: None }));
        }
        Ok(Self { rows, children })
    }
}

/// A block with objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectBlock {
    bytes: Bytes,
    place: BlockPlace,
    /// What is behind its own fields.
    data: Bytes,
}

impl DirectBlock {
    /// Decodes a block that was read whole from `place` and whose filters were undone.
    ///
    /// # Errors
    ///
    /// When it is not that block of that heap, or its checksum is wrong.
    pub fn decode(
        bytes: Bytes,
        place: BlockPlace,
        header: &FractalHeapHeader,
        widths: Widths,
    ) -> Result<Self> {
        let mut cursor = Cursor::new(&bytes, DIRECT, place.address, widths);
        check_prefix(&mut cursor, b"FHDB", place, header)?;
        if header.direct_blocks_have_checksums {
            #[cfg(test)]
            trace::checksum(place.address, bytes.len() as u64, cursor.address());
            check_checksum(&mut cursor, &bytes)?;
        }
        let data = bytes.slice_ref(cursor.take_rest());
        Ok(Self { bytes, place, data })
    }

    /// What has room for objects: all of the block but its own fields.
    pub fn data(&self, widths: Widths) -> Cursor<'_> {
        let overhead = self.bytes.len().saturating_sub(self.data.len()) as u64;
        let address = Address::new(self.place.address.get().saturating_add(overhead));
        Cursor::new(&self.data, DIRECT, address, widths)
    }

    /// An object of the heap.
    ///
    /// # Errors
    ///
    /// When it is not wholly in this block.
    pub fn object(&self, ManagedObject { offset, size_bytes }: ManagedObject) -> Result<Bytes> {
        // Objects hold addresses, but this cursor only cuts them out: any widths will do.
        let mut cursor = Cursor::new(&self.bytes, DIRECT, self.place.address, Widths::EIGHT);
        let before = offset.checked_sub(self.place.offset);
        let before = before.ok_or_else(|| cursor.malformed("an object starts before it"))?;
        cursor.skip(before, "the data before an object")?;
        Ok(self.bytes.slice_ref(cursor.take(size_bytes, "object")?))
    }
}

/// Signature, version, "Heap Header Address" and "Block Offset". The last two tell whose block it
/// is: a block that two parents refer to fails here.
fn check_prefix(
    cursor: &mut Cursor<'_>,
    signature: &[u8; 4],
    place: BlockPlace,
    header: &FractalHeapHeader,
) -> Result<()> {
    cursor.signature(signature)?;
    let version = cursor.u8("version")?;
    cursor.known_version(version, &[0])?;
    let heap = cursor.defined_offset("heap header address")?;
    let offset = cursor.uint(header.table.offset_width(), "block offset")?;
    if heap != header.address || offset != place.offset {
        let detail = format!("it is the block at offset {offset} of the heap at {heap}");
        return Err(cursor.malformed(detail));
    }
    Ok(())
}

/// Bytes of a direct block that are no room for objects: its prefix, and its checksum if it has one.
pub(super) fn direct_overhead_bytes(header: &FractalHeapHeader, widths: Widths) -> u64 {
    prefix_bytes(header, widths) + if header.direct_blocks_have_checksums { 4 } else { 0 }
}

fn prefix_bytes(header: &FractalHeapHeader, widths: Widths) -> u64 {
    5 + u64::from(widths.offset) + u64::from(header.table.offset_width())
}

/// The checksum stands before the data and covers the whole block, itself as four zeros.
fn check_checksum(cursor: &mut Cursor<'_>, block: &Bytes) -> Result<()> {
    let start = cursor.clone();
    let stored = cursor.u32("checksum")?;
    let before = block.len().saturating_sub(usize::try_from(start.remaining()).unwrap_or(0));
    let mut covered = block.to_vec();
    covered.iter_mut().skip(before).take(4).for_each(|byte| *byte = 0);
    checksum::check(stored, &covered, &start)
}
