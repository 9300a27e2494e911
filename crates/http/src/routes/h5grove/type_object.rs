//! Types as h5grove describes them: libhdf5's numbers for classes, orders and paddings, its sizes in
//! memory, and the name of NumPy's type.

use explorer::PlainValue;
use explorer::answers::{ByteOrder, Charset, DatatypeClass, Field, Padding};

use super::numpy_dtype::dtype;

/// Bytes of an element of variable length in a file whose addresses take eight.
const STORED_VLEN_BYTES: u64 = 16;

/// The description of a type.
pub(super) fn type_object(class: &DatatypeClass) -> PlainValue {
    PlainValue::object(members(class))
}

fn members(class: &DatatypeClass) -> Vec<(&'static str, PlainValue)> {
    let mut members = vec![
        ("class", PlainValue::Unsigned(number(class))),
        ("dtype", dtype(class)),
        ("size", PlainValue::Unsigned(memory_bytes(class))),
    ];
    match class {
        DatatypeClass::Integer { order, signed, .. } => {
            members.extend([("order", order_number(*order)), ("sign", code(*signed))]);
        }
        DatatypeClass::Float { order, .. } | DatatypeClass::Bitfield { order, .. } => {
            members.push(("order", order_number(*order)));
        }
        DatatypeClass::String { length, charset, padding } => members.extend([
            ("cset", code(*charset != Charset::Ascii)),
            ("strpad", padding_number(*padding)),
            ("vlen", PlainValue::Bool(length.is_none())),
        ]),
        DatatypeClass::Enum { base, members: names } => {
            let names = PlainValue::from(names.clone());
            members.extend([("members", names), ("base", type_object(&base.class))]);
        }
        DatatypeClass::Compound { fields, .. } => {
            members.push(("members", PlainValue::List(fields.iter().map(named).collect())));
        }
        DatatypeClass::Array { dims, base } => {
            let dims = dims.iter().map(|&dim| PlainValue::Unsigned(dim.into()));
            members.push(("dims", PlainValue::List(dims.collect())));
            members.push(("base", type_object(&base.class)));
        }
        DatatypeClass::Vlen { base } => members.push(("base", type_object(&base.class))),
        DatatypeClass::Opaque { tag, .. } => members.push(("tag", PlainValue::text(tag))),
        DatatypeClass::Reference { .. }
        | DatatypeClass::Time { .. }
        | DatatypeClass::Complex { .. } => {}
    }
    members
}

fn named(field: &Field) -> PlainValue {
    let name = [("name", PlainValue::text(&field.name))];
    PlainValue::object(name.into_iter().chain(members(&field.datatype.class)))
}

/// The class, as `H5T_class_t` numbers them.
fn number(class: &DatatypeClass) -> u64 {
    match class {
        DatatypeClass::Integer { .. } => 0,
        DatatypeClass::Float { .. } => 1,
        DatatypeClass::Time { .. } => 2,
        DatatypeClass::String { .. } => 3,
        DatatypeClass::Bitfield { .. } => 4,
        DatatypeClass::Opaque { .. } => 5,
        DatatypeClass::Compound { .. } => 6,
        DatatypeClass::Reference { .. } => 7,
        DatatypeClass::Enum { .. } => 8,
        DatatypeClass::Vlen { .. } => 9,
        DatatypeClass::Array { .. } => 10,
        DatatypeClass::Complex { .. } => 11,
    }
}

/// Bytes of an element in the memory of a 64-bit machine, where what has its own length is a
/// pointer (`char *`, `hvl_t`).
pub(super) fn memory_bytes(class: &DatatypeClass) -> u64 {
    let times = |count: u64, base: u64| count.saturating_mul(base);
    match class {
        DatatypeClass::String { length: None, .. } => 8,
        DatatypeClass::Vlen { .. } => 16,
        DatatypeClass::Array { dims, base } => {
            dims.iter().map(|&dim| u64::from(dim)).fold(memory_bytes(&base.class), times)
        }
        DatatypeClass::Compound { size, fields } => {
            let fields = fields.iter().map(|field| &field.datatype.class);
            let (in_file, in_memory) = fields.fold((0_u64, 0_u64), |(file, memory), class| {
                (
                    file.saturating_add(stored_bytes(class)),
                    memory.saturating_add(memory_bytes(class)),
                )
            });
            u64::from(*size).saturating_sub(in_file).saturating_add(in_memory)
        }
        DatatypeClass::Enum { base, .. } => memory_bytes(&base.class),
        DatatypeClass::Complex { base } => times(2, memory_bytes(&base.class)),
        DatatypeClass::Integer { size, .. }
        | DatatypeClass::Float { size, .. }
        | DatatypeClass::String { length: Some(size), .. }
        | DatatypeClass::Opaque { size, .. }
        | DatatypeClass::Bitfield { size, .. }
        | DatatypeClass::Reference { size, .. }
        | DatatypeClass::Time { size, .. } => (*size).into(),
    }
}

fn stored_bytes(class: &DatatypeClass) -> u64 {
    match class {
        DatatypeClass::String { length: None, .. } | DatatypeClass::Vlen { .. } => {
            STORED_VLEN_BYTES
        }
        DatatypeClass::Array { dims, base } => {
            let sizes = dims.iter().map(|&dim| u64::from(dim));
            sizes.fold(stored_bytes(&base.class), u64::saturating_mul)
        }
        DatatypeClass::Compound { size, .. } => (*size).into(),
        class => memory_bytes(class),
    }
}

/// As `H5T_order_t`.
fn order_number(order: ByteOrder) -> PlainValue {
    PlainValue::Unsigned(match order {
        ByteOrder::Little => 0,
        ByteOrder::Big => 1,
        ByteOrder::Vax => 2,
    })
}

/// As `H5T_str_t`.
fn padding_number(padding: Padding) -> PlainValue {
    PlainValue::Unsigned(match padding {
        Padding::NullTerminated => 0,
        Padding::NullPadded => 1,
        Padding::SpacePadded => 2,
        Padding::Reserved => 3,
    })
}

fn code(flag: bool) -> PlainValue {
    PlainValue::Unsigned(flag.into())
}
