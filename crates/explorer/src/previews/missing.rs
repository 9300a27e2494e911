//! Numbers that stand for none: elements that are one of them count for nothing.

use std::collections::BTreeSet;

use h5range::decode::message::datatype::Datatype;

use super::numbers::Number;
use super::written::Written;
use crate::error::{ExplorerError, Result};

/// Numbers that may be missing ones in one question: conventions have two attributes for them, each
/// a number or a short list.
pub const MISSING_MAX: usize = 16;

/// Numbers as somebody writes them, whatever the type of the elements is. Those that mean the same
/// are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct MissingNumbers(BTreeSet<Written>);

/// The same as elements of one type are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Missing(Vec<Number>);

impl MissingNumbers {
    /// Those of a text: numbers between commas, `NaN`, `Infinity` and `-Infinity` among them.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = |problem: String| ExplorerError::bad_request("missing", problem);
        let mut numbers = BTreeSet::new();
        for (count, number) in text.split(',').map(str::trim).enumerate() {
            if count >= MISSING_MAX {
                return Err(wrong(format!("it has more than {MISSING_MAX} numbers")));
            }
            let written = Written::parse(number);
            numbers.insert(written.ok_or_else(|| wrong(format!("{number:?} is no number")))?);
        }
        Ok(Self(numbers))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that elements of `datatype` can be.
    pub(super) fn of(&self, datatype: &Datatype) -> Missing {
        let numbers = self.0.iter().filter_map(|written| written.element(datatype));
        Missing(numbers.collect())
    }
}

impl Missing {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, number: Number) -> bool {
        let is_nan = |number: Number| number.double().is_nan();
        self.0.iter().any(|&missing| missing == number || is_nan(missing) && is_nan(number))
    }
}

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::{ByteOrder, DatatypeClass};

    use super::super::numbers::Numbers;
    use super::super::numbers::testing::all;
    use super::*;
    use crate::datatype::testing::{float_type, integer_type};

    const ORDER: ByteOrder = ByteOrder::LittleEndian;

    fn parse(text: &str) -> MissingNumbers {
        MissingNumbers::parse(text).unwrap()
    }

    /// Which of these elements are missing.
    fn found(text: &str, datatype: &Datatype, elements: &[u8]) -> Vec<bool> {
        let missing = parse(text).of(datatype);
        let numbers = all(&Numbers::of(datatype).unwrap(), elements);
        numbers.into_iter().map(|number| missing.has(number)).collect()
    }

    #[test]
    fn integers_are_exact() {
        let elements: Vec<u8> =
            [u64::MAX, u64::MAX - 1, 1 << 53, (1 << 53) + 1].map(u64::to_le_bytes).concat();
        let unsigned = integer_type(8, false, ORDER);
        let found_of = |text| found(text, &unsigned, &elements);
        assert_eq!(found_of("18446744073709551615"), [true, false, false, false]);
        assert_eq!(found_of("9007199254740993,-1"), [false, false, false, true]);
        assert_eq!(found_of("9007199254740992.0"), [false, false, true, false]);
        assert_eq!(found_of("1.8446744073709552e19,0.5,NaN"), [false; 4]);
        let signed = integer_type(8, true, ORDER);
        assert_eq!(found("-1, -9223372036854775808", &signed, &elements)[..2], [true, false]);
        let bytes = integer_type(1, true, ByteOrder::BigEndian);
        assert_eq!(found("-128,255", &bytes, &[0x80, 0xff]), [true, false]);
    }

    #[test]
    fn integers_of_odd_sizes_are_exact_too() {
        let datatype = integer_type(3, true, ByteOrder::BigEndian);
        assert_eq!(found("-2,8388607", &datatype, &[0xff, 0xff, 0xfe, 0, 0, 2]), [true, false]);
        let class =
            DatatypeClass::FixedPoint { order: ORDER, signed: false, bit_offset: 8, precision: 60 };
        let elements = [1 << 60, (1 << 60) - 1].map(|number: u128| (number << 8).to_le_bytes());
        let elements = elements.map(|element| element[..9].to_vec()).concat();
        let datatype = Datatype { size: 9, class };
        assert_eq!(found("1152921504606846975", &datatype, &elements), [false, true]);
    }

    #[test]
    fn floats_are_those_of_their_precision() {
        let singles: Vec<u8> = [1e20_f32, 9.969_21e36, 0.1, f32::INFINITY, f32::NAN, -0.0, 0.2]
            .map(f32::to_le_bytes)
            .concat();
        let single = float_type(4, ORDER);
        for text in [
            "1e20,9.96921e36,0.1,Infinity,NaN,0",
            "100000000000000000000,9.969209968386869e36,0.10000000149011612,inf,nan,-0.0",
        ] {
            let expected = [true, true, true, true, true, true, false];
            assert_eq!(found(text, &single, &singles), expected, "{text}");
        }
        assert_eq!(found("1e300,-Infinity", &single, &singles), [false; 7], "there is none");
        let doubles: Vec<u8> = [0.1_f64, f64::from(0.1_f32)].map(f64::to_le_bytes).concat();
        assert_eq!(found("0.1", &float_type(8, ORDER), &doubles), [true, false]);
        let halves = [0x2e66_u16, 0x2e67, 0xf0e2].map(u16::to_le_bytes).concat();
        assert_eq!(found("0.1,-9999", &float_type(2, ORDER), &halves), [true, false, true]);
    }

    #[test]
    fn numbers_that_mean_the_same_are_one_question() {
        assert_eq!(parse("-9999, 1e20"), parse("100000000000000000000,-9999.0,-9999"));
        assert_eq!(parse("nan,-NaN"), parse("NaN"));
        assert_ne!(parse("1"), parse("1.5"));
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        let sixteen = ["1"; MISSING_MAX].join(",");
        assert_eq!(parse(&sixteen), parse("1"));
        for (text, problem) in [
            ("", "parameter missing: \"\" is no number"),
            ("1,,2", "parameter missing: \"\" is no number"),
            ("1e 20", "parameter missing: \"1e 20\" is no number"),
            ("1e999", "parameter missing: \"1e999\" is no number"),
            ("0x10", "parameter missing: \"0x10\" is no number"),
            (&format!("{sixteen},2"), "parameter missing: it has more than 16 numbers"),
        ] {
            assert_eq!(MissingNumbers::parse(text).unwrap_err().detail, problem);
        }
    }
}
