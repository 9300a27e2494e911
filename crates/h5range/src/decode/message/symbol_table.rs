//! Symbol table message (0x0011): where an old-style group keeps its links. Section IV.A.2.r of the
//! specification.

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// Where an old-style group keeps its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SymbolTableMessage {
    /// The version 1 B-tree of the symbol table nodes.
    pub b_tree: Address,
    /// The local heap of the names.
    pub local_heap: Address,
}

impl SymbolTableMessage {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When one of the addresses is missing or undefined.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let b_tree = cursor.defined_offset("v1 B-tree address")?;
        let local_heap = cursor.defined_offset("local heap address")?;
        Ok(Self { b_tree, local_heap })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    const BODY: &str = "8800000000000000 a802000000000000";

    #[test]
    fn an_old_group_has_a_tree_and_a_heap() {
        let message = SymbolTableMessage::decode(&mut cursor(&hex(BODY))).unwrap();
        assert_eq!((message.b_tree.get(), message.local_heap.get()), (136, 680));
        assert!(SymbolTableMessage::decode(&mut cursor(&[0xff; 16])).is_err());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(BODY), SymbolTableMessage::decode);
    }
}
