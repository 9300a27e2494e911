//! How the elements of a dataset are read as numbers, as a question wants them.

use std::borrow::Cow;

use h5range::decode::message::datatype::{Datatype, DatatypeClass};

use super::PreviewQuery;
use super::complex::ComplexPart;
use super::left_out::LeftOut;
use super::numbers::Numbers;
use crate::datatype::{complex_base, short_name};
use crate::error::{ExplorerError, Result};

/// How elements of one type are read.
#[derive(Debug)]
pub(super) struct Reading {
    /// `None` for what is no number.
    pub(super) numbers: Option<Numbers>,
    /// Which number of each complex one it is; `None` for all others.
    pub(super) complex: Option<ComplexPart>,
    /// Numbers that count for nothing; `None` where nobody asked for it.
    pub(super) left_out: Option<LeftOut>,
}

impl Reading {
    /// That of elements of `datatype`.
    ///
    /// # Errors
    ///
    /// When `query` asks for what such elements do not have.
    pub(super) fn of(datatype: &Datatype, query: &PreviewQuery) -> Result<Self> {
        match complex_base(datatype) {
            Some(base) => Self::of_complex(datatype, base, query),
            None => Self::of_real(datatype, query),
        }
    }

    fn of_complex(datatype: &Datatype, base: &Datatype, query: &PreviewQuery) -> Result<Self> {
        let asked = asked_of_real_numbers(query).or(query.unsigned.then_some("unsigned"));
        if let Some(parameter) = asked {
            return Err(refused(parameter, datatype, "complex numbers"));
        }
        let numbers = Numbers::of_complex(base, query.complex);
        Ok(Self { numbers, complex: Some(query.complex), left_out: None })
    }

    fn of_real(datatype: &Datatype, query: &PreviewQuery) -> Result<Self> {
        if query.complex != ComplexPart::default() {
            return Err(refused("complex", datatype, "no complex numbers"));
        }
        let read_as = match query.unsigned {
            true => unsigned(datatype)
                .map(Cow::Owned)
                .ok_or_else(|| refused("unsigned", datatype, "no integers"))?,
            false => Cow::Borrowed(datatype),
        };
        let numbers = Numbers::of(&read_as);
        match asked_of_real_numbers(query) {
            Some(parameter) if numbers.is_none() => Err(refused(parameter, datatype, "no numbers")),
            _ => Ok(Self { numbers, complex: None, left_out: LeftOut::of(query, &read_as) }),
        }
    }
}

/// The first parameter of `query` that compares numbers.
fn asked_of_real_numbers(query: &PreviewQuery) -> Option<&'static str> {
    let missing = (!query.missing.is_empty()).then_some("missing");
    missing.or(query.valid.is_some().then_some("valid"))
}

/// The type of the same bits without a sign; `None` for what is no integer.
fn unsigned(datatype: &Datatype) -> Option<Datatype> {
    match datatype.class {
        DatatypeClass::Enumeration { ref base, .. } => unsigned(base),
        DatatypeClass::FixedPoint { order, bit_offset, precision, .. } => {
            let class = DatatypeClass::FixedPoint { order, signed: false, bit_offset, precision };
            Some(Datatype { size: datatype.size, class })
        }
        _ => None,
    }
}

