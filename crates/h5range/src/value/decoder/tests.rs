use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::budget::Limits;
use crate::decode::message::datatype::{
    ByteOrder, CharacterSet, FloatingPoint, Normalization, StringPadding,
};
use crate::error::Limit;

const AT: Address = Address::new(1000);
const COLLECTION: Address = Address::new(4096);

fn datatype(size: u32, class: DatatypeClass) -> Datatype {
    Datatype { size, class }
}

fn integer(size: u16, signed: bool) -> Datatype {
    let order = ByteOrder::LittleEndian;
    let class = DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision: 8 * size };
    datatype(size.into(), class)
}

fn single() -> Datatype {
    datatype(
        4,
        DatatypeClass::FloatingPoint(FloatingPoint {
            order: ByteOrder::LittleEndian,
            bit_offset: 0,
            precision: 32,
            sign_location: 31,
            exponent_location: 23,
            exponent_size: 8,
            mantissa_location: 0,
            mantissa_size: 23,
            exponent_bias: 127,
            normalization: Normalization::Implied,
        }),
    )
}

fn array(dimensions: &[u32], base: Datatype) -> Datatype {
    let size = dimensions.iter().product::<u32>() * base.size;
    datatype(size, DatatypeClass::Array { dimensions: dimensions.to_vec(), base: Box::new(base) })
}

fn sequence(base: Datatype) -> Datatype {
    let kind = VariableLengthKind::Sequence;
    datatype(16, DatatypeClass::VariableLength { kind, base: Box::new(base) })
}

fn heap_string() -> Datatype {
    let (padding, charset) = (StringPadding::NullTerminate, CharacterSet::Utf8);
    let kind = VariableLengthKind::String { padding, charset };
    let base = Box::new(integer(1, false));
    datatype(16, DatatypeClass::VariableLength { kind, base })
}

fn compound(members: Vec<(&str, u32, Datatype)>) -> Datatype {
    let size = members.iter().map(|(_, offset, member)| offset + member.size).max().unwrap();
    let member = |(name, offset, datatype): (&str, u32, Datatype)| Member {
        name: name.into(),
        offset,
        datatype,
    };
    let members = members.into_iter().map(member).collect();
    datatype(size, DatatypeClass::Compound { members })
}

fn id(index: u32) -> GlobalHeapId {
    GlobalHeapId { collection: Some(COLLECTION), index }
}

/// An element that refers to so many elements in object `index`.
fn stored(length: u32, index: u32) -> Vec<u8> {
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(COLLECTION.get().to_le_bytes());
    bytes.extend(index.to_le_bytes());
    bytes
}

fn heap(objects: &[(u32, &[u8])]) -> HeapObjects {
    let objects = objects.iter();
    objects.map(|(index, data)| (id(*index), Ok(Bytes::copy_from_slice(data)))).collect()
}

fn decode_some(
    datatype: &Datatype,
    data: &[u8],
    count: u64,
    heap: &HeapObjects,
    scalars_max: u64,
) -> Result<Values> {
    let budget = Budget::new(Limits { decoded_bytes: 10_000, ..Limits::default() });
    let elements = Elements { datatype, data, address: AT, count };
    decode(&elements, heap, scalars_max, &budget, Widths::EIGHT)
}

fn one(datatype: &Datatype, data: &[u8]) -> Result<Value> {
    let values = decode_some(datatype, data, 1, &HeapObjects::new(), u64::MAX)?;
    assert_eq!(values.values.len(), 1);
    Ok(values.values[0].clone())
}

fn unsigned(numbers: &[u64]) -> Vec<Value> {
    numbers.iter().map(|&number| Value::Unsigned(number)).collect()
}

fn text(string: &str) -> Value {
    Value::Text(string.into())
}

#[test]
fn scalars_of_all_classes() {
    assert_eq!(one(&integer(2, true), &[0xfe, 0xff]), Ok(Value::Signed(-2)));
    assert_eq!(one(&integer(2, false), &[0xfe, 0xff]), Ok(Value::Unsigned(0xfffe)));
    assert_eq!(one(&single(), &1.5_f32.to_le_bytes()), Ok(Value::Float(1.5)));
    let order = ByteOrder::LittleEndian;
    let time = DatatypeClass::Time { order, precision: 32 };
    assert_eq!(one(&datatype(4, time), &[1, 2, 0, 0]), Ok(Value::Unsigned(513)));
    let bitfield = DatatypeClass::Bitfield { order, bit_offset: 4, precision: 4 };
    assert_eq!(one(&datatype(1, bitfield), &[0xa5]), Ok(Value::Unsigned(0xa)));
    let string = |padding| DatatypeClass::String { padding, charset: CharacterSet::Ascii };
    assert_eq!(one(&datatype(4, string(StringPadding::SpacePad)), b"ab  "), Ok(text("ab")));
    let opaque = DatatypeClass::Opaque { tag: b"tag".to_vec() };
    assert_eq!(one(&datatype(3, opaque), &[0, 1, 0]), Ok(Value::Opaque(vec![0, 1, 0])));
    let complex = DatatypeClass::Complex { base: Box::new(single()) };
    let parts = [1.0_f32.to_le_bytes(), (-2.0_f32).to_le_bytes()].concat();
    assert_eq!(one(&datatype(8, complex), &parts), Ok(Value::Complex(1.0, -2.0)));
}

