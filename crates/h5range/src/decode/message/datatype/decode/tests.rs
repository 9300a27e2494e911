//! Types as h5py writes them, with the earliest (versions 1 and 2) and the latest format
//! (version 3), and a few that it cannot write.

use super::*;
use crate::DEPTH_MAX;
use crate::decode::testing::{cursor, hex, never_panics};

const I32: &str = "10080000 04000000 0000 2000";
const F64_BIG: &str = "11213f00 08000000 0000 4000 340b 0034 ff030000";
const COMPOUND_1: &str = "16030000 11000000
    6100000000000000 00000000 00000000 00000000 00000000 00000000000000000000000000000000
    10080000 04000000 0000 2000
    6262000000000000 04000000 00000000 00000000 00000000 00000000000000000000000000000000
    11213f00 08000000 0000 4000 340b 0034 ff030000
    6300000000000000 0c000000 00000000 00000000 00000000 00000000000000000000000000000000
    13010000 05000000";
const COMPOUND_3: &str = "56030000 11000000 6100 00 10080000 04000000 0000 2000
    626200 04 11213f00 08000000 0000 4000 340b 0034 ff030000 6300 0c 13010000 05000000";
const ENUMERATION_1: &str = "18030000 02000000 10080000 02000000 0000 1000
    424c554500000000 475245454e000000 5245440000000000 2c01 0100 0000";
const ENUMERATION_3: &str = "58030000 02000000 10080000 02000000 0000 1000
    424c554500 475245454e00 52454400 2c01 0100 0000";
const ARRAY_2: &str = "2a000000 18000000 02 000000 03000000 04000000 00000000 01000000
    10000000 02000000 0000 1000";
const ARRAY_3: &str = "5a000000 18000000 02 03000000 04000000 10000000 02000000 0000 1000";
const TEXT: &str = "19010100 10000000 10000000 01000000 0000 0800";
const SEQUENCE: &str = "39000000 10000000 10090000 08000000 0000 4000";
const OPAQUE: &str = "15100000 08000000 4e554d50593a3c4d385b735d00000000";
const COMPLEX: &str = "5b010000 10000000 11203f00 08000000 0000 4000 340b 0034 ff030000";

fn decode(text: &str) -> Result<Datatype> {
    let bytes = hex(text);
    let mut cursor = cursor(&bytes);
    let datatype = datatype(&mut cursor, 0)?;
    assert!(cursor.is_empty(), "{} bytes left of {text}", cursor.remaining());
    Ok(datatype)
}

fn integer(order: ByteOrder, signed: bool, size: u32) -> Datatype {
    let precision = u16::try_from(size * 8).unwrap();
    let class = DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision };
    Datatype { size, class }
}

#[test]
fn integers() {
    assert_eq!(decode(I32), Ok(integer(ByteOrder::LittleEndian, true, 4)));
    let unsigned = decode("10010000 02000000 0000 1000");
    assert_eq!(unsigned, Ok(integer(ByteOrder::BigEndian, false, 2)));
}

#[test]
fn floating_point() {
    let ieee_754_double = FloatingPoint {
        order: ByteOrder::BigEndian,
        bit_offset: 0,
        precision: 64,
        sign_location: 63,
        exponent_location: 52,
        exponent_size: 11,
        mantissa_location: 0,
        mantissa_size: 52,
        exponent_bias: 1023,
        normalization: Normalization::Implied,
    };
    let expected = DatatypeClass::FloatingPoint(ieee_754_double);
    assert_eq!(decode(F64_BIG), Ok(Datatype { size: 8, class: expected }));

    let vax = decode(&F64_BIG.replace("11213f00", "31613f00")).unwrap();
    let DatatypeClass::FloatingPoint(vax) = vax.class else { panic!("{vax:?}") };
    assert_eq!(vax.order, ByteOrder::Vax);
}

#[test]
fn bits_must_lie_within_the_element() {
    assert!(decode("10080000 04000000 0100 2000").is_err());
    assert!(decode("10080000 04000000 0000 0000").is_err());
    assert!(decode(&F64_BIG.replace("11213f00", "11214000")).is_err(), "sign");
    assert!(decode(&F64_BIG.replace("340b", "360b")).is_err(), "exponent");
    assert!(decode(&F64_BIG.replace("0034", "0000")).is_err(), "mantissa");
}

