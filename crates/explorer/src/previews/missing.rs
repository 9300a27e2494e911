//! Numbers that stand for none: elements that are one of them count for nothing.

use std::collections::BTreeSet;

use h5range::decode::message::datatype::{Datatype, DatatypeClass, FloatingPoint, Normalization};

use super::numbers::Number;
use crate::error::{ExplorerError, Result};

/// Numbers that may be missing ones in one question: conventions have two attributes for them, each
/// a number or a short list.
pub const MISSING_MAX: usize = 16;

/// Numbers as somebody writes them, whatever the type of the elements is. Those that mean the same
/// are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct MissingNumbers(BTreeSet<Written>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Written {
    Integer(i128),
    /// The bits of a number of double precision that is no such integer.
    Double(u64),
}

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

impl Written {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        let double: f64 = text.parse().ok()?;
        let is_too_large = double.is_infinite() && text.contains(|c: char| c.is_ascii_digit());
        let fits = double.fract() == 0.0 && double.abs() < i128::MAX as f64;
        match double {
            _ if is_too_large => None,
            _ if fits => Some(Self::Integer(double as i128)),
            _ if double.is_nan() => Some(Self::Double(f64::NAN.to_bits())),
            _ => Some(Self::Double(double.to_bits())),
        }
    }

    /// The number as an element of `datatype` has it; `None` if none can have it.
    fn element(self, datatype: &Datatype) -> Option<Number> {
        match (&datatype.class, self) {
            (DatatypeClass::Enumeration { base, .. }, _) => self.element(base),
            (DatatypeClass::FixedPoint { signed: true, .. }, Self::Integer(number)) => {
                number.try_into().ok().map(Number::Signed)
            }
            (DatatypeClass::FixedPoint { .. }, Self::Integer(number)) => {
                number.try_into().ok().map(Number::Unsigned)
            }
            (DatatypeClass::FloatingPoint(shape), Self::Integer(number)) => {
                Some(Number::Float(rounded(number as f64, shape)))
            }
            (DatatypeClass::FloatingPoint(shape), Self::Double(bits)) => {
                Some(Number::Float(rounded(f64::from_bits(bits), shape)))
            }
            _ => None,
        }
    }
}

/// The number of this shape that is nearest, of two the even one (IEEE 754-2019, section 4.3.1). What
/// is beyond the largest one stays beyond it, so that no element is equal to it.
fn rounded(number: f64, shape: &FloatingPoint) -> f64 {
    let is_implied = shape.normalization == Normalization::Implied;
    let fraction_bits = i64::from(shape.mantissa_size) - i64::from(!is_implied);
    // As precise as double precision, or more: elements are read as doubles. Less than none is a
    // mantissa without a bit: all elements are zero.
    if !number.is_finite() || !(0..DOUBLE_FRACTION_BITS).contains(&fraction_bits) {
        return number;
    }
    let exponent = exponent(number).max(1 - i64::from(shape.exponent_bias));
    match power_of_two(exponent - fraction_bits) {
        Some(step) => (number / step).round_ties_even() * step,
        None => number,
    }
}

const DOUBLE_FRACTION_BITS: i64 = 52;

/// The bias of the exponent of a double, and its greatest exponent.
const DOUBLE_BIAS: i64 = 1023;

/// That of the highest bit of a number that is not subnormal.
fn exponent(number: f64) -> i64 {
    let biased = number.abs().to_bits() >> DOUBLE_FRACTION_BITS;
    i64::try_from(biased).unwrap_or_default() - DOUBLE_BIAS
}

/// `None` where it is no normal number of double precision.
fn power_of_two(exponent: i64) -> Option<f64> {
    let is_normal = (1 - DOUBLE_BIAS..=DOUBLE_BIAS).contains(&exponent);
    let biased = u64::try_from(exponent.checked_add(DOUBLE_BIAS)?).ok()?;
    is_normal.then(|| f64::from_bits(biased << DOUBLE_FRACTION_BITS))
}

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::ByteOrder;
    use proptest::prelude::*;

    use super::super::numbers::Numbers;
    use super::*;
    use crate::datatype::testing::{float_type, integer_type};

    const ORDER: ByteOrder = ByteOrder::LittleEndian;

    fn parse(text: &str) -> MissingNumbers {
        MissingNumbers::parse(text).unwrap()
    }

    /// Which of these elements are missing.
    fn found(text: &str, datatype: &Datatype, elements: &[u8]) -> Vec<bool> {
        let (missing, mut found) = (parse(text).of(datatype), Vec::new());
        let numbers = Numbers::of(datatype).unwrap();
        let take = |piece: super::super::numbers::Elements<'_>| {
            piece.each(|number| found.push(missing.has(number)));
        };
        numbers.each_piece(elements, take).unwrap();
        found
    }

    fn shape(datatype: &Datatype) -> &FloatingPoint {
        let DatatypeClass::FloatingPoint(shape) = &datatype.class else { unreachable!() };
        shape
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
    fn a_mantissa_without_a_bit_is_nothing_but_zero() {
        let (mantissa_size, exponent_bias) = (0, 419);
        let normalization = Normalization::None;
        let double = float_type(8, ORDER);
        let shape =
            FloatingPoint { mantissa_size, exponent_bias, normalization, ..*shape(&double) };
        for number in [0.0, 2.612_882_779_377_137e-126, -1.5] {
            assert_eq!(rounded(number, &shape), number, "nothing else is equal to it");
        }
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

    proptest! {
        #[test]
        fn numbers_are_rounded_as_processors_round_them(bits in any::<u64>(), narrow in any::<u32>()) {
            let (single, double) = (float_type(4, ORDER), float_type(8, ORDER));
            let near = f64::from_bits(f64::from(f32::from_bits(narrow)).to_bits() ^ bits & 0x3fff_ffff);
            for number in [f64::from_bits(bits), near].into_iter().filter(|number| number.is_finite()) {
                prop_assert_eq!(rounded(number, shape(&double)), number);
                let nearest = number as f32;
                if nearest.is_finite() {
                    prop_assert_eq!(rounded(number, shape(&single)), f64::from(nearest));
                } else {
                    prop_assert!(rounded(number, shape(&single)).abs() > f64::from(f32::MAX));
                }
            }
        }

        #[test]
        fn any_shape_has_its_nearest_number(
            number in any::<f64>(), mantissa_size: u8, exponent_bias in 0..2 * 1024_u32, implied: bool,
        ) {
            let normalization = if implied { Normalization::Implied } else { Normalization::None };
            let double = float_type(8, ORDER);
            let shape =
                FloatingPoint { mantissa_size, exponent_bias, normalization, ..*shape(&double) };
            let once = rounded(number, &shape);
            let twice = rounded(once, &shape);
            prop_assert!(once.to_bits() == twice.to_bits() || once.is_infinite() || once.is_nan());
        }
    }
}
