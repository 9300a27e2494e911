//! Datatypes in words: the short name that a person reads, and the whole type.

use h5range::decode::Address;
use h5range::decode::message::datatype::{
    ByteOrder, CharacterSet, Datatype, DatatypeClass, EnumerationMember, FloatingPoint, Member,
    Normalization, ReferenceKind, StringPadding, VariableLengthKind,
};

use crate::answers::{self, DatatypeAnswer, Field, FloatExponent, FloatMantissa, ReferenceTarget};
use crate::json::{Json, base64};
use crate::path::lossy;

/// The short name: NumPy's where NumPy has one, else the class.
pub(crate) fn short_name(datatype: &Datatype) -> String {
    let size = datatype.size;
    match &datatype.class {
        DatatypeClass::FixedPoint { order, signed, .. } => {
            let (word, letter) = if *signed { ("int", 'i') } else { ("uint", 'u') };
            number_name(*order, word, letter, size)
        }
        DatatypeClass::FloatingPoint(float) if is_bfloat16(size, float) => "bfloat16".to_owned(),
        DatatypeClass::FloatingPoint(float) => number_name(float.order, "float", 'f', size),
        DatatypeClass::Enumeration { .. } if is_boolean(datatype) => "bool".to_owned(),
        DatatypeClass::Complex { base } => complex_name(base, size),
        DatatypeClass::Compound { .. } => match complex_parts(datatype) {
            Some((real, _)) => complex_name(&real.datatype, size),
            None => "compound".to_owned(),
        },
        DatatypeClass::Bitfield { .. } => format!("bitfield{}", bits(size)),
        DatatypeClass::Time { .. } => "time".to_owned(),
        DatatypeClass::String { .. } => "string".to_owned(),
        DatatypeClass::VariableLength { kind: VariableLengthKind::String { .. }, .. } => {
            "string".to_owned()
        }
        DatatypeClass::VariableLength { .. } => "vlen".to_owned(),
        DatatypeClass::Opaque { .. } => "opaque".to_owned(),
        DatatypeClass::Reference { .. } => "reference".to_owned(),
        DatatypeClass::Enumeration { .. } => "enum".to_owned(),
        DatatypeClass::Array { .. } => "array".to_owned(),
    }
}

/// The whole type, and the committed datatype whose type it is, where it is one's.
pub(crate) fn describe_shared(datatype: &Datatype, committed: Option<Address>) -> DatatypeAnswer {
    DatatypeAnswer {
        committed: committed.is_some(),
        address: committed.map(Address::get),
        ..describe(datatype)
    }
}

/// The whole type. Its depth is bounded by the decoder.
pub(crate) fn describe(datatype: &Datatype) -> DatatypeAnswer {
    let size = datatype.size;
    DatatypeAnswer::from(match &datatype.class {
        DatatypeClass::FixedPoint { order, signed, bit_offset, precision } => {
            let whole = u32::from(*precision) == bits(size);
            answers::DatatypeClass::Integer {
                size,
                signed: *signed,
                order: order_answer(*order),
                precision: (!whole).then_some(*precision),
                offset: (*bit_offset != 0).then_some(*bit_offset),
            }
        }
        DatatypeClass::FloatingPoint(float) => describe_float(size, float),
        DatatypeClass::Time { order, .. } => {
            answers::DatatypeClass::Time { size, order: order_answer(*order) }
        }
        DatatypeClass::String { padding, charset } => string(Some(size), *padding, *charset),
        DatatypeClass::Bitfield { order, .. } => {
            answers::DatatypeClass::Bitfield { size, order: order_answer(*order) }
        }
        DatatypeClass::Opaque { tag } => answers::DatatypeClass::Opaque { size, tag: lossy(tag) },
        DatatypeClass::Compound { members } => {
            answers::DatatypeClass::Compound { size, fields: members.iter().map(field).collect() }
        }
        DatatypeClass::Reference { kind } => {
            answers::DatatypeClass::Reference { to: reference_target(*kind), size }
        }
        DatatypeClass::Enumeration { base, members } => answers::DatatypeClass::Enum {
            base: boxed(base),
            members: Json::Object(members.iter().map(|member| enum_member(base, member)).collect()),
        },
        DatatypeClass::VariableLength { kind, base } => match kind {
            VariableLengthKind::String { padding, charset } => string(None, *padding, *charset),
            VariableLengthKind::Sequence => answers::DatatypeClass::Vlen { base: boxed(base) },
        },
        DatatypeClass::Array { dimensions, base } => {
            answers::DatatypeClass::Array { dims: dimensions.clone(), base: boxed(base) }
        }
        DatatypeClass::Complex { base } => answers::DatatypeClass::Complex { base: boxed(base) },
    })
}

