//! BloscLZ, Blosc's own codec: literals, and copies of what came before.

use crate::filter::lzf::copy_from_before;

/// Decompresses `stored`, to at most `room` bytes. `None` where it is damaged.
pub(super) fn decompress(stored: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (&first, mut rest) = stored.split_first()?;
    // The first control byte is always one of literals.
    let mut control = first & 0x1f;
    loop {
        rest = match control {
            0..32 => {
                let (literals, rest) = rest.split_at_checked(usize::from(control) + 1)?;
                out.extend_from_slice(literals);
                rest
            }
            _ => copy(control, rest, &mut out, room)?,
        };
        if out.len() > room {
            return None;
        }
        let Some((&next, behind)) = rest.split_first() else { return Some(out) };
        (control, rest) = (next, behind);
    }
}

/// Distances up to this one fit 13 bits; those behind it have 16 more.
const NEAR_DISTANCE_MAX: usize = 8191;

fn copy<'a>(control: u8, bytes: &'a [u8], out: &mut Vec<u8>, room: usize) -> Option<&'a [u8]> {
    let mut rest = bytes;
    let mut next = || {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        Some(byte)
    };
    let mut length = usize::from(control >> 5) + 2;
    if control >> 5 == 7 {
        loop {
            let more = next()?;
            length += usize::from(more);
            if length > room {
                return None;
            }
            if more != u8::MAX {
                break;
            }
        }
    }
    let high = usize::from(control & 0x1f) << 8;
    let low = next()?;
    let distance = match (high, low) {
        (0x1f00, u8::MAX) => {
            usize::from(u16::from_be_bytes([next()?, next()?])) + NEAR_DISTANCE_MAX
        }
        _ => high | usize::from(low),
    };
    copy_from_before(out, distance + 1, length)?;
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn literals_and_copies() {
        // "ab", five bytes from two before, "c", and 2 + 7 + 3 from one before.
        let stream = [1, b'a', b'b', 3 << 5, 1, 0, b'c', 7 << 5, 3, 0];
        assert_eq!(decompress(&stream, 100).unwrap(), b"abababacccccccccccccc"[..20]);
        assert_eq!(decompress(&stream, 19), None);
        assert_eq!(decompress(&stream[..9], 100), None);
        assert_eq!(decompress(&[], 100), None);
    }

    #[test]
    fn far_copies_have_distances_of_more_bits() {
        let mut stream = vec![0, b'x'];
        for _ in 0..300 {
            stream.push(31);
            stream.extend([b'-'; 32]);
        }
        stream.extend([1 << 5 | 0x1f, 255, 0x05, 0x81]);
        // 9,601 bytes before: the first one, and two behind it.
        let out = decompress(&stream, 10_000).unwrap();
        assert_eq!(&out[9601..], b"x--");
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in vec(any::<u8>(), 0..200)) {
            if let Some(out) = decompress(&bytes, 500) {
                prop_assert!(out.len() <= 500);
            }
        }
    }
}
