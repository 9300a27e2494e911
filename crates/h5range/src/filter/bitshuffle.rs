//! Filter 32008: the first bits of all elements, then their second bits, and so on, block by block;
//! alone, or with LZ4 or Zstandard behind it.

use bytes::Bytes;

use crate::filter::{FilterError, lz4, zstd};

/// Parameters: two numbers of a version, bytes of an element, elements of a block, and the
/// compression behind it.
pub(super) fn undo(bytes: &Bytes, parameters: &[u32], room: u64) -> Result<Bytes, FilterError> {
    let [_, _, element_bytes, optional @ ..] = parameters else {
        return Err(damaged("there are too few parameters"));
    };
    let element_bytes = usize::try_from(*element_bytes).unwrap_or(0);
    if element_bytes == 0 {
        return Err(damaged("its elements have no bytes"));
    }
    let optional = |index: usize| optional.get(index).copied().unwrap_or(0);
    let block_elements = usize::try_from(optional(0)).unwrap_or(0);
    match optional(1) {
        0 => {
            let block_bytes = block_bytes(block_elements, element_bytes)?;
            let mut unshuffled = vec![0; bytes.len()];
            let blocks = bytes.chunks(block_bytes).zip(unshuffled.chunks_mut(block_bytes));
            blocks.for_each(|(block, out)| unshuffle(block, out, element_bytes));
            Ok(unshuffled.into())
        }
        LZ4 => decompress(bytes, element_bytes, room, lz4::decompress),
        ZSTANDARD => decompress(bytes, element_bytes, room, |stored, block| {
            let decompressed = zstd::undo(stored, block.len() as u64)?;
            if decompressed.len() != block.len() {
                return Err(damaged("a block has too few bytes"));
            }
            block.copy_from_slice(&decompressed);
            Ok(())
        }),
        other => Err(damaged(&format!("there is no compression {other}"))),
    }
}

const LZ4: u32 = 2;
const ZSTANDARD: u32 = 3;

/// Blocks have a multiple of so many elements. What is left behind the last one was not shuffled.
const ELEMENTS_AT_ONCE: usize = 8;
/// Where nobody says how large blocks are, they have about so many bytes,
const BLOCK_BYTES: usize = 8192;
/// but no fewer elements than these.
const BLOCK_ELEMENTS_MIN: usize = 128;

fn block_bytes(block_elements: usize, element_bytes: usize) -> Result<usize, FilterError> {
    let by_default = || {
        let elements = BLOCK_BYTES / element_bytes / ELEMENTS_AT_ONCE * ELEMENTS_AT_ONCE;
        elements.max(BLOCK_ELEMENTS_MIN)
    };
    let elements = if block_elements == 0 { by_default() } else { block_elements };
    match elements.checked_mul(element_bytes) {
        Some(bytes) if elements.is_multiple_of(ELEMENTS_AT_ONCE) => Ok(bytes),
        _ => Err(damaged(&format!("there are no blocks of {elements} elements"))),
    }
}

/// Undoes a compression of blocks: "size of all" in 8 bytes, "size of a block" in 4, and for each
/// block its size in the file in 4, all with the most significant byte first.
fn decompress(
    bytes: &[u8],
    element_bytes: usize,
    room: u64,
    decompress_block: impl Fn(&[u8], &mut [u8]) -> Result<(), FilterError>,
) -> Result<Bytes, FilterError> {
    let ends_early = || damaged("it ends too early");
    let (size_bytes, rest) = bytes.split_first_chunk::<8>().ok_or_else(ends_early)?;
    let (block_size, mut rest) = rest.split_first_chunk::<4>().ok_or_else(ends_early)?;
    let size_bytes = u64::from_be_bytes(*size_bytes);
    if size_bytes > room {
        return Err(damaged(&format!("it decompresses to {size_bytes} bytes")));
    }
    let block_size = usize::try_from(u32::from_be_bytes(*block_size)).unwrap_or(0);
    let block_bytes = block_bytes(block_size / element_bytes, element_bytes)?;
    let mut unshuffled = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    let at_once = ELEMENTS_AT_ONCE.saturating_mul(element_bytes);
    let whole = unshuffled.len() / at_once * at_once;
    let (blocks, tail) = unshuffled.split_at_mut(whole);
    let mut shuffled = vec![0; block_bytes.min(blocks.len())];
    for block in blocks.chunks_mut(block_bytes) {
        let (stored_bytes, behind) = rest.split_first_chunk::<4>().ok_or_else(ends_early)?;
        let stored_bytes = usize::try_from(u32::from_be_bytes(*stored_bytes)).unwrap_or(usize::MAX);
        let (stored, behind) = behind.split_at_checked(stored_bytes).ok_or_else(ends_early)?;
        let shuffled = shuffled.get_mut(..block.len()).unwrap_or_default();
        decompress_block(stored, shuffled)?;
        unshuffle(shuffled, block, element_bytes);
        rest = behind;
    }
    tail.copy_from_slice(rest.get(..tail.len()).ok_or_else(ends_early)?);
    Ok(unshuffled.into())
}

