//! Data layout message (0x0008): where the elements of a dataset are. Section IV.A.2.i of the
//! specification, versions 1 to 5.
//!
//! The dimensions that versions 1 and 2 repeat for data that is not chunked are not read: the
//! dataspace has them. Versions 4 and 5 differ only in the records of the chunk indexes, whose
//! widths the indexes tell themselves.

use crate::decode::global_heap::GlobalHeapId;
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};

/// The most dimensions of a chunk: those of a dataset, and the element size.
const CHUNK_RANK_MAX: u8 = 33;

/// Where the elements of a dataset are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// In this message.
    Compact {
        /// The elements.
        data: Vec<u8>,
    },
    /// In one piece of the file, or in external files.
    Contiguous {
        /// Where it starts; `None` when no space was allocated.
        address: Option<Address>,
        /// Its size. `None` in versions 1 and 2, which leave it to type and dataspace.
        size_bytes: Option<u64>,
    },
    /// In chunks of equal size.
    Chunked {
        /// Elements of a chunk along each dimension. Never zero.
        chunk: Vec<u64>,
        /// Bytes of an element.
        element_size: u64,
        /// Whether chunks that reach over the edge of the dataset are stored without filters.
        partial_chunks_unfiltered: bool,
        /// How the chunks are found.
        index: ChunkIndex,
    },
    /// In other datasets.
    Virtual {
        /// The list of the other datasets.
        heap: GlobalHeapId,
    },
}

/// How the chunks of a dataset are found. An `address` of `None` means that there are none yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkIndex {
    /// In a version 1 B-tree: all layouts up to version 3.
    BTreeV1 {
        /// Its root.
        address: Option<Address>,
    },
    /// There is one chunk, as large as the dataset.
    SingleChunk {
        /// The chunk.
        address: Option<Address>,
        /// What filters made of it, if it is filtered.
        filtered: Option<FilteredChunk>,
    },
    /// All chunks are there, side by side and in order.
    Implicit {
        /// The first chunk.
        address: Option<Address>,
    },
    /// In an array, because no dimension is unlimited.
    FixedArray {
        /// Its header.
        address: Option<Address>,
        /// Bits of the number of elements in a page.
        page_bits: u8,
    },
    /// In an array that grows, because one dimension is unlimited.
    ExtensibleArray {
        /// Its header.
        address: Option<Address>,
        /// Bits of the greatest number of elements.
        max_bits: u8,
        /// Elements in the index block.
        index_elements: u8,
        /// Least number of data block pointers of a secondary block.
        min_pointers: u8,
        /// Least number of elements of a data block.
        min_elements: u8,
        /// Bits of the number of elements in a page.
        page_bits: u8,
    },
    /// In a version 2 B-tree, because several dimensions are unlimited.
    BTreeV2 {
        /// Its header.
        address: Option<Address>,
        /// Bytes of a node.
        node_size: u32,
        /// How full a node is when it is split.
        split_percent: u8,
        /// How empty a node is when it is merged.
        merge_percent: u8,
    },
}

/// What filters made of a single chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilteredChunk {
    /// Its size in the file.
    pub size_bytes: u64,
    /// A set bit means that this filter of the pipeline was left out.
    pub filter_mask: u32,
}

