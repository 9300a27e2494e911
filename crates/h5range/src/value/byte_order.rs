//! Elements with their numbers in little-endian order, whatever order the file has: for readers who
//! want whole arrays, and not one value after the other.

use std::ops::Range;

use crate::decode::message::datatype::{ByteOrder, Datatype, DatatypeClass};
use crate::error::{Error, Result};

/// The same elements of this type with all numbers in them in little-endian order. Sizes and places
/// stay as they are. What refers to other places of the file (sequences of variable length,
/// references) stays as it is, too: it has that order always.
///
/// # Errors
///
/// For the middle-endian numbers of the VAX.
pub fn into_little_endian(datatype: &Datatype, mut elements: Vec<u8>) -> Result<Vec<u8>> {
    let mut numbers = Vec::new();
    reversed(datatype, 0, &mut numbers)?;
    let element_bytes = usize::try_from(datatype.size).unwrap_or(usize::MAX).max(1);
    match numbers.as_slice() {
        [] => {}
        // With a size that the compiler knows, whole buffers are turned at the speed of memory.
        [whole] if *whole == (0..element_bytes) => match element_bytes {
            2 => reverse_each::<2>(&mut elements),
            4 => reverse_each::<4>(&mut elements),
            8 => reverse_each::<8>(&mut elements),
            _ => elements.chunks_exact_mut(element_bytes).for_each(<[u8]>::reverse),
        },
        _ => {
            for element in elements.chunks_exact_mut(element_bytes) {
                for number in &numbers {
                    if let Some(number) = element.get_mut(number.clone()) {
                        number.reverse();
                    }
                }
            }
        }
    }
    Ok(elements)
}

/// Numbers of one element that a type may have: a type of 64 KiB of single bytes has as many.
const NUMBERS_MAX: usize = 1 << 16;

fn reverse_each<const BYTES: usize>(elements: &mut [u8]) {
    elements.as_chunks_mut::<BYTES>().0.iter_mut().for_each(|number| number.reverse());
}

/// Gathers where in an element the numbers are whose bytes have to be turned round.
fn reversed(datatype: &Datatype, offset: usize, numbers: &mut Vec<Range<usize>>) -> Result<()> {
    let size = usize::try_from(datatype.size).unwrap_or(usize::MAX);
    match &datatype.class {
        DatatypeClass::FixedPoint { order, .. }
        | DatatypeClass::Bitfield { order, .. }
        | DatatypeClass::Time { order, .. } => number(*order, offset, size, numbers),
        DatatypeClass::FloatingPoint(shape) => number(shape.order, offset, size, numbers),
        DatatypeClass::Enumeration { base, .. } => reversed(base, offset, numbers),
        DatatypeClass::Complex { base } | DatatypeClass::Array { base, .. } => {
            let base_bytes = usize::try_from(base.size).unwrap_or(usize::MAX).max(1);
            for part in 0..size / base_bytes {
                let before = numbers.len();
                reversed(base, offset.saturating_add(part.saturating_mul(base_bytes)), numbers)?;
                if numbers.len() == before {
                    break;
                }
            }
            Ok(())
        }
        DatatypeClass::Compound { members } => {
            for member in members {
                let within = usize::try_from(member.offset).unwrap_or(usize::MAX);
                reversed(&member.datatype, offset.saturating_add(within), numbers)?;
            }
            Ok(())
        }
        DatatypeClass::String { .. }
        | DatatypeClass::Opaque { .. }
        | DatatypeClass::Reference { .. }
        | DatatypeClass::VariableLength { .. } => Ok(()),
    }
}

fn number(
    order: ByteOrder,
    offset: usize,
    size: usize,
    numbers: &mut Vec<Range<usize>>,
) -> Result<()> {
    match order {
        ByteOrder::LittleEndian => {}
        ByteOrder::BigEndian if size <= 1 => {}
        ByteOrder::BigEndian if numbers.len() < NUMBERS_MAX => {
            numbers.push(offset..offset.saturating_add(size));
        }
        ByteOrder::BigEndian => {
            return Err(Error::unsupported(format!("elements of more than {NUMBERS_MAX} numbers")));
        }
        ByteOrder::Vax => return Err(Error::unsupported("the byte order of the VAX")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::message::datatype::Member;

    fn integer(size: u32, order: ByteOrder) -> Datatype {
        let precision = u16::try_from(8 * size).unwrap();
        let class = DatatypeClass::FixedPoint { order, signed: true, bit_offset: 0, precision };
        Datatype { size, class }
    }

    fn turned(datatype: &Datatype, elements: &[u8]) -> Vec<u8> {
        into_little_endian(datatype, elements.to_vec()).unwrap()
    }

    #[test]
    fn only_big_endian_numbers_are_turned_round() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(turned(&integer(2, ByteOrder::LittleEndian), &bytes), bytes);
        assert_eq!(turned(&integer(2, ByteOrder::BigEndian), &bytes), [2, 1, 4, 3, 6, 5, 8, 7]);
        assert_eq!(turned(&integer(4, ByteOrder::BigEndian), &bytes), [4, 3, 2, 1, 8, 7, 6, 5]);
        assert_eq!(turned(&integer(8, ByteOrder::BigEndian), &bytes), [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(&integer(3, ByteOrder::BigEndian), &bytes[..6]), [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn numbers_are_found_in_members_and_arrays() {
        let base = Box::new(integer(2, ByteOrder::BigEndian));
        let pair = Datatype { size: 4, class: DatatypeClass::Array { dimensions: vec![2], base } };
        let member = |offset, datatype| Member { name: Vec::new(), offset, datatype };
        let members = vec![member(0, integer(2, ByteOrder::LittleEndian)), member(3, pair)];
        let compound = Datatype { size: 8, class: DatatypeClass::Compound { members } };
        assert_eq!(turned(&compound, &[1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 3, 5, 4, 7, 6, 8]);
    }

    #[test]
    fn arrays_of_too_many_numbers_and_the_order_of_the_vax_are_refused() {
        let base = Box::new(integer(2, ByteOrder::BigEndian));
        let class = DatatypeClass::Array { dimensions: vec![1 << 20], base };
        let many = Datatype { size: 2 << 20, class };
        assert!(into_little_endian(&many, Vec::new()).is_err());
        assert!(into_little_endian(&integer(4, ByteOrder::Vax), vec![0; 4]).is_err());
    }
}