fn refused(parameter: &str, datatype: &Datatype, what: &str) -> ExplorerError {
    let dtype = short_name(datatype);
    ExplorerError::bad_request(parameter, format!("elements of type {dtype} are {what}"))
}

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::{ByteOrder, Member};

    use super::super::numbers::Number;
    use super::super::numbers::testing::all;
    use super::*;
    use crate::datatype::testing::{float_type, integer_type};
    use crate::queries::Place;

    fn query() -> PreviewQuery {
        PreviewQuery::new(Place::new(Some("/x"), None).unwrap())
    }

    fn unsigned_numbers(datatype: &Datatype, elements: &[u8]) -> Vec<Number> {
        let reading = Reading::of(datatype, &query().with_unsigned(true)).unwrap();
        all(&reading.numbers.unwrap(), elements)
    }

    fn complex_type() -> Datatype {
        let part = float_type(4, ByteOrder::LittleEndian);
        let member = |name: &[u8], offset| {
            let datatype = part.clone();
            Member { name: name.to_vec(), offset, datatype }
        };
        let members = vec![member(b"r", 0), member(b"i", 4)];
        Datatype { size: 8, class: DatatypeClass::Compound { members } }
    }

    fn text_type() -> Datatype {
        Datatype { size: 4, class: DatatypeClass::Opaque { tag: Vec::new() } }
    }

    #[test]
    fn signs_are_bits_where_they_are_asked_to_be() {
        use ByteOrder::{BigEndian, LittleEndian};
        for (datatype, elements, expected) in [
            (integer_type(1, true, LittleEndian), &[0xff][..], 255),
            (integer_type(2, true, BigEndian), &[0xff, 0xfe], 65_534),
            (integer_type(2, false, BigEndian), &[0xff, 0xfe], 65_534),
            (integer_type(3, true, LittleEndian), &[0xff; 3], 0xff_ffff),
            (integer_type(8, true, LittleEndian), &[0xff; 8], u64::MAX),
        ] {
            assert_eq!(unsigned_numbers(&datatype, elements), [Number::Unsigned(expected)]);
        }
    }

    #[test]
    fn unsigned_numbers_have_the_bits_of_their_precision() {
        let (order, signed, bit_offset, precision) = (ByteOrder::LittleEndian, true, 2, 12);
        let class = DatatypeClass::FixedPoint { order, signed, bit_offset, precision };
        let datatype = Datatype { size: 2, class };
        let elements = (0x0ffe_u16 << 2 | 0xc003).to_le_bytes();
        assert_eq!(unsigned_numbers(&datatype, &elements), [Number::Unsigned(0x0ffe)]);
        let signed = Reading::of(&datatype, &query()).unwrap().numbers.unwrap();
        assert_eq!(all(&signed, &elements), [Number::Signed(-2)]);
    }

    #[test]
    fn enumerations_are_as_their_base() {
        let base = Box::new(integer_type(1, true, ByteOrder::LittleEndian));
        let class = DatatypeClass::Enumeration { base, members: Vec::new() };
        let datatype = Datatype { size: 1, class };
        assert_eq!(unsigned_numbers(&datatype, &[0x80]), [Number::Unsigned(128)]);
        let query = query().with_unsigned(true).with_missing("128").unwrap();
        let left_out = Reading::of(&datatype, &query).unwrap().left_out.unwrap();
        assert!(left_out.has(Number::Unsigned(128)) && !left_out.has(Number::Unsigned(127)));
    }

    #[test]
    fn missing_and_invalid_numbers_are_of_those_without_a_sign() {
        let datatype = integer_type(1, true, ByteOrder::LittleEndian);
        let query = query().with_unsigned(true).with_missing("255").unwrap();
        let query = query.with_valid("10,200").unwrap();
        let left_out = Reading::of(&datatype, &query).unwrap().left_out.unwrap();
        let has = |number| left_out.has(Number::Unsigned(number));
        assert_eq!([255, 9, 10, 128, 200, 201].map(has), [true, true, false, false, false, true]);
    }

    #[test]
    fn nothing_is_left_out_where_nobody_asks() {
        let datatype = integer_type(1, true, ByteOrder::LittleEndian);
        assert!(Reading::of(&datatype, &query()).unwrap().left_out.is_none());
    }

    #[test]
    fn what_elements_do_not_have_is_refused_by_name() {
        let float = float_type(8, ByteOrder::LittleEndian);
        let (complex, text) = (complex_type(), text_type());
        let (unsigned, phase) =
            (query().with_unsigned(true), query().with_complex(ComplexPart::Phase));
        let missing = query().with_missing("0").unwrap();
        let valid = query().with_valid("0,").unwrap();
        for (datatype, query, problem) in [
            (&float, &unsigned, "unsigned: elements of type float64 are no integers"),
            (&text, &unsigned, "unsigned: elements of type opaque are no integers"),
            (&complex, &unsigned, "unsigned: elements of type complex64 are complex numbers"),
            (&text, &missing, "missing: elements of type opaque are no numbers"),
            (&complex, &missing, "missing: elements of type complex64 are complex numbers"),
            (&text, &valid, "valid: elements of type opaque are no numbers"),
            (&complex, &valid, "valid: elements of type complex64 are complex numbers"),
            (&float, &phase, "complex: elements of type float64 are no complex numbers"),
        ] {
            let found = Reading::of(datatype, query).unwrap_err().detail;
            assert_eq!(found, format!("parameter {problem}"));
        }
        assert!(Reading::of(&text, &query()).unwrap().numbers.is_none());
        let reading = Reading::of(&complex, &phase).unwrap();
        assert_eq!(reading.complex, Some(ComplexPart::Phase));
    }
}
