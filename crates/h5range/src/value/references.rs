//! References to objects, to regions of datasets and to attributes (section VIII.B and VIII.C of
//! the specification, "Reference Encoding").
//!
//! Of a region or an attribute only the object is read, not the selection or the name.

use crate::decode::Cursor;
use crate::decode::global_heap::GlobalHeapId;
use crate::decode::message::datatype::ReferenceKind;
use crate::decode::{Address, Widths};
use crate::error::{Error, Result};

/// A reference as its element holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredReference {
    /// To nothing.
    Null,
    /// To the object at this address.
    Object(Address),
    /// The rest is in the global heap: [`address_in_heap`].
    InHeap { id: GlobalHeapId, is_token: bool },
}

/// Decodes an element of a reference type.
pub(super) fn decode(cursor: &mut Cursor<'_>, kind: ReferenceKind) -> Result<StoredReference> {
    match kind {
        ReferenceKind::Object => Ok(object(cursor.offset("object address")?)),
        ReferenceKind::Region => Ok(in_heap(GlobalHeapId::decode(cursor)?, false)),
        ReferenceKind::Object2 | ReferenceKind::Region2 | ReferenceKind::Attribute => {
            revised(cursor)
        }
    }
}

/// "Reference Header", and the reference block or the way to it.
fn revised(cursor: &mut Cursor<'_>) -> Result<StoredReference> {
    let kind = cursor.u8("reference type")?;
    let flags = cursor.u8("flags")?;
    if kind == 0 {
        return Ok(StoredReference::Null);
    }
    if flags & EXTERNAL_FLAG != 0 {
        return Err(Error::unsupported("a reference to an object in another file"));
    }
    if kind == OBJECT2 {
        return token(cursor).map(StoredReference::Object);
    }
    cursor.u32("size of the reference block")?;
    Ok(in_heap(GlobalHeapId::decode(cursor)?, true))
}

/// The object that a reference block in the global heap starts with.
pub(super) fn address_in_heap(cursor: &mut Cursor<'_>, is_token: bool) -> Result<Address> {
    match is_token {
        true => token(cursor),
        false => cursor.defined_offset("object address"),
    }
}

/// "Token Size" and "Token", which in files is an address.
fn token(cursor: &mut Cursor<'_>) -> Result<Address> {
    let size_bytes = cursor.u8("token size")?;
    let Widths { offset, .. } = cursor.widths();
    if size_bytes < offset {
        return Err(cursor.malformed(format!("a token of {size_bytes} bytes")));
    }
    cursor.defined_offset("token")
}

fn object(address: Option<Address>) -> StoredReference {
    match address.filter(|address| address.get() != 0) {
        Some(address) => StoredReference::Object(address),
        None => StoredReference::Null,
    }
}

fn in_heap(id: GlobalHeapId, is_token: bool) -> StoredReference {
    match id.collection {
        Some(_) => StoredReference::InHeap { id, is_token },
        None => StoredReference::Null,
    }
}

/// Bit 0 of the flags of a reference header.
const EXTERNAL_FLAG: u8 = 1;

/// "Reference Type" of an object reference, the only one without a part in the heap.
const OBJECT2: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decoded(text: &str, kind: ReferenceKind) -> Result<StoredReference> {
        decode(&mut cursor(&hex(text)), kind)
    }

    #[test]
    fn old_references_are_an_address_or_a_heap_id() {
        let object = StoredReference::Object(Address::new(800));
        assert_eq!(decoded("2003000000000000", ReferenceKind::Object), Ok(object));
        let id = GlobalHeapId { collection: Some(Address::new(4096)), index: 2 };
        assert_eq!(
            decoded("0010000000000000 02000000", ReferenceKind::Region),
            Ok(StoredReference::InHeap { id, is_token: false })
        );
    }

    #[test]
    fn revised_references_have_a_header() {
        let object = StoredReference::Object(Address::new(800));
        assert_eq!(decoded("02 00 08 2003000000000000", ReferenceKind::Object2), Ok(object));
        let id = GlobalHeapId { collection: Some(Address::new(4096)), index: 2 };
        for kind in [ReferenceKind::Region2, ReferenceKind::Attribute] {
            assert_eq!(
                decoded("03 00 20000000 0010000000000000 02000000", kind),
                Ok(StoredReference::InHeap { id, is_token: true })
            );
        }
        let error = decoded("02 01 20000000", ReferenceKind::Object2).unwrap_err();
        assert_eq!(error, Error::unsupported("a reference to an object in another file"));
    }

    #[test]
    fn null_references_are_zeros() {
        for kind in [
            ReferenceKind::Object,
            ReferenceKind::Region,
            ReferenceKind::Object2,
            ReferenceKind::Region2,
            ReferenceKind::Attribute,
        ] {
            assert_eq!(decode(&mut cursor(&[0; 18]), kind), Ok(StoredReference::Null));
            never_panics(&[2, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0], |cursor| decode(cursor, kind));
        }
    }

    #[test]
    fn a_reference_block_starts_with_the_object() {
        let block = hex("2003000000000000 02000000");
        assert_eq!(address_in_heap(&mut cursor(&block), false), Ok(Address::new(800)));
        let block = hex("08 2003000000000000");
        assert_eq!(address_in_heap(&mut cursor(&block), true), Ok(Address::new(800)));
        assert!(address_in_heap(&mut cursor(&hex("04 20030000")), true).is_err());
    }
}
