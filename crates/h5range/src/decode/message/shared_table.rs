//! Shared message table message (0x000F), of the superblock extension: where the file keeps
//! messages that several objects share. Section IV.A.2.p of the specification.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Where the table of shared messages is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedTable {
    /// The address of the table.
    pub address: Address,
    /// How many indexes it holds.
    pub index_count: u8,
}

impl SharedTable {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let address = cursor.defined_offset("shared object header message table address")?;
        let index_count = cursor.u8("number of indices")?;
        Ok(Self { address, index_count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const BODY: &str = "00 2003000000000000 02";

    #[test]
    fn an_address_and_a_count() {
        let table = SharedTable::decode(&mut cursor(&hex(BODY))).unwrap();
        assert_eq!((table.address.get(), table.index_count), (800, 2));
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(BODY), SharedTable::decode);
    }
}
