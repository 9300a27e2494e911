//! The records of version 2 B-trees, by type. They are decoded from a cursor over one record.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Types 1 to 4: a huge object of a fractal heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HugeObjectRecord {
    /// Where the object is.
    pub place: HugeObjectPlace,
    /// In types 1 and 2 the key: the "Huge Object ID" that heap ids hold.
    pub id: Option<u64>,
}

/// Where a huge object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HugeObjectPlace {
    /// Its address.
    pub address: Address,
    /// Its length in the file.
    pub size_bytes: u64,
    /// In heaps with filters: how it was filtered.
    pub filtered: Option<FilteredObject>,
}

/// What it takes to undo the filters of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilteredObject {
    /// Bit n is set when the pipeline's filter n was skipped.
    pub filter_mask: u32,
    /// "Memory Size": bytes of the object once the filters are undone.
    pub memory_bytes: u64,
}

impl HugeObjectRecord {
    /// Takes a record of a tree of this type.
    ///
    /// # Errors
    ///
    /// When the type is not one of 1 to 4, or the record is too short.
    pub fn decode(cursor: &mut Cursor<'_>, record_type: u8) -> Result<Self> {
        let (is_filtered, has_id) = match record_type {
            1 => (false, true),
            2 => (true, true),
            3 => (false, false),
            4 => (true, false),
            _ => {
                let detail = format!("type {record_type} in a tree of huge objects");
                return Err(cursor.malformed(detail));
            }
        };
        let place = HugeObjectPlace::decode(cursor, is_filtered)?;
        let id = if has_id { Some(cursor.length("huge object id")?) } else { None };
        Ok(Self { place, id })
    }
}

impl HugeObjectPlace {
    /// Takes the fields, which are the same in records and in heap ids.
    pub(crate) fn decode(cursor: &mut Cursor<'_>, is_filtered: bool) -> Result<Self> {
        let address = cursor.defined_offset("huge object address")?;
        let size_bytes = cursor.length("huge object length")?;
        let filtered = match is_filtered {
            true => Some(FilteredObject {
                filter_mask: cursor.u32("filter mask")?,
                memory_bytes: cursor.length("huge object memory size")?,
            }),
            false => None,
        };
        Ok(Self { address, size_bytes, filtered })
    }
}

/// Type 5: a link by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkNameRecord {
    /// lookup3 of the name: the key.
    pub name_hash: u32,
    /// The link message in the group's fractal heap.
    pub heap_id: [u8; 7],
}

impl LinkNameRecord {
    /// Takes a record.
    ///
    /// # Errors
    ///
    /// When it is too short.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        Ok(Self { name_hash: cursor.u32("hash of name")?, heap_id: cursor.array("heap id")? })
    }
}

/// Type 6: a link by its creation order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkCreationOrderRecord {
    /// The key.
    pub creation_order: u64,
    /// The link message in the group's fractal heap.
    pub heap_id: [u8; 7],
}

impl LinkCreationOrderRecord {
    /// Takes a record.
    ///
    /// # Errors
    ///
    /// When it is too short.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let creation_order = cursor.u64("creation order")?;
        Ok(Self { creation_order, heap_id: cursor.array("heap id")? })
    }
}

/// Type 7: a shared object header message, by its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedMessageRecord {
    /// "Message in Heap".
    Heap {
        /// lookup3 of the message: the key.
        hash: u32,
        /// How many objects refer to the message.
        reference_count: u32,
        /// The message in the index's fractal heap.
        heap_id: [u8; 8],
    },
    /// "Message in Object Header".
    ObjectHeader {
        /// lookup3 of the message: the key.
        hash: u32,
        /// Type of the message.
        message_type: u8,
        /// It is the n-th message of its type in the header.
        index: u16,
        /// The object header.
        address: Address,
    },
}

