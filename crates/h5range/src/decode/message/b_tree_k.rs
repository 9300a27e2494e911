//! B-tree 'K' values message (0x0013), of the superblock extension. Section IV.A.2.t of the
//! specification.

use crate::decode::Cursor;
use crate::error::Result;

/// How large the nodes of old groups and chunk indexes are: each has room for 2K entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BTreeK {
    /// Of the version 1 B-trees of chunks.
    pub indexed_storage_internal: u16,
    /// Of the version 1 B-trees of groups.
    pub group_internal: u16,
    /// Of symbol table nodes.
    pub group_leaf: u16,
}

/// The values of files that do not say otherwise.
impl Default for BTreeK {
    fn default() -> Self {
        Self { indexed_storage_internal: 32, group_internal: 16, group_leaf: 4 }
    }
}

impl BTreeK {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        Ok(Self {
            indexed_storage_internal: cursor.u16("indexed storage internal node K")?,
            group_internal: cursor.u16("group internal node K")?,
            group_leaf: cursor.u16("group leaf node K")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    #[test]
    fn three_values() {
        let values = BTreeK::decode(&mut cursor(&hex("00 2000 1000 0400"))).unwrap();
        assert_eq!(values, BTreeK::default());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex("00 2000 1000 0400"), BTreeK::decode);
    }
}