impl Layout {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version, class or chunk index is unknown, or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        match cursor.known_version(version, &[1, 2, 3, 4, 5])? {
            1 | 2 => Self::decode_versions_1_and_2(cursor),
            version => Self::decode_versions_3_to_5(cursor, version),
        }
    }

    fn decode_versions_1_and_2(cursor: &mut Cursor<'_>) -> Result<Self> {
        let rank = cursor.u8("dimensionality")?;
        let class = cursor.u8("layout class")?;
        cursor.skip(5, "reserved bytes")?;
        match class {
            0 => {
                cursor.skip(4 * u64::from(rank), "dimension sizes")?;
                let size_bytes = cursor.u32("compact data size")?;
                Ok(Self::Compact { data: cursor.take(size_bytes.into(), "compact data")?.into() })
            }
            1 => Ok(Self::Contiguous { address: cursor.offset("data address")?, size_bytes: None }),
            2 => Self::decode_with_b_tree_v1(cursor, rank),
            _ => Err(unknown_class(class)),
        }
    }

    fn decode_versions_3_to_5(cursor: &mut Cursor<'_>, version: u8) -> Result<Self> {
        let class = cursor.u8("layout class")?;
        match (class, version) {
            (0, _) => {
                let size_bytes = cursor.u16("compact data size")?;
                Ok(Self::Compact { data: cursor.take(size_bytes.into(), "compact data")?.into() })
            }
            (1, _) => Ok(Self::Contiguous {
                address: cursor.offset("data address")?,
                size_bytes: Some(cursor.length("data size")?),
            }),
            (2, 3) => {
                let rank = cursor.u8("dimensionality")?;
                Self::decode_with_b_tree_v1(cursor, rank)
            }
            (2, _) => Self::decode_with_chunk_index(cursor),
            (3, 4..) => Ok(Self::Virtual { heap: GlobalHeapId::decode(cursor)? }),
            _ => Err(unknown_class(class)),
        }
    }

    /// Chunks as all versions up to 3 have them.
    fn decode_with_b_tree_v1(cursor: &mut Cursor<'_>, rank: u8) -> Result<Self> {
        let address = cursor.offset("chunk B-tree address")?;
        let (chunk, element_size) = chunk_dimensions(cursor, rank, 4)?;
        let index = ChunkIndex::BTreeV1 { address };
        Ok(Self::Chunked { chunk, element_size, partial_chunks_unfiltered: false, index })
    }

    /// Chunks as versions 4 and 5 have them.
    fn decode_with_chunk_index(cursor: &mut Cursor<'_>) -> Result<Self> {
        let flags = cursor.u8("chunked layout flags")?;
        let rank = cursor.u8("dimensionality")?;
        let width = cursor.u8("dimension size encoded length")?;
        let (chunk, element_size) = chunk_dimensions(cursor, rank, width)?;
        let index = ChunkIndex::decode(cursor, flags)?;
        let partial_chunks_unfiltered = flags & 0b01 != 0;
        Ok(Self::Chunked { chunk, element_size, partial_chunks_unfiltered, index })
    }
}

/// Takes `rank` dimensions of `width` bytes, of which the last is the element size.
fn chunk_dimensions(cursor: &mut Cursor<'_>, rank: u8, width: u8) -> Result<(Vec<u64>, u64)> {
    if rank > CHUNK_RANK_MAX {
        return Err(cursor.malformed(format!("{rank} dimensions, more than {CHUNK_RANK_MAX}")));
    }
    let mut chunk = Vec::with_capacity(rank.into());
    for _ in 0..rank {
        chunk.push(cursor.uint(width, "dimension size")?);
    }
    match chunk.pop() {
        Some(element_size) if !chunk.is_empty() && element_size > 0 && !chunk.contains(&0) => {
            Ok((chunk, element_size))
        }
        element_size => {
            let detail = format!("chunks of {chunk:?} elements of {element_size:?} bytes");
            Err(cursor.malformed(detail))
        }
    }
}

impl ChunkIndex {
    /// Takes the index of versions 4 and 5, which ends with its address.
    fn decode(cursor: &mut Cursor<'_>, layout_flags: u8) -> Result<Self> {
        const ADDRESS: &str = "chunk index address";
        match cursor.u8("chunk indexing type")? {
            1 => Ok(Self::SingleChunk {
                filtered: (layout_flags & 0b10 != 0)
                    .then(|| FilteredChunk::decode(cursor))
                    .transpose()?,
                address: cursor.offset(ADDRESS)?,
            }),
            2 => Ok(Self::Implicit { address: cursor.offset(ADDRESS)? }),
            3 => Ok(Self::FixedArray {
                page_bits: cursor.u8("page bits")?,
                address: cursor.offset(ADDRESS)?,
            }),
            4 => Ok(Self::ExtensibleArray {
                max_bits: cursor.u8("max bits")?,
                index_elements: cursor.u8("index elements")?,
                min_pointers: cursor.u8("min pointers")?,
                min_elements: cursor.u8("min elements")?,
                page_bits: cursor.u8("page bits")?,
                address: cursor.offset(ADDRESS)?,
            }),
            5 => Ok(Self::BTreeV2 {
                node_size: cursor.u32("node size")?,
                split_percent: cursor.u8("split percent")?,
                merge_percent: cursor.u8("merge percent")?,
                address: cursor.offset(ADDRESS)?,
            }),
            other => Err(Error::unsupported(format!("chunk indexing type {other}"))),
        }
    }
}

impl FilteredChunk {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        Ok(Self {
            size_bytes: cursor.length("size of filtered chunk")?,
            filter_mask: cursor.u32("filters for chunk")?,
        })
    }
}

