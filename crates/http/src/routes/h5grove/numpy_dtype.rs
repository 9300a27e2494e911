//! The names of NumPy's types: what h5py makes of a type, as `numpy.dtype.str` writes it.

use explorer::PlainValue;
use explorer::answers::{ByteOrder, DatatypeClass};

use super::type_object::memory_bytes;

/// How h5py marks types of NumPy that HDF5 has no class for.
const NUMPY_TAG: &str = "NUMPY:";

/// The name of a type; of a compound type the names of its members' types.
pub(super) fn dtype(class: &DatatypeClass) -> PlainValue {
    match class {
        DatatypeClass::Compound { fields, .. } if class.complex_base().is_none() => {
            let fields = fields.iter();
            let fields = fields.map(|field| (field.name.clone(), dtype(&field.datatype.class)));
            PlainValue::Object(fields.collect())
        }
        class => PlainValue::Text(name(class)),
    }
}

fn name(class: &DatatypeClass) -> String {
    match class {
        DatatypeClass::Integer { size, signed, order, .. } => {
            number(*order, if *signed { 'i' } else { 'u' }, (*size).into())
        }
        DatatypeClass::Bitfield { size, order } => number(*order, 'u', (*size).into()),
        DatatypeClass::Float { order, .. } => number(*order, 'f', class.float_bytes().into()),
        DatatypeClass::String { length: Some(length), .. } => format!("|S{length}"),
        DatatypeClass::Enum { .. } if class.is_boolean() => "|b1".to_owned(),
        DatatypeClass::Enum { base, .. } => name(&base.class),
        DatatypeClass::Compound { .. } => match class.complex_base() {
            Some(base) => complex(base),
            None => format!("|V{}", item_bytes(class)),
        },
        DatatypeClass::Complex { base } => complex(&base.class),
        DatatypeClass::Opaque { tag, size } => match tag.strip_prefix(NUMPY_TAG) {
            Some(name) => name.to_owned(),
            None => format!("|V{size}"),
        },
        DatatypeClass::Array { .. } | DatatypeClass::Time { .. } => {
            format!("|V{}", item_bytes(class))
        }
        DatatypeClass::String { length: None, .. }
        | DatatypeClass::Vlen { .. }
        | DatatypeClass::Reference { .. } => "|O".to_owned(),
    }
}

fn number(order: ByteOrder, letter: char, size: u64) -> String {
    let order = match order {
        _ if size == 1 => '|',
        ByteOrder::Little => '<',
        ByteOrder::Big | ByteOrder::Vax => '>',
    };
    format!("{order}{letter}{size}")
}

fn complex(base: &DatatypeClass) -> String {
    let DatatypeClass::Float { order, .. } = base else { return "|V0".to_owned() };
    number(*order, 'c', u64::from(base.float_bytes()).saturating_mul(2))
}

/// `numpy.dtype.itemsize`.
fn item_bytes(class: &DatatypeClass) -> u64 {
    match class {
        DatatypeClass::Array { dims, base } => {
            let sizes = dims.iter().map(|&dim| u64::from(dim));
            sizes.fold(item_bytes(&base.class), u64::saturating_mul)
        }
        DatatypeClass::Float { .. } => class.float_bytes().into(),
        DatatypeClass::Enum { .. } if class.is_boolean() => 1,
        // Pointers to objects of Python.
        DatatypeClass::Vlen { .. } | DatatypeClass::Reference { .. } => 8,
        class => memory_bytes(class),
    }
}
