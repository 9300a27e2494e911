//! Dataspace selection: which elements of a dataset are meant. Section VIII.A of the specification
//! ("Dataspace Selection").
//!
//! Of points and of irregular blocks only their ends are kept: how far the dataset reaches for them.

use crate::decode::Cursor;
use crate::error::{Error, Result};

/// Elements of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// No element.
    None,
    /// Every element.
    All,
    /// Blocks at equal distances: what is selected along each dimension.
    Regular(Vec<Slab>),
    /// Points, or blocks anywhere.
    Scattered {
        /// The first index behind the last element, along each dimension.
        ends: Vec<u64>,
    },
}

/// What a regular hyperslab selects along one dimension: blocks at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slab {
    /// Index of the first element.
    pub start: u64,
    /// From the start of one block to that of the next.
    pub stride: u64,
    /// How many blocks; `None`: as many as there are.
    pub count: Option<u64>,
    /// Elements of a block; `None`: all that there are.
    pub block: Option<u64>,
}

const NONE: u32 = 0;
const POINTS: u32 = 1;
const HYPERSLABS: u32 = 2;
const ALL: u32 = 3;

/// Bit 0 of the flags of a hyperslab selection.
const REGULAR: u8 = 1;

/// The most dimensions that a dataspace has.
const RANK_MAX: u32 = 32;

impl Selection {
    /// Takes a selection.
    ///
    /// # Errors
    ///
    /// When its type or version is unknown, or it breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let selection_type = cursor.u32("selection type")?;
        let version = cursor.u32("selection version")?;
        match (selection_type, version) {
            (NONE | ALL, 1) => {
                cursor.skip(8, "reserved bytes")?;
                Ok(if selection_type == NONE { Self::None } else { Self::All })
            }
            (POINTS, 1 | 2) => points(cursor, version),
            (HYPERSLABS, 1) => {
                cursor.skip(8, "reserved bytes and length")?;
                let rank = rank(cursor)?;
                let blocks = cursor.u32("number of blocks")?;
                scattered(cursor, blocks.into(), rank, Corners::Both, 4)
            }
            (HYPERSLABS, 2) => {
                let flags = cursor.u8("flags")?;
                cursor.skip(4, "length")?;
                let rank = rank(cursor)?;
                hyperslabs(cursor, flags, rank, 8)
            }
            (HYPERSLABS, 3) => {
                let flags = cursor.u8("flags")?;
                let width = cursor.u8("encode size")?;
                let rank = rank(cursor)?;
                hyperslabs(cursor, flags, rank, width)
            }
            _ => {
                let what = format!("a selection of type {selection_type} and version {version}");
                Err(Error::unsupported(what))
            }
        }
    }

    /// The dimension along which the selection goes on as far as the dataset does, if there is one.
    pub fn unlimited(&self) -> Option<(usize, &Slab)> {
        let Self::Regular(slabs) = self else { return None };
        slabs.iter().enumerate().find(|(_, slab)| slab.count.is_none() || slab.block.is_none())
    }

    /// Memory that it takes beside itself, in bytes.
    pub fn size_bytes(&self) -> usize {
        match self {
            Self::None | Self::All => 0,
            Self::Regular(slabs) => size_of_val(slabs.as_slice()),
            Self::Scattered { ends } => size_of_val(ends.as_slice()),
        }
    }

    /// The first index behind the last element along `dimension`; `None` where the selection does
    /// not say.
    pub fn end(&self, dimension: usize) -> Option<u64> {
        match self {
            Self::None | Self::All => None,
            Self::Regular(slabs) => slabs.get(dimension)?.end(),
            Self::Scattered { ends } => ends.get(dimension).copied(),
        }
    }
}

impl Slab {
    /// How many elements along this dimension are selected of a dataset that has `extent`.
    pub fn elements_within(&self, extent: u64) -> u64 {
        let Some(reach) = extent.checked_sub(self.start).filter(|&reach| reach > 0) else {
            return 0;
        };
        let Some(block) = self.block.filter(|&block| block != self.stride) else { return reach };
        let Some(stride) = self.stride.checked_sub(1).map(|_| self.stride) else { return 0 };
        let (whole, rest) = (reach / stride, reach % stride);
        whole.saturating_mul(block).saturating_add(rest.min(block))
    }

