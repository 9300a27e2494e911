//! The list of a virtual dataset's sources, which is an object in the global heap. Section III.F of
//! the specification ("Global Heap Block for Virtual Datasets").
//!
//! Selections are passed over: which elements come from which source is not read.

use std::sync::Arc;

use crate::decode::Cursor;
use crate::decode::checksum::verified;
use crate::error::{Error, Result};

const BLOCK: &str = "virtual dataset global heap block";

/// Elements of a virtual dataset that are elements of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMapping {
    /// "Source Filename", as the file has it; `.` means this file. It may be a pattern.
    pub file: Arc<[u8]>,
    /// "Source Dataset": the path in that file. It may be a pattern.
    pub dataset: Arc<[u8]>,
}

impl VirtualMapping {
    /// Decodes a whole block, which must fill the cursor, and checks its checksum.
    ///
    /// # Errors
    ///
    /// When the version or a selection is unknown, the checksum is wrong, or the block breaks the
    /// format.
    pub fn decode_all(cursor: &mut Cursor<'_>) -> Result<Vec<Self>> {
        let whole = cursor.sub(cursor.remaining(), BLOCK)?;
        let mut cursor = verified(whole, BLOCK)?;
        let version = cursor.u8("version")?;
        let version = cursor.known_version(version, &[0, 1])?;
        let count = cursor.length("number of entries")?;
        let mut mappings = Vec::new();
        for _ in 0..count {
            let flags = if version == 0 { 0 } else { cursor.u8("flags")? };
            let mapping = Self {
                file: file_name(&mut cursor, flags, &mappings)?,
                dataset: dataset_name(&mut cursor, flags, &mappings)?,
            };
            skip_selection(&mut cursor)?;
            skip_selection(&mut cursor)?;
            mappings.push(mapping);
        }
        Ok(mappings)
    }
}

/// Bits of "Flags".
const SHARED_FILE_NAME: u8 = 0b001;
const SHARED_DATASET_NAME: u8 = 0b010;
const SAME_FILE: u8 = 0b100;

fn file_name(cursor: &mut Cursor<'_>, flags: u8, mappings: &[VirtualMapping]) -> Result<Arc<[u8]>> {
    if flags & SAME_FILE != 0 {
        return Ok(b".".as_slice().into());
    }
    if flags & SHARED_FILE_NAME != 0 {
        return earlier(cursor, mappings).map(|mapping| Arc::clone(&mapping.file));
    }
    cursor.null_terminated("source filename").map(Into::into)
}

fn dataset_name(
    cursor: &mut Cursor<'_>,
    flags: u8,
    mappings: &[VirtualMapping],
) -> Result<Arc<[u8]>> {
    if flags & SHARED_DATASET_NAME != 0 {
        return earlier(cursor, mappings).map(|mapping| Arc::clone(&mapping.dataset));
    }
    cursor.null_terminated("source dataset").map(Into::into)
}

/// The mapping whose name this one shares. They are counted from zero.
fn earlier<'m>(
    cursor: &mut Cursor<'_>,
    mappings: &'m [VirtualMapping],
) -> Result<&'m VirtualMapping> {
    let index = cursor.length("index of the mapping with the name")?;
    let mapping = usize::try_from(index).ok().and_then(|index| mappings.get(index));
    mapping.ok_or_else(|| cursor.malformed(format!("there is no mapping {index} before")))
}

/// Passes over a "Dataspace Selection" (section VIII.A).
fn skip_selection(cursor: &mut Cursor<'_>) -> Result<()> {
    let selection_type = cursor.u32("selection type")?;
    let version = cursor.u32("selection version")?;
    match (selection_type, version) {
        (NONE | ALL, 1) => cursor.skip(8, "reserved bytes"),
        (POINTS, 1) => {
            cursor.skip(8, "reserved bytes and length")?;
            let rank = rank(cursor)?;
            let points = cursor.u32("number of points")?;
            skip_numbers(cursor, points.into(), rank, 4)
        }
        (POINTS, 2) => {
            let width = cursor.u8("encode size")?;
            let rank = rank(cursor)?;
            let points = cursor.uint(width, "number of points")?;
            skip_numbers(cursor, points, rank, width)
        }
        (HYPERSLABS, 1) => {
            cursor.skip(8, "reserved bytes and length")?;
            let rank = rank(cursor)?;
            let blocks = cursor.u32("number of blocks")?;
            skip_numbers(cursor, blocks.into(), 2 * rank, 4)
        }
        (HYPERSLABS, 2) => {
            let flags = cursor.u8("flags")?;
            if flags & REGULAR == 0 {
                return Err(Error::unsupported("an irregular hyperslab selection of version 2"));
            }
            cursor.skip(4, "length")?;
            let rank = rank(cursor)?;
            skip_numbers(cursor, 4, rank, 8)
        }
        (HYPERSLABS, 3) => {
            let flags = cursor.u8("flags")?;
            let width = cursor.u8("encode size")?;
            let rank = rank(cursor)?;
            if flags & REGULAR != 0 {
                return skip_numbers(cursor, 4, rank, width);
            }
            let blocks = cursor.uint(width, "number of blocks")?;
            skip_numbers(cursor, blocks, 2 * rank, width)
        }
        _ => {
            let what = format!("a selection of type {selection_type} and version {version}");
            Err(Error::unsupported(what))
        }
    }
}

