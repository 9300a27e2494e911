//! From bytes to [`Datatype`], class by class in the order of the specification.

use super::{
    ByteOrder, CharacterSet, Datatype, DatatypeClass, EnumerationMember, FloatingPoint, Member,
    Normalization, ReferenceKind, StringPadding, VariableLengthKind,
};
use crate::budget::check_depth;
use crate::decode::{Cursor, Widths};
use crate::error::{Error, Result};

/// The most dimensions that the reference library gives an array.
const RANK_MAX: u8 = 32;
/// Version 1 has room for so many dimensions of an array member.
const OLD_RANK_MAX: u8 = 4;

/// What all classes begin with.
struct Header {
    version: u8,
    bits: ClassBits,
    size: u32,
    /// Types around this one.
    depth: u64,
}

/// Takes a type that has `depth` types around it.
pub(super) fn datatype(cursor: &mut Cursor<'_>, depth: u64) -> Result<Datatype> {
    check_depth(depth)?;
    let class_and_version = cursor.u8("class and version")?;
    let version = cursor.known_version(class_and_version >> 4, &[1, 2, 3, 4, 5])?;
    let bits = ClassBits(cursor.array("class bit field")?);
    let size = cursor.u32("size")?;
    if size == 0 {
        return Err(cursor.malformed("a datatype of 0 bytes"));
    }
    let header = Header { version, bits, size, depth };
    let class = match class_and_version & 0x0f {
        0 => fixed_point(cursor, &header),
        1 => floating_point(cursor, &header),
        2 => time(cursor, &header),
        3 => string(&header),
        4 => bitfield(cursor, &header),
        5 => opaque(cursor, &header),
        6 => compound(cursor, &header),
        7 => reference(&header),
        8 => enumeration(cursor, &header),
        9 => variable_length(cursor, &header),
        10 => array(cursor, &header),
        11 => complex(cursor, &header),
        other => Err(Error::unsupported(format!("datatype class {other}"))),
    }?;
    let size = match &class {
        DatatypeClass::Reference { kind } => reference_size(*kind, cursor.widths()).unwrap_or(size),
        _ => size,
    };
    Ok(Datatype { size, class })
}

impl Header {
    fn base(&self, cursor: &mut Cursor<'_>) -> Result<Box<Datatype>> {
        datatype(cursor, self.depth.saturating_add(1)).map(Box::new)
    }

    /// Bits of an element.
    fn size_bits(&self) -> u64 {
        u64::from(self.size).saturating_mul(8)
    }

    /// Takes "Bit Offset" and "Bit Precision", which must lie within the element.
    fn significant_bits(&self, cursor: &mut Cursor<'_>) -> Result<(u16, u16)> {
        let offset = cursor.u16("bit offset")?;
        let precision = cursor.u16("bit precision")?;
        self.check_bits(cursor, offset, precision, "the significant bits")?;
        Ok((offset, precision))
    }

    fn check_bits(
        &self,
        cursor: &Cursor<'_>,
        location: impl Into<u64>,
        count: impl Into<u64>,
        what: &str,
    ) -> Result<()> {
        let (location, count) = (location.into(), count.into());
        if count > 0 && location.saturating_add(count) <= self.size_bits() {
            return Ok(());
        }
        let size = self.size;
        Err(cursor.malformed(format!("{what}: {count} bits from bit {location} of {size} bytes")))
    }
}

/// "Class Bit Field": 24 bits, of which each class makes its own use.
#[derive(Clone, Copy)]
struct ClassBits([u8; 3]);

impl ClassBits {
    fn is_set(self, bit: u32) -> bool {
        self.range(bit, 1) != 0
    }

    fn range(self, first: u32, count: u32) -> u64 {
        let Self([low, middle, high]) = self;
        (u64::from_le_bytes([low, middle, high, 0, 0, 0, 0, 0]) >> first) & ((1 << count) - 1)
    }

    /// Four bits: a code.
    fn nibble(self, first: u32) -> u8 {
        self.range(first, 4).to_le_bytes()[0]
    }

    fn byte_order(self) -> ByteOrder {
        if self.is_set(0) { ByteOrder::BigEndian } else { ByteOrder::LittleEndian }
    }
}

fn fixed_point(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let (bit_offset, precision) = header.significant_bits(cursor)?;
    let (order, signed) = (header.bits.byte_order(), header.bits.is_set(3));
    Ok(DatatypeClass::FixedPoint { order, signed, bit_offset, precision })
}

