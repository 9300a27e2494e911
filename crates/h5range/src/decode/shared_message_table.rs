//! The shared object header message table: which heap holds shared messages of which types.
//! Section III.H of the specification ("Disk Format: Level 1H").
//!
//! The indexes of the messages (lists and B-trees) are not read: a shared message names its place
//! in the heap, and only a writer looks for equal messages.

use crate::decode::{Address, Cursor, Widths, checksum};
use crate::error::Result;

const STRUCTURE: &str = "shared object header message table";

/// The indexes of a file's shared messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedMessageIndexes {
    indexes: Vec<SharedMessageIndex>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SharedMessageIndex {
    /// Bit n is set when messages of type n are kept here.
    message_types: u16,
    /// `None` while there are no messages.
    fractal_heap: Option<Address>,
}

impl SharedMessageIndexes {
    /// Takes a table of `index_count` indexes, which is all that the cursor holds.
    ///
    /// # Errors
    ///
    /// When the checksum is wrong or a field breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>, index_count: u8) -> Result<Self> {
        let mut cursor = checksum::verified(cursor.clone(), STRUCTURE)?;
        cursor.signature(b"SMTB")?;
        let indexes = (0..index_count).map(|_| SharedMessageIndex::decode(&mut cursor));
        Ok(Self { indexes: indexes.collect::<Result<_>>()? })
    }

    /// Bytes of a table of `index_count` indexes.
    pub fn encoded_bytes(index_count: u8, widths: Widths) -> u64 {
        8 + u64::from(index_count) * (14 + 2 * u64::from(widths.offset))
    }

    /// The fractal heap of messages of this type.
    pub fn heap_of(&self, message_type: u16) -> Option<Address> {
        let bit = 1_u16.checked_shl(message_type.into())?;
        self.indexes.iter().find(|index| index.message_types & bit != 0)?.fractal_heap
    }
}

impl SharedMessageIndex {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        cursor.skip(1, "index type")?;
        let message_types = cursor.u16("message type flags")?;
        cursor.skip(4 + 2 + 2 + 2, "sizes of the index")?;
        cursor.offset("index address")?;
        Ok(Self { message_types, fractal_heap: cursor.offset("fractal heap address")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::message::kind;
    use crate::decode::testing::bytes_never_panic;

    fn table(indexes: &[(u16, u64)]) -> Vec<u8> {
        let mut bytes = b"SMTB".to_vec();
        for (message_types, heap) in indexes {
            bytes.extend([0, 0]);
            bytes.extend(message_types.to_le_bytes());
            bytes.extend([50, 0, 0, 0, 50, 0, 40, 0, 3, 0]);
            bytes.extend(u64::MAX.to_le_bytes());
            bytes.extend(heap.to_le_bytes());
        }
        bytes.extend(checksum::lookup3(&bytes).to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8], count: u8) -> Result<SharedMessageIndexes> {
        let at = Address::new(300);
        SharedMessageIndexes::decode(&mut Cursor::new(bytes, STRUCTURE, at, Widths::EIGHT), count)
    }

    #[test]
    fn each_message_type_has_its_heap() {
        let bytes = table(&[(1 << kind::DATATYPE, 800), (1 << kind::ATTRIBUTE, u64::MAX)]);
        assert_eq!(SharedMessageIndexes::encoded_bytes(2, Widths::EIGHT), bytes.len() as u64);
        let indexes = decode(&bytes, 2).unwrap();
        assert_eq!(indexes.heap_of(kind::DATATYPE), Some(Address::new(800)));
        assert_eq!(indexes.heap_of(kind::ATTRIBUTE), None);
        assert_eq!(indexes.heap_of(kind::DATASPACE), None);
        assert_eq!(indexes.heap_of(u16::MAX), None);
    }

    #[test]
    fn a_table_that_was_tampered_with_is_refused() {
        let mut bytes = table(&[(1 << kind::DATATYPE, 800)]);
        bytes[8] ^= 1;
        assert!(decode(&bytes, 1).is_err());
        assert!(decode(&[], 1).is_err());
    }

    #[test]
    fn no_input_panics() {
        let table = table(&[(1 << kind::DATATYPE, 800), (1 << kind::ATTRIBUTE, 900)]);
        bytes_never_panic(&table[..table.len() - 4], |bytes, address, widths| {
            let sealed = [&bytes[..], &checksum::lookup3(bytes).to_le_bytes()].concat();
            let mut cursor = Cursor::new(&sealed, STRUCTURE, address, widths);
            SharedMessageIndexes::decode(&mut cursor, 2)
        });
    }
}
