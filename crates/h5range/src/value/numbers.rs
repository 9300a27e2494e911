//! Integers and bitfields of up to 64 bits, with any bit offset and precision.

use crate::decode::message::datatype::ByteOrder;

/// The bytes as one number, whose bit 0 is the least significant. `None` for more than 16 bytes.
pub(super) fn bits(bytes: &[u8], order: ByteOrder) -> Option<u128> {
    if bytes.len() > 16 {
        return None;
    }
    let append = |value: u128, byte: &u8| value << 8 | u128::from(*byte);
    Some(match order {
        ByteOrder::LittleEndian => bytes.iter().rev().fold(0, append),
        ByteOrder::BigEndian => bytes.iter().fold(0, append),
        ByteOrder::Vax => bytes.chunks(2).flat_map(|pair| pair.iter().rev()).fold(0, append),
    })
}

/// The `count` bits from bit `first` on.
pub(super) fn field(bits: u128, first: u32, count: u32) -> u128 {
    let mask = 1_u128.checked_shl(count).map_or(u128::MAX, |power| power.wrapping_sub(1));
    bits.checked_shr(first).unwrap_or(0) & mask
}

/// An unsigned integer. `None` for more than 64 bits, or more than 16 bytes.
pub(super) fn unsigned(
    bytes: &[u8],
    order: ByteOrder,
    bit_offset: u16,
    precision: u16,
) -> Option<u64> {
    if precision > 64 {
        return None;
    }
    u64::try_from(field(bits(bytes, order)?, bit_offset.into(), precision.into())).ok()
}

/// A signed integer, in two's complement. `None` as above.
pub(super) fn signed(
    bytes: &[u8],
    order: ByteOrder,
    bit_offset: u16,
    precision: u16,
) -> Option<i64> {
    let number = unsigned(bytes, order, bit_offset, precision)?;
    let unused = u32::from(64_u16.saturating_sub(precision));
    // The sign bit goes to the top, and comes back with its copies.
    Some(number.checked_shl(unused).unwrap_or(0).cast_signed().checked_shr(unused).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ByteOrder::{BigEndian, LittleEndian, Vax};

    #[test]
    fn bytes_stand_in_three_orders() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(unsigned(&bytes, LittleEndian, 0, 32), Some(0x0403_0201));
        assert_eq!(unsigned(&bytes, BigEndian, 0, 32), Some(0x0102_0304));
        assert_eq!(unsigned(&bytes, Vax, 0, 32), Some(0x0201_0403));
    }

    #[test]
    fn integers_have_up_to_64_bits() {
        assert_eq!(signed(&[0xff], LittleEndian, 0, 8), Some(-1));
        assert_eq!(unsigned(&[0xff], LittleEndian, 0, 8), Some(255));
        assert_eq!(signed(&[0xff, 0xff, 0x7f], LittleEndian, 0, 24), Some(0x7f_ffff));
        assert_eq!(signed(&[0x80, 0, 0], BigEndian, 0, 24), Some(-0x80_0000));
        assert_eq!(signed(&i64::MIN.to_le_bytes(), LittleEndian, 0, 64), Some(i64::MIN));
        assert_eq!(unsigned(&[0xff; 8], BigEndian, 0, 64), Some(u64::MAX));
        assert_eq!(unsigned(&[0xff; 9], BigEndian, 0, 72), None);
        assert_eq!(unsigned(&[0xff; 17], BigEndian, 0, 64), None);
    }

    #[test]
    fn bits_beside_the_precision_do_not_count() {
        let bytes = 0xf0f0_5a3c_u32.to_le_bytes();
        assert_eq!(unsigned(&bytes, LittleEndian, 4, 12), Some(0x5a3));
        assert_eq!(signed(&bytes, LittleEndian, 4, 8), Some(-0x5d));
        assert_eq!(unsigned(&bytes, LittleEndian, 0, 0), Some(0));
        assert_eq!(signed(&bytes, LittleEndian, 0, 0), Some(0));
        assert_eq!(signed(&bytes, LittleEndian, 65_535, 64), Some(0));
        assert_eq!(unsigned(&bytes, LittleEndian, 8, 65_535), None);
        assert_eq!(unsigned(&[0xff; 16], LittleEndian, 8, 4), Some(0xf));
    }

    proptest! {
        #[test]
        fn a_number_is_found_wherever_it_stands_among_other_bits(
            number in any::<i64>(),
            others in any::<u128>(),
            precision in 1..=64_u16,
            bit_offset in 0..=64_u16,
        ) {
            let number = number >> (64 - precision);
            let mask = u128::from(u64::MAX >> (64 - precision));
            let bits = others & !(mask << bit_offset)
                | (number as u128 & mask) << bit_offset;
            for (order, bytes) in [(LittleEndian, bits.to_le_bytes()), (BigEndian, bits.to_be_bytes())] {
                prop_assert_eq!(signed(&bytes, order, bit_offset, precision), Some(number));
                let expected = (number as u128 & mask) as u64;
                prop_assert_eq!(unsigned(&bytes, order, bit_offset, precision), Some(expected));
            }
        }
    }
}