fn floating_point(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let bits = header.bits;
    // Bit 6 has a meaning since version 3.
    let order = match (bits.is_set(6) && header.version >= 3, bits.is_set(0)) {
        (false, _) => bits.byte_order(),
        (true, true) => ByteOrder::Vax,
        (true, false) => return Err(Error::unsupported("reserved byte order of floating point")),
    };
    let normalization = match bits.range(4, 2) {
        0 => Normalization::None,
        1 => Normalization::AlwaysSet,
        2 => Normalization::Implied,
        _ => return Err(Error::unsupported("mantissa normalization 3")),
    };
    // Not checked, as the library does not: the parts say where the significant bits are.
    let bit_offset = cursor.u16("bit offset")?;
    let precision = cursor.u16("bit precision")?;
    let [exponent_location, exponent_size] = cursor.array("exponent location and size")?;
    let [mantissa_location, mantissa_size] = cursor.array("mantissa location and size")?;
    let ClassBits([_, sign_location, _]) = bits;
    header.check_bits(cursor, sign_location, 1_u8, "the sign")?;
    header.check_bits(cursor, exponent_location, exponent_size, "the exponent")?;
    header.check_bits(cursor, mantissa_location, mantissa_size, "the mantissa")?;
    Ok(DatatypeClass::FloatingPoint(FloatingPoint {
        order,
        bit_offset,
        precision,
        sign_location,
        exponent_location,
        exponent_size,
        mantissa_location,
        mantissa_size,
        exponent_bias: cursor.u32("exponent bias")?,
        normalization,
    }))
}

fn time(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let precision = cursor.u16("bit precision")?;
    Ok(DatatypeClass::Time { order: header.bits.byte_order(), precision })
}

fn string(header: &Header) -> Result<DatatypeClass> {
    Ok(DatatypeClass::String {
        padding: StringPadding::from_code(header.bits.nibble(0)),
        charset: CharacterSet::from_code(header.bits.nibble(4)),
    })
}

fn bitfield(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let (bit_offset, precision) = header.significant_bits(cursor)?;
    Ok(DatatypeClass::Bitfield { order: header.bits.byte_order(), bit_offset, precision })
}

fn opaque(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let padded = cursor.take(header.bits.range(0, 8), "tag")?;
    let tag = padded.split(|&byte| byte == 0).next().unwrap_or_default().to_vec();
    Ok(DatatypeClass::Opaque { tag })
}

fn compound(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let members = (0..header.bits.range(0, 16)).map(|_| member(cursor, header));
    Ok(DatatypeClass::Compound { members: members.collect::<Result<_>>()? })
}

fn member(cursor: &mut Cursor<'_>, header: &Header) -> Result<Member> {
    let name = name(cursor, header.version)?;
    // Since version 3 the offset takes as few bytes as the size of the compound needs.
    let significant_bytes = (u32::BITS - header.size.leading_zeros()).div_ceil(8);
    let offset = match (header.version, significant_bytes) {
        (1 | 2, _) => cursor.u32("byte offset of member")?,
        (_, 1) => u32::from(cursor.u8("byte offset of member")?),
        (_, 2) => u32::from(cursor.u16("byte offset of member")?),
        (_, 3) => {
            let [low, middle, high] = cursor.array("byte offset of member")?;
            u32::from_le_bytes([low, middle, high, 0])
        }
        _ => cursor.u32("byte offset of member")?,
    };
    let dimensions = if header.version == 1 { old_dimensions(cursor)? } else { Vec::new() };
    let mut datatype = *header.base(cursor)?;
    if !dimensions.is_empty() {
        datatype = old_array(cursor, dimensions, datatype)?;
    }
    if offset.checked_add(datatype.size).is_none_or(|end| end > header.size) {
        let detail = format!("member {:?} ends outside", name.escape_ascii().to_string());
        return Err(cursor.malformed(detail));
    }
    Ok(Member { name, offset, datatype })
}

/// Takes the dimensions of a member of version 1; none for a member that is no array.
fn old_dimensions(cursor: &mut Cursor<'_>) -> Result<Vec<u32>> {
    let rank = cursor.u8("dimensionality")?;
    if rank > OLD_RANK_MAX {
        return Err(cursor.malformed(format!("{rank} dimensions, more than {OLD_RANK_MAX}")));
    }
    // Reserved bytes, and a permutation that no library ever wrote.
    cursor.skip(3 + 4 + 4, "dimension permutation")?;
    let mut dimensions = Vec::with_capacity(usize::from(OLD_RANK_MAX));
    for _ in 0..OLD_RANK_MAX {
        dimensions.push(cursor.u32("dimension size")?);
    }
    dimensions.truncate(usize::from(rank));
    Ok(dimensions)
}

