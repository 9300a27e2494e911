//! Link info message (0x0002): where a new-style group keeps its links. Section IV.A.2.c of the
//! specification.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Where a new-style group keeps its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkInfo {
    /// Whether the links tell in which order they were made.
    pub creation_order_tracked: bool,
    /// Whether the links are also indexed by that order.
    pub creation_order_indexed: bool,
    /// The creation order of the next link, if it is tracked.
    pub max_creation_index: Option<i64>,
    /// The fractal heap of the links; `None` when they are messages of the group's header.
    pub fractal_heap: Option<Address>,
    /// The version 2 B-tree of hashed names.
    pub name_index: Option<Address>,
    /// The version 2 B-tree of creation orders.
    pub creation_order_index: Option<Address>,
}

impl LinkInfo {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let flags = cursor.u8("flags")?;
        let (tracked, indexed) = (flags & 0b01 != 0, flags & 0b10 != 0);
        let max_creation_index = tracked
            .then(|| cursor.u64("maximum creation index").map(u64::cast_signed))
            .transpose()?;
        Ok(Self {
            creation_order_tracked: tracked,
            creation_order_indexed: indexed,
            max_creation_index,
            fractal_heap: cursor.offset("fractal heap address")?,
            name_index: cursor.offset("name index address")?,
            creation_order_index: if indexed {
                cursor.offset("creation order index address")?
            } else {
                None
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const INDEXED: &str =
        "0003 0500000000000000 6400000000000000 c800000000000000 2c01000000000000";

    #[test]
    fn a_group_may_index_its_links_twice() {
        let info = LinkInfo::decode(&mut cursor(&hex(INDEXED))).unwrap();
        assert!(info.creation_order_tracked && info.creation_order_indexed);
        assert_eq!(info.max_creation_index, Some(5));
        assert_eq!(info.fractal_heap, Some(Address::new(100)));
        assert_eq!(info.name_index, Some(Address::new(200)));
        assert_eq!(info.creation_order_index, Some(Address::new(300)));
    }

    #[test]
    fn compact_links_need_no_heap() {
        let bytes = [&[0; 2][..], &[0xff; 16]].concat();
        let info = LinkInfo::decode(&mut cursor(&bytes)).unwrap();
        assert_eq!((info.fractal_heap, info.name_index), (None, None));
        assert_eq!(info.max_creation_index, None);
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(INDEXED), LinkInfo::decode);
    }
}
