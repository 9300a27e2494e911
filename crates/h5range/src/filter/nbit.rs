//! Filter 5: only those bits of each element that count.
//!
//! The parameters are a description of the datatype, written by the library: a number of
//! parameters, a flag that says whether there is nothing to do, the number of elements, and the
//! type, whose members and elements are types themselves.

use bytes::Bytes;

use crate::budget::check_depth;
use crate::filter::FilterError;
use crate::filter::bits::Bits;

/// Puts the bits of each element back into their places; all others are zero.
pub(super) fn undo(bytes: &Bytes, parameters: &[u32], room: u64) -> Result<Bytes, FilterError> {
    let [_, nothing_to_do, elements, datatype @ ..] = parameters else {
        return Err(damaged("there are too few parameters"));
    };
    if *nothing_to_do != 0 {
        return Ok(bytes.clone());
    }
    let mut datatype = datatype;
    let datatype = Packed::decode(&mut datatype, 0)?;
    let size_bytes = u64::from(*elements).saturating_mul(datatype.size_bytes as u64);
    if size_bytes > room {
        return Err(damaged("it has more elements than fit its place"));
    }
    let mut unpacked = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    let mut bits = Bits::new(bytes);
    for element in unpacked.chunks_exact_mut(datatype.size_bytes) {
        datatype.unpack(&mut bits, element).ok_or_else(|| damaged("it ends too early"))?;
    }
    Ok(unpacked.into())
}

/// A datatype as the filter sees it.
struct Packed {
    size_bytes: usize,
    content: Content,
}

enum Content {
    /// Some bits of a number.
    Number { is_big_endian: bool, precision: u32, offset: u32 },
    /// Elements side by side.
    Array(Box<Packed>),
    /// Members, and where they start.
    Compound(Vec<(usize, Packed)>),
    /// All bits.
    Whole,
}

const NUMBER: u32 = 1;
const ARRAY: u32 = 2;
const COMPOUND: u32 = 3;
const WHOLE: u32 = 4;

impl Packed {
    /// Takes a type off the front of the parameters, which are not more than 65,535. Each part of it
    /// takes a bit at least: so the bits that there are bound the work of whoever unpacks them.
    fn decode(parameters: &mut &[u32], depth: u64) -> Result<Self, FilterError> {
        check_depth(depth).map_err(|_| damaged("its type is nested too deeply"))?;
        let class = take(parameters)?;
        let size = take(parameters)?;
        let size_bytes = usize::try_from(size).map_err(|_| damaged("an element is too large"))?;
        if size_bytes == 0 {
            return Err(damaged("an element has no bytes"));
        }
        let content = match class {
            NUMBER => {
                let is_big_endian = take(parameters)? != 0;
                let (precision, offset) = (take(parameters)?, take(parameters)?);
                let fits = u64::from(precision) + u64::from(offset) <= 8 * u64::from(size);
                if precision == 0 || !fits {
                    return Err(damaged("a number has no bits, or more than its bytes"));
                }
                Content::Number { is_big_endian, precision, offset }
            }
            ARRAY => {
                let base = Self::decode(parameters, depth + 1)?;
                if !size_bytes.is_multiple_of(base.size_bytes) {
                    return Err(damaged("the elements of an array do not fill it"));
                }
                Content::Array(Box::new(base))
            }
            COMPOUND => {
                let mut members = Vec::new();
                for _ in 0..take(parameters)? {
                    let offset = usize::try_from(take(parameters)?).unwrap_or(usize::MAX);
                    members.push((offset, Self::decode(parameters, depth + 1)?));
                }
                if members.is_empty() {
                    return Err(damaged("a compound has no members"));
                }
                Content::Compound(members)
            }
            WHOLE => Content::Whole,
            other => return Err(damaged(&format!("there is no class {other}"))),
        };
        Ok(Self { size_bytes, content })
    }

