//! Dataspace selection: which elements of a dataset are meant. Section VIII.A of the specification
//! ("Dataspace Selection").

use crate::budget::Budget;
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
    /// Points, in the order in which they were chosen. The library makes no mappings of them.
    Points(Places),
    /// Blocks anywhere, each as the places of its first and its last element. Their elements count
    /// in the order of the dataset.
    Blocks(Places),
}

/// Places of elements: one coordinate for each dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    rank: usize,
    coordinates: Vec<u64>,
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
    /// When its type or version is unknown, or it breaks the format; when it is more than `budget` pays
    /// for.
    pub fn decode(cursor: &mut Cursor<'_>, budget: &Budget) -> Result<Self> {
        let selection_type = cursor.u32("selection type")?;
        let version = cursor.u32("selection version")?;
        match (selection_type, version) {
            (NONE | ALL, 1) => {
                cursor.skip(8, "reserved bytes")?;
                Ok(if selection_type == NONE { Self::None } else { Self::All })
            }
            (POINTS, 1) => {
                cursor.skip(8, "reserved bytes and length")?;
                let rank = rank(cursor)?;
                let count = cursor.u32("number of points")?;
                Places::decode(cursor, count.into(), rank, 4, budget).map(Self::Points)
            }
            (POINTS, 2) => {
                let width = cursor.u8("encode size")?;
                let rank = rank(cursor)?;
                let count = cursor.uint(width, "number of points")?;
                Places::decode(cursor, count, rank, width, budget).map(Self::Points)
            }
            (HYPERSLABS, 1) => {
                cursor.skip(8, "reserved bytes and length")?;
                let rank = rank(cursor)?;
                let blocks = cursor.u32("number of blocks")?;
                let corners = u64::from(blocks).saturating_mul(2);
                Places::decode(cursor, corners, rank, 4, budget).map(Self::Blocks)
            }
            (HYPERSLABS, 2) => {
                let flags = cursor.u8("flags")?;
                cursor.skip(4, "length")?;
                let rank = rank(cursor)?;
                hyperslabs(cursor, flags, rank, 8, budget)
            }
            (HYPERSLABS, 3) => {
                let flags = cursor.u8("flags")?;
                let width = cursor.u8("encode size")?;
                let rank = rank(cursor)?;
                hyperslabs(cursor, flags, rank, width, budget)
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

    /// The first index behind the last element along `dimension`; `None` where the selection does
    /// not say.
    pub fn end(&self, dimension: usize) -> Option<u64> {
        match self {
            Self::None | Self::All => None,
            Self::Regular(slabs) => slabs.get(dimension)?.end(),
            Self::Points(places) | Self::Blocks(places) => places.ends().get(dimension).copied(),
        }
    }
}

impl Slab {
    /// How many elements along this dimension are selected of a dataset that has `extent`.
    pub fn elements_within(&self, extent: u64) -> u64 {
        let Some(reach) = extent.checked_sub(self.start).filter(|&reach| reach > 0) else {
            return 0;
        };
        if self.count == Some(1) {
            // From one block to the next is anything.
            return self.block.map_or(reach, |block| block.min(reach));
        }
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

impl Places {
    /// Takes `count` places. Their number was written by somebody else.
    fn decode(
        cursor: &mut Cursor<'_>,
        count: u64,
        rank: usize,
        width: u8,
        budget: &Budget,
    ) -> Result<Self> {
        let count = count.saturating_mul(rank as u64);
        if count.saturating_mul(width.into()) > cursor.remaining() {
            return Err(cursor.malformed(format!("{count} coordinates do not fit the selection")));
        }
        // Those of no bytes would be as many as anybody likes.
        let count = if width == 0 { 0 } else { count };
        budget.list::<u64>(count)?;
        let coordinates = (0..count).map(|_| cursor.uint(width, "coordinate"));
        Ok(Self { rank, coordinates: coordinates.collect::<Result<_>>()? })
    }

    /// Dimensions.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The places, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &[u64]> {
        self.coordinates.chunks_exact(self.rank.max(1))
    }

    /// The first index behind the farthest of them, along each dimension.
    pub fn ends(&self) -> Vec<u64> {
        let mut ends = vec![0; self.rank];
        for place in self.iter() {
            let far = ends.iter_mut().zip(place);
            far.for_each(|(end, &at)| *end = at.saturating_add(1).max(*end));
        }
        ends
    }
}

fn hyperslabs(
    cursor: &mut Cursor<'_>,
    flags: u8,
    rank: usize,
    width: u8,
    budget: &Budget,
) -> Result<Selection> {
    if flags & REGULAR != 0 {
        budget.list::<Slab>(rank as u64)?;
        let slabs = (0..rank).map(|_| slab(cursor, width)).collect::<Result<_>>()?;
        return Ok(Selection::Regular(slabs));
    }
    let blocks = cursor.uint(width, "number of blocks")?;
    let corners = blocks.saturating_mul(2);
    Places::decode(cursor, corners, rank, width, budget).map(Selection::Blocks)
}

fn slab(cursor: &mut Cursor<'_>, width: u8) -> Result<Slab> {
    let slab = Slab {
        start: cursor.uint(width, "start")?,
        stride: cursor.uint(width, "stride")?,
        count: limited(cursor.uint(width, "count")?, width),
        block: limited(cursor.uint(width, "block")?, width),
    };
    let is_one = slab.count == Some(1);
    if !is_one && (slab.stride == 0 || slab.block.is_some_and(|block| block > slab.stride)) {
        return Err(cursor.malformed("blocks of a selection overlap"));
    }
    Ok(slab)
}

/// All ones of any width mean: unlimited.
fn limited(number: u64, width: u8) -> Option<u64> {
    let unlimited = u64::MAX.checked_shr(64_u32.saturating_sub(8 * u32::from(width)));
    (Some(number) != unlimited).then_some(number)
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
    use crate::budget::Limits;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Selection {
        let bytes = hex(text);
        let mut cursor = cursor(&bytes);
        let selection = Selection::decode(&mut cursor, &Budget::new(Limits::default())).unwrap();
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

    fn places(rank: usize, coordinates: &[u64]) -> Places {
        Places { rank, coordinates: coordinates.to_vec() }
    }

    #[test]
    fn points_stand_in_their_order() {
        let points = "01000000 01000000 00000000 18000000 02000000 02000000
            03000000 00000000 01000000 02000000";
        let expected = places(2, &[3, 0, 1, 2]);
        assert_eq!((expected.ends(), expected.iter().count()), (vec![4, 3], 2));
        assert_eq!(decode(points), Selection::Points(expected));
        let narrow = decode("01000000 02000000 02 02000000 0100 0100 0200");
        assert_eq!((narrow.end(0), narrow.end(1), narrow.end(2)), (Some(2), Some(3), None));
    }

    #[test]
    fn irregular_blocks_are_two_corners_each() {
        let block = "02000000 01000000 00000000 10000000 01000000 01000000 02000000 09000000";
        assert_eq!(decode(block), Selection::Blocks(places(1, &[2, 9])));
        let narrow = "02000000 03000000 00 02 01000000 0200 0000 0100 0300 0400";
        assert_eq!(decode(narrow), Selection::Blocks(places(1, &[0, 1, 3, 4])));
        let wide = format!(
            "02000000 02000000 00 1c000000 01000000 {}{}{}",
            "0100000000000000", "0200000000000000", "0700000000000000"
        );
        assert_eq!(decode(&wide), Selection::Blocks(places(1, &[2, 7])));
    }

    #[test]
    fn places_are_in_the_file_and_paid_for() {
        let decode = |text: &str, decoded_bytes| {
            let budget = Budget::new(Limits { decoded_bytes, ..Limits::default() });
            Selection::decode(&mut cursor(&hex(text)), &budget)
        };
        let three = "01000000 02000000 02 01000000 0300 0500 0600 0700";
        assert!(decode(three, 24).is_ok());
        assert!(matches!(decode(three, 23), Err(Error::Limit { .. })));
        let missing = "01000000 02000000 04 01000000 ffffffff 05000000";
        assert!(matches!(decode(missing, 1 << 20), Err(Error::Malformed { .. })));
        let of_no_bytes = Selection::Points(places(1, &[]));
        assert_eq!(decode("01000000 02000000 00 01000000", 0), Ok(of_no_bytes));
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
    fn blocks_do_not_overlap() {
        let budget = Budget::new(Limits::default());
        let decode = |slab: &str| {
            let text = format!("02000000 03000000 01 02 01000000 {slab}");
            Selection::decode(&mut cursor(&hex(&text)), &budget).is_ok()
        };
        // Start, stride, count and block.
        assert!(decode("0000 0300 0400 0300") && decode("0000 0100 0100 0900"));
        for overlapping in ["0000 0200 0400 0300", "0000 0000 0200 0000", "0000 0200 ffff 0300"] {
            assert!(!decode(overlapping), "{overlapping}");
        }
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
        let one = slab(2, 1, Some(1), Some(9));
        assert_eq!([2, 5, 11, 12].map(|extent| one.elements_within(extent)), [0, 3, 9, 9]);
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
        let budget = Budget::new(Limits::default());
        let error = Selection::decode(&mut cursor(&hex("02000000 04000000")), &budget);
        let error = error.unwrap_err();
        assert_eq!(error, Error::unsupported("a selection of type 2 and version 4"));
    }

    #[test]
    fn no_bytes_panic() {
        for kind in [1, 2] {
            for version in [1, 2, 3] {
                let selection = format!("0{kind}000000 0{version}000000 {}", "01".repeat(40));
                never_panics(&hex(&selection), |cursor| {
                    Selection::decode(cursor, &Budget::new(Limits::default()))
                });
            }
        }
    }
}
