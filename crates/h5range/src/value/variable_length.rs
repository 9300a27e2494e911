//! Elements of variable length: how many there are, and where in the global heap (section IV.B of
//! the specification, "Data Storage").

use crate::decode::Cursor;
use crate::decode::global_heap::GlobalHeapId;
use crate::error::Result;

/// A sequence or string as its element holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredSequence {
    /// Elements of the sequence, or bytes of the string.
    pub(crate) length: u32,
    /// Where they are; null for an empty sequence.
    pub(crate) id: GlobalHeapId,
}

/// Takes an element. A sequence without an object is empty, whatever its length says.
pub(crate) fn decode(cursor: &mut Cursor<'_>) -> Result<StoredSequence> {
    let length = cursor.u32("sequence length")?;
    let id = GlobalHeapId::decode(cursor)?;
    let is_empty = length == 0 || id.collection.is_none();
    let null = GlobalHeapId { collection: None, index: 0 };
    Ok(if is_empty {
        StoredSequence { length: 0, id: null }
    } else {
        StoredSequence { length, id }
    })
}
