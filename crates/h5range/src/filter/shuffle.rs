//! Filter 2: the first bytes of all elements, then their second bytes, and so on.

use bytes::Bytes;

/// Puts the bytes of each element side by side again. Bytes behind the last whole element were
/// left in their place. Without an element size there is nothing to do.
pub(super) fn undo(bytes: &Bytes, element_bytes: Option<u32>) -> Bytes {
    let element_bytes = element_bytes.and_then(|size| usize::try_from(size).ok()).unwrap_or(1);
    let elements = bytes.len().checked_div(element_bytes).unwrap_or(0);
    if element_bytes <= 1 || elements <= 1 {
        return bytes.clone();
    }
    let mut unshuffled = vec![0; bytes.len()];
    unshuffle(bytes, &mut unshuffled, element_bytes);
    unshuffled.into()
}

/// The same into `out`, which is as long as `shuffled`.
pub(super) fn unshuffle(shuffled: &[u8], out: &mut [u8], element_bytes: usize) {
    out.copy_from_slice(shuffled);
    let elements = shuffled.len().checked_div(element_bytes).unwrap_or(0);
    for (place, source) in shuffled.chunks_exact(elements.max(1)).take(element_bytes).enumerate() {
        let targets = out.iter_mut().skip(place).step_by(element_bytes);
        targets.zip(source).for_each(|(target, byte)| *target = *byte);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gathers_the_bytes_of_each_element() {
        let shuffled = Bytes::from_static(b"adgbehcfi");
        assert_eq!(undo(&shuffled, Some(3)), &b"abcdefghi"[..]);
    }

    #[test]
    fn leaves_the_rest_behind_the_last_whole_element() {
        let shuffled = Bytes::from_static(b"acbd+");
        assert_eq!(undo(&shuffled, Some(2)), &b"abcd+"[..]);
    }

    #[test]
    fn odd_element_sizes_change_nothing() {
        let bytes = Bytes::from_static(b"abcd");
        for size in [None, Some(0), Some(1), Some(4), Some(5), Some(u32::MAX)] {
            assert_eq!(undo(&bytes, size), bytes, "{size:?}");
        }
        assert_eq!(undo(&Bytes::new(), Some(4)), &b""[..]);
    }

    proptest! {
        #[test]
        fn undoes_what_the_filter_did(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            element_bytes in 1..20_usize,
        ) {
            let whole = bytes.len() - bytes.len() % element_bytes;
            let place = |place| bytes[..whole].iter().skip(place).step_by(element_bytes);
            let mut shuffled: Vec<u8> = (0..element_bytes).flat_map(place).copied().collect();
            shuffled.extend(&bytes[whole..]);
            prop_assert_eq!(undo(&shuffled.into(), Some(element_bytes as u32)), bytes);
        }
    }
}
