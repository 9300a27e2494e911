//! The list of a virtual dataset's sources, which is an object in the global heap. Section III.F of
//! the specification ("Global Heap Block for Virtual Datasets").

use std::sync::Arc;

use crate::budget::Budget;
use crate::decode::Cursor;
use crate::decode::checksum::verified;
use crate::decode::selection::{Selection, Slab};
use crate::error::Result;

const BLOCK: &str = "virtual dataset global heap block";

/// Elements of a virtual dataset that are elements of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMapping {
    /// "Source Filename", as the file has it; `.` means this file. It may be a pattern.
    pub file: Arc<[u8]>,
    /// "Source Dataset": the path in that file. It may be a pattern.
    pub dataset: Arc<[u8]>,
    /// Which elements of the source dataset.
    pub source_selection: Selection,
    /// Which elements of the virtual dataset they are.
    pub virtual_selection: Selection,
}

impl VirtualMapping {
    /// Decodes a whole block, which must fill the cursor, and checks its checksum. Many datasets may
    /// lead to the same block, so each decoding is paid for from `budget`.
    ///
    /// # Errors
    ///
    /// When the version or a selection is unknown, the checksum is wrong, the block breaks the
    /// format, or the budget is spent.
    pub fn decode_all(cursor: &mut Cursor<'_>, budget: &Budget) -> Result<Vec<Self>> {
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
                source_selection: Selection::decode(&mut cursor, budget)?,
                virtual_selection: Selection::decode(&mut cursor, budget)?,
            };
            budget.decoded(mapping.size_bytes())?;
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

impl VirtualMapping {
    /// Memory that it takes beside its selections, in bytes.
    fn size_bytes(&self) -> u64 {
        (size_of::<Self>() + self.file.len() + self.dataset.len()) as u64
    }

    /// What decides how far the virtual dataset reaches along the dimension in which this mapping
    /// has no end; `None` for a mapping that has one.
    pub fn growth(&self) -> Option<Growth> {
        let (dimension, slab) = self.virtual_selection.unlimited()?;
        Some(match self.source_selection.unlimited() {
            Some((source_dimension, source_slab)) => Growth {
                dimension,
                along: GrowsWith::Source { source_dimension, source_slab: *source_slab },
                slab: *slab,
            },
            None => Growth { dimension, along: GrowsWith::NumberOfSources, slab: *slab },
        })
    }

    /// The names of the source with this number, for mappings that grow with their number: `%b` in
    /// a name stands for the number, `%%` for `%`.
    pub fn numbered_source(&self, number: u64) -> (Vec<u8>, Vec<u8>) {
        (numbered(&self.file, number), numbered(&self.dataset, number))
    }

    /// Whether the sources of different numbers have different names.
    pub fn is_numbered(&self) -> bool {
        self.numbered_source(0) != self.numbered_source(1)
    }
}

/// How a mapping without end makes a virtual dataset grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// The dimension of the virtual dataset.
    pub dimension: usize,
    /// What it grows with.
    pub along: GrowsWith,
    slab: Slab,
}

/// What a virtual dataset grows with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowsWith {
    /// With the extent of its source along a dimension.
    Source {
        /// The dimension.
        source_dimension: usize,
        /// What of it is mapped.
        source_slab: Slab,
    },
    /// With the number of sources that exist.
    NumberOfSources,
}

impl Growth {
    /// How far the virtual dataset reaches for a source of this extent along its dimension.
    pub fn extent_for_source(&self, source_slab: &Slab, source_extent: u64) -> u64 {
        self.slab.extent_of(source_slab.elements_within(source_extent))
    }

    /// How far it reaches for so many sources, each of which is one block.
    pub fn extent_for_sources(&self, sources: u64) -> u64 {
        self.slab.extent_of_blocks(sources)
    }
}