#[test]
fn numbers_that_we_cannot_hold_are_refused() {
    let error = one(&integer(16, false), &[0; 16]).unwrap_err();
    assert_eq!(error, Error::unsupported("a number of 16 bytes of this shape"));
}

#[test]
fn enumerations_name_their_values() {
    let member = |name: &str, value| EnumerationMember { name: name.into(), value: vec![value] };
    let members = vec![member("OFF", 0), member("ON", 1)];
    let class = DatatypeClass::Enumeration { base: Box::new(integer(1, true)), members };
    let named = |name: Option<&str>, value| {
        let name = name.map(|name| name.as_bytes().to_vec());
        Ok(Value::Enumeration { name, value: Box::new(Value::Signed(value)) })
    };
    let datatype = datatype(1, class);
    assert_eq!(one(&datatype, &[1]), named(Some("ON"), 1));
    assert_eq!(one(&datatype, &[2]), named(None, 2));
}

#[test]
fn compounds_and_arrays_nest() {
    let datatype =
        compound(vec![("a", 4, integer(1, false)), ("grid", 0, array(&[2, 2], integer(1, false)))]);
    let grid = Value::Sequence(vec![
        Value::Sequence(unsigned(&[1, 2])),
        Value::Sequence(unsigned(&[3, 4])),
    ]);
    let expected = vec![(b"a".to_vec(), Value::Unsigned(9)), (b"grid".to_vec(), grid)];
    assert_eq!(one(&datatype, &[1, 2, 3, 4, 9]), Ok(Value::Compound(expected)));
}

#[test]
fn sequences_and_strings_come_out_of_the_heap() {
    let heap = heap(&[
        (1, &[&stored(3, 3)[..], &stored(0, 0), &stored(2, 4)].concat()),
        (3, b"one and more"),
        (4, b"a\0"),
    ]);
    let data = [stored(3, 1), stored(0, 9), vec![0; 16]].concat();
    let values = decode_some(&sequence(heap_string()), &data, 3, &heap, u64::MAX).unwrap();
    let strings = vec![text("one"), text(""), text("a")];
    let empty = Value::Sequence(vec![]);
    assert_eq!(values.values, [Value::Sequence(strings), empty.clone(), empty]);
    assert!(!values.truncated);
}

#[test]
fn a_sequence_cannot_be_longer_than_its_object() {
    let heap = heap(&[(1, b"abc")]);
    for datatype in [sequence(integer(1, false)), heap_string()] {
        assert!(decode_some(&datatype, &stored(3, 1), 1, &heap, u64::MAX).is_ok());
        let error = decode_some(&datatype, &stored(4, 1), 1, &heap, u64::MAX).unwrap_err();
        assert!(error.to_string().contains("global heap object"), "{error}");
    }
}

#[test]
fn an_object_that_could_not_be_read_is_the_error_of_the_elements() {
    let damaged = Error::malformed("global heap collection", COLLECTION, "no signature");
    let heap = HeapObjects::from([(id(1), Err(damaged.clone()))]);
    let datatype = heap_string();
    assert_eq!(decode_some(&datatype, &stored(1, 1), 1, &heap, u64::MAX), Err(damaged));
    assert!(decode_some(&datatype, &stored(1, 2), 1, &heap, u64::MAX).is_err());
}

#[test]
fn references_lead_to_objects() {
    let kind = ReferenceKind::Object;
    let reference = |kind, address: Option<u64>| {
        Value::Reference(Reference { kind, address: address.map(Address::new) })
    };
    let object = datatype(8, DatatypeClass::Reference { kind });
    assert_eq!(one(&object, &800_u64.to_le_bytes()), Ok(reference(kind, Some(800))));
    assert_eq!(one(&object, &[0; 8]), Ok(reference(kind, None)));
    let kind = ReferenceKind::Region;
    let region = datatype(12, DatatypeClass::Reference { kind });
    let heap = heap(&[(2, &800_u64.to_le_bytes())]);
    let values = decode_some(&region, &stored(0, 2)[4..], 1, &heap, u64::MAX).unwrap();
    assert_eq!(values.values, [reference(kind, Some(800))]);
}