impl SharedMessageRecord {
    /// Takes a record.
    ///
    /// # Errors
    ///
    /// When it is too short, or the message is in neither place.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let location = cursor.u8("message location")?;
        let hash = cursor.u32("hash")?;
        match location {
            0 => Ok(Self::Heap {
                hash,
                reference_count: cursor.u32("reference count")?,
                heap_id: cursor.array("heap id")?,
            }),
            1 => {
                cursor.skip(1, "reserved byte")?;
                Ok(Self::ObjectHeader {
                    hash,
                    message_type: cursor.u8("message type")?,
                    index: cursor.u16("object header index")?,
                    address: cursor.defined_offset("object header address")?,
                })
            }
            other => Err(cursor.malformed(format!("message location {other}"))),
        }
    }
}

/// Type 8: an attribute by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeNameRecord {
    /// The attribute message, in the fractal heap of the object's attributes or, when the flags
    /// say that it is shared, in that of the shared messages.
    pub heap_id: [u8; 8],
    /// The flags of the message.
    pub message_flags: u8,
    /// The attribute's creation order.
    pub creation_order: u32,
    /// lookup3 of the name: the key.
    pub name_hash: u32,
}

impl AttributeNameRecord {
    /// Takes a record.
    ///
    /// # Errors
    ///
    /// When it is too short.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        Ok(Self {
            heap_id: cursor.array("heap id")?,
            message_flags: cursor.u8("message flags")?,
            creation_order: cursor.u32("creation order")?,
            name_hash: cursor.u32("hash of name")?,
        })
    }
}

/// Type 9: an attribute by its creation order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeCreationOrderRecord {
    /// The attribute message; see [`AttributeNameRecord::heap_id`].
    pub heap_id: [u8; 8],
    /// The flags of the message.
    pub message_flags: u8,
    /// The key.
    pub creation_order: u32,
}

impl AttributeCreationOrderRecord {
    /// Takes a record.
    ///
    /// # Errors
    ///
    /// When it is too short.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        Ok(Self {
            heap_id: cursor.array("heap id")?,
            message_flags: cursor.u8("message flags")?,
            creation_order: cursor.u32("creation order")?,
        })
    }
}

/// Types 10 and 11: a chunk of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkRecord {
    /// Where the chunk is.
    pub address: Option<Address>,
    /// In type 11: bytes of the chunk in the file, after all filters.
    pub size_bytes: Option<u64>,
    /// Bit n is set when the pipeline's filter n was skipped for this chunk.
    pub filter_mask: u32,
    /// Where in the dataset the chunk is, counted in chunks, one number for each dimension.
    pub scaled_offset: Vec<u64>,
}

