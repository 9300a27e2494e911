//! Types to try things with.

use super::*;

pub(crate) fn integer_type(size: u32, signed: bool, order: ByteOrder) -> Datatype {
    let precision = u16::try_from(size * 8).unwrap();
    Datatype { size, class: DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision } }
}

pub(crate) fn float_type(size: u32, order: ByteOrder) -> Datatype {
    let (exponent_size, mantissa_size, exponent_bias) = match size {
        2 => (5, 10, 15),
        4 => (8, 23, 127),
        _ => (11, 52, 1023),
    };
    let float = FloatingPoint {
        order,
        bit_offset: 0,
        precision: u16::try_from(size * 8).unwrap(),
        sign_location: u8::try_from(size * 8 - 1).unwrap(),
        exponent_location: mantissa_size,
        exponent_size,
        mantissa_location: 0,
        mantissa_size,
        exponent_bias,
        normalization: Normalization::Implied,
    };
    Datatype { size, class: DatatypeClass::FloatingPoint(float) }
}
