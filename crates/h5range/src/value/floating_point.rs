//! Floating-point numbers of any shape: IEEE 754 of 2 to 16 bytes, bfloat16, 8-bit numbers, the
//! 80-bit numbers of x87, VAX.
//!
//! As in the reference library, an exponent of all ones is an infinity or no number whatever the
//! shape, and an exponent of zero a number without implied bit.

use crate::decode::message::datatype::{ByteOrder, FloatingPoint, Normalization};
use crate::value::numbers::{bits, field};

/// The number in `bytes`. `None` for shapes of more than 16 bytes, and for mantissas or exponents
/// that are wider than those of any known format.
pub(super) fn decode(bytes: &[u8], shape: &FloatingPoint) -> Option<f64> {
    let bits = bits(bytes, shape.order)?;
    if is_double(shape) {
        return u64::try_from(bits).ok().map(f64::from_bits);
    }
    if shape.mantissa_size > MANTISSA_BITS_MAX || shape.exponent_size > EXPONENT_BITS_MAX {
        return None;
    }
    let part = |location: u8, size: u8| field(bits, location.into(), size.into());
    let mantissa = part(shape.mantissa_location, shape.mantissa_size);
    let exponent = u32::try_from(part(shape.exponent_location, shape.exponent_size)).ok()?;
    let magnitude = magnitude(mantissa, exponent, shape);
    let negative = part(shape.sign_location, 1) == 1;
    Some(if negative { -magnitude } else { magnitude })
}

/// Mantissas of binary128 have 112 bits. There must be room for the implied bit.
const MANTISSA_BITS_MAX: u8 = 120;

/// Exponents of x87 and binary128 have 15 bits.
const EXPONENT_BITS_MAX: u8 = 31;

/// The most common shape needs no conversion.
fn is_double(shape: &FloatingPoint) -> bool {
    let order = shape.order;
    order != ByteOrder::Vax && *shape == FloatingPoint { order, ..IEEE_DOUBLE }
}

const IEEE_DOUBLE: FloatingPoint = FloatingPoint {
    order: ByteOrder::LittleEndian,
    bit_offset: 0,
    precision: 64,
    sign_location: 63,
    exponent_location: 52,
    exponent_size: 11,
    mantissa_location: 0,
    mantissa_size: 52,
    exponent_bias: 1023,
    normalization: Normalization::Implied,
};

fn magnitude(mantissa: u128, exponent: u32, shape: &FloatingPoint) -> f64 {
    let is_implied = shape.normalization == Normalization::Implied;
    // The bits of the mantissa behind the binary point. A stored highest bit stands before it.
    let fraction_bits = shape.mantissa_size.saturating_sub(u8::from(!is_implied));
    let all_ones = (1_u32 << shape.exponent_size) - 1;
    if exponent == all_ones && shape.exponent_size > 0 {
        let is_infinite = field(mantissa, 0, fraction_bits.into()) == 0;
        return if is_infinite { f64::INFINITY } else { f64::NAN };
    }
    let (significand, exponent) = match (is_implied, exponent) {
        (true, 0) => (mantissa, 1),
        (true, _) => (mantissa | 1 << shape.mantissa_size, exponent),
        (false, _) => (mantissa, exponent),
    };
    let scale = i64::from(exponent) - i64::from(shape.exponent_bias) - i64::from(fraction_bits);
    round(significand, scale)
}

/// `significand` times two to the power of `scale`, rounded to the nearest double, halves to even.
/// The significand has at most 121 bits.
fn round(significand: u128, scale: i64) -> f64 {
    let Some(highest_bit) = significand.checked_ilog2() else { return 0.0 };
    let magnitude = i64::from(highest_bit) + scale;
    if magnitude > EXPONENT_MAX {
        return f64::INFINITY;
    }
    // The weight of the last bit that a double of this magnitude has.
    let last_bit = (magnitude - FRACTION_BITS).max(SMALLEST_BIT);
    let dropped = last_bit - scale;
    let Ok(kept) = u64::try_from(shift_and_round(significand, dropped)) else {
        return f64::INFINITY;
    };
    // Below the smallest normal number the bits are those of the double; above it they count the
    // hidden bit, and each step of the exponent field doubles. A carry out of the fraction adds one
    // to the exponent field, as it should, up to the infinity.
    let steps = u64::try_from(last_bit - SMALLEST_BIT).unwrap_or(0);
    f64::from_bits((steps << FRACTION_BITS).saturating_add(kept))
}

