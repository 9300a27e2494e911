//! Numbers as somebody writes them, and as elements of one type have them.

use h5range::decode::message::datatype::{Datatype, DatatypeClass, FloatingPoint, Normalization};

use super::numbers::Number;

/// A number as it is written, whatever the type of the elements is. Those that mean the same are
/// equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Written {
    Integer(i128),
    /// The bits of a number of double precision that is no such integer.
    Double(u64),
}

impl Written {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        let double: f64 = text.parse().ok()?;
        let is_too_large = double.is_infinite() && text.contains(|c: char| c.is_ascii_digit());
        (!is_too_large).then(|| Self::of(double))
    }

    pub(super) fn of(double: f64) -> Self {
        let fits = double.fract() == 0.0 && double.abs() < i128::MAX as f64;
        match double {
            _ if fits => Self::Integer(double as i128),
            _ if double.is_nan() => Self::Double(f64::NAN.to_bits()),
            _ => Self::Double(double.to_bits()),
        }
    }

    pub(super) fn is_nan(self) -> bool {
        self.double().is_nan()
    }

    /// Whether it is more than `other`.
    pub(super) fn is_greater(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one > other,
            // A double that is none of these integers has a fraction, and then few digits before it, or
            // is beyond all of them: how an integer is rounded makes no difference.
            (one, other) => one.double() > other.double(),
        }
    }

    /// The least integer that is not less; the last one of this type where it is beyond.
    pub(super) fn integer_above(self) -> i128 {
        match self {
            Self::Integer(number) => number,
            Self::Double(bits) => f64::from_bits(bits).ceil() as i128,
        }
    }

    /// The greatest integer that is not more; as above.
    pub(super) fn integer_below(self) -> i128 {
        match self {
            Self::Integer(number) => number,
            Self::Double(bits) => f64::from_bits(bits).floor() as i128,
        }
    }

    /// The number of this shape that is nearest.
    pub(super) fn float(self, shape: &FloatingPoint) -> f64 {
        rounded(self.double(), shape)
    }

    /// The number as an element of `datatype` has it; `None` if none can have it.
    pub(super) fn element(self, datatype: &Datatype) -> Option<Number> {
        match (&datatype.class, self) {
            (DatatypeClass::Enumeration { base, .. }, _) => self.element(base),
            (DatatypeClass::FixedPoint { signed: true, .. }, Self::Integer(number)) => {
                number.try_into().ok().map(Number::Signed)
            }
            (DatatypeClass::FixedPoint { .. }, Self::Integer(number)) => {
                number.try_into().ok().map(Number::Unsigned)
            }
            (DatatypeClass::FloatingPoint(shape), _) => Some(Number::Float(self.float(shape))),
            _ => None,
        }
    }

    fn double(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Double(bits) => f64::from_bits(bits),
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

    use super::*;
    use crate::datatype::testing::float_type;

    const ORDER: ByteOrder = ByteOrder::LittleEndian;

    fn shape(datatype: &Datatype) -> &FloatingPoint {
        let DatatypeClass::FloatingPoint(shape) = &datatype.class else { unreachable!() };
        shape
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
