//! The doubling table: where in the blocks of a heap an offset of its address space is.
//!
//! A block of the table is a rectangle of smaller blocks, "Table Width" of them in each row. The
//! first two rows have blocks of the starting size, each row after these has blocks of twice the
//! size. Blocks up to the maximum direct block size hold data, larger ones are such rectangles
//! again.

use crate::decode::Cursor;
use crate::error::Result;

/// The sizes of a heap's blocks, which are all powers of two: here are their logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoublingTable {
    width_bits: u32,
    starting_block_bits: u32,
    max_direct_block_bits: u32,
    heap_bits: u16,
}

/// One child of an indirect block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockSpan {
    /// Its number among the children, row by row.
    pub entry: u64,
    /// Where it starts in the heap's address space.
    pub offset: u64,
    /// How much of the address space it spans. Direct blocks have that many bytes.
    pub size_bytes: u64,
    /// Rows of an indirect block; `None` for a direct block.
    pub rows: Option<u16>,
}

impl DoublingTable {
    /// Takes the four fields from "Table Width" to "Maximum Heap Size".
    ///
    /// # Errors
    ///
    /// When they are not powers of two that fit each other.
    pub(super) fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let width = u64::from(cursor.u16("table width")?);
        let starting_block = cursor.length("starting block size")?;
        let max_direct_block = cursor.length("maximum direct block size")?;
        let heap_bits = cursor.u16("maximum heap size")?;
        let bits = |size: u64, what: &str| match size.is_power_of_two() {
            true => Ok(size.ilog2()),
            false => Err(cursor.malformed(format!("{what} {size} is not a power of two"))),
        };
        let table = Self {
            width_bits: bits(width, "table width")?,
            starting_block_bits: bits(starting_block, "starting block size")?,
            max_direct_block_bits: bits(max_direct_block, "maximum direct block size")?,
            heap_bits,
        };
        // All sums of bits below are then less than 64, or saturate.
        if heap_bits > 64
            || table.starting_block_bits > table.max_direct_block_bits
            || table.max_direct_block_bits > DIRECT_BLOCK_BITS_MAX
            || table.first_row_bits() > u32::from(heap_bits)
        {
            return Err(cursor.malformed("the sizes of the heap's blocks do not fit each other"));
        }
        Ok(table)
    }

    /// The starting block size, which a root direct block has.
    pub fn starting_block_bytes(&self) -> u64 {
        power_of_two(self.starting_block_bits)
    }

    /// The child of an indirect block with this many `rows` that holds `offset`, counted from the
    /// start of that block. [`BlockSpan::offset`] counts from there too.
    ///
    /// `None` when the block does not reach so far.
    pub fn child(&self, offset: u64, rows: u16) -> Option<BlockSpan> {
        let row = match offset.checked_ilog2() {
            Some(bit) if bit >= self.first_row_bits() => bit - self.first_row_bits() + 1,
            _ => 0,
        };
        if row >= u32::from(rows) {
            return None;
        }
        // Row r starts where all rows before it end: at 2^(r - 1) times the size of the first row.
        let block_bits = self.starting_block_bits + row.saturating_sub(1);
        let row_offset = if row == 0 { 0 } else { power_of_two(block_bits + self.width_bits) };
        let column = offset.checked_sub(row_offset)? >> block_bits;
        let size_bytes = power_of_two(block_bits);
        Some(BlockSpan {
            entry: (u64::from(row) << self.width_bits) + column,
            offset: row_offset.checked_add(column.checked_mul(size_bytes)?)?,
            size_bytes,
            rows: self.rows_of(row, block_bits),
        })
    }

    /// Rows of an indirect block that stands in `row` and spans `block_bits`.
    fn rows_of(&self, row: u32, block_bits: u32) -> Option<u16> {
        if row < self.direct_rows() {
            return None;
        }
        // A block too small for a row of its own has none, and nothing is found in it.
        let rows = (block_bits + 1).saturating_sub(self.first_row_bits());
        u16::try_from(rows).ok()
    }

    /// Children of an indirect block with this many `rows` that are direct and indirect blocks.
    pub fn children(&self, rows: u16) -> (u64, u64) {
        let rows = u64::from(rows);
        let direct_rows = rows.min(u64::from(self.direct_rows()));
        (direct_rows << self.width_bits, (rows - direct_rows) << self.width_bits)
    }

    /// How many direct blocks an indirect block with this many `rows` has room for, with those in
    /// the indirect blocks below it, and how many bytes these have together. `None` beyond 64 bits.
    pub fn direct_blocks(&self, rows: u16) -> Option<(u64, u64)> {
        let width = power_of_two(self.width_bits);
        // By the number of rows: an indirect block has fewer of them than the one that it is in.
        let mut counts = vec![0_u64];
        for row in 0..u32::from(rows.min(self.root_rows_max())) {
            let block_bits = self.starting_block_bits + row.saturating_sub(1);
            let in_block = match self.rows_of(row, block_bits) {
                Some(rows) => *counts.get(usize::from(rows))?,
                None => 1,
            };
            let before = *counts.last()?;
            counts.push(in_block.checked_mul(width)?.checked_add(before)?);
        }
        let row_bits = self.first_row_bits() + u32::from(rows).checked_sub(1)?;
        Some((*counts.last()?, 1_u64.checked_shl(row_bits)?))
    }

    /// The most rows that a root indirect block can have.
    pub fn root_rows_max(&self) -> u16 {
        let rows = u32::from(self.heap_bits).saturating_sub(self.first_row_bits()) + 1;
        u16::try_from(rows).unwrap_or(u16::MAX)
    }

    /// Bytes of an offset in the heap's address space.
    pub fn offset_width(&self) -> u8 {
        byte_width(u32::from(self.heap_bits))
    }

    /// Bytes of the length of a managed object: as many as an offset in the largest direct block
    /// needs, and no more than the largest managed object's length.
    pub fn length_width(&self, managed_object_bytes_max: u32) -> u8 {
        let object_bits = managed_object_bytes_max.checked_ilog2().unwrap_or(0) + 1;
        byte_width(self.max_direct_block_bits).min(byte_width(object_bits))
    }

    /// Rows of direct blocks at the top of every indirect block.
    fn direct_rows(&self) -> u32 {
        self.max_direct_block_bits - self.starting_block_bits + 2
    }

    fn first_row_bits(&self) -> u32 {
        self.starting_block_bits + self.width_bits
    }
}

