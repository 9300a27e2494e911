//! Numbers of any type that has an order, for statistics and pictures.

use bytes::Bytes;
use h5range::convert;
use h5range::decode::message::datatype::{Datatype, DatatypeClass};

use crate::encodings::{Cell, NumberType, double};
use crate::json::Json;

/// How elements of one type are read as numbers.
#[derive(Debug, Clone)]
pub(super) enum Numbers {
    /// At a look.
    AtALook(NumberType),
    /// As numbers of double precision first.
    Converted(Box<(Datatype, Datatype)>),
}

/// A number: integers are exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Integer(i128),
    Float(f64),
}

impl Numbers {
    /// Of elements of `datatype`; `None` for what is no number.
    pub(super) fn of(datatype: &Datatype) -> Option<Self> {
        if let Some(numbers) = NumberType::of(datatype) {
            return Some(Self::AtALook(numbers));
        }
        match &datatype.class {
            DatatypeClass::Enumeration { base, .. } => Self::of(base),
            DatatypeClass::FixedPoint { .. } | DatatypeClass::FloatingPoint(_) => {
                // What cannot be converted says so here.
                convert(datatype, &double(), &[])?;
                Some(Self::Converted(Box::new((datatype.clone(), double()))))
            }
            _ => None,
        }
    }

    /// The numbers of some elements; `None` for those of a shape that nothing is known of.
    pub(super) fn read(&self, elements: &Bytes) -> Option<impl Iterator<Item = Number>> {
        let (numbers, bytes) = match self {
            Self::AtALook(numbers) => (*numbers, elements.clone()),
            Self::Converted(types) => {
                let doubles = convert(&types.0, &types.1, elements)?;
                (NumberType::of(&types.1)?, Bytes::from(doubles))
            }
        };
        let count = bytes.len() / numbers.size();
        let read = move |at: usize| {
            let start = at.saturating_mul(numbers.size());
            let bytes = bytes.get(start..start.saturating_add(numbers.size()));
            Number::of(numbers.read(bytes.unwrap_or_default()))
        };
        Some((0..count).map(read))
    }
}

impl Number {
    fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Signed(number) => Self::Integer(number.into()),
            Cell::Unsigned(number) => Self::Integer(number.into()),
            Cell::Single(number) => Self::Float(number.into()),
            Cell::Double(number) => Self::Float(number),
            Cell::Value(_) => Self::Float(f64::NAN),
        }
    }

    /// As near as double precision comes.
    pub(super) fn double(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// Whether it is less than `other`; of one type all are integers, or none.
    pub(super) fn is_less(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one < other,
            (one, other) => one.double() < other.double(),
        }
    }

    pub(super) fn json(self) -> Json {
        match self {
            Self::Integer(number) => match (u64::try_from(number), i64::try_from(number)) {
                (Ok(number), _) => Json::Unsigned(number),
                (_, Ok(number)) => Json::Signed(number),
                _ => Json::Float(number as f64),
            },
            Self::Float(number) => Json::Float(number),
        }
    }
}
