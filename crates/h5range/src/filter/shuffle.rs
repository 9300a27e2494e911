//! Filter 2: the first bytes of all elements, then their second bytes, and so on.

use std::{array, slice};

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
    let whole = shuffled.len() - shuffled.len().checked_rem(element_bytes).unwrap_or(0);
    let ((planes, rest), (elements, out_rest)) =
        (shuffled.split_at(whole), out.split_at_mut(whole));
    out_rest.copy_from_slice(rest);
    let done = match element_bytes {
        0 | 1 => return elements.copy_from_slice(planes),
        2 => interleave::<2>(planes, elements),
        4 => interleave::<4>(planes, elements),
        8 => interleave_halves(planes, elements),
        _ => 0,
    };
    interleave_rest(planes, elements, element_bytes, done);
}

/// Elements that are put together at a time.
const RUN: usize = 64;

/// With sizes that the compiler knows, it makes this a few instructions for many elements. Returns
/// how many runs are done.
fn interleave<const BYTES: usize>(planes: &[u8], elements: &mut [u8]) -> usize {
    let mut runs = runs::<BYTES>(planes);
    let targets = elements.as_chunks_mut().0.as_chunks_mut().0;
    targets.iter_mut().for_each(|target| *target = gathered(&mut runs));
    targets.len()
}

/// Elements of eight bytes, which are too many for that at once.
fn interleave_halves(planes: &[u8], elements: &mut [u8]) -> usize {
    let (low, high) = planes.split_at(planes.len() / 2);
    let (mut low, mut high) = (runs::<4>(low), runs::<4>(high));
    let targets = elements.as_chunks_mut::<8>().0.as_chunks_mut::<RUN>().0;
    for target in &mut *targets {
        let halves = gathered(&mut low).into_iter().zip(gathered(&mut high));
        for (element, (low, high)) in target.iter_mut().zip(halves) {
            let (low, high) = (u32::from_le_bytes(low), u32::from_le_bytes(high));
            *element = (u64::from(high) << 32 | u64::from(low)).to_le_bytes();
        }
    }
    targets.len()
}

/// The same bytes of all elements, as runs, for each byte.
type Runs<'p, const BYTES: usize> = [slice::Iter<'p, [u8; RUN]>; BYTES];

fn runs<const BYTES: usize>(planes: &[u8]) -> Runs<'_, BYTES> {
    let count = planes.len() / BYTES;
    let mut runs = planes.chunks_exact(count.max(1)).map(|plane| plane.as_chunks().0.iter());
    array::from_fn(|_| runs.next().unwrap_or_default())
}

fn gathered<const BYTES: usize>(runs: &mut Runs<'_, BYTES>) -> [[u8; BYTES]; RUN] {
    let sources = runs.each_mut().map(|runs| runs.next().unwrap_or(&[0; RUN]));
    array::from_fn(|index| sources.map(|source| source[index]))
}

/// The same byte by byte, behind the runs that are done: run by run, so that one stays in the cache.
fn interleave_rest(planes: &[u8], elements: &mut [u8], element_bytes: usize, done: usize) {
    let count = planes.len() / element_bytes;
    let runs = elements.chunks_mut(element_bytes.saturating_mul(RUN)).enumerate();
    for (number, run) in runs.skip(done) {
        for (place, plane) in planes.chunks_exact(count).enumerate() {
            let source = plane.get(number * RUN..).unwrap_or_default();
            let targets = run.iter_mut().skip(place).step_by(element_bytes);
            targets.zip(source).for_each(|(target, byte)| *target = *byte);
        }
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
            bytes in proptest::collection::vec(any::<u8>(), 0..2000),
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
