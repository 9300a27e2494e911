//! What is written is read again with the reader of the `arrow` crates; that other readers agree is
//! compared with pyarrow elsewhere.

use std::io::Cursor;

use arrow_array::Array as _;
use arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int16Type, Int32Type, UInt8Type, UInt64Type,
};
use arrow_ipc::reader::StreamReader;
use h5range::decode::Address;
use h5range::decode::message::datatype::{
    ByteOrder, CharacterSet, EnumerationMember, Member, ReferenceKind, StringPadding,
    VariableLengthKind,
};
use h5range::{Reference, Value};

use super::*;
use crate::datatype::testing::{float_type, integer_type};
use crate::encodings::Dtype;
use ByteOrder::{BigEndian, LittleEndian};

fn encoder(datatype: &Datatype, shape: &[u64]) -> Result<ArrowEncoder> {
    ArrowEncoder::new(Array { datatype, name: "name", shape, dtype: Dtype::Origin })
}

/// What a reader has of these blocks.
fn read(datatype: &Datatype, shape: &[u64], blocks: Vec<Block>) -> (SchemaRef, Vec<RecordBatch>) {
    let mut encoder = encoder(datatype, shape).unwrap();
    let mut stream = encoder.head();
    for block in blocks {
        stream.extend(encoder.elements(block).unwrap());
    }
    stream.extend(encoder.tail());
    let reader = StreamReader::try_new(Cursor::new(stream), None).unwrap();
    (reader.schema(), reader.map(|batch| batch.unwrap()).collect())
}

/// The only column of the only batch.
fn column(datatype: &Datatype, shape: &[u64], block: Block) -> ArrayRef {
    let (_, batches) = read(datatype, shape, vec![block]);
    let [batch] = batches.as_slice() else { panic!("{batches:?}") };
    assert_eq!(batch.num_columns(), 1);
    Arc::clone(batch.column(0))
}

fn bytes(bytes: &[u8]) -> Block {
    Block::Bytes(Bytes::copy_from_slice(bytes))
}

fn compound(members: Vec<(&str, u32, Datatype)>, size: u32) -> Datatype {
    let members = members.into_iter().map(|(name, offset, datatype)| Member {
        name: name.as_bytes().to_vec(),
        offset,
        datatype,
    });
    Datatype { size, class: DatatypeClass::Compound { members: members.collect() } }
}

fn text(size: u32, padding: StringPadding) -> Datatype {
    Datatype { size, class: DatatypeClass::String { padding, charset: CharacterSet::Utf8 } }
}

fn sequence(kind: VariableLengthKind, base: Datatype) -> Datatype {
    Datatype { size: 16, class: DatatypeClass::VariableLength { kind, base: Box::new(base) } }
}

#[test]
fn numbers_are_numbers_of_this_machine() {
    let column_of = |datatype: &Datatype, given: &[u8]| column(datatype, &[2], bytes(given));
    let big = column_of(&integer_type(2, true, BigEndian), &[0xff, 0xfe, 1, 2]);
    assert_eq!(big.as_primitive::<Int16Type>().values()[..], [-2, 0x102]);
    let half = column_of(&float_type(2, LittleEndian), &[0x00, 0x3c, 0x00, 0xc0]);
    let half = half.as_primitive::<Float16Type>().values();
    assert_eq!(half.iter().map(|half| half.to_f32()).collect::<Vec<_>>(), [1.0, -2.0]);
    let odd = column_of(&integer_type(3, true, BigEndian), &[0xff, 0xff, 0xfe, 0, 1, 0]);
    assert_eq!(odd.as_primitive::<Int32Type>().values()[..], [-2, 256]);
}