    /// The extent that ends with the last of `elements` selected ones; 0 for none.
    pub fn extent_of(&self, elements: u64) -> u64 {
        if elements == 0 {
            return 0;
        }
        let length = match self.block.filter(|&block| block != self.stride && block > 0) {
            None => elements,
            Some(block) => {
                let before = (elements - 1) / block;
                let last = elements - before * block;
                before.saturating_mul(self.stride).saturating_add(last)
            }
        };
        self.start.saturating_add(length)
    }

    /// The extent that ends with the block of this index.
    pub fn extent_of_blocks(&self, blocks: u64) -> u64 {
        let Some(before) = blocks.checked_sub(1) else { return 0 };
        let last = before.saturating_mul(self.stride).saturating_add(self.block.unwrap_or(1));
        self.start.saturating_add(last)
    }

    fn end(&self) -> Option<u64> {
        let (count, _) = (self.count?, self.block?);
        Some(self.extent_of_blocks(count))
    }
}

fn points(cursor: &mut Cursor<'_>, version: u32) -> Result<Selection> {
    if version == 1 {
        cursor.skip(8, "reserved bytes and length")?;
        let rank = rank(cursor)?;
        let count = cursor.u32("number of points")?;
        return scattered(cursor, count.into(), rank, Corners::One, 4);
    }
    let width = cursor.u8("encode size")?;
    let rank = rank(cursor)?;
    let count = cursor.uint(width, "number of points")?;
    scattered(cursor, count, rank, Corners::One, width)
}

fn hyperslabs(cursor: &mut Cursor<'_>, flags: u8, rank: usize, width: u8) -> Result<Selection> {
    if flags & REGULAR != 0 {
        let slabs = (0..rank).map(|_| slab(cursor, width)).collect::<Result<_>>()?;
        return Ok(Selection::Regular(slabs));
    }
    let blocks = cursor.uint(width, "number of blocks")?;
    scattered(cursor, blocks, rank, Corners::Both, width)
}

fn slab(cursor: &mut Cursor<'_>, width: u8) -> Result<Slab> {
    Ok(Slab {
        start: cursor.uint(width, "start")?,
        stride: cursor.uint(width, "stride")?,
        count: limited(cursor.uint(width, "count")?, width),
        block: limited(cursor.uint(width, "block")?, width),
    })
}

/// All ones of any width mean: unlimited.
fn limited(number: u64, width: u8) -> Option<u64> {
    let unlimited = u64::MAX.checked_shr(64_u32.saturating_sub(8 * u32::from(width)));
    (Some(number) != unlimited).then_some(number)
}

/// How many corners of each block are written.
#[derive(Clone, Copy, PartialEq)]
enum Corners {
    One,
    Both,
}

/// Takes `count` points, or blocks as two opposite corners. Their number was written by somebody
/// else, but each of them takes bytes.
fn scattered(
    cursor: &mut Cursor<'_>,
    count: u64,
    rank: usize,
    corners: Corners,
    width: u8,
) -> Result<Selection> {
    let mut ends = vec![0; rank];
    if rank == 0 || width == 0 {
        return Ok(Selection::Scattered { ends });
    }
    for _ in 0..count {
        if corners == Corners::Both {
            cursor.skip(rank as u64 * u64::from(width), "start of a block")?;
        }
        for end in &mut ends {
            let last = cursor.uint(width, "coordinate")?;
            *end = last.saturating_add(1).max(*end);
        }
    }
    Ok(Selection::Scattered { ends })
}