fn unknown_class(class: u8) -> Error {
    Error::unsupported(format!("layout class {class}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<Layout> {
        Layout::decode(&mut cursor(&hex(text)))
    }

    fn index(information: &str, flags: &str) -> Result<ChunkIndex> {
        match decode(&format!("0402 {flags} 02 01 0a 08 {information} 2003000000000000"))? {
            Layout::Chunked { index, .. } => Ok(index),
            other => panic!("{other:?}"),
        }
    }

    const ADDRESS: Option<Address> = Some(Address::new(800));
    const CHUNKED_3: &str = "0302 03 480b000000000000 02000000 02000000 08000000";
    const CHUNKED_5: &str = "0502 00 03 01 02 02 08 04 20 04 04 10 0a 5908000000000000";
    const COMPACT_1: &str = "01 01 00 0000000000 03000000 03000000 070809";
    const VIRTUAL: &str = "0403 2003000000000000 01000000";

    #[test]
    fn compact_and_contiguous() {
        let compact = Ok(Layout::Compact { data: vec![7, 8, 9] });
        assert_eq!(decode("0300 0300 070809"), compact);
        assert_eq!(decode(COMPACT_1), compact);
        let contiguous = |address, size_bytes| Ok(Layout::Contiguous { address, size_bytes });
        let text = "0301 2003000000000000 0800000000000000";
        assert_eq!(decode(text), contiguous(ADDRESS, Some(8)));
        let text = "0301 ffffffffffffffff 0000000000000000";
        assert_eq!(decode(text), contiguous(None, Some(0)));
        let text = "02 01 01 0000000000 2003000000000000 03000000";
        assert_eq!(decode(text), contiguous(ADDRESS, None));
    }

    #[test]
    fn old_chunks_are_in_a_b_tree() {
        let expected = Ok(Layout::Chunked {
            chunk: vec![2, 2],
            element_size: 8,
            partial_chunks_unfiltered: false,
            index: ChunkIndex::BTreeV1 { address: Some(Address::new(0x0b48)) },
        });
        assert_eq!(decode(CHUNKED_3), expected);
        assert_eq!(decode(&CHUNKED_3.replace("0302 03", "02 03 02 0000000000")), expected);
    }

    #[test]
    fn new_chunks_have_the_index_that_suits_them() {
        let index_of_5 = match decode(CHUNKED_5).unwrap() {
            Layout::Chunked { index, .. } => index,
            other => panic!("{other:?}"),
        };
        let extensible_array = ChunkIndex::ExtensibleArray {
            address: Some(Address::new(0x0859)),
            max_bits: 32,
            index_elements: 4,
            min_pointers: 4,
            min_elements: 16,
            page_bits: 10,
        };
        assert_eq!(index_of_5, extensible_array);

        let single = |filtered| Ok(ChunkIndex::SingleChunk { address: ADDRESS, filtered });
        assert_eq!(index("01", "00"), single(None));
        let filtered = FilteredChunk { size_bytes: 9, filter_mask: 1 };
        assert_eq!(index("01 0900000000000000 01000000", "02"), single(Some(filtered)));
        assert_eq!(index("02", "00"), Ok(ChunkIndex::Implicit { address: ADDRESS }));
        let fixed_array = ChunkIndex::FixedArray { address: ADDRESS, page_bits: 10 };
        assert_eq!(index("03 0a", "00"), Ok(fixed_array));
        let b_tree = ChunkIndex::BTreeV2 {
            address: ADDRESS,
            node_size: 2048,
            split_percent: 100,
            merge_percent: 40,
        };
        assert_eq!(index("05 00080000 64 28", "00"), Ok(b_tree));
        assert!(matches!(index("06", "00"), Err(Error::Unsupported(_))));
    }

    #[test]
    fn chunks_at_the_edge_may_be_unfiltered() {
        let layout = decode(&CHUNKED_5.replace("0502 00", "0502 01")).unwrap();
        assert!(matches!(layout, Layout::Chunked { partial_chunks_unfiltered: true, .. }));
    }

    #[test]
    fn virtual_datasets_refer_to_a_global_heap() {
        let heap = GlobalHeapId { collection: ADDRESS, index: 1 };
        assert_eq!(decode(VIRTUAL), Ok(Layout::Virtual { heap }));
        assert!(matches!(decode(&VIRTUAL.replace("0403", "0303")), Err(Error::Unsupported(_))));
    }

    #[test]
    fn chunks_have_dimensions_and_none_is_zero() {
        assert!(decode(&CHUNKED_3.replace("02000000 08", "00000000 08")).is_err());
        assert!(decode(&CHUNKED_3.replace("0302 03", "0302 01")).is_err());
        assert!(decode(&CHUNKED_3.replace("0302 03", "0302 22")).is_err());
        assert!(decode(&CHUNKED_5.replace("03 01 02", "03 09 02")).is_err(), "too wide");
    }

    #[test]
    fn no_input_panics() {
        for valid in [COMPACT_1, CHUNKED_3, CHUNKED_5, VIRTUAL] {
            never_panics(&hex(valid), Layout::decode);
        }
    }
}