impl ChunkRecord {
    /// Takes a record of a tree of this type, of a dataset with this many `dimensions`.
    ///
    /// # Errors
    ///
    /// When the type is not 10 or 11, or the record has not the size that belongs to it.
    pub fn decode(cursor: &mut Cursor<'_>, record_type: u8, dimensions: u8) -> Result<Self> {
        let address = cursor.offset("chunk address")?;
        let (size_bytes, filter_mask) = match record_type {
            10 => (None, 0),
            11 => {
                // The width of the size depends on the version of the layout message. It is what
                // the fields of known width leave of the record.
                let others = 4 + 8 * u64::from(dimensions);
                let width = u8::try_from(cursor.remaining().saturating_sub(others)).unwrap_or(0xff);
                let size_bytes = cursor.uint(width, "chunk size")?;
                (Some(size_bytes), cursor.u32("filter mask")?)
            }
            other => return Err(cursor.malformed(format!("type {other} in a tree of chunks"))),
        };
        let scaled_offset = (0..dimensions).map(|_| cursor.u64("scaled offset"));
        let scaled_offset = scaled_offset.collect::<Result<_>>()?;
        Ok(Self { address, size_bytes, filter_mask, scaled_offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    #[test]
    fn huge_objects_have_a_filter_and_an_id_where_their_type_says_so() {
        let bytes =
            hex("0010000000000000 e803000000000000 01000000 f401000000000000 0700000000000000");
        let filtered = FilteredObject { filter_mask: 1, memory_bytes: 500 };
        let address = Address::new(4096);
        let record = |filtered, id| {
            let place = HugeObjectPlace { address, size_bytes: 1000, filtered };
            HugeObjectRecord { place, id }
        };
        let decode = |kind| HugeObjectRecord::decode(&mut cursor(&bytes), kind);
        assert_eq!(decode(2), Ok(record(Some(filtered), Some(7))));
        assert_eq!(decode(4), Ok(record(Some(filtered), None)));
        assert_eq!(decode(3), Ok(record(None, None)));
        assert_eq!(decode(1).map(|record| record.id.is_some()), Ok(true));
        assert!(decode(5).is_err());
    }

    #[test]
    fn links_are_indexed_by_hash_and_by_creation_order() {
        let id = [0, 1, 2, 3, 4, 5, 6];
        let bytes = hex("78563412 00010203040506");
        let record = LinkNameRecord::decode(&mut cursor(&bytes));
        assert_eq!(record, Ok(LinkNameRecord { name_hash: 0x1234_5678, heap_id: id }));
        let bytes = hex("0900000000000000 00010203040506");
        let record = LinkCreationOrderRecord::decode(&mut cursor(&bytes));
        assert_eq!(record, Ok(LinkCreationOrderRecord { creation_order: 9, heap_id: id }));
    }

    #[test]
    fn attributes_are_indexed_by_hash_and_by_creation_order() {
        let bytes = hex("0001020304050607 02 05000000 78563412");
        let (heap_id, message_flags, creation_order) = ([0, 1, 2, 3, 4, 5, 6, 7], 2, 5);
        let by_name = AttributeNameRecord::decode(&mut cursor(&bytes)).unwrap();
        let name_hash = 0x1234_5678;
        assert_eq!(
            by_name,
            AttributeNameRecord { heap_id, message_flags, creation_order, name_hash }
        );
        let by_order = AttributeCreationOrderRecord::decode(&mut cursor(&bytes)).unwrap();
        assert_eq!(
            by_order,
            AttributeCreationOrderRecord { heap_id, message_flags, creation_order }
        );
    }

    #[test]
    fn shared_messages_are_in_a_heap_or_in_an_object_header() {
        let bytes = hex("00 01000000 02000000 0001020304050607");
        let heap_id = [0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(
            SharedMessageRecord::decode(&mut cursor(&bytes)),
            Ok(SharedMessageRecord::Heap { hash: 1, reference_count: 2, heap_id })
        );
        let bytes = hex("01 01000000 00 03 0200 e803000000000000");
        let address = Address::new(1000);
        assert_eq!(
            SharedMessageRecord::decode(&mut cursor(&bytes)),
            Ok(SharedMessageRecord::ObjectHeader { hash: 1, message_type: 3, index: 2, address })
        );
        assert!(SharedMessageRecord::decode(&mut cursor(&hex("02 01000000"))).is_err());
    }

    #[test]
    fn the_size_of_a_filtered_chunk_is_as_wide_as_the_record_allows() {
        let chunk = |size_bytes, filter_mask| ChunkRecord {
            address: Some(Address::new(4096)),
            size_bytes,
            filter_mask,
            scaled_offset: vec![2, 3],
        };
        let offset = "0200000000000000 0300000000000000";
        for (bytes, kind, expected) in [
            (format!("0010000000000000 {offset}"), 10, chunk(None, 0)),
            (format!("0010000000000000 2c0100 01000000 {offset}"), 11, chunk(Some(300), 1)),
            (
                format!("0010000000000000 2c01000000000000 00000000 {offset}"),
                11,
                chunk(Some(300), 0),
            ),
        ] {
            let record = ChunkRecord::decode(&mut cursor(&hex(&bytes)), kind, 2);
            assert_eq!(record, Ok(expected), "{bytes}");
        }
        assert!(ChunkRecord::decode(&mut cursor(&[0; 100]), 11, 2).is_err());
    }

    #[test]
    fn no_bytes_panic() {
        for kind in [0, 1, 2, 4, 10, 11] {
            never_panics(&[1; 44], |cursor| HugeObjectRecord::decode(cursor, kind));
            never_panics(&[1; 44], |cursor| ChunkRecord::decode(cursor, kind, 3));
        }
        never_panics(&[0; 17], SharedMessageRecord::decode);
    }
}