fn rank(cursor: &mut Cursor<'_>) -> Result<usize> {
    let rank = cursor.u32("rank")?;
    if rank > RANK_MAX {
        return Err(cursor.malformed(format!("a selection of rank {rank}")));
    }
    Ok(rank as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Selection {
        let bytes = hex(text);
        let mut cursor = cursor(&bytes);
        let selection = Selection::decode(&mut cursor).unwrap();
        assert!(cursor.is_empty(), "{text}");
        selection
    }

    fn slab(start: u64, stride: u64, count: Option<u64>, block: Option<u64>) -> Slab {
        Slab { start, stride, count, block }
    }

    #[test]
    fn all_and_none_say_no_more() {
        assert_eq!(decode("03000000 01000000 0000000000000000"), Selection::All);
        assert_eq!(decode("00000000 01000000 0000000000000000"), Selection::None);
    }

    #[test]
    fn points_and_irregular_blocks_end_with_the_farthest() {
        let points = "01000000 01000000 00000000 18000000 02000000 02000000
            01000000 02000000 03000000 00000000";
        assert_eq!(decode(points), Selection::Scattered { ends: vec![4, 3] });
        let narrow_points = "01000000 02000000 02 02000000 0100 0100 0200";
        assert_eq!(decode(narrow_points), Selection::Scattered { ends: vec![2, 3] });
        let block = "02000000 01000000 00000000 10000000 01000000 01000000 02000000 09000000";
        assert_eq!(decode(block), Selection::Scattered { ends: vec![10] });
        let narrow_blocks = "02000000 03000000 00 02 01000000 0200 0000 0100 0300 0400";
        assert_eq!(decode(narrow_blocks), Selection::Scattered { ends: vec![5] });
        let wide_blocks = format!(
            "02000000 02000000 00 1c000000 01000000 {}{}{}",
            "0100000000000000", "0200000000000000", "0700000000000000"
        );
        assert_eq!(decode(&wide_blocks), Selection::Scattered { ends: vec![8] });
    }

    #[test]
    fn regular_blocks_may_go_on_without_limit() {
        let seven = "0700000000000000";
        let limited = format!("02000000 02000000 01 24000000 01000000 {}", seven.repeat(4));
        let expected = Selection::Regular(vec![slab(7, 7, Some(7), Some(7))]);
        assert_eq!((decode(&limited).unlimited(), decode(&limited)), (None, expected));
        let unlimited = decode(
            "02000000 03000000 01 02 02000000
            0000 0100 0100 0a00 0200 0500 ffff 0300",
        );
        let open = slab(2, 5, None, Some(3));
        assert_eq!(unlimited.unlimited(), Some((1, &open)));
        assert_eq!((unlimited.end(0), unlimited.end(1)), (Some(10), None));
    }

    #[test]
    fn elements_and_extents_belong_together() {
        // Selected are 2 3 4, 7 8 9, 12 13 14, ...
        let blocks = slab(2, 5, None, Some(3));
        for (extent, elements) in [(0, 0), (2, 0), (3, 1), (5, 3), (7, 3), (8, 4), (14, 8)] {
            assert_eq!(blocks.elements_within(extent), elements, "{extent}");
        }
        for (elements, extent) in [(0, 0), (1, 3), (3, 5), (4, 8), (6, 10), (8, 14)] {
            assert_eq!(blocks.extent_of(elements), extent, "{elements}");
        }
        let whole = slab(2, 1, Some(1), None);
        assert_eq!((whole.elements_within(9), whole.extent_of(7)), (7, 9));
        assert_eq!((blocks.extent_of_blocks(0), blocks.extent_of_blocks(3)), (0, 15));
    }

    #[test]
    fn numbers_that_make_no_sense_do_no_harm() {
        for stride in [0, 1, u64::MAX] {
            for block in [None, Some(0), Some(1), Some(u64::MAX)] {
                let slab = slab(u64::MAX - 1, stride, None, block);
                for number in [0, 1, u64::MAX] {
                    slab.elements_within(number);
                    slab.extent_of(number);
                    slab.extent_of_blocks(number);
                }
            }
        }
    }

    #[test]
    fn unknown_selections_are_refused_by_name() {
        let error = Selection::decode(&mut cursor(&hex("02000000 04000000"))).unwrap_err();
        assert_eq!(error, Error::unsupported("a selection of type 2 and version 4"));
    }

    #[test]
    fn no_bytes_panic() {
        for kind in [1, 2] {
            for version in [1, 2, 3] {
                let selection = format!("0{kind}000000 0{version}000000 {}", "01".repeat(40));
                never_panics(&hex(&selection), Selection::decode);
            }
        }
    }
}
