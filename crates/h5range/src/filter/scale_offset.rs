//! Filter 6: the distances of numbers from the least one, in as few bits as they need. Floating-point
//! numbers become integers before, by a power of ten.
//!
//! The parameters are written by the library: scale type and factor, number of elements, class, size,
//! sign and byte order of the numbers, and the fill value.

use bytes::Bytes;

use crate::filter::FilterError;
use crate::filter::bits::Bits;

/// Makes the numbers again.
pub(super) fn undo(bytes: &Bytes, parameters: &[u32], room: u64) -> Result<Bytes, FilterError> {
    let numbers = Numbers::decode(parameters)?;
    let size_bytes = numbers.count.saturating_mul(numbers.size_bytes as u64);
    if numbers.is_stored_whole {
        return Ok(bytes.clone());
    }
    if size_bytes > room {
        return Err(damaged("it has more numbers than fit their place"));
    }
    let size_bytes = usize::try_from(size_bytes).unwrap_or(usize::MAX);
    let header = Header::decode(bytes)?;
    let packed = bytes.get(HEADER_BYTES..).ok_or_else(ends_early)?;
    let mut unpacked = match header.bits == numbers.bits() {
        true => packed.get(..size_bytes).ok_or_else(ends_early)?.to_vec(),
        false => vec![0; size_bytes],
    };
    if header.bits > numbers.bits() {
        return Err(damaged("distances have more bits than the numbers"));
    }
    if header.bits < numbers.bits() {
        let mut bits = Bits::new(packed);
        for number in unpacked.chunks_exact_mut(numbers.size_bytes) {
            let distance = bits.take(header.bits).ok_or_else(ends_early)?;
            let value = numbers.value(distance, &header).to_le_bytes();
            let value = value.get(..numbers.size_bytes).unwrap_or_default();
            number.copy_from_slice(value);
        }
    }
    if numbers.is_big_endian {
        unpacked.chunks_exact_mut(numbers.size_bytes).for_each(<[u8]>::reverse);
    }
    Ok(unpacked.into())
}

/// Four bytes for the bits of a distance, one for the width of the least number, and sixteen with
/// room for that.
const HEADER_BYTES: usize = 21;

struct Header {
    bits: u32,
    least: u64,
}

impl Header {
    fn decode(bytes: &[u8]) -> Result<Self, FilterError> {
        let (bits, rest) = bytes.split_first_chunk::<4>().ok_or_else(ends_early)?;
        let (width, rest) = rest.split_first().ok_or_else(ends_early)?;
        let width = usize::from(*width).min(size_of::<u64>());
        let least = rest.get(..width).ok_or_else(ends_early)?;
        let least = least.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        Ok(Self { bits: u32::from_le_bytes(*bits), least })
    }
}

/// What the parameters say.
struct Numbers {
    count: u64,
    size_bytes: usize,
    is_big_endian: bool,
    /// The power of ten by which floating-point numbers were multiplied.
    decimal_scale: Option<i32>,
    /// The bits of the fill value, which is stored as the greatest distance.
    fill: Option<u64>,
    /// The filter was told to keep all bits, and did nothing.
    is_stored_whole: bool,
}

const INTEGERS: u32 = 0;
const DECIMAL_SCALE: u32 = 0;
const FILL_DEFINED: u32 = 1;

impl Numbers {
    fn decode(parameters: &[u32]) -> Result<Self, FilterError> {
        let [scale_type, factor, count, class, size, _sign, order, has_fill, fill @ ..] =
            parameters
        else {
            return Err(damaged("there are too few parameters"));
        };
        if !matches!((*class == INTEGERS, *size), (true, 1 | 2 | 4 | 8) | (false, 4 | 8)) {
            return Err(damaged(&format!(
                "there are no numbers of {size} bytes and class {class}"
            )));
        }
        let factor = factor.cast_signed();
        let decimal_scale = match (*class == INTEGERS, *scale_type) {
            (true, _) => None,
            (false, DECIMAL_SCALE) => Some(factor),
            (false, _) => return Err(damaged("its scale type was never written")),
        };
        let fill = fill.iter().take(2).rev().fold(0, |bits, word| bits << 32 | u64::from(*word));
        let bits = 8 * size;
        let unused = u64::BITS.saturating_sub(bits);
        Ok(Self {
            count: (*count).into(),
            size_bytes: usize::try_from(*size).unwrap_or(1),
            is_big_endian: *order != 0,
            decimal_scale,
            fill: (*has_fill == FILL_DEFINED).then_some(fill << unused >> unused),
            is_stored_whole: decimal_scale.is_none() && factor == bits.cast_signed(),
        })
    }

    fn bits(&self) -> u32 {
        u32::try_from(8 * self.size_bytes).unwrap_or(u64::BITS)
    }