#[test]
fn the_small_classes() {
    let order = ByteOrder::BigEndian;
    let bits = DatatypeClass::Bitfield { order, bit_offset: 0, precision: 16 };
    assert_eq!(decode("14010000 02000000 0000 1000").unwrap().class, bits);
    let time = DatatypeClass::Time { order: ByteOrder::LittleEndian, precision: 32 };
    assert_eq!(decode("12000000 04000000 2000").unwrap().class, time);
    let (padding, charset) = (StringPadding::NullPad, CharacterSet::Ascii);
    let string = DatatypeClass::String { padding, charset };
    assert_eq!(decode("13010000 07000000").unwrap().class, string);
    let opaque = DatatypeClass::Opaque { tag: b"NUMPY:<M8[s]".to_vec() };
    assert_eq!(decode(OPAQUE).unwrap().class, opaque);
}

#[test]
fn references_old_and_new() {
    let kinds = [
        ("17000000 08000000", ReferenceKind::Object),
        ("17010000 0c000000", ReferenceKind::Region),
        ("47120000 12000000", ReferenceKind::Object2),
        ("47130000 12000000", ReferenceKind::Region2),
        ("47140000 12000000", ReferenceKind::Attribute),
    ];
    for (text, kind) in kinds {
        assert_eq!(decode(text).unwrap().class, DatatypeClass::Reference { kind });
    }
}

#[test]
fn compounds_are_the_same_in_all_versions() {
    let compound = decode(COMPOUND_1).unwrap();
    let DatatypeClass::Compound { members } = &compound.class else { panic!("{compound:?}") };
    let places: Vec<_> = members.iter().map(|m| (&m.name[..], m.offset)).collect();
    assert_eq!(places, [(&b"a"[..], 0), (b"bb", 4), (b"c", 12)]);
    assert_eq!(members[1].datatype, decode(F64_BIG).unwrap());
    assert_eq!(decode(COMPOUND_3), Ok(compound));
}

#[test]
fn member_offsets_of_version_3_are_as_wide_as_the_size_needs() {
    for (size, offset) in [("ff000000", "04"), ("00010000", "0400"), ("00000100", "040000")] {
        let text = format!("36010000 {size} 6100 {offset} 13000000 01000000");
        let DatatypeClass::Compound { members } = decode(&text).unwrap().class else { panic!() };
        assert_eq!(members[0].offset, 4);
    }
}

#[test]
fn an_old_array_member_becomes_an_array_type() {
    let text = "16010000 18000000 6100000000000000 00000000
                02 000000 00000000 00000000 03000000 02000000 63000000 63000000
                10080000 04000000 0000 2000";
    let DatatypeClass::Compound { members } = decode(text).unwrap().class else { panic!() };
    let base = Box::new(integer(ByteOrder::LittleEndian, true, 4));
    let class = DatatypeClass::Array { dimensions: vec![3, 2], base };
    assert_eq!(members[0].datatype, Datatype { size: 24, class });
    assert!(decode(&text.replace("02 000000", "05 000000")).is_err(), "five dimensions");
    assert!(decode(&text.replace("03000000", "ffffffff")).is_err(), "overflow");
}

#[test]
fn a_member_must_lie_within_its_compound() {
    assert!(decode(&COMPOUND_3.replace("6300 0c", "6300 0d")).is_err());
}

#[test]
fn enumerations() {
    let expected = [(&b"BLUE"[..], [0x2c, 1]), (b"GREEN", [1, 0]), (b"RED", [0, 0])];
    for text in [ENUMERATION_1, ENUMERATION_3] {
        let DatatypeClass::Enumeration { base, members } = decode(text).unwrap().class else {
            panic!("{text}")
        };
        assert_eq!(*base, integer(ByteOrder::LittleEndian, true, 2));
        let members: Vec<_> = members.into_iter().map(|m| (m.name, m.value)).collect();
        assert_eq!(members, expected.map(|(name, value)| (name.to_vec(), value.to_vec())));
    }
    assert!(decode(&ENUMERATION_1.replace("18030000 02", "18030000 04")).is_err());
    assert!(decode(&ENUMERATION_1.replace("18030000", "18ffff00")).is_err(), "65,535 members");
}

