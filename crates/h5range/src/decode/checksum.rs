//! Jenkins' lookup3: the checksum of metadata and the hash of names.
//!
//! Specification: I.A ("All checksums used in the format are computed with the Jenkins' lookup3
//! algorithm"). Version 2 B-trees that index names use the same function as their hash. The
//! Fletcher-32 checksum of raw data is a filter and not here.

use crate::decode::Cursor;
#[cfg(test)]
use crate::decode::trace;
use crate::error::Result;

/// The hash of `bytes`, with the initial value 0 that the format always uses.
pub fn lookup3(bytes: &[u8]) -> u32 {
    // The algorithm takes the length modulo 2^32.
    let mut state = [0xdead_beef_u32.wrapping_add(bytes.len() as u32); 3];
    let mut blocks = bytes.chunks(12).peekable();
    while let Some(block) = blocks.next() {
        add(&mut state, block);
        if blocks.peek().is_some() {
            mix(&mut state);
        } else {
            finish(&mut state);
        }
    }
    state[2]
}

/// Checks the checksum that stands in the last four bytes of `whole`, and gives the bytes that it
/// covers: all before it. `structure` names them in errors.
///
/// # Errors
///
/// [`Error::Malformed`](crate::Error::Malformed) when the checksum is wrong or missing.
pub fn verified<'a>(mut whole: Cursor<'a>, structure: &'static str) -> Result<Cursor<'a>> {
    let covered = whole.remaining().saturating_sub(4);
    let body = whole.sub(covered, structure)?;
    #[cfg(test)]
    trace::checksum(body.address(), covered, whole.address());
    let stored = whole.u32("checksum")?;
    check(stored, body.peek(), &body)?;
    Ok(body)
}

/// Checks the checksum that a structure stores against the bytes that it covers. `place` is where
/// an error is.
///
/// A fuzzer cannot guess checksums: in its builds, and only there, any will do. `cargo fuzz` sets
/// this `cfg`, no feature can.
pub(crate) fn check(stored: u32, covered: &[u8], place: &Cursor<'_>) -> Result<()> {
    let computed = lookup3(covered);
    if stored == computed || cfg!(fuzzing) {
        return Ok(());
    }
    Err(place.malformed(format!("the checksum is {stored:#010x}, the bytes give {computed:#010x}")))
}

/// Adds a block of up to 12 bytes to the state, as three little-endian words. Missing bytes count
/// as zero.
fn add(state: &mut [u32; 3], block: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(block.chunks(4)) {
        let value = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte));
        *word = word.wrapping_add(value);
    }
}

fn mix([a, b, c]: &mut [u32; 3]) {
    const ROTATIONS: [u32; 6] = [4, 6, 8, 16, 19, 4];
    let mut words = [a, b, c];
    for rotation in ROTATIONS {
        let [x, y, z] = &mut words;
        **x = x.wrapping_sub(**z) ^ z.rotate_left(rotation);
        **z = z.wrapping_add(**y);
        words.rotate_left(1);
    }
}

fn finish([a, b, c]: &mut [u32; 3]) {
    const ROTATIONS: [u32; 7] = [14, 11, 25, 16, 4, 14, 24];
    let mut words = [c, a, b];
    for rotation in ROTATIONS {
        let [x, _, z] = &mut words;
        **x = (**x ^ **z).wrapping_sub(z.rotate_left(rotation));
        words.rotate_left(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::cursor;

    #[test]
    fn agrees_with_the_reference_implementation() {
        assert_eq!(lookup3(b""), 0xdead_beef);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    #[test]
    fn takes_the_checksum_off_and_refuses_a_wrong_one() {
        let mut bytes = b"Four score and seven years ago\x51\x05\x77\x17".to_vec();
        assert_eq!(verified(cursor(&bytes), "structure").unwrap().remaining(), 30);
        bytes[3] ^= 1;
        let error = verified(cursor(&bytes), "structure").unwrap_err();
        assert!(error.to_string().contains("checksum"), "{error}");
        assert!(verified(cursor(&bytes[..3]), "structure").is_err());
    }
}