#[test]
fn what_is_near_a_number_has_its_own_type() {
    let name = |name: &str, value| EnumerationMember { name: name.into(), value: vec![value] };
    let enumeration = |members| {
        let base = Box::new(integer_type(1, false, LittleEndian));
        Datatype { size: 1, class: DatatypeClass::Enumeration { base, members } }
    };
    let boolean = enumeration(vec![name("FALSE", 0), name("TRUE", 1)]);
    let boolean = column(&boolean, &[3], bytes(&[1, 0, 1]));
    assert_eq!(boolean.as_boolean().iter().flatten().collect::<Vec<_>>(), [true, false, true]);
    let (schema, batches) = read(&enumeration(vec![name("RED", 7)]), &[2], vec![bytes(&[7, 8])]);
    assert_eq!(batches[0].column(0).as_primitive::<UInt8Type>().values()[..], [7, 8]);
    let words: serde_json::Value =
        serde_json::from_str(&schema.field(0).metadata()["hdf5:datatype"]).unwrap();
    assert_eq!(words["members"], serde_json::json!({"RED": 7}));
    let single = float_type(4, BigEndian);
    let complex = compound(vec![("r", 0, single.clone()), ("i", 4, single)], 8);
    let numbers = [1_f32, -2.5].map(f32::to_be_bytes).concat();
    let complex = column(&complex, &[1], bytes(&numbers));
    let parts = complex.as_fixed_size_list().values();
    assert_eq!(parts.as_primitive::<Float32Type>().values()[..], [1.0, -2.5]);
    let opaque = Datatype { size: 2, class: DatatypeClass::Opaque { tag: Vec::new() } };
    let opaque = column(&opaque, &[2], bytes(&[1, 2, 3, 4]));
    assert_eq!(opaque.as_fixed_size_binary().value(1), [3, 4]);
}

#[test]
fn the_first_dimension_are_rows_and_the_others_lists() {
    let number = integer_type(1, false, LittleEndian);
    let cube: Vec<u8> = (0..12).collect();
    let (schema, batches) = read(&number, &[2, 3, 2], vec![bytes(&cube[..6]), bytes(&cube[6..])]);
    assert_eq!(schema.field(0).name(), "name");
    assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [1, 1]);
    let row = batches[1].column(0).as_fixed_size_list().value(0);
    assert_eq!(row.len(), 3);
    let last = row.as_fixed_size_list().value(2);
    assert_eq!(last.as_primitive::<UInt8Type>().values()[..], [10, 11]);
    assert_eq!(encoder(&number, &[2, 3, 2]).unwrap().row_elements(), 6);
    assert_eq!(column(&number, &[], bytes(&[5])).len(), 1, "a scalar is a row");
    let (schema, batches) = read(&number, &[3, 0], vec![]);
    assert_eq!((schema.fields().len(), batches.len()), (1, 0), "no elements are no rows");
}

#[test]
fn members_are_columns_wherever_they_stand() {
    let inner = compound(vec![("x", 0, float_type(8, LittleEndian))], 8);
    let class = DatatypeClass::Array {
        dimensions: vec![2],
        base: Box::new(integer_type(2, true, BigEndian)),
    };
    let pair = Datatype { size: 4, class };
    let record = compound(vec![("inner", 4, inner), ("pair", 0, pair)], 14);
    let element = [&[0, 1, 0, 2][..], &0.5_f64.to_le_bytes(), &[9, 9]].concat();
    let (schema, batches) = read(&record, &[2], vec![bytes(&element.repeat(2))]);
    assert_eq!(
        schema.fields().iter().map(|field| field.name()).collect::<Vec<_>>(),
        ["inner", "pair"]
    );
    let x = batches[0].column(0).as_struct().column(0).as_primitive::<Float64Type>().values();
    assert_eq!(x[..], [0.5, 0.5]);
    let pairs = batches[0].column(1).as_fixed_size_list();
    assert_eq!(pairs.values().as_primitive::<Int16Type>().values()[..], [1, 2, 1, 2]);
    let (_, batches) = read(&record, &[1, 2], vec![bytes(&element.repeat(2))]);
    assert_eq!((batches[0].num_rows(), batches[0].num_columns()), (1, 2));
    assert_eq!(batches[0].column(1).as_fixed_size_list().value(0).len(), 2);
}