/// The library writes no larger direct blocks: 2 GiB.
const DIRECT_BLOCK_BITS_MAX: u32 = 31;

fn power_of_two(bits: u32) -> u64 {
    1_u64.checked_shl(bits).unwrap_or(u64::MAX)
}

fn byte_width(bits: u32) -> u8 {
    u8::try_from(bits.div_ceil(8)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::cursor;

    fn decode(width: u16, starting: u64, direct: u64, heap_bits: u16) -> Result<DoublingTable> {
        let bytes = [
            &width.to_le_bytes()[..],
            &starting.to_le_bytes(),
            &direct.to_le_bytes(),
            &heap_bits.to_le_bytes(),
        ];
        DoublingTable::decode(&mut cursor(&bytes.concat()))
    }

    /// Blocks of 512, 512, 1024 and 2048 bytes, then indirect ones; four in a row.
    fn table() -> DoublingTable {
        decode(4, 512, 2048, 32).unwrap()
    }

    #[test]
    fn each_row_doubles_the_size_of_its_blocks() {
        let span = |entry, offset, size_bytes, rows| BlockSpan { entry, offset, size_bytes, rows };
        for (offset, expected) in [
            (0, span(0, 0, 512, None)),
            (511, span(0, 0, 512, None)),
            (512, span(1, 512, 512, None)),
            (2047, span(3, 1536, 512, None)),
            (2048, span(4, 2048, 512, None)),
            (4096, span(8, 4096, 1024, None)),
            (8191, span(11, 7168, 1024, None)),
            (8192, span(12, 8192, 2048, None)),
            (16_383, span(15, 14_336, 2048, None)),
            (16_384, span(16, 16_384, 4096, Some(2))),
            (20_480, span(17, 20_480, 4096, Some(2))),
            (32_768, span(20, 32_768, 8192, Some(3))),
        ] {
            assert_eq!(table().child(offset, 10), Some(expected), "{offset}");
        }
    }

    #[test]
    fn the_children_of_a_block_fill_it_without_gap() {
        let table = table();
        let (mut offset, mut entry) = (0, 0);
        while let Some(child) = table.child(offset, 8) {
            assert_eq!((child.offset, child.entry), (offset, entry));
            offset += child.size_bytes;
            entry += 1;
            assert_eq!(table.child(offset - 1, 8), Some(child));
        }
        // Eight rows of four: each row from the second on is as long as all before it.
        assert_eq!((offset, entry), ((4 * 512) << 7, 32));
        assert_eq!(table.children(8), (16, 16));
        assert_eq!(table.children(3), (12, 0));
    }

    #[test]
    fn direct_blocks_are_counted_through_the_indirect_ones() {
        // In rows of direct blocks, the table itself counts.
        for (rows, bytes) in [(1, 2048), (2, 4096), (3, 8192), (4, 16_384)] {
            let (direct, indirect) = table().children(rows);
            assert_eq!((table().direct_blocks(rows), indirect), (Some((direct, bytes)), 0));
        }
        // A fifth row of four blocks, each with two rows of four.
        assert_eq!(table().direct_blocks(5), Some((16 + 4 * 8, 32_768)));
        // A sixth row of four blocks, each with three rows.
        assert_eq!(table().direct_blocks(6), Some((16 + 4 * 8 + 4 * 12, 65_536)));
        assert_eq!(table().direct_blocks(0), None);
        assert_eq!(decode(1, 1, 1, 64).unwrap().direct_blocks(65), None);
    }

    #[test]
    fn an_indirect_block_spans_what_its_rows_hold() {
        let table = table();
        let child = table.child(16_384, 8).unwrap();
        let rows = child.rows.unwrap();
        assert!(table.child(child.size_bytes - 1, rows).is_some());
        assert_eq!(table.child(child.size_bytes, rows), None);
    }

    #[test]
    fn the_parameters_of_link_heaps_give_ids_of_seven_bytes() {
        let links = decode(4, 512, 64 << 10, 32).unwrap();
        assert_eq!((links.offset_width(), links.length_width(4096)), (4, 2));
        assert_eq!(links.root_rows_max(), 22);
        let attributes = decode(4, 1024, 64 << 10, 40).unwrap();
        assert_eq!((attributes.offset_width(), attributes.length_width(4096)), (5, 2));
        assert_eq!(links.length_width(0), 1);
    }

    #[test]
    fn impossible_sizes_are_malformed() {
        assert!(decode(3, 512, 2048, 32).is_err());
        assert!(decode(0, 512, 2048, 32).is_err());
        assert!(decode(4, 0, 2048, 32).is_err());
        assert!(decode(4, 4096, 2048, 32).is_err());
        assert!(decode(4, 512, 1 << 40, 64).is_err());
        assert!(decode(4, 512, 2048, 65).is_err());
        assert!(decode(4, 512, 2048, 10).is_err());
    }

    #[test]
    fn no_sizes_and_no_offset_overflow() {
        for width in (0..16).map(|bits| 1_u16 << bits) {
            for (starting, direct) in [(0, 0), (0, 31), (31, 31), (9, 16)] {
                for heap_bits in 0..=64 {
                    let Ok(table) = decode(width, 1 << starting, 1 << direct, heap_bits) else {
                        continue;
                    };
                    for offset in [0, 1, 1 << 31, 1 << 63, u64::MAX] {
                        for rows in [0, 1, table.root_rows_max()] {
                            let child = table.child(offset, rows);
                            assert!(child.is_none_or(|child| child.offset <= offset));
                            table.children(rows);
                        }
                    }
                }
            }
        }
    }
}
