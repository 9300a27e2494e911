//! Values as servers write them that give away what NumPy makes of a file: compounds as lists,
//! enumerations as their numbers, numbers that are none as null, and single precision in as few
//! digits as tell it.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::datetime::datetime;
use crate::answers::DatatypeClass;
use crate::json::Json;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum PlainValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Signed(i64),
    /// An integer.
    Unsigned(u64),
    /// A number of single precision, or `null` where it is none.
    Single(f32),
    /// A number of double precision, or `null` where it is none.
    Double(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<PlainValue>),
    /// An object, its members in order.
    Object(Vec<(String, PlainValue)>),
}

impl PlainValue {
    /// A string.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// An object with these members.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let owned = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self::Object(owned.collect())
    }
}

/// What holds a value in NumPy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Nothing.
    Scalar,
    /// An array: of floats each is told in its own precision.
    Array,
    /// A member of a compound, which is a tuple of Python's numbers: its floats are double.
    Compound,
}

/// An array of `rank` dimensions of this type, as nested lists.
pub(crate) fn of(value: Json, rank: usize, class: &DatatypeClass) -> PlainValue {
    nested(value, rank, class, if rank == 0 { Within::Scalar } else { Within::Array })
}

fn nested(value: Json, rank: usize, class: &DatatypeClass, within: Within) -> PlainValue {
    match (value, rank.checked_sub(1)) {
        (Json::List(values), Some(inner)) => {
            PlainValue::List(values.into_iter().map(|v| nested(v, inner, class, within)).collect())
        }
        (value, _) => element(value, class, within),
    }
}

pub(crate) fn element(value: Json, class: &DatatypeClass, within: Within) -> PlainValue {
    match (class, value) {
        (DatatypeClass::Float { .. }, Json::Float(number)) => {
            float(number, class.float_bytes(), within)
        }
        (DatatypeClass::Enum { .. }, value) => enumeration(value, class.is_boolean()),
        (DatatypeClass::Compound { fields, .. }, Json::Object(values)) => {
            let values = values.into_iter().zip(fields);
            let values = values
                .map(|((_, value), field)| element(value, &field.datatype.class, Within::Compound));
            PlainValue::List(values.collect())
        }
        (DatatypeClass::Compound { fields, .. }, Json::List(parts)) => {
            complex(parts, fields.first().map_or(8, |f| f.datatype.class.float_bytes()), within)
        }
        (DatatypeClass::Complex { base }, Json::List(parts)) => {
            complex(parts, base.class.float_bytes(), within)
        }
        (DatatypeClass::Array { dims, base }, value) => {
            nested(value, dims.len(), &base.class, Within::Array)
        }
        (DatatypeClass::Vlen { base }, value) => nested(value, 1, &base.class, Within::Array),
        (DatatypeClass::Opaque { tag, .. }, value) => opaque(value, tag, within),
        (DatatypeClass::Reference { .. }, value) => reference(&value),
        (_, value) => plain(value),
    }
}

/// A value that is no number of a precision of its own.
fn plain(value: Json) -> PlainValue {
    match value {
        Json::Null => PlainValue::Null,
        Json::Bool(value) => PlainValue::Bool(value),
        Json::Signed(value) => PlainValue::Signed(value),
        Json::Unsigned(value) => PlainValue::Unsigned(value),
        Json::Float(value) => PlainValue::Double(value),
        Json::Text(value) => PlainValue::Text(value),
        Json::List(values) => PlainValue::List(values.into_iter().map(plain).collect()),
        Json::Object(members) => PlainValue::Object(
            members.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        ),
    }
}

fn float(number: f64, size_bytes: u32, within: Within) -> PlainValue {
    match (size_bytes, within) {
        (2 | 4, Within::Scalar | Within::Array) => PlainValue::Single(number as f32),
        _ => PlainValue::Double(number),
    }
}

fn complex(parts: Vec<Json>, size_bytes: u32, within: Within) -> PlainValue {
    // Arrays of them go by Python's complex numbers, whose parts are double.
    let within = if within == Within::Scalar { within } else { Within::Compound };
    let part = |part| match part {
        Json::Float(number) => float(number, size_bytes, within),
        other => plain(other),
    };
    PlainValue::List(parts.into_iter().map(part).collect())
}

fn enumeration(value: Json, is_boolean: bool) -> PlainValue {
    let number = match value {
        Json::Object(members) => members.into_iter().find(|(name, _)| name == "value"),
        value => return plain(value),
    };
    match number.map(|(_, number)| number) {
        Some(Json::Signed(number)) if is_boolean => PlainValue::Bool(number != 0),
        Some(Json::Unsigned(number)) if is_boolean => PlainValue::Bool(number != 0),
        number => number.map_or(PlainValue::Null, plain),
    }
}

/// Dates, and bytes that are text; others stay what they are in our own answers.
fn opaque(value: Json, tag: &str, within: Within) -> PlainValue {
    let Some(bytes) = value.bytes() else { return plain(value) };
    if let Some(datetime) = datetime(tag, &bytes, within) {
        return datetime;
    }
    String::from_utf8(bytes).map_or_else(|_| plain(value), PlainValue::Text)
}

/// A reference as h5py writes it.
fn reference(value: &Json) -> PlainValue {
    let Json::Object(members) = value else { return PlainValue::Null };
    let has = |name: &str, wanted: &Json| members.iter().any(|(n, v)| n == name && v == wanted);
    let is_region = has("reference", &Json::Text("region".to_owned()));
    PlainValue::text(match (is_region, has("address", &Json::Null)) {
        (false, false) => "<HDF5 object reference>",
        (false, true) => "<HDF5 object reference (null)>",
        (true, false) => "<HDF5 region reference>",
        // h5py forgets the other parenthesis.
        (true, true) => "<HDF5 region reference (null>",
    })
}

impl From<Json> for PlainValue {
    fn from(value: Json) -> Self {
        plain(value)
    }
}

impl Serialize for PlainValue {
    /// Floats that JSON cannot write become null, as serde_json has it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Single(value) => serializer.serialize_f32(*value),
            Self::Double(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| list.serialize_element(value))?;
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}