#[test]
fn decoding_stops_when_there_are_enough_scalars() {
    let none = HeapObjects::new();
    let bytes = [1, 2, 3, 4, 5, 6];
    let decode = |datatype, count, max| decode_some(datatype, &bytes, count, &none, max).unwrap();
    let byte = integer(1, false);
    let all = decode(&byte, 6, 6);
    assert_eq!((all.values.len(), all.truncated), (6, false));
    let some = decode(&byte, 6, 4);
    assert_eq!((some.values, some.truncated), (unsigned(&[1, 2, 3, 4]), true));
    // A compound is not cut in two, an array is.
    let pair = compound(vec![("x", 0, byte.clone()), ("y", 1, byte.clone())]);
    assert_eq!(decode(&pair, 3, 3).values.len(), 2);
    let rows = decode(&array(&[2, 3], byte.clone()), 1, 4);
    let first = Value::Sequence(unsigned(&[1, 2, 3]));
    let second = Value::Sequence(unsigned(&[4]));
    assert_eq!(rows.values, [Value::Sequence(vec![first, second])]);
    assert!(rows.truncated);
}

#[test]
fn empty_sequences_are_no_scalars_but_each_object_is_at_least_one() {
    let data = vec![0; 1600];
    let values = decode_some(&sequence(single()), &data, 100, &HeapObjects::new(), 10).unwrap();
    assert_eq!((values.values.len(), values.truncated), (100, false));
    let heap = heap(&[(1, &[0; 16])]);
    let (nested, data) = (sequence(sequence(single())), stored(1, 1).repeat(100));
    let values = decode_some(&nested, &data, 100, &heap, 10).unwrap();
    assert_eq!((values.values.len(), values.truncated), (10, true));
}

#[test]
fn values_are_paid_for_before_they_are_made() {
    let limit = Error::Limit { limit: Limit::DecodedBytes, maximum: 10_000 };
    let none = HeapObjects::new();
    let numbers = decode_some(&integer(1, false), &[0; 1000], 1000, &none, u64::MAX);
    assert_eq!(numbers, Err(limit.clone()));
    let opaque = datatype(20_000, DatatypeClass::Opaque { tag: vec![] });
    assert_eq!(decode_some(&opaque, &[0; 20_000], 1, &none, u64::MAX), Err(limit.clone()));
    // A hundred sequences of the same hundred numbers.
    let heap = heap(&[(1, &[0; 100]), (2, &stored(100, 1).repeat(100))]);
    let nested = sequence(sequence(integer(1, false)));
    assert_eq!(decode_some(&nested, &stored(100, 2), 1, &heap, u64::MAX), Err(limit));
}

#[test]
fn fewer_bytes_than_elements_are_malformed() {
    let error = decode_some(&single(), &[0; 7], 2, &HeapObjects::new(), u64::MAX).unwrap_err();
    assert_eq!(
        error.to_string(),
        "damaged file: element at address 1004: element needs 4 bytes, 3 are left"
    );
}

/// Any type, up to a few levels of nesting.
fn any_datatype() -> impl Strategy<Value = Datatype> {
    let order = prop_oneof![Just(ByteOrder::LittleEndian), Just(ByteOrder::Vax)];
    let number = (order, 1..20_u32, any::<bool>(), any::<u16>(), any::<u16>());
    let number = number.prop_map(|(order, size, signed, bit_offset, precision)| {
        datatype(size, DatatypeClass::FixedPoint { order, signed, bit_offset, precision })
    });
    let scalar = prop_oneof![number, Just(single()), Just(heap_string())];
    scalar.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(sequence),
            (vec(1..4_u32, 1..3), inner.clone()).prop_map(|(sizes, base)| array(&sizes, base)),
            vec((0..20_u32, inner), 1..3).prop_map(|members| {
                compound(members.into_iter().map(|(at, member)| ("m", at, member)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_of_any_type_give_values_or_an_error(
        datatype in any_datatype(),
        numbers in vec((0..40_u32, 0..4_u32), 0..10),
        object in vec(any::<u8>(), 0..100),
        count in prop_oneof![0..20_u64, Just(u64::MAX)],
        scalars_max in prop_oneof![0..20_u64, Just(u64::MAX)],
    ) {
        let data: Vec<u8> = numbers.into_iter().flat_map(|(a, b)| stored(a, b)).collect();
        let heap = heap(&[(1, &object), (2, &data)]);
        if let Ok(values) = decode_some(&datatype, &data, count, &heap, scalars_max) {
            prop_assert!(values.values.len() as u64 <= count);
            prop_assert!(values.truncated || values.values.len() as u64 == count);
        }
    }
}