const NONE: u32 = 0;
const POINTS: u32 = 1;
const HYPERSLABS: u32 = 2;
const ALL: u32 = 3;

/// Bit 0 of the flags of a hyperslab selection.
const REGULAR: u8 = 1;

/// The most dimensions that a dataspace has.
const RANK_MAX: u32 = 32;

fn rank(cursor: &mut Cursor<'_>) -> Result<u64> {
    let rank = cursor.u32("rank")?;
    if rank > RANK_MAX {
        return Err(cursor.malformed(format!("a selection of rank {rank}")));
    }
    Ok(rank.into())
}

/// Passes over `count` tuples of numbers.
fn skip_numbers(cursor: &mut Cursor<'_>, count: u64, tuple: u64, width: u8) -> Result<()> {
    let bytes = count.saturating_mul(tuple).saturating_mul(width.into());
    cursor.skip(bytes, "selection")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::checksum::lookup3;
    use crate::decode::testing::{cursor, hex, never_panics};

    const ALL_OF_IT: &str = "03000000 01000000 0000000000000000";

    fn block(text: &str) -> Vec<u8> {
        let mut bytes = hex(text);
        let checksum = lookup3(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    fn names(bytes: &[u8]) -> Vec<(String, String)> {
        let text = |name: &[u8]| String::from_utf8(name.to_vec()).unwrap();
        let mappings = VirtualMapping::decode_all(&mut cursor(bytes)).unwrap();
        let names = mappings.iter().map(|mapping| (text(&mapping.file), text(&mapping.dataset)));
        names.collect()
    }

    #[test]
    fn a_mapping_names_a_file_and_a_dataset() {
        let bytes =
            block(&format!("00 0100000000000000 612e683500 2f6400 {ALL_OF_IT} {ALL_OF_IT}"));
        assert_eq!(names(&bytes), [("a.h5".into(), "/d".into())]);
    }

    #[test]
    fn mappings_may_share_names() {
        let first = format!("00 612e683500 2f6400 {ALL_OF_IT} {ALL_OF_IT}");
        let second = format!("03 0000000000000000 0000000000000000 {ALL_OF_IT} {ALL_OF_IT}");
        let third = format!("04 2f6500 {ALL_OF_IT} {ALL_OF_IT}");
        let bytes = block(&format!("01 0300000000000000 {first} {second} {third}"));
        let shared = ("a.h5".to_owned(), "/d".to_owned());
        assert_eq!(names(&bytes), [shared.clone(), shared, (".".into(), "/e".into())]);
        let ahead = format!("01 0000000000000000 2f6400 {ALL_OF_IT} {ALL_OF_IT}");
        let bytes = block(&format!("01 0100000000000000 {ahead}"));
        assert!(VirtualMapping::decode_all(&mut cursor(&bytes)).is_err());
    }

    #[test]
    fn each_selection_ends_where_it_ends() {
        let number = "0700000000000000";
        for selection in [
            ALL_OF_IT.to_owned(),
            "00000000 01000000 0000000000000000".to_owned(),
            "01000000 01000000 00000000 18000000 02000000 02000000 01000000 02000000 03000000 04000000"
                .to_owned(),
            "01000000 02000000 02 02000000 0100 0100 0200".to_owned(),
            "02000000 01000000 00000000 10000000 01000000 01000000 00000000 09000000".to_owned(),
            format!("02000000 02000000 01 24000000 01000000 {}", number.repeat(4)),
            "02000000 03000000 01 04 01000000 00000000 01000000 09000000 01000000".to_owned(),
            "02000000 03000000 00 02 01000000 0200 0000 0100 0300 0400".to_owned(),
        ] {
            let bytes = hex(&selection);
            let mut cursor = cursor(&bytes);
            assert_eq!(skip_selection(&mut cursor), Ok(()), "{selection}");
            assert!(cursor.is_empty(), "{selection}");
        }
    }

    #[test]
    fn unknown_selections_are_refused_by_name() {
        let error = skip_selection(&mut cursor(&hex("02000000 04000000"))).unwrap_err();
        assert_eq!(error, Error::unsupported("a selection of type 2 and version 4"));
    }

    #[test]
    fn no_bytes_panic() {
        let mapping = format!("01 612e683500 2f6400 {ALL_OF_IT} {ALL_OF_IT}");
        never_panics(
            &block(&format!("01 0200000000000000 {mapping} {mapping}")),
            VirtualMapping::decode_all,
        );
        for kind in [1, 2] {
            for version in [1, 2, 3] {
                let selection = format!("0{kind}000000 0{version}000000 {}", "01".repeat(40));
                never_panics(&hex(&selection), skip_selection);
            }
        }
    }
}