/// The two-value enum by which h5py and NumPy write booleans.
pub(crate) fn is_boolean(datatype: &Datatype) -> bool {
    let DatatypeClass::Enumeration { members, .. } = &datatype.class else { return false };
    let has = |name: &[u8], value| members.iter().any(|m| m.name == name && m.value == [value]);
    datatype.size == 1 && members.len() == 2 && has(b"FALSE", 0) && has(b"TRUE", 1)
}

/// The fields `r` and `i` of the compound type by which h5py and NumPy write complex numbers.
pub(crate) fn complex_parts(datatype: &Datatype) -> Option<(&Member, &Member)> {
    let DatatypeClass::Compound { members } = &datatype.class else { return None };
    let [real, imaginary] = members.as_slice() else { return None };
    let named = real.name == b"r" && imaginary.name == b"i";
    let packed = real.offset == 0
        && imaginary.offset == real.datatype.size
        && real.datatype.size.checked_mul(2) == Some(datatype.size);
    let floats = matches!(real.datatype.class, DatatypeClass::FloatingPoint(_));
    (named && packed && floats && real.datatype == imaginary.datatype).then_some((real, imaginary))
}

/// The type of both parts of complex numbers: of those that are such a compound, and of HDF5's own.
pub(crate) fn complex_base(datatype: &Datatype) -> Option<&Datatype> {
    match &datatype.class {
        DatatypeClass::Complex { base } => Some(base),
        _ => complex_parts(datatype).map(|(real, _)| &real.datatype),
    }
}

/// What a reference of this kind leads to.
pub(crate) fn reference_target(kind: ReferenceKind) -> ReferenceTarget {
    match kind {
        ReferenceKind::Object | ReferenceKind::Object2 => ReferenceTarget::Object,
        ReferenceKind::Region | ReferenceKind::Region2 => ReferenceTarget::Region,
        ReferenceKind::Attribute => ReferenceTarget::Attribute,
    }
}

/// `int32`; `>i4` where the byte order is not little-endian, as far as that means something.
fn number_name(order: ByteOrder, word: &str, letter: char, size: u32) -> String {
    match order {
        ByteOrder::BigEndian if size > 1 => format!(">{letter}{size}"),
        ByteOrder::Vax if size > 1 => format!("vax{}", bits(size)),
        _ => format!("{word}{}", bits(size)),
    }
}

fn complex_name(base: &Datatype, size: u32) -> String {
    match &base.class {
        DatatypeClass::FloatingPoint(float) => number_name(float.order, "complex", 'c', size),
        _ => "complex".to_owned(),
    }
}

fn describe_float(size: u32, float: &FloatingPoint) -> answers::DatatypeClass {
    let odd = !is_ieee(size, float);
    answers::DatatypeClass::Float {
        size,
        order: order_answer(float.order),
        exponent: odd.then_some(FloatExponent {
            location: float.exponent_location,
            size: float.exponent_size,
        }),
        mantissa: odd.then_some(FloatMantissa {
            location: float.mantissa_location,
            size: float.mantissa_size,
            normalization: match float.normalization {
                Normalization::None => answers::Normalization::None,
                Normalization::AlwaysSet => answers::Normalization::Set,
                Normalization::Implied => answers::Normalization::Implied,
            },
        }),
        bias: odd.then_some(float.exponent_bias),
    }
}

/// Whether it is binary16, 32, 64 or 128 of IEEE 754.
pub(crate) fn is_ieee(size: u32, float: &FloatingPoint) -> bool {
    let (exponent_size, mantissa_size, bias) = match size {
        2 => (5, 10, 15),
        4 => (8, 23, 127),
        8 => (11, 52, 1023),
        16 => (15, 112, 16383),
        _ => return false,
    };
    float.exponent_size == exponent_size
        && float.mantissa_size == mantissa_size
        && float.exponent_bias == bias
        && has_ieee_shape(size, float)
}

