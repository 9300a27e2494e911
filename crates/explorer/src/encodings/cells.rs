//! Elements one by one: numbers straight from their bytes, all others as the values of the API.

use bytes::Bytes;
use h5range::decode::message::datatype::{ByteOrder, Datatype, DatatypeClass};

use crate::datatype::is_ieee;
use crate::json::Json;

/// Elements that are looked at one after the other.
#[derive(Debug)]
pub(crate) enum Cells {
    /// Numbers of a type that needs no more than a look at their bytes.
    Numbers(NumberType, Bytes),
    /// Anything.
    Values(Vec<Json>),
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Signed(i64),
    Unsigned(u64),
    Single(f32),
    Double(f64),
    Value(&'a Json),
}

/// A number as processors have it: an integer of 1, 2, 4 or 8 bytes or a floating-point number of
/// IEEE 754 of up to 8 bytes, with the least or the most significant byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberType {
    pub(super) kind: Kind,
    pub(super) size: usize,
    pub(super) is_big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Signed,
    Unsigned,
    Float,
}

impl Cells {
    /// They, in their order.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = Cell<'_>> + '_> {
        match self {
            Self::Numbers(numbers, bytes) => {
                Box::new(bytes.chunks_exact(numbers.size).map(|number| numbers.read(number)))
            }
            Self::Values(values) => Box::new(values.iter().map(Cell::Value)),
        }
    }
}

impl NumberType {
    /// The type of elements of `datatype`, if they are such numbers.
    pub(crate) fn of(datatype: &Datatype) -> Option<Self> {
        let (kind, order) = match &datatype.class {
            DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision }
                if u32::from(*precision) == 8 * datatype.size =>
            {
                (if *signed { Kind::Signed } else { Kind::Unsigned }, *order)
            }
            DatatypeClass::FloatingPoint(float) if is_ieee(datatype.size, float) => {
                (Kind::Float, float.order)
            }
            _ => return None,
        };
        let size = usize::try_from(datatype.size).ok()?;
        let is_known = match kind {
            Kind::Float => matches!(size, 2 | 4 | 8),
            Kind::Signed | Kind::Unsigned => matches!(size, 1 | 2 | 4 | 8),
        };
        let is_big_endian = match order {
            ByteOrder::LittleEndian => false,
            ByteOrder::BigEndian => true,
            ByteOrder::Vax => return None,
        };
        is_known.then_some(Self { kind, size, is_big_endian })
    }

    /// Bytes of a number. Not zero.
    pub(crate) fn size(self) -> usize {
        self.size
    }

    /// The number in `bytes`.
    #[inline]
    pub(crate) fn read<'a>(self, bytes: &[u8]) -> Cell<'a> {
        let mut wide = [0; 8];
        if self.is_big_endian {
            wide.iter_mut().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
        } else {
            wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        }
        let bits = u64::from_le_bytes(wide);
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => Cell::Unsigned(bits),
            (Kind::Signed, 1) => Cell::Signed((bits as i8).into()),
            (Kind::Signed, 2) => Cell::Signed((bits as i16).into()),
            (Kind::Signed, 4) => Cell::Signed((bits as i32).into()),
            (Kind::Signed, _) => Cell::Signed(bits as i64),
            (Kind::Float, 2) => Cell::Single(half(bits as u16)),
            (Kind::Float, 4) => Cell::Single(f32::from_bits(bits as u32)),
            (Kind::Float, _) => Cell::Double(f64::from_bits(bits)),
        }
    }
}

/// A number of half precision (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, mantissa) = (u32::from(bits >> 10) & 0x1f, u32::from(bits) & 0x3ff);
    match exponent {
        0 => {
            // The smallest steps are of 2^-24.
            let magnitude = mantissa as f32 / 16_777_216.0;
            f32::from_bits(sign | magnitude.to_bits())
        }
        0x1f => f32::from_bits(sign | 0x7f80_0000 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datatype::testing::{float_type, integer_type};

    fn read(datatype: &Datatype, bytes: &[u8]) -> Cell<'static> {
        NumberType::of(datatype).unwrap().read(bytes)
    }

    #[test]
    fn numbers_are_read_in_either_order() {
        use ByteOrder::{BigEndian, LittleEndian};
        assert_eq!(read(&integer_type(2, true, LittleEndian), &[0xfe, 0xff]), Cell::Signed(-2));
        assert_eq!(read(&integer_type(2, true, BigEndian), &[0xff, 0xfe]), Cell::Signed(-2));
        let all = [0xff; 8];
        assert_eq!(read(&integer_type(8, false, BigEndian), &all), Cell::Unsigned(u64::MAX));
        assert_eq!(read(&integer_type(8, true, LittleEndian), &all), Cell::Signed(-1));
        assert_eq!(read(&integer_type(1, true, BigEndian), &[0x80]), Cell::Signed(-128));
        let double = 0.1_f64.to_be_bytes();
        assert_eq!(read(&float_type(8, BigEndian), &double), Cell::Double(0.1));
        assert_eq!(read(&float_type(4, LittleEndian), &0.1_f32.to_le_bytes()), Cell::Single(0.1));
    }

    #[test]
    fn half_precision_has_its_edges() {
        for (bits, number) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x8001, -5.960_464_5e-8),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), number, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
        assert!(half(0x8000).is_sign_negative() && half(0x8000) == 0.0);
    }

    #[test]
    fn other_numbers_need_more_than_a_look() {
        for size in [3, 16] {
            let datatype = integer_type(size, true, ByteOrder::LittleEndian);
            assert_eq!(NumberType::of(&datatype), None);
        }
        assert_eq!(NumberType::of(&integer_type(4, true, ByteOrder::Vax)), None);
    }
}