const FRACTION_BITS: i64 = 52;
const EXPONENT_MAX: i64 = 1023;
/// Weight of the last bit of the smallest doubles.
const SMALLEST_BIT: i64 = -1074;

fn shift_and_round(significand: u128, dropped: i64) -> u128 {
    let Ok(dropped) = u32::try_from(dropped) else {
        let up = u32::try_from(dropped.unsigned_abs()).unwrap_or(u32::MAX);
        return significand.checked_shl(up).unwrap_or(0);
    };
    let kept = significand.checked_shr(dropped).unwrap_or(0);
    let rest = field(significand, 0, dropped);
    let Some(half) = dropped.checked_sub(1).and_then(|bit| 1_u128.checked_shl(bit)) else {
        return kept;
    };
    let rounds_up = rest > half || (rest == half && kept & 1 == 1);
    kept + u128::from(rounds_up)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(
        (sign_location, exponent_location, exponent_size): (u8, u8, u8),
        mantissa_size: u8,
        exponent_bias: u32,
    ) -> FloatingPoint {
        FloatingPoint {
            order: ByteOrder::LittleEndian,
            bit_offset: 0,
            precision: u16::from(sign_location) + 1,
            sign_location,
            exponent_location,
            exponent_size,
            mantissa_location: 0,
            mantissa_size,
            exponent_bias,
            normalization: Normalization::Implied,
        }
    }

    fn half() -> FloatingPoint {
        shape((15, 10, 5), 10, 15)
    }

    fn single() -> FloatingPoint {
        shape((31, 23, 8), 23, 127)
    }

    fn x87() -> FloatingPoint {
        FloatingPoint { normalization: Normalization::None, ..shape((79, 64, 15), 64, 16_383) }
    }

    fn binary128() -> FloatingPoint {
        shape((127, 112, 15), 112, 16_383)
    }

    #[test]
    fn half_precision() {
        for (bits, expected) in [
            (0x3c00_u16, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0001, 2_f64.powi(-24)),
            (0x03ff, 1023.0 * 2_f64.powi(-24)),
            (0x8000, -0.0),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            let number = decode(&bits.to_le_bytes(), &half()).unwrap();
            assert_eq!(number.to_bits(), expected.to_bits(), "{bits:#x}");
        }
        assert!(decode(&0x7c01_u16.to_le_bytes(), &half()).unwrap().is_nan());
    }

    #[test]
    fn bfloat16_and_eight_bit_numbers() {
        let bfloat16 = shape((15, 7, 8), 7, 127);
        assert_eq!(decode(&0x4049_u16.to_le_bytes(), &bfloat16), Some(3.140_625));
        let e4m3 = shape((7, 3, 4), 3, 7);
        let e5m2 = shape((7, 2, 5), 2, 15);
        assert_eq!(decode(&[0x38], &e4m3), Some(1.0));
        assert_eq!(decode(&[0xbc], &e4m3), Some(-1.5));
        assert_eq!(decode(&[0x01], &e4m3), Some(2_f64.powi(-9)));
        assert_eq!(decode(&[0x3e], &e5m2), Some(1.5));
        assert_eq!(decode(&[0x7c], &e5m2), Some(f64::INFINITY));
    }

    #[test]
    fn x87_numbers_store_their_highest_bit() {
        let bytes = |exponent: u16, mantissa: u64| {
            let mut bytes = mantissa.to_le_bytes().to_vec();
            bytes.extend(exponent.to_le_bytes());
            bytes.resize(16, 0xaa);
            bytes
        };
        let number = |exponent, mantissa| decode(&bytes(exponent, mantissa), &x87()).unwrap();
        assert_eq!(number(0x3fff, 1 << 63), 1.0);
        assert_eq!(number(0x4000, 0xc90f_daa2_2168_c235), std::f64::consts::PI);
        assert_eq!(number(0xbfff, 3 << 62), -1.5);
        assert_eq!(number(0x7fff, 1 << 63), f64::INFINITY);
        assert!(number(0x7fff, 3 << 62).is_nan());
        assert_eq!(number(0, 0), 0.0);
        assert_eq!(number(0x7ffe, u64::MAX), f64::INFINITY);
        assert_eq!(number(1, 1 << 63), 0.0);
    }

    #[test]
    fn mantissas_are_rounded_to_even() {
        // 1 + n * 2^-112: the last bit of a double has weight 2^-52, half of it 2^-53.
        let number = |fraction: u128| {
            let bits = 0x3fff << 112 | fraction;
            decode(&u128::to_le_bytes(bits), &binary128()).unwrap()
        };
        let half = 1_u128 << 59;
        let (one, next) = (1.0, 1.0 + f64::EPSILON);
        assert_eq!(number(half), one);
        assert_eq!(number(half + 1), next);
        assert_eq!(number(2 * half), next);
        assert_eq!(number(3 * half - 1), next);
        assert_eq!(number(3 * half), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(number((1 << 112) - 1), 2.0);
    }

    #[test]
    fn numbers_at_the_ends_of_the_range() {
        let number = |exponent: i32, fraction: u128| {
            let bits = u128::try_from(exponent + 16_383).unwrap() << 112 | fraction;
            decode(&bits.to_le_bytes(), &binary128()).unwrap()
        };
        let all = (1_u128 << 112) - 1;
        assert_eq!(number(1023, 0xf_ffff_ffff_ffff << 60), f64::MAX);
        assert_eq!(number(1023, all), f64::INFINITY);
        assert_eq!(number(1024, 0), f64::INFINITY);
        assert_eq!(number(-1022, 0), f64::MIN_POSITIVE);
        assert_eq!(number(-1023, all), f64::MIN_POSITIVE);
        assert_eq!(number(-1074, 0), 5e-324);
        assert_eq!(number(-1075, 0), 0.0);
        assert_eq!(number(-1075, 1), 5e-324);
        assert_eq!(number(-16_382, 0), 0.0);
    }

    #[test]
    fn vax_numbers_stand_in_pairs_of_bytes() {
        let vax = FloatingPoint { order: ByteOrder::Vax, ..shape((31, 23, 8), 23, 129) };
        assert_eq!(decode(&[0x80, 0x40, 0, 0], &vax), Some(1.0));
        assert_eq!(decode(&[0x49, 0x41, 0xd0, 0x0f], &vax), Some(3.141_590_118_408_203));
    }

    #[test]
    fn shapes_that_no_format_has_are_refused() {
        assert_eq!(decode(&[0; 17], &binary128()), None);
        assert_eq!(decode(&[0; 16], &shape((127, 121, 6), 121, 1)), None);
        assert_eq!(decode(&[0; 16], &shape((127, 0, 32), 1, 1)), None);
    }

    proptest! {
        #[test]
        fn singles_and_doubles_are_exact(bits in any::<u64>()) {
            let expected = f64::from_bits(bits);
            let double = decode(&bits.to_le_bytes(), &IEEE_DOUBLE).unwrap();
            prop_assert_eq!(double.to_bits(), expected.to_bits());
            let big = FloatingPoint { order: ByteOrder::BigEndian, ..IEEE_DOUBLE };
            prop_assert_eq!(decode(&bits.to_be_bytes(), &big).map(f64::to_bits), Some(bits));
            // The same number by the general way.
            let moved = FloatingPoint { precision: 63, ..IEEE_DOUBLE };
            let general = decode(&bits.to_le_bytes(), &moved).unwrap();
            prop_assert!(general == expected || (general.is_nan() && expected.is_nan()));

            let low = bits.to_le_bytes()[..4].to_vec();
            let expected = f64::from(f32::from_le_bytes(low.clone().try_into().unwrap()));
            let single = decode(&low, &single()).unwrap();
            prop_assert!(single == expected || (single.is_nan() && expected.is_nan()));
        }

        #[test]
        fn no_shape_panics(
            bytes in proptest::collection::vec(any::<u8>(), 0..20),
            locations in any::<(u8, u8, u8)>(),
            mantissa in any::<u8>(),
            bias in any::<u32>(),
        ) {
            for normalization in [Normalization::None, Normalization::Implied] {
                decode(&bytes, &FloatingPoint { normalization, ..shape(locations, mantissa, bias) });
            }
        }
    }
}