fn is_bfloat16(size: u32, float: &FloatingPoint) -> bool {
    size == 2
        && float.order == ByteOrder::LittleEndian
        && (float.exponent_size, float.mantissa_size, float.exponent_bias) == (8, 7, 127)
        && has_ieee_shape(size, float)
}

/// Sign, exponent and mantissa side by side, the mantissa's first bit implied.
fn has_ieee_shape(size: u32, float: &FloatingPoint) -> bool {
    float.mantissa_location == 0
        && float.exponent_location == float.mantissa_size
        && u32::from(float.sign_location) + 1 == bits(size)
        && float.normalization == Normalization::Implied
        && float.bit_offset == 0
}

fn string(
    length: Option<u32>,
    padding: StringPadding,
    charset: CharacterSet,
) -> answers::DatatypeClass {
    answers::DatatypeClass::String {
        length,
        charset: match charset {
            CharacterSet::Ascii => answers::Charset::Ascii,
            CharacterSet::Utf8 => answers::Charset::Utf8,
            CharacterSet::Reserved(_) => answers::Charset::Reserved,
        },
        padding: match padding {
            StringPadding::NullTerminate => answers::Padding::NullTerminated,
            StringPadding::NullPad => answers::Padding::NullPadded,
            StringPadding::SpacePad => answers::Padding::SpacePadded,
            StringPadding::Reserved(_) => answers::Padding::Reserved,
        },
    }
}

fn field(member: &Member) -> Field {
    Field { name: lossy(&member.name), offset: member.offset, datatype: describe(&member.datatype) }
}

/// Name and value of an enum's member. A value that is no integer of up to 64 bits is given as its
/// bytes.
fn enum_member(base: &Datatype, member: &EnumerationMember) -> (String, Json) {
    let value = match &base.class {
        DatatypeClass::FixedPoint { order, signed, .. } => integer(*order, *signed, &member.value),
        _ => None,
    };
    let bytes = || Json::object([("base64", Json::Text(base64(&member.value)))]);
    (lossy(&member.name), value.unwrap_or_else(bytes))
}

fn integer(order: ByteOrder, signed: bool, bytes: &[u8]) -> Option<Json> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let shift = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    let value = match order {
        ByteOrder::BigEndian => bytes.iter().fold(0, shift),
        ByteOrder::LittleEndian | ByteOrder::Vax => bytes.iter().rev().fold(0, shift),
    };
    let unused_bits = 64_u32.saturating_sub(bits(u32::try_from(bytes.len()).ok()?));
    let extended = (value << unused_bits).cast_signed() >> unused_bits;
    Some(if signed { Json::Signed(extended) } else { Json::Unsigned(value) })
}

fn order_answer(order: ByteOrder) -> answers::ByteOrder {
    match order {
        ByteOrder::LittleEndian => answers::ByteOrder::Little,
        ByteOrder::BigEndian => answers::ByteOrder::Big,
        ByteOrder::Vax => answers::ByteOrder::Vax,
    }
}

fn boxed(base: &Datatype) -> Box<DatatypeAnswer> {
    Box::new(describe(base))
}

