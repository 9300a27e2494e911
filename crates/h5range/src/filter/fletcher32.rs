//! Filter 3: a checksum behind the data.

use bytes::Bytes;

use crate::filter::FilterError;

/// Checks the checksum and cuts it off.
pub(super) fn undo(bytes: &Bytes) -> Result<Bytes, FilterError> {
    let damaged = |detail| FilterError::Damaged { filter: "fletcher32", detail };
    let Some((data, stored)) = bytes.split_last_chunk::<4>() else {
        return Err(damaged(format!("{} bytes hold no checksum", bytes.len())));
    };
    let computed = checksum(data);
    let [a, b, c, d] = *stored;
    // Version 1.6.2 of the library and older ones swapped the bytes of either half on
    // little-endian machines.
    if ![u32::from_le_bytes(*stored), u32::from_le_bytes([b, a, d, c])].contains(&computed) {
        let stored = u32::from_le_bytes(*stored);
        let detail = format!("the checksum is {stored:#010x}, the bytes give {computed:#010x}");
        return Err(damaged(detail));
    }
    Ok(bytes.slice_ref(data))
}

/// Fletcher's checksum of 16-bit words, most significant byte first, with sums modulo 65,535. An
/// odd byte at the end is the upper half of a word.
pub(super) fn checksum(data: &[u8]) -> u32 {
    let (mut first, mut second) = (0_u32, 0_u32);
    for block in data.chunks(2 * WORDS_BEFORE_OVERFLOW) {
        let (words, odd) = block.as_chunks::<2>();
        let odd = odd.first().map(|&high| [high, 0]);
        for &word in words.iter().chain(&odd) {
            first = first.wrapping_add(u16::from_be_bytes(word).into());
            second = second.wrapping_add(first);
        }
        first = fold(first);
        second = fold(second);
    }
    fold(second) << 16 | fold(first)
}

/// So many words can be added before the second sum may reach 2^32.
const WORDS_BEFORE_OVERFLOW: usize = 360;

/// One step of the modulo: 65,536 is 1 modulo 65,535.
fn fold(sum: u32) -> u32 {
    (sum & 0xffff) + (sum >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_checksum(data: &[u8], checksum: [u8; 4]) -> Bytes {
        [data, &checksum].concat().into()
    }

    #[test]
    fn checks_and_cuts_off_the_checksum() {
        let data = b"some bytes";
        let good = checksum(data).to_le_bytes();
        assert_eq!(undo(&with_checksum(data, good)).unwrap(), &data[..]);
        let [a, b, c, d] = good;
        assert_eq!(undo(&with_checksum(data, [b, a, d, c])).unwrap(), &data[..]);
        let mut other = *data;
        other[0] ^= 1;
        assert!(undo(&with_checksum(&other, good)).is_err());
        assert!(undo(&Bytes::from_static(&[0, 0, 0])).is_err());
        assert_eq!(undo(&Bytes::from_static(&[0; 4])).unwrap(), &b""[..]);
    }

    #[test]
    fn sums_are_modulo_65535_however_long_the_data() {
        assert_eq!(checksum(&[]), 0);
        assert_eq!(checksum(&[1, 2]), 0x0102_0102);
        assert_eq!(checksum(&[1, 2, 3]), 0x0504_0402);
        for words in [1, 359, 360, 361, 100_000_usize] {
            let data = vec![0xff; 2 * words];
            assert_eq!(checksum(&data), 0xffff_ffff);
        }
    }
}
