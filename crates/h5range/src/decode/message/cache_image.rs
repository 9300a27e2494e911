//! Metadata cache image message (0x0018), of the superblock extension: where the writer left the
//! newest metadata of the file. The specification does not describe it; libhdf5 (`H5Ocache_image.c`)
//! does.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Where the image of the writer's metadata cache is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheImageMessage {
    /// The image; `None` in a file that may have one and has none.
    pub image: Option<Address>,
    /// Its size.
    pub size_bytes: u64,
}

impl CacheImageMessage {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        Ok(Self {
            image: cursor.offset("address of metadata cache image")?,
            size_bytes: cursor.length("size of metadata cache image")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const MESSAGE: &str = "00 2056000000000000 8b05000000000000";

    #[test]
    fn an_address_and_a_size() {
        let message = CacheImageMessage::decode(&mut cursor(&hex(MESSAGE))).unwrap();
        assert_eq!(message.image, Some(Address::new(22_048)));
        assert_eq!(message.size_bytes, 1419);
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(MESSAGE), CacheImageMessage::decode);
    }
}
