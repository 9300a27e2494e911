//! The range that numbers are valid in: elements outside of it count for nothing.

use std::ops::RangeInclusive;

use h5range::decode::message::datatype::{Datatype, DatatypeClass};

use super::numbers::Number;
use super::written::Written;
use crate::error::{ExplorerError, Result};

/// The least and the greatest valid number as somebody writes them, whatever the type of the elements
/// is: infinite where there is none. Those that mean the same are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ValidRange {
    least: Written,
    greatest: Written,
}

/// The same as elements of one type are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Valid {
    /// Wider than any element: a bound that none reaches is still one.
    Integers(RangeInclusive<i128>),
    Floats(RangeInclusive<f64>),
}

impl ValidRange {
    /// That of a text: two numbers with a comma between, of which one may be left out.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = |problem: String| ExplorerError::bad_request("valid", problem);
        let bounds = text.split_once(',').map(|(least, greatest)| (least.trim(), greatest.trim()));
        let Some((least, greatest)) = bounds.filter(|(_, greatest)| !greatest.contains(',')) else {
            return Err(wrong(format!("{text:?} is not two numbers with a comma between")));
        };
        if (least, greatest) == ("", "") {
            return Err(wrong("it has no number".to_owned()));
        }
        let bound = |text: &str, none: f64| match text {
            "" => Ok(Written::of(none)),
            _ => Written::parse(text)
                .filter(|written| !written.is_nan())
                .ok_or_else(|| wrong(format!("{text:?} is no bound"))),
        };
        let valid = Self {
            least: bound(least, f64::NEG_INFINITY)?,
            greatest: bound(greatest, f64::INFINITY)?,
        };
        match valid.least.is_greater(valid.greatest) {
            true => Err(wrong(format!("{least} is more than {greatest}"))),
            false => Ok(valid),
        }
    }

    /// For elements of `datatype`: bounds of floats are the nearest numbers that these can be.
    /// `None` for what is no number.
    pub(super) fn of(self, datatype: &Datatype) -> Option<Valid> {
        let Self { least, greatest } = self;
        match &datatype.class {
            DatatypeClass::Enumeration { base, .. } => self.of(base),
            DatatypeClass::FixedPoint { .. } => {
                Some(Valid::Integers(least.integer_above()..=greatest.integer_below()))
            }
            DatatypeClass::FloatingPoint(shape) => {
                Some(Valid::Floats(least.float(shape)..=greatest.float(shape)))
            }
            _ => None,
        }
    }
}

