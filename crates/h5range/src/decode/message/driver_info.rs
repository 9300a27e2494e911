//! Driver info message (0x0014) of the superblock extension, and the driver information block of
//! older superblocks: how a file was spread over several. Sections IV.A.2.u and II.B of the
//! specification.
//!
//! The information itself is not interpreted: a file that a driver spread is not read here, only
//! named.

use crate::decode::Cursor;
use crate::error::Result;

/// What a file driver wrote into the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriverInfo {
    /// The driver: `NCSAmult`, `NCSAfami` or another.
    pub identification: [u8; 8],
    /// What only the driver understands.
    pub information: Vec<u8>,
}

impl DriverInfo {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let identification = cursor.array("driver identification")?;
        let size_bytes = cursor.u16("driver information size")?;
        let information = cursor.take(size_bytes.into(), "driver information")?.to_vec();
        Ok(Self { identification, information })
    }

    /// Takes the driver information block to which superblocks of versions 0 and 1 point.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the block breaks the format.
    pub fn decode_block(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        cursor.skip(3, "reserved bytes")?;
        let size_bytes = cursor.u32("driver information size")?;
        let identification = cursor.array("driver identification")?;
        let information = cursor.take(size_bytes.into(), "driver information")?.to_vec();
        Ok(Self { identification, information })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const MESSAGE: &str = "00 4e43534166616d69 0800 0004000000000000";
    const BLOCK: &str = "00000000 08000000 4e43534166616d69 0004000000000000";

    #[test]
    fn message_and_block_say_the_same() {
        let expected =
            DriverInfo { identification: *b"NCSAfami", information: vec![0, 4, 0, 0, 0, 0, 0, 0] };
        assert_eq!(DriverInfo::decode(&mut cursor(&hex(MESSAGE))), Ok(expected.clone()));
        assert_eq!(DriverInfo::decode_block(&mut cursor(&hex(BLOCK))), Ok(expected));
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(MESSAGE), DriverInfo::decode);
        never_panics(&hex(BLOCK), DriverInfo::decode_block);
    }
}