    /// The bits of the number at this distance from the least one.
    fn value(&self, distance: u64, header: &Header) -> u64 {
        let greatest = (1_u64 << header.bits).wrapping_sub(1);
        match (self.fill, self.decimal_scale) {
            (Some(fill), _) if distance == greatest => fill,
            (_, None) => distance.wrapping_add(header.least),
            (_, Some(scale)) if self.size_bytes == size_of::<f32>() => {
                u64::from(single(distance, scale, header.least).to_bits())
            }
            (_, Some(scale)) => double(distance, scale, header.least).to_bits(),
        }
    }
}

/// As the library does: in the precision of the numbers themselves.
fn single(distance: u64, scale: i32, least: u64) -> f32 {
    let distance = (distance as u32).cast_signed() as f32;
    distance / 10_f32.powf(scale as f32) + f32::from_bits(least as u32)
}

fn double(distance: u64, scale: i32, least: u64) -> f64 {
    distance.cast_signed() as f64 / 10_f64.powf(scale.into()) + f64::from_bits(least)
}

fn ends_early() -> FilterError {
    damaged("it ends too early")
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "scaleoffset", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Four integers of 16 bits, signed, with the fill value 7.
    const INTEGERS_WITH_FILL: [u32; 20] =
        [2, 0, 4, 0, 2, 1, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    fn packed(bits: u32, least: i64, distances: &[u8]) -> Bytes {
        let header = [&bits.to_le_bytes()[..], &[8], &least.to_le_bytes(), &[0; 8]].concat();
        [&header, distances].concat().into()
    }

    fn integers(bytes: &[u8]) -> Vec<i16> {
        bytes.chunks(2).map(|number| i16::from_le_bytes(number.try_into().unwrap())).collect()
    }

    #[test]
    fn numbers_are_distances_from_the_least_and_the_greatest_distance_is_the_fill_value() {
        let bytes = packed(4, -3, &[0x01, 0x2f]);
        let undone = undo(&bytes, &INTEGERS_WITH_FILL, 8).unwrap();
        assert_eq!(integers(&undone), [-3, -2, -1, 7]);
        let mut without_fill = INTEGERS_WITH_FILL;
        without_fill[7] = 0;
        assert_eq!(integers(&undo(&bytes, &without_fill, 8).unwrap()), [-3, -2, -1, 12]);
        without_fill[6] = 1;
        assert_eq!(undo(&bytes, &without_fill, 8).unwrap()[..4], [0xff, 0xfd, 0xff, 0xfe]);
    }

    #[test]
    fn numbers_that_need_all_their_bits_are_stored_as_they_are() {
        let bytes = packed(16, 0, &[1, 0, 2, 0, 3, 0, 4, 0]);
        assert_eq!(integers(&undo(&bytes, &INTEGERS_WITH_FILL, 8).unwrap()), [1, 2, 3, 4]);
        let mut whole = INTEGERS_WITH_FILL;
        whole[1] = 16;
        assert_eq!(undo(&Bytes::from_static(b"as it is"), &whole, 8).unwrap(), &b"as it is"[..]);
    }

    #[test]
    fn floating_point_numbers_are_scaled_by_a_power_of_ten() {
        let parameters = [0, 2, 2, 1, 8, 1, 0, 0, 0, 0];
        let least = 1.5_f64.to_bits().cast_signed();
        let undone = undo(&packed(8, least, &[0, 25]), &parameters, 16).unwrap();
        assert_eq!(undone, [1.5_f64.to_le_bytes(), 1.75_f64.to_le_bytes()].concat());
    }

    #[test]
    fn what_does_not_fit_is_damaged() {
        let bytes = packed(4, -3, &[0x01, 0x2f]);
        assert!(undo(&bytes, &INTEGERS_WITH_FILL, 7).is_err());
        assert!(undo(&bytes.slice(..22), &INTEGERS_WITH_FILL, 8).is_err());
        assert!(undo(&bytes, &INTEGERS_WITH_FILL[..7], 8).is_err());
        assert!(undo(&packed(17, 0, &[0; 20]), &INTEGERS_WITH_FILL, 8).is_err());
        let mut odd = INTEGERS_WITH_FILL;
        odd[4] = 3;
        assert!(undo(&bytes, &odd, 80).is_err());
    }

    proptest! {
        #[test]
        fn any_parameters_give_an_answer(
            parameters in vec(0..9_u32, 0..20),
            bits in 0..70_u32,
            bytes in vec(any::<u8>(), 0..50),
        ) {
            if let Ok(undone) = undo(&packed(bits, -1, &bytes), &parameters, 64) {
                prop_assert!(undone.len() <= 71);
            }
        }
    }
}
