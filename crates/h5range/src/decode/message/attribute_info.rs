//! Attribute info message (0x0015): where an object keeps many attributes. Section IV.A.2.v of the
//! specification.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Where an object keeps its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeInfo {
    /// Whether the attributes tell in which order they were made.
    pub creation_order_tracked: bool,
    /// Whether the attributes are also indexed by that order.
    pub creation_order_indexed: bool,
    /// The creation order of the next attribute, if it is tracked.
    pub max_creation_index: Option<u16>,
    /// The fractal heap of the attributes; `None` when they are messages of the object's header.
    pub fractal_heap: Option<Address>,
    /// The version 2 B-tree of hashed names.
    pub name_index: Option<Address>,
    /// The version 2 B-tree of creation orders.
    pub creation_order_index: Option<Address>,
}

impl AttributeInfo {
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
        let max_creation_index =
            tracked.then(|| cursor.u16("maximum creation index")).transpose()?;
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

    const INDEXED: &str = "0003 0500 6400000000000000 c800000000000000 2c01000000000000";

    #[test]
    fn an_object_may_index_its_attributes_twice() {
        let info = AttributeInfo::decode(&mut cursor(&hex(INDEXED))).unwrap();
        assert!(info.creation_order_tracked && info.creation_order_indexed);
        assert_eq!(info.max_creation_index, Some(5));
        assert_eq!(info.fractal_heap, Some(Address::new(100)));
        assert_eq!(info.name_index, Some(Address::new(200)));
        assert_eq!(info.creation_order_index, Some(Address::new(300)));
    }

    #[test]
    fn compact_attributes_need_no_heap() {
        let bytes = [&[0; 2][..], &[0xff; 16]].concat();
        let info = AttributeInfo::decode(&mut cursor(&bytes)).unwrap();
        assert_eq!((info.fractal_heap, info.name_index), (None, None));
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(INDEXED), AttributeInfo::decode);
    }
}
