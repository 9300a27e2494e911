//! External data files message (0x0007): the files that hold the elements of a contiguous dataset.
//! Section IV.A.2.h of the specification.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// The files that hold the elements of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalFiles {
    /// The local heap of the file names.
    pub local_heap: Address,
    /// The pieces, in the order of the elements.
    pub slots: Vec<ExternalFileSlot>,
}

/// A piece of an external file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalFileSlot {
    /// Where in the local heap the file's name starts.
    pub name_offset: u64,
    /// Where in the file the piece starts.
    pub file_offset: u64,
    /// How long the piece is; `None` for a piece without end, which is the last.
    pub size_bytes: Option<u64>,
}

impl ExternalFiles {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[1])?;
        cursor.skip(3, "reserved bytes")?;
        let _allocated = cursor.u16("allocated slots")?;
        let used = cursor.u16("used slots")?;
        let local_heap = cursor.defined_offset("heap address")?;
        let slots = (0..used).map(|_| ExternalFileSlot::decode(cursor)).collect::<Result<_>>()?;
        Ok(Self { local_heap, slots })
    }
}

impl ExternalFileSlot {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        Ok(Self {
            name_offset: cursor.length("name offset in local heap")?,
            file_offset: cursor.length("offset in external data file")?,
            size_bytes: cursor.optional_length("data size in external file")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const BODY: &str = "01000000 0200 0200 2003000000000000
        0800000000000000 0000000000000000 4000000000000000
        1000000000000000 0a00000000000000 ffffffffffffffff";

    #[test]
    fn the_last_piece_may_have_no_end() {
        let files = ExternalFiles::decode(&mut cursor(&hex(BODY))).unwrap();
        assert_eq!(files.local_heap, Address::new(800));
        let slots = [(8, 0, Some(64)), (16, 10, None)].map(|(name_offset, file_offset, size)| {
            ExternalFileSlot { name_offset, file_offset, size_bytes: size }
        });
        assert_eq!(files.slots, slots);
    }

    #[test]
    fn all_used_slots_must_be_there() {
        let missing = BODY.replace("0200 0200", "0300 0300");
        assert!(ExternalFiles::decode(&mut cursor(&hex(&missing))).is_err());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(BODY), ExternalFiles::decode);
    }
}