impl Valid {
    /// Whether `number` is outside: what is NaN is not.
    pub(super) fn excludes(&self, number: Number) -> bool {
        match (self, number) {
            (Self::Integers(valid), Number::Signed(number)) => !valid.contains(&number.into()),
            (Self::Integers(valid), Number::Unsigned(number)) => !valid.contains(&number.into()),
            (Self::Floats(valid), number) => {
                number.double() < *valid.start() || number.double() > *valid.end()
            }
            (Self::Integers(_), Number::Float(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::ByteOrder;
    use proptest::prelude::*;

    use super::super::numbers::Numbers;
    use super::super::numbers::testing::all;
    use super::*;
    use crate::datatype::testing::{float_type, integer_type};

    const ORDER: ByteOrder = ByteOrder::LittleEndian;

    fn parse(text: &str) -> ValidRange {
        ValidRange::parse(text).unwrap()
    }

    /// Which of these elements are valid.
    fn found(text: &str, datatype: &Datatype, elements: &[u8]) -> Vec<bool> {
        let valid = parse(text).of(datatype).unwrap();
        let numbers = all(&Numbers::of(datatype).unwrap(), elements);
        numbers.into_iter().map(|number| !valid.excludes(number)).collect()
    }

    #[test]
    fn either_bound_is_valid_and_may_be_left_out() {
        let elements = [-2_i16, 0, 4095, 4096].map(i16::to_le_bytes).concat();
        let found_of = |text| found(text, &integer_type(2, true, ORDER), &elements);
        assert_eq!(found_of("0,4095"), [false, true, true, false]);
        assert_eq!(found_of(" -2 , 4095.0 "), [true, true, true, false]);
        assert_eq!(found_of("0,"), [false, true, true, true]);
        assert_eq!(found_of(",4095"), [true, true, true, false]);
        assert_eq!(found_of("0,0"), [false, true, false, false]);
        assert_eq!(found_of("-Infinity,inf"), [true; 4]);
    }

    #[test]
    fn a_bound_with_a_fraction_means_the_next_integer_within() {
        let elements = [-1_i16, 0, 1, 2].map(i16::to_le_bytes).concat();
        let found_of = |text| found(text, &integer_type(2, true, ORDER), &elements);
        assert_eq!(found_of("0.5,"), [false, false, true, true]);
        assert_eq!(found_of(",0.5"), [true, true, false, false]);
        assert_eq!(found_of("-0.5,1.5"), [false, true, true, false]);
        assert_eq!(found_of("0.2,0.7"), [false; 4], "no integer is between them");
    }

    #[test]
    fn integers_are_exact() {
        let elements =
            [u64::MAX, u64::MAX - 1, 1 << 53, (1 << 53) + 1].map(u64::to_le_bytes).concat();
        let found_of = |text| found(text, &integer_type(8, false, ORDER), &elements);
        assert_eq!(found_of(",18446744073709551614"), [false, true, true, true]);
        assert_eq!(found_of("9007199254740993,1e30"), [true, true, false, true]);
        assert_eq!(found_of("18446744073709551616,"), [false; 4]);
        assert_eq!(found_of("-1e300,1e300"), [true; 4]);
        assert_eq!(found_of("1e300,"), [false; 4]);
    }

    #[test]
    fn bounds_of_floats_are_in_their_precision_and_what_is_none_is_not_outside() {
        let singles = [0.1_f32, 0.2, f32::NAN, f32::INFINITY, -0.0].map(f32::to_le_bytes).concat();
        let found_of = |text| found(text, &float_type(4, ORDER), &singles);
        assert_eq!(found_of("0,0.1"), [true, false, true, false, true]);
        assert_eq!(found_of("0.1,0.2"), [true, true, true, false, false]);
        assert_eq!(found_of("0.10000000149011612,"), [true, true, true, true, false]);
        assert_eq!(found_of("Infinity,"), [false, false, true, true, false]);
        assert_eq!(found_of(",1e300"), [true, true, true, false, true], "less than Infinity");
        let doubles = [0.1_f64, f64::from(0.1_f32)].map(f64::to_le_bytes).concat();
        assert_eq!(found(",0.1", &float_type(8, ORDER), &doubles), [true, false]);
    }

    #[test]
    fn ranges_that_mean_the_same_are_one_question() {
        assert_eq!(parse("0,4095"), parse(" 0.0,4.095e3"));
        assert_eq!(parse("0,"), parse("-0,Infinity"));
        assert_eq!(parse(",1"), parse("-inf,1"));
        assert_ne!(parse("0,"), parse(",0"));
    }

    #[test]
    fn what_is_no_range_is_refused_by_name() {
        for (text, problem) in [
            ("", "\"\" is not two numbers with a comma between"),
            ("5", "\"5\" is not two numbers with a comma between"),
            ("1,2,3", "\"1,2,3\" is not two numbers with a comma between"),
            (" , ", "it has no number"),
            ("NaN,5", "\"NaN\" is no bound"),
            ("5,nan", "\"nan\" is no bound"),
            ("x,5", "\"x\" is no bound"),
            ("1e999,", "\"1e999\" is no bound"),
            ("2,1", "2 is more than 1"),
            ("0.5,0.25", "0.5 is more than 0.25"),
            ("9007199254740993,9007199254740992", "9007199254740993 is more than 9007199254740992"),
            ("Infinity,0", "Infinity is more than 0"),
        ] {
            let found = ValidRange::parse(text).unwrap_err().detail;
            assert_eq!(found, format!("parameter valid: {problem}"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_are_compared_as_wide_ones(
            bounds: (i128, i128), shift in 0..128_u32, elements: Vec<i64>,
        ) {
            let (one, other) = (bounds.0 >> shift, bounds.1 >> shift);
            let (least, greatest) = (one.min(other), one.max(other));
            let text = format!("{least},{greatest}");
            let bytes = elements.iter().flat_map(|element| element.to_le_bytes());
            let bytes: Vec<u8> = bytes.collect();
            let signed = elements.iter().map(|&element| i128::from(element));
            let signed: Vec<bool> = signed.map(|n| least <= n && n <= greatest).collect();
            prop_assert_eq!(found(&text, &integer_type(8, true, ORDER), &bytes), signed);
            let unsigned = elements.iter().map(|&element| i128::from(element as u64));
            let unsigned: Vec<bool> = unsigned.map(|n| least <= n && n <= greatest).collect();
            prop_assert_eq!(found(&text, &integer_type(8, false, ORDER), &bytes), unsigned);
        }

        #[test]
        fn bounds_of_double_precision_are_compared_as_such(
            one in -300.0..300.0_f64, other in -300.0..300.0_f64, elements: Vec<i8>,
        ) {
            let (least, greatest) = (one.min(other), one.max(other));
            let text = format!("{least},{greatest}");
            let is_within = |number: f64| least <= number && number <= greatest;
            let expected: Vec<bool> = elements.iter().map(|&n| is_within(n.into())).collect();
            let bytes: Vec<u8> = elements.iter().map(|&element| element as u8).collect();
            prop_assert_eq!(found(&text, &integer_type(1, true, ORDER), &bytes), expected.clone());
            let doubles: Vec<u8> =
                elements.iter().flat_map(|&element| f64::from(element).to_le_bytes()).collect();
            prop_assert_eq!(found(&text, &float_type(8, ORDER), &doubles), expected);
        }
    }
}