fn bits(size_bytes: u32) -> u32 {
    size_bytes.saturating_mul(8)
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests {
    use super::testing::{float_type, integer_type};
    use super::*;

    fn enumeration(names: &[(&str, u8)]) -> Datatype {
        let members = names.iter().map(|(name, value)| EnumerationMember {
            name: name.as_bytes().to_vec(),
            value: vec![*value],
        });
        let base = Box::new(integer_type(1, true, ByteOrder::LittleEndian));
        let class = DatatypeClass::Enumeration { base, members: members.collect() };
        Datatype { size: 1, class }
    }

    fn compound(names: [&str; 2], part: &Datatype) -> Datatype {
        let member = |name: &str, offset| Member {
            name: name.as_bytes().to_vec(),
            offset,
            datatype: part.clone(),
        };
        let members = vec![member(names[0], 0), member(names[1], part.size)];
        Datatype { size: 2 * part.size, class: DatatypeClass::Compound { members } }
    }

    fn json(datatype: &Datatype) -> serde_json::Value {
        serde_json::to_value(describe(datatype)).unwrap()
    }

    #[test]
    fn names_are_numpys() {
        use ByteOrder::{BigEndian, LittleEndian};
        for (datatype, name) in [
            (integer_type(4, true, LittleEndian), "int32"),
            (integer_type(8, false, LittleEndian), "uint64"),
            (integer_type(3, true, LittleEndian), "int24"),
            (integer_type(2, false, BigEndian), ">u2"),
            (integer_type(1, true, BigEndian), "int8"),
            (float_type(2, LittleEndian), "float16"),
            (float_type(8, BigEndian), ">f8"),
            (enumeration(&[("FALSE", 0), ("TRUE", 1)]), "bool"),
            (enumeration(&[("TRUE", 1), ("FALSE", 0)]), "bool"),
            (enumeration(&[("FALSE", 0), ("TRUE", 1), ("MAYBE", 2)]), "enum"),
            (enumeration(&[("RED", 0), ("TRUE", 1)]), "enum"),
            (compound(["r", "i"], &float_type(2, LittleEndian)), "complex32"),
            (compound(["r", "i"], &float_type(4, LittleEndian)), "complex64"),
            (compound(["r", "i"], &float_type(8, BigEndian)), ">c16"),
            (compound(["x", "y"], &float_type(8, LittleEndian)), "compound"),
            (compound(["r", "i"], &integer_type(4, true, LittleEndian)), "compound"),
        ] {
            assert_eq!(short_name(&datatype), name);
        }
    }

    #[test]
    fn an_ordinary_number_says_no_more_than_it_must() {
        assert_eq!(
            json(&integer_type(4, true, ByteOrder::LittleEndian)),
            serde_json::json!({"class": "integer", "size": 4, "signed": true, "order": "little"})
        );
        assert_eq!(
            json(&float_type(8, ByteOrder::BigEndian)),
            serde_json::json!({"class": "float", "size": 8, "order": "big"})
        );
    }

    #[test]
    fn a_float_of_another_shape_says_its_bits() {
        let mut datatype = float_type(2, ByteOrder::LittleEndian);
        let DatatypeClass::FloatingPoint(float) = &mut datatype.class else { panic!() };
        (float.exponent_size, float.mantissa_size) = (8, 7);
        (float.exponent_location, float.exponent_bias) = (7, 127);
        assert_eq!(short_name(&datatype), "bfloat16");
        assert_eq!(
            json(&datatype),
            serde_json::json!({
                "class": "float", "size": 2, "order": "little", "bias": 127,
                "exponent": {"location": 7, "size": 8},
                "mantissa": {"location": 0, "size": 7, "normalization": "implied"},
            })
        );
    }

    #[test]
    fn an_enum_gives_its_members_in_their_order_with_exact_values() {
        let text =
            serde_json::to_string(&describe(&enumeration(&[("Z", 1), ("A", 0xff)]))).unwrap();
        assert_eq!(
            text,
            r#"{"class":"enum","base":{"class":"integer","size":1,"signed":true,"order":"little"},"members":{"Z":1,"A":-1}}"#
        );
        let u64_max = integer(ByteOrder::BigEndian, false, &[0xff; 8]);
        assert_eq!(u64_max, Some(Json::Unsigned(u64::MAX)));
        assert_eq!(integer(ByteOrder::BigEndian, true, &[0xff, 0xfe]), Some(Json::Signed(-2)));
    }

    #[test]
    fn strings_of_their_own_length_have_no_length() {
        let kind = VariableLengthKind::String {
            padding: StringPadding::NullTerminate,
            charset: CharacterSet::Utf8,
        };
        let base = Box::new(integer_type(1, false, ByteOrder::LittleEndian));
        let class = DatatypeClass::VariableLength { kind, base };
        let datatype = Datatype { size: 16, class };
        assert_eq!(short_name(&datatype), "string");
        assert_eq!(
            json(&datatype),
            serde_json::json!({
                "class": "string", "length": null, "charset": "utf-8", "padding": "null-terminated"
            })
        );
    }
}