fn old_array(cursor: &Cursor<'_>, dimensions: Vec<u32>, base: Datatype) -> Result<Datatype> {
    match array_size(&dimensions, &base) {
        Some(size) if size > 0 => {
            let class = DatatypeClass::Array { dimensions, base: Box::new(base) };
            Ok(Datatype { size, class })
        }
        _ => Err(cursor.malformed(format!("an array member of {dimensions:?} elements"))),
    }
}

fn reference(header: &Header) -> Result<DatatypeClass> {
    let kind = match header.bits.range(0, 4) {
        0 => ReferenceKind::Object,
        1 => ReferenceKind::Region,
        2 => ReferenceKind::Object2,
        3 => ReferenceKind::Region2,
        4 => ReferenceKind::Attribute,
        other => return Err(Error::unsupported(format!("reference type {other}"))),
    };
    Ok(DatatypeClass::Reference { kind })
}

/// Bytes of the references of the first versions, which follow from the width of addresses: the
/// library does not look at what the message says.
fn reference_size(kind: ReferenceKind, widths: Widths) -> Option<u32> {
    const HEAP_INDEX_BYTES: u32 = 4;
    let address = u32::from(widths.offset);
    match kind {
        ReferenceKind::Object => Some(address),
        ReferenceKind::Region => Some(address + HEAP_INDEX_BYTES),
        ReferenceKind::Object2 | ReferenceKind::Region2 | ReferenceKind::Attribute => None,
    }
}

fn enumeration(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let base = header.base(cursor)?;
    if base.size != header.size {
        let detail = format!("an enumeration of {} bytes on {}", header.size, base.size);
        return Err(cursor.malformed(detail));
    }
    let count = header.bits.range(0, 16);
    let names: Vec<_> = (0..count).map(|_| name(cursor, header.version)).collect::<Result<_>>()?;
    let members = names.into_iter().map(|name| {
        let value = cursor.take(u64::from(base.size), "enumeration value")?.to_vec();
        Ok(EnumerationMember { name, value })
    });
    Ok(DatatypeClass::Enumeration { members: members.collect::<Result<_>>()?, base })
}

fn variable_length(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let kind = match header.bits.range(0, 4) {
        0 => VariableLengthKind::Sequence,
        1 => VariableLengthKind::String {
            padding: StringPadding::from_code(header.bits.nibble(4)),
            charset: CharacterSet::from_code(header.bits.nibble(8)),
        },
        other => return Err(Error::unsupported(format!("variable-length type {other}"))),
    };
    Ok(DatatypeClass::VariableLength { kind, base: header.base(cursor)? })
}

fn array(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let rank = cursor.u8("dimensionality")?;
    if rank > RANK_MAX {
        return Err(cursor.malformed(format!("{rank} dimensions, more than {RANK_MAX}")));
    }
    let packed = header.version >= 3;
    if !packed {
        cursor.skip(3, "reserved bytes")?;
    }
    let dimensions: Vec<u32> =
        (0..rank).map(|_| cursor.u32("dimension size")).collect::<Result<_>>()?;
    if !packed {
        cursor.skip(4 * u64::from(rank), "permutation indices")?;
    }
    let base = header.base(cursor)?;
    if array_size(&dimensions, &base) != Some(header.size) {
        let detail = format!("{dimensions:?} elements of {} in {}", base.size, header.size);
        return Err(cursor.malformed(detail));
    }
    Ok(DatatypeClass::Array { dimensions, base })
}

fn array_size(dimensions: &[u32], base: &Datatype) -> Option<u32> {
    dimensions.iter().try_fold(base.size, |size, &count| size.checked_mul(count))
}

fn complex(cursor: &mut Cursor<'_>, header: &Header) -> Result<DatatypeClass> {
    let (homogeneous, form) = (header.bits.is_set(0), header.bits.range(1, 2));
    if !homogeneous || form != 0 {
        return Err(Error::unsupported("complex numbers other than homogeneous rectangular ones"));
    }
    let base = header.base(cursor)?;
    let is_float = matches!(base.class, DatatypeClass::FloatingPoint(_));
    if !is_float || base.size.checked_mul(2) != Some(header.size) {
        return Err(cursor.malformed("a complex number that is not two floating-point numbers"));
    }
    Ok(DatatypeClass::Complex { base })
}

/// Takes the name of a member. Before version 3 it is padded to a multiple of eight bytes.
fn name(cursor: &mut Cursor<'_>, version: u8) -> Result<Vec<u8>> {
    let before = cursor.remaining();
    let name = cursor.null_terminated("member name")?.to_vec();
    if version < 3 {
        let taken = before.saturating_sub(cursor.remaining());
        cursor.skip(taken.next_multiple_of(8).saturating_sub(taken), "padding of a name")?;
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
