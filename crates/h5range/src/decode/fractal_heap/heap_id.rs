//! Fractal heap ids: where an object of a heap is.

use crate::decode::btree_v2::HugeObjectPlace;
use crate::decode::fractal_heap::FractalHeapHeader;
use crate::decode::{Cursor, Widths};
use crate::error::{Error, Result};

/// Where an object is, by the type of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeapId<'a> {
    /// 0: in the heap's direct blocks.
    Managed(ManagedObject),
    /// 1: on its own in the file.
    Huge(HugeObject),
    /// 2: in the id itself.
    Tiny(&'a [u8]),
}

/// Where a managed object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedObject {
    /// Where it starts in the heap's address space, in which the prefixes of direct blocks count.
    pub offset: u64,
    /// Its length.
    pub size_bytes: u64,
}

/// How a huge object is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HugeObject {
    /// By a key in the heap's B-tree of huge objects: "v2 B-tree Key".
    Indirect(u64),
    /// From the id itself.
    Direct(HugeObjectPlace),
}

impl<'a> HeapId<'a> {
    /// Decodes an id of the heap that `header` describes.
    ///
    /// # Errors
    ///
    /// When the id is too short for what it says; [`Error::Unsupported`] for a newer version.
    pub fn decode(id: &'a [u8], header: &FractalHeapHeader, widths: Widths) -> Result<Self> {
        let mut cursor = Cursor::new(id, "fractal heap id", header.address, widths);
        let flags = cursor.u8("version and type")?;
        let version = flags >> 6;
        if version != 0 {
            return Err(Error::unsupported(format!("fractal heap id version {version}")));
        }
        match flags >> 4 & 0b11 {
            0 => ManagedObject::decode(&mut cursor, header).map(Self::Managed),
            1 => HugeObject::decode(&mut cursor, header).map(Self::Huge),
            2 => tiny(&mut cursor, flags & 0xf, header).map(Self::Tiny),
            other => Err(cursor.malformed(format!("id type {other}"))),
        }
    }
}

impl ManagedObject {
    fn decode(cursor: &mut Cursor<'_>, header: &FractalHeapHeader) -> Result<Self> {
        let length_width = header.table.length_width(header.managed_object_bytes_max);
        Ok(Self {
            offset: cursor.uint(header.table.offset_width(), "offset")?,
            size_bytes: cursor.uint(length_width, "length")?,
        })
    }
}

impl HugeObject {
    /// Ids that have the room hold all that a record of the B-tree would.
    fn decode(cursor: &mut Cursor<'_>, header: &FractalHeapHeader) -> Result<Self> {
        let Widths { offset, length } = cursor.widths();
        let is_filtered = header.filters.is_some();
        let filter_bytes = if is_filtered { 4 + u64::from(length) } else { 0 };
        let place_bytes = u64::from(offset) + u64::from(length) + filter_bytes;
        let room = u64::from(header.heap_id_bytes).saturating_sub(1);
        if room >= place_bytes {
            return HugeObjectPlace::decode(cursor, is_filtered).map(Self::Direct);
        }
        let key_width = u8::try_from(room).map_or(8, |room| room.min(8));
        cursor.uint(key_width, "B-tree key").map(Self::Indirect)
    }
}

/// The data of a tiny object. Ids of up to 18 bytes have its length in four bits, longer ones in
/// eight more.
fn tiny<'a>(cursor: &mut Cursor<'a>, low_bits: u8, header: &FractalHeapHeader) -> Result<&'a [u8]> {
    let length = match header.heap_id_bytes {
        0..=18 => u64::from(low_bits),
        _ => u64::from(low_bits) << 8 | u64::from(cursor.u8("extended length")?),
    };
    cursor.take(length + 1, "data")
}