/// Puts the bits of each element side by side again. Behind the last eight elements nothing was
/// shuffled. Both slices are of the same length.
pub(super) fn unshuffle(shuffled: &[u8], out: &mut [u8], element_bytes: usize) {
    let at_once = ELEMENTS_AT_ONCE.saturating_mul(element_bytes);
    let whole = shuffled.len() / at_once.max(1) * at_once;
    let (shuffled, tail) = shuffled.split_at(whole);
    let (elements, out_tail) = out.split_at_mut(whole.min(out.len()));
    out_tail.copy_from_slice(tail);
    // A row has one bit of each element: eight of them in each byte.
    let row_bytes = whole / at_once.max(1);
    if row_bytes == 0 {
        return;
    }
    let rows_of_a_byte = row_bytes.saturating_mul(8);
    for (place, rows) in shuffled.chunks_exact(rows_of_a_byte).enumerate() {
        for (column, group) in elements.chunks_exact_mut(at_once).enumerate() {
            let mut bits = [0; 8];
            let row = rows.iter().skip(column).step_by(row_bytes);
            bits.iter_mut().zip(row).for_each(|(bits, row)| *bits = *row);
            let bytes = transposed(u64::from_le_bytes(bits)).to_le_bytes();
            let targets = group.iter_mut().skip(place).step_by(element_bytes);
            targets.zip(bytes).for_each(|(target, byte)| *target = byte);
        }
    }
}

/// Eight bytes as a square of bits, with rows and columns exchanged: by squares of one, two and
/// four bits.
fn transposed(square: u64) -> u64 {
    let exchange = |square: u64, shift: u32, mask: u64| {
        let other = (square ^ (square >> shift)) & mask;
        square ^ other ^ (other << shift)
    };
    let square = exchange(square, 7, 0x00aa_00aa_00aa_00aa);
    let square = exchange(square, 14, 0x0000_cccc_0000_cccc);
    exchange(square, 28, 0x0000_0000_f0f0_f0f0)
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "bitshuffle", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// One bit after the other.
    fn shuffle(bytes: &[u8], element_bytes: usize) -> Vec<u8> {
        let elements = bytes.len() / element_bytes / 8 * 8;
        let mut shuffled = vec![0; bytes.len()];
        let mut at = 0;
        for bit in 0..8 * element_bytes {
            for element in 0..elements {
                let byte = bytes[element * element_bytes + bit / 8];
                shuffled[at / 8] |= (byte >> (bit % 8) & 1) << (at % 8);
                at += 1;
            }
        }
        shuffled[at / 8..].copy_from_slice(&bytes[at / 8..]);
        shuffled
    }

    #[test]
    fn blocks_have_as_many_elements_as_is_said_or_fill_eight_kilobytes() {
        assert_eq!(block_bytes(16, 4), Ok(64));
        assert_eq!(block_bytes(0, 4), Ok(8192));
        assert_eq!(block_bytes(0, 100), Ok(12_800));
        assert!(block_bytes(12, 4).is_err());
    }

    #[test]
    fn blocks_are_decompressed_and_the_tail_is_not() {
        let elements: Vec<u8> = (0..38).collect();
        let mut bytes = [&38_u64.to_be_bytes()[..], &32_u32.to_be_bytes()].concat();
        let (block, tail) = elements.split_at(32);
        let mut stored = vec![0xf0, 17];
        stored.extend(shuffle(block, 2));
        bytes.extend((stored.len() as u32).to_be_bytes());
        bytes.extend(stored);
        bytes.extend(tail);
        let undo =
            |bytes: &[u8], room| undo(&Bytes::copy_from_slice(bytes), &[0, 3, 2, 0, 2], room);
        assert_eq!(undo(&bytes, 38).unwrap(), elements);
        assert!(undo(&bytes, 37).is_err());
        assert!(undo(&bytes[..bytes.len() - 1], 38).is_err());
        assert!(undo(&[], 38).is_err());
    }

    #[test]
    fn impossible_parameters_are_damaged() {
        let bytes = Bytes::from_static(&[0; 40]);
        for parameters in [&[0, 3][..], &[0, 3, 0], &[0, 3, 4, 3], &[0, 3, 4, 0, 1]] {
            assert!(undo(&bytes, parameters, 40).is_err(), "{parameters:?}");
        }
    }

    proptest! {
        #[test]
        fn undoes_what_the_filter_did(
            bytes in vec(any::<u8>(), 0..400),
            element_bytes in 1..9_u32,
        ) {
            let block = 16 * element_bytes as usize;
            let shuffled: Vec<u8> = bytes
                .chunks(block)
                .flat_map(|block| shuffle(block, element_bytes as usize))
                .collect();
            let undone = undo(&shuffled.into(), &[0, 3, element_bytes, 16, 0], 0);
            prop_assert_eq!(undone.unwrap(), bytes);
        }
    }
}