#[test]
fn texts_end_where_they_end_and_are_utf_8() {
    let text_of = |padding, given: &[u8; 4]| {
        let texts = column(&text(4, padding), &[1], bytes(given));
        texts.as_string::<i32>().value(0).to_owned()
    };
    assert_eq!(text_of(StringPadding::NullTerminate, b"ab\0x"), "ab");
    assert_eq!(text_of(StringPadding::NullPad, b"a\0b\0"), "a\0b");
    assert_eq!(text_of(StringPadding::SpacePad, b"a b "), "a b");
    assert_eq!(text_of(StringPadding::NullPad, b"20\xb0C"), "20\u{fffd}C");
}

#[test]
fn what_elements_lead_to_is_in_the_columns() {
    let utf8 = CharacterSet::Utf8;
    let padding = StringPadding::NullTerminate;
    let kind = VariableLengthKind::String { padding, charset: utf8 };
    let texts = sequence(kind, integer_type(1, false, LittleEndian));
    let values = ["a", "", "å"].map(|text| Value::Text(text.into())).to_vec();
    let texts = column(&texts, &[3], Block::Values(values));
    assert_eq!(texts.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["a", "", "å"]);
    let numbers = sequence(VariableLengthKind::Sequence, integer_type(2, true, BigEndian));
    let number =
        |numbers: &[i64]| Value::Sequence(numbers.iter().copied().map(Value::Signed).collect());
    let numbers =
        column(&numbers, &[3], Block::Values(vec![number(&[1, -2]), number(&[]), number(&[3])]));
    let lists = numbers.as_list::<i32>();
    assert_eq!(lists.value_offsets(), [0, 2, 2, 3]);
    assert_eq!(lists.values().as_primitive::<Int16Type>().values()[..], [1, -2, 3]);
    let kind = ReferenceKind::Object;
    let reference = Datatype { size: 8, class: DatatypeClass::Reference { kind } };
    let leading = |address| Value::Reference(Reference { kind, address });
    let values = vec![leading(Some(Address::new(96))), leading(None)];
    let record = compound(vec![("to", 0, reference)], 8);
    let values = values.into_iter().map(|value| Value::Compound(vec![(b"to".to_vec(), value)]));
    let addresses = column(&record, &[2], Block::Values(values.collect()));
    let addresses: Vec<_> = addresses.as_primitive::<UInt64Type>().iter().collect();
    assert_eq!(addresses, [Some(96), None]);
}

#[test]
fn values_of_another_type_are_an_error() {
    let numbers = sequence(VariableLengthKind::Sequence, integer_type(2, true, LittleEndian));
    let mut encoder = encoder(&numbers, &[1]).unwrap();
    for value in [Value::Text(Vec::new()), Value::Sequence(vec![Value::Text(Vec::new())])] {
        let error = encoder.elements(Block::Values(vec![value])).unwrap_err();
        assert_eq!(error.code, ErrorCode::Unsupported);
    }
}

#[test]
fn members_that_share_bytes_do_not_make_rows_grow_without_bound() {
    let class = DatatypeClass::Array {
        dimensions: vec![1000],
        base: Box::new(integer_type(1, false, LittleEndian)),
    };
    let array = Datatype { size: 1000, class };
    let overlapping = |count| compound(vec![("m", 0, array.clone()); count], 1000);
    assert!(encoder(&overlapping(4), &[1]).is_ok());
    let refused = encoder(&overlapping(5), &[1]).err().unwrap().to_string();
    assert!(refused.contains("no form for compounds whose members overlap"), "{refused}");
}

#[test]
fn what_arrow_has_nothing_for_is_refused() {
    let code = |datatype: &Datatype, shape: &[u64]| encoder(datatype, shape).err().unwrap().code;
    let wide = integer_type(16, true, LittleEndian);
    assert_eq!(code(&wide, &[1]), ErrorCode::BadRequest);
    assert_eq!(code(&compound(vec![], 4), &[1]), ErrorCode::BadRequest);
    let number = integer_type(4, true, LittleEndian);
    assert_eq!(code(&number, &[1, 1 << 26]), ErrorCode::LimitReached);
    assert_eq!(code(&number, &[1, u64::MAX, u64::MAX]), ErrorCode::LimitReached);
    assert_eq!(code(&number, &[1, 0, u64::MAX]), ErrorCode::BadRequest);
    assert!(encoder(&number, &[u64::MAX, 1 << 25]).is_ok());
}