    /// Fills `element`, which has the size of the type. `None` where there are too few bits, or a
    /// member lies outside.
    fn unpack(&self, bits: &mut Bits<'_>, element: &mut [u8]) -> Option<()> {
        match &self.content {
            Content::Whole => {
                for byte in element {
                    *byte = u8::try_from(bits.take(8)?).ok()?;
                }
            }
            Content::Array(base) => {
                for part in element.chunks_exact_mut(base.size_bytes) {
                    base.unpack(bits, part)?;
                }
            }
            Content::Compound(members) => {
                for (offset, member) in members {
                    let end = offset.checked_add(member.size_bytes)?;
                    member.unpack(bits, element.get_mut(*offset..end)?)?;
                }
            }
            Content::Number { is_big_endian, precision, offset } => {
                let mut end = offset.checked_add(*precision)?;
                while end > *offset {
                    let start = (*offset).max((end - 1) / 8 * 8);
                    let byte = u8::try_from(bits.take(end - start)? << (start % 8)).ok()?;
                    let significance = usize::try_from(start / 8).ok()?;
                    let place = match is_big_endian {
                        true => element.len().checked_sub(significance.checked_add(1)?)?,
                        false => significance,
                    };
                    *element.get_mut(place)? = byte;
                    end = start;
                }
            }
        }
        Some(())
    }
}

fn take(parameters: &mut &[u32]) -> Result<u32, FilterError> {
    let (first, rest) =
        parameters.split_first().ok_or_else(|| damaged("there are too few parameters"))?;
    *parameters = rest;
    Ok(*first)
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "nbit", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn undone(bytes: &'static [u8], parameters: &[u32]) -> Result<Bytes, FilterError> {
        undo(&Bytes::from_static(bytes), parameters, 100)
    }

    #[test]
    fn the_bits_of_a_number_stand_behind_those_of_the_one_before() {
        // Twelve bits from bit 2 on: 0xabc and 0xdef.
        let packed = &[0xab, 0xcd, 0xef];
        let little = undone(packed, &[8, 0, 2, NUMBER, 2, 0, 12, 2]).unwrap();
        assert_eq!(little, [0xabc_u16 << 2, 0xdef << 2].map(u16::to_le_bytes).concat());
        let big = undone(packed, &[8, 0, 2, NUMBER, 2, 1, 12, 2]).unwrap();
        assert_eq!(big, [0xabc_u16 << 2, 0xdef << 2].map(u16::to_be_bytes).concat());
    }

    #[test]
    fn types_nest() {
        let number = [NUMBER, 1, 0, 4, 0];
        let array = [&[ARRAY, 2][..], &number].concat();
        let whole = [WHOLE, 1];
        let compound = [&[9, 0, 1, COMPOUND, 4, 2, 0][..], &array, &[3], &whole].concat();
        assert_eq!(undone(&[0x12, 0xff], &compound).unwrap(), [1, 2, 0, 0xff][..]);
    }

    #[test]
    fn impossible_types_are_damaged() {
        for parameters in [
            &[8, 0][..],
            &[8, 0, 1, NUMBER, 2, 0, 12],
            &[8, 0, 1, NUMBER, 2, 0, 12, 5],
            &[8, 0, 1, 9, 2],
            &[8, 0, 1, ARRAY, 3, NUMBER, 2, 0, 12, 0],
            &[8, 0, 1, ARRAY, 3, WHOLE, 0],
            &[8, 0, 1, ARRAY, 3, NUMBER, 1, 0, 0, 0],
            &[8, 0, 1, COMPOUND, 2, 0],
            &[8, 0, 1, COMPOUND, 2, 1, 0, WHOLE, 0],
            &[8, 0, 1, COMPOUND, 2, 1, 1, WHOLE, 2],
            &[8, 0, 101, WHOLE, 1],
            &[8, 0, 4, WHOLE, 1],
        ] {
            assert!(undone(&[1, 2, 3], parameters).is_err(), "{parameters:?}");
        }
        let deep = [&[8, 0, 1][..], &[ARRAY, 1].repeat(30_000)].concat();
        assert!(undone(&[1], &deep).is_err());
        assert_eq!(undone(&[1, 2], &[8, 1, 0]).unwrap(), [1, 2][..]);
    }

    proptest! {
        #[test]
        fn any_parameters_give_an_answer(parameters in vec(0..9_u32, 0..20), bytes in vec(any::<u8>(), 0..50)) {
            if let Ok(undone) = undo(&bytes.into(), &parameters, 64) {
                prop_assert!(undone.len() <= 64);
            }
        }
    }
}
