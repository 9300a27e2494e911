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
pub(super) struct StoredReference {
    /// What it points to. In the revised encoding each element says that for itself.
    pub(super) kind: ReferenceKind,
    /// Where that is.
    pub(super) target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Nowhere: the null reference.
    Null,
    /// At this address.
    Object(Address),
    /// Said in the global heap, see [`address_in_heap`].
    InHeap { id: GlobalHeapId, is_token: bool },
}

/// Decodes an element of a reference type.
pub(super) fn decode(cursor: &mut Cursor<'_>, kind: ReferenceKind) -> Result<StoredReference> {
    let target = match kind {
        ReferenceKind::Object => object(cursor.offset("object address")?),
        ReferenceKind::Region => in_heap(GlobalHeapId::decode(cursor)?, false),
        ReferenceKind::Object2 | ReferenceKind::Region2 | ReferenceKind::Attribute => {
            return revised(cursor, kind);
        }
    };
    Ok(StoredReference { kind, target })
}

/// "Reference Header", and the reference block or the way to it.
fn revised(cursor: &mut Cursor<'_>, declared: ReferenceKind) -> Result<StoredReference> {
    let reference_type = cursor.u8("reference type")?;
    let flags = cursor.u8("flags")?;
    let kind = match reference_type {
        0 => return Ok(StoredReference { kind: declared, target: Target::Null }),
        2 => ReferenceKind::Object2,
        3 => ReferenceKind::Region2,
        4 => ReferenceKind::Attribute,
        other => return Err(cursor.malformed(format!("reference type {other}"))),
    };
    if flags & EXTERNAL_FLAG != 0 {
        return Err(Error::unsupported("a reference to an object in another file"));
    }
    let target = if kind == ReferenceKind::Object2 {
        Target::Object(token(cursor)?)
    } else {
        cursor.u32("size of the reference block")?;
        in_heap(GlobalHeapId::decode(cursor)?, true)
    };
    Ok(StoredReference { kind, target })
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

fn object(address: Option<Address>) -> Target {
    address.filter(|address| address.get() != 0).map_or(Target::Null, Target::Object)
}

fn in_heap(id: GlobalHeapId, is_token: bool) -> Target {
    id.collection.map_or(Target::Null, |_| Target::InHeap { id, is_token })
}

/// Bit 0 of the flags of a reference header.
const EXTERNAL_FLAG: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decoded(text: &str, kind: ReferenceKind) -> Result<(ReferenceKind, Target)> {
        let reference = decode(&mut cursor(&hex(text)), kind)?;
        Ok((reference.kind, reference.target))
    }

    const ID: GlobalHeapId = GlobalHeapId { collection: Some(Address::new(4096)), index: 2 };

    #[test]
    fn old_references_are_an_address_or_a_heap_id() {
        let kind = ReferenceKind::Object;
        let target = Target::Object(Address::new(800));
        assert_eq!(decoded("2003000000000000", kind), Ok((kind, target)));
        let kind = ReferenceKind::Region;
        let target = Target::InHeap { id: ID, is_token: false };
        assert_eq!(decoded("0010000000000000 02000000", kind), Ok((kind, target)));
    }

    #[test]
    fn revised_references_say_their_own_kind() {
        let declared = ReferenceKind::Object2;
        let target = Target::Object(Address::new(800));
        let object = decoded("02 00 08 2003000000000000", declared);
        assert_eq!(object, Ok((ReferenceKind::Object2, target)));
        let target = Target::InHeap { id: ID, is_token: true };
        let region = decoded("03 00 20000000 0010000000000000 02000000", declared);
        assert_eq!(region, Ok((ReferenceKind::Region2, target)));
        let attribute = decoded("04 00 20000000 0010000000000000 02000000", declared);
        assert_eq!(attribute, Ok((ReferenceKind::Attribute, target)));
    }

    #[test]
    fn references_to_other_files_and_of_other_kinds_are_errors() {
        let error = decoded("02 01 20000000", ReferenceKind::Object2).unwrap_err();
        assert_eq!(error, Error::unsupported("a reference to an object in another file"));
        let error = decoded("05 00 20000000", ReferenceKind::Object2).unwrap_err();
        assert!(error.to_string().contains("reference type 5"), "{error}");
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
            assert_eq!(decoded(&"00".repeat(18), kind), Ok((kind, Target::Null)));
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