#[test]
fn variable_length_types() {
    let text = decode(TEXT).unwrap();
    let (padding, charset) = (StringPadding::NullTerminate, CharacterSet::Utf8);
    let kind = VariableLengthKind::String { padding, charset };
    let base = Box::new(integer(ByteOrder::LittleEndian, false, 1));
    assert_eq!(text.class, DatatypeClass::VariableLength { kind, base });
    let sequence = decode(SEQUENCE).unwrap();
    let base = Box::new(integer(ByteOrder::BigEndian, true, 8));
    let kind = VariableLengthKind::Sequence;
    assert_eq!(sequence.class, DatatypeClass::VariableLength { kind, base });
}

#[test]
fn arrays() {
    let base = Box::new(integer(ByteOrder::LittleEndian, false, 2));
    let class = DatatypeClass::Array { dimensions: vec![3, 4], base };
    assert_eq!(decode(ARRAY_2), Ok(Datatype { size: 24, class: class.clone() }));
    assert_eq!(decode(ARRAY_3), Ok(Datatype { size: 24, class }));
    assert!(decode(&ARRAY_3.replace("5a000000 18", "5a000000 17")).is_err());
    assert!(decode(&ARRAY_3.replace("03000000 04", "ffffffff 04")).is_err());
}

#[test]
fn complex_numbers() {
    let DatatypeClass::Complex { base } = decode(COMPLEX).unwrap().class else { panic!() };
    assert_eq!(base.size, 8);
    let polar = decode(&COMPLEX.replace("5b010000", "5b030000"));
    assert!(matches!(polar, Err(Error::Unsupported(_))), "{polar:?}");
    assert!(decode("5b010000 08000000 10080000 04000000 0000 2000").is_err(), "of integers");
}

#[test]
fn what_is_unknown_is_unsupported_by_name() {
    let unsupported = |text: &str| match decode(text) {
        Err(Error::Unsupported(feature)) => feature,
        other => panic!("{other:?}"),
    };
    assert_eq!(unsupported("1c000000 04000000"), "datatype class 12");
    assert_eq!(unsupported("60000000 04000000"), "test structure version 6");
}

#[test]
fn what_is_reserved_is_kept_where_it_keeps_nothing_from_being_read() {
    let class = |text: &str| decode(text).unwrap().class;
    let (padding, charset) = (StringPadding::Reserved(5), CharacterSet::Reserved(3));
    assert_eq!(class("13350000 04000000"), DatatypeClass::String { padding, charset });
    // A float of 65 significant bits in 8 bytes: sign, exponent and mantissa are in their places.
    let DatatypeClass::FloatingPoint(float) = class("11203f00 08000000 00004100 340b0034 ff030000")
    else {
        panic!("a float");
    };
    assert_eq!((float.precision, float.mantissa_size), (65, 52));
}

#[test]
fn the_size_of_an_old_reference_is_that_of_an_address() {
    assert_eq!(decode("17000000 0c000000").unwrap().size, 8);
    assert_eq!(decode("17010000 08000000").unwrap().size, 12);
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: u64| {
        let mut bytes = hex("39000000 10000000").repeat(usize::try_from(levels).unwrap());
        bytes.extend(hex(I32));
        datatype(&mut cursor(&bytes), 0).map(|_| ())
    };
    assert_eq!(nested(DEPTH_MAX), Ok(()));
    assert!(matches!(nested(DEPTH_MAX + 1), Err(Error::Limit { .. })));
}

#[test]
fn no_input_panics() {
    for valid in [COMPOUND_1, COMPOUND_3, ENUMERATION_1, ARRAY_2, ARRAY_3, TEXT, OPAQUE, COMPLEX] {
        never_panics(&hex(valid), |cursor| datatype(cursor, 0));
    }
}