fn numbered(pattern: &[u8], number: u64) -> Vec<u8> {
    let mut name = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((&byte, behind)) = rest.split_first() {
        (name, rest) = match (byte, behind.split_first()) {
            (b'%', Some((b'b', behind))) => {
                name.extend(number.to_string().bytes());
                (name, behind)
            }
            (b'%', Some((b'%', behind))) => {
                name.push(b'%');
                (name, behind)
            }
            _ => {
                name.push(byte);
                (name, behind)
            }
        };
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::decode::checksum::lookup3;
    use crate::decode::testing::{cursor, hex, never_panics};
    use crate::error::Error;

    const ALL_OF_IT: &str = "03000000 01000000 0000000000000000";

    fn block(text: &str) -> Vec<u8> {
        let mut bytes = hex(text);
        let checksum = lookup3(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Vec<VirtualMapping>> {
        VirtualMapping::decode_all(&mut cursor(bytes), &Budget::new(Limits::default()))
    }

    fn names(bytes: &[u8]) -> Vec<(String, String)> {
        let text = |name: &[u8]| String::from_utf8(name.to_vec()).unwrap();
        let mappings = decode(bytes).unwrap();
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
    fn mappings_are_paid_for() {
        let mapping = format!("00 612e683500 2f6400 {ALL_OF_IT} {ALL_OF_IT}");
        let bytes = block(&format!("01 6400000000000000 {}", mapping.repeat(100)));
        let decode = |decoded_bytes| {
            let budget = Budget::new(Limits { decoded_bytes, ..Limits::default() });
            VirtualMapping::decode_all(&mut cursor(&bytes), &budget)
        };
        assert!(matches!(decode(1_000), Err(Error::Limit { .. })));
        assert_eq!(decode(100_000).unwrap().len(), 100);
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
        assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_number_takes_its_place_in_a_name() {
        let names = [(&b"f-%b.h5"[..], &b"f-12.h5"[..]), (b"100%%", b"100%"), (b"50%", b"50%")];
        for (pattern, name) in names {
            assert_eq!(numbered(pattern, 12), name);
        }
    }

    /// A regular selection of version 3, in numbers of one byte.
    fn regular(rank: u8, slabs: &str) -> String {
        format!("02000000 03000000 01 01 0{rank}000000 {slabs}")
    }

    fn only_mapping(virtual_selection: &str, source_selection: &str) -> VirtualMapping {
        let bytes = block(&format!(
            "00 0100000000000000 612e683500 2f6400 {source_selection} {virtual_selection}"
        ));
        decode(&bytes).unwrap().remove(0)
    }

    #[test]
    fn a_mapping_grows_with_its_source() {
        // Every second plane of the virtual dataset is one of the source, from its third on.
        let (every_second, from_the_third) = (regular(1, "01 02 ff 01"), regular(1, "03 01 01 ff"));
        let growth = only_mapping(&every_second, &from_the_third).growth().unwrap();
        let GrowsWith::Source { source_dimension: 0, source_slab } = growth.along else {
            panic!("{growth:?}")
        };
        assert_eq!(growth.extent_for_source(&source_slab, 3), 0);
        assert_eq!(growth.extent_for_source(&source_slab, 5), 4);
    }

    #[test]
    fn a_mapping_grows_with_the_number_of_its_sources() {
        let mapping = only_mapping(&regular(1, "00 0a ff 0a"), ALL_OF_IT);
        let growth = mapping.growth().unwrap();
        assert_eq!(growth.along, GrowsWith::NumberOfSources);
        assert_eq!((growth.extent_for_sources(0), growth.extent_for_sources(3)), (0, 30));
        assert!(!mapping.is_numbered());
        assert_eq!(only_mapping(ALL_OF_IT, ALL_OF_IT).growth(), None);
    }

    #[test]
    fn no_bytes_panic() {
        let mapping = format!("01 612e683500 2f6400 {ALL_OF_IT} {ALL_OF_IT}");
        never_panics(&block(&format!("01 0200000000000000 {mapping} {mapping}")), |cursor| {
            VirtualMapping::decode_all(cursor, &Budget::new(Limits::default()))
        });
    }
}
