//! Filter 32000: LZF, the compression that h5py brings along.

use bytes::Bytes;

use crate::filter::FilterError;

/// Decompresses `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let mut decompressed = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = step(rest, &mut decompressed).ok_or_else(|| damaged("it ends too early"))?;
        if decompressed.len() > room {
            return Err(damaged("it decompresses to too many bytes"));
        }
    }
    Ok(decompressed.into())
}

/// Literal bytes, or a copy of what came before: at most 264 bytes.
fn step<'a>(bytes: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (&control, rest) = bytes.split_first()?;
    if control < 32 {
        let (literals, rest) = rest.split_at_checked(usize::from(control) + 1)?;
        out.extend_from_slice(literals);
        return Some(rest);
    }
    let (more, rest) = match control >> 5 {
        7 => rest.split_first().map(|(more, rest)| (usize::from(*more), rest))?,
        _ => (0, rest),
    };
    let (&low, rest) = rest.split_first()?;
    let length = usize::from(control >> 5) + more + 2;
    let distance = (usize::from(control & 0x1f) << 8 | usize::from(low)) + 1;
    copy_from_before(out, distance, length)?;
    Some(rest)
}

/// Appends `length` bytes from `distance` bytes before the end on, which the copy may itself
/// produce. `None` where there is nothing so far before.
pub(super) fn copy_from_before(out: &mut Vec<u8>, distance: usize, length: usize) -> Option<()> {
    let start = out.len().checked_sub(distance)?;
    let mut left = length;
    while left > 0 {
        let part = left.min(out.len() - start);
        out.extend_from_within(start..start + part);
        left -= part;
    }
    Some(())
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "lzf", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn literals_and_copies() {
        // "ab", six bytes from two before, "c", and nine from one before.
        let stream = [1, b'a', b'b', 4 << 5, 1, 0, b'c', 7 << 5, 0, 0];
        assert_eq!(undo(&stream, 100).unwrap(), &b"ababababcccccccccc"[..]);
        assert!(undo(&stream, 17).is_err());
        assert!(undo(&stream[..9], 100).is_err());
        assert!(undo(&[1 << 5, 0], 100).is_err(), "nothing is before the first byte");
        assert_eq!(undo(&[], 0).unwrap(), &b""[..]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in vec(any::<u8>(), 0..200)) {
            if let Ok(undone) = undo(&bytes, 500) {
                prop_assert!(undone.len() <= 500);
            }
        }
    }
}
