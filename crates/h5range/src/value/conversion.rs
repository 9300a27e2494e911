//! Numbers of one type as numbers of another one, as the library converts them: a number that does
//! not fit becomes the nearest one that does.

use crate::decode::message::datatype::{ByteOrder, Datatype, DatatypeClass};
use crate::value::{floating_point, numbers};

/// Converts `elements`. `None` for types that are no numbers, or of a shape that is not written
/// today: with unused bits, or of floating-point numbers other than single and double ones.
pub fn convert(from: &Datatype, to: &Datatype, elements: &[u8]) -> Option<Vec<u8>> {
    let (target, size) = (Target::of(to)?, usize::try_from(to.size).ok()?);
    let mut converted = Vec::with_capacity(elements.len() / from.size as usize * size);
    for element in elements.chunks_exact(usize::try_from(from.size).ok()?) {
        target.append(number(element, from)?, size, &mut converted)?;
    }
    Some(converted)
}

enum Number {
    Integer(i128),
    Float(f64),
}

fn number(element: &[u8], datatype: &Datatype) -> Option<Number> {
    match &datatype.class {
        DatatypeClass::FixedPoint { order, signed: true, bit_offset, precision } => {
            let number = numbers::signed(element, *order, *bit_offset, *precision)?;
            Some(Number::Integer(number.into()))
        }
        DatatypeClass::FixedPoint { order, bit_offset, precision, .. } => {
            let number = numbers::unsigned(element, *order, *bit_offset, *precision)?;
            Some(Number::Integer(number.into()))
        }
        DatatypeClass::FloatingPoint(shape) => {
            floating_point::decode(element, shape).map(Number::Float)
        }
        _ => None,
    }
}

struct Target {
    is_big_endian: bool,
    kind: TargetKind,
}

enum TargetKind {
    Integer { least: i128, greatest: i128 },
    Single,
    Double,
}

impl Target {
    fn of(datatype: &Datatype) -> Option<Self> {
        let (order, kind) = match &datatype.class {
            DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision }
                if u32::from(*precision) == 8 * datatype.size && *precision <= 64 =>
            {
                let (least, greatest) = match signed {
                    true => (-(1 << (precision - 1)), (1 << (precision - 1)) - 1),
                    false => (0, (1 << precision) - 1),
                };
                (*order, TargetKind::Integer { least, greatest })
            }
            DatatypeClass::FloatingPoint(shape) => {
                let kind = match (datatype.size, shape.exponent_size, shape.mantissa_size) {
                    (4, 8, 23) => TargetKind::Single,
                    (8, 11, 52) => TargetKind::Double,
                    _ => return None,
                };
                (shape.order, kind)
            }
            _ => return None,
        };
        let is_big_endian = match order {
            ByteOrder::LittleEndian => false,
            ByteOrder::BigEndian => true,
            ByteOrder::Vax => return None,
        };
        Some(Self { is_big_endian, kind })
    }

    fn append(&self, number: Number, size: usize, out: &mut Vec<u8>) -> Option<()> {
        let bits = match (&self.kind, number) {
            (TargetKind::Integer { least, greatest }, Number::Integer(number)) => {
                number.clamp(*least, *greatest).to_le_bytes()
            }
            (TargetKind::Integer { least, greatest }, Number::Float(number)) => {
                truncated(number).clamp(*least, *greatest).to_le_bytes()
            }
            (TargetKind::Single, number) => u128::from(single(number).to_bits()).to_le_bytes(),
            (TargetKind::Double, number) => u128::from(double(number).to_bits()).to_le_bytes(),
        };
        let bytes = bits.get(..size)?;
        match self.is_big_endian {
            true => out.extend(bytes.iter().rev()),
            false => out.extend(bytes),
        }
        Some(())
    }
}

fn truncated(number: f64) -> i128 {
    number as i128
}

fn single(number: Number) -> f32 {
    match number {
        Number::Integer(number) => number as f32,
        Number::Float(number) => number as f32,
    }
}

fn double(number: Number) -> f64 {
    match number {
        Number::Integer(number) => number as f64,
        Number::Float(number) => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::message::datatype::{FloatingPoint, Normalization};

    fn integer(size: u32, signed: bool, order: ByteOrder) -> Datatype {
        let precision = u16::try_from(8 * size).unwrap();
        Datatype {
            size,
            class: DatatypeClass::FixedPoint { order, signed, bit_offset: 0, precision },
        }
    }

    fn single_float() -> Datatype {
        let class = DatatypeClass::FloatingPoint(FloatingPoint {
            order: ByteOrder::LittleEndian,
            bit_offset: 0,
            precision: 32,
            sign_location: 31,
            exponent_location: 23,
            exponent_size: 8,
            mantissa_location: 0,
            mantissa_size: 23,
            exponent_bias: 127,
            normalization: Normalization::Implied,
        });
        Datatype { size: 4, class }
    }

    #[test]
    fn a_number_that_does_not_fit_becomes_the_nearest_one() {
        let (long, byte) =
            (integer(8, true, ByteOrder::LittleEndian), integer(1, false, ByteOrder::LittleEndian));
        let numbers: Vec<u8> = [-1_i64, 7, 300].into_iter().flat_map(i64::to_le_bytes).collect();
        assert_eq!(convert(&long, &byte, &numbers), Some(vec![0, 7, 255]));
        let wide = integer(2, true, ByteOrder::BigEndian);
        assert_eq!(convert(&byte, &wide, &[0, 200]), Some(vec![0, 0, 0, 200]));
        let floats: Vec<u8> = [-1.9_f32, 1e9].into_iter().flat_map(f32::to_le_bytes).collect();
        assert_eq!(convert(&single_float(), &wide, &floats), Some(vec![0xff, 0xff, 0x7f, 0xff]));
        let expected = 200_f32.to_le_bytes().to_vec();
        assert_eq!(convert(&byte, &single_float(), &[200]), Some(expected));
    }

    #[test]
    fn what_is_no_number_is_not_converted() {
        let text = Datatype { size: 4, class: DatatypeClass::Opaque { tag: Vec::new() } };
        assert_eq!(convert(&text, &single_float(), &[0; 4]), None);
        assert_eq!(convert(&single_float(), &text, &[0; 4]), None);
    }
}
