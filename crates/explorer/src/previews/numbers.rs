//! Numbers of any type that has an order, for statistics and pictures.

use h5range::convert;
use h5range::decode::message::datatype::{ByteOrder, Datatype, DatatypeClass};

use super::complex::{ComplexNumbers, ComplexPart};
use crate::encodings::{Cell, NumberType, double, nearest};
use crate::json::Json;

/// Elements that are converted at a time.
const PIECE_ELEMENTS: usize = 1 << 16;

/// How elements of one type are read as numbers.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    read_as: NumberType,
    /// What is made of them first, where a look at them does not do.
    conversion: Option<Conversion>,
}

#[derive(Debug, Clone)]
enum Conversion {
    /// From one type to the other.
    Types(Box<(Datatype, Datatype)>),
    Complex(Box<ComplexNumbers>),
}

/// Some elements that a look does for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements<'a> {
    read_as: NumberType,
    bytes: &'a [u8],
}

/// A number: integers are exact. Those of one type are of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

impl Numbers {
    /// Of elements of `datatype`; `None` for what is no number.
    pub(super) fn of(datatype: &Datatype) -> Option<Self> {
        if let Some(read_as) = NumberType::of(datatype) {
            return Some(Self { read_as, conversion: None });
        }
        match &datatype.class {
            DatatypeClass::Enumeration { base, .. } => Self::of(base),
            DatatypeClass::FixedPoint { .. } | DatatypeClass::FloatingPoint(_) => {
                let target = nearest(datatype, ByteOrder::LittleEndian);
                let target = target.unwrap_or_else(|_| double());
                // What cannot be converted says so here.
                convert(datatype, &target, &[])?;
                let read_as = NumberType::of(&target)?;
                let conversion = Conversion::Types(Box::new((datatype.clone(), target)));
                Some(Self { read_as, conversion: Some(conversion) })
            }
            _ => None,
        }
    }

    /// Of complex numbers, both parts of which are of type `base`: one number of each.
    pub(super) fn of_complex(base: &Datatype, part: ComplexPart) -> Option<Self> {
        let conversion = Conversion::Complex(Box::new(ComplexNumbers::of(base, part)?));
        Some(Self { read_as: NumberType::of(&double())?, conversion: Some(conversion) })
    }

    /// Has `take` take all of `elements`, piece by piece, in their order. `None` for those of a shape
    /// that nothing is known of.
    pub(super) fn each_piece(
        &self,
        elements: &[u8],
        mut take: impl FnMut(Elements<'_>),
    ) -> Option<()> {
        let read_as = self.read_as;
        let Some(conversion) = &self.conversion else {
            take(Elements { read_as, bytes: elements });
            return Some(());
        };
        let element_bytes = conversion.element_bytes()?.max(1);
        for piece in elements.chunks(element_bytes.saturating_mul(PIECE_ELEMENTS)) {
            take(Elements { read_as, bytes: &conversion.convert(piece)? });
        }
        Some(())
    }
}

impl Conversion {
    fn element_bytes(&self) -> Option<usize> {
        match self {
            Self::Types(types) => usize::try_from(types.0.size).ok(),
            Self::Complex(numbers) => Some(numbers.element_bytes()),
        }
    }

    fn convert(&self, elements: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Types(types) => convert(&types.0, &types.1, elements),
            Self::Complex(numbers) => numbers.doubles(elements),
        }
    }
}

impl<'a> Elements<'a> {
    pub(super) fn count(&self) -> u64 {
        (self.bytes.len() / self.read_as.size()) as u64
    }

    /// The first `count` of them, which are none of the others then.
    pub(super) fn take(&mut self, count: u64) -> Self {
        let bytes = usize::try_from(count).unwrap_or(usize::MAX);
        let bytes = bytes.saturating_mul(self.read_as.size()).min(self.bytes.len());
        let (taken, others) = self.bytes.split_at(bytes);
        self.bytes = others;
        Self { bytes: taken, ..*self }
    }

    /// Has `take` take each number.
    pub(super) fn each(self, take: impl FnMut(Number)) {
        match self.read_as.size() {
            1 => self.each_of::<1>(take),
            2 => self.each_of::<2>(take),
            4 => self.each_of::<4>(take),
            _ => self.each_of::<8>(take),
        }
    }

    /// Of a size that is known here, a number is read without a loop over its bytes.
    fn each_of<const BYTES: usize>(self, mut take: impl FnMut(Number)) {
        for element in self.bytes.as_chunks::<BYTES>().0 {
            take(Number::of(self.read_as.read(element)));
        }
    }
}

impl Number {
    fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Signed(number) => Self::Signed(number),
            Cell::Unsigned(number) => Self::Unsigned(number),
            Cell::Single(number) => Self::Float(number.into()),
            Cell::Double(number) => Self::Float(number),
            Cell::Value(_) => Self::Float(f64::NAN),
        }
    }

    /// As near as double precision comes.
    pub(super) fn double(self) -> f64 {
        match self {
            Self::Signed(number) => number as f64,
            Self::Unsigned(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// Whether it is less than `other`, which is of the same type.
    pub(super) fn is_less(self, other: Self) -> bool {
        match (self, other) {
            (Self::Signed(one), Self::Signed(other)) => one < other,
            (Self::Unsigned(one), Self::Unsigned(other)) => one < other,
            (one, other) => one.double() < other.double(),
        }
    }

    pub(super) fn json(self) -> Json {
        match self {
            Self::Signed(number) => Json::Signed(number),
            Self::Unsigned(number) => Json::Unsigned(number),
            Self::Float(number) => Json::Float(number),
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// All numbers of `elements`.
    pub(crate) fn all(numbers: &Numbers, elements: &[u8]) -> Vec<Number> {
        let mut all = Vec::new();
        numbers.each_piece(elements, |piece| piece.each(|number| all.push(number))).unwrap();
        all
    }
}
