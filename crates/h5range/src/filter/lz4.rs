//! Filter 32004: LZ4, in blocks with sizes before them.

use bytes::Bytes;

use crate::filter::FilterError;

/// Decompresses `bytes`, to at most `room` bytes: "size of all" in 8 bytes, "size of a block" in 4,
/// and for each block its size in the file in 4, all with the most significant byte first. A block
/// that is no smaller in the file is stored as it is.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let (size_bytes, rest) = bytes.split_first_chunk::<8>().ok_or_else(ends_early)?;
    let (block_bytes, mut rest) = rest.split_first_chunk::<4>().ok_or_else(ends_early)?;
    let size_bytes = u64::from_be_bytes(*size_bytes);
    if size_bytes > room {
        return Err(damaged(format!("it decompresses to {size_bytes} bytes")));
    }
    let block_bytes = usize::try_from(u32::from_be_bytes(*block_bytes)).unwrap_or(usize::MAX);
    let mut decompressed = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    for block in decompressed.chunks_mut(block_bytes.max(1)) {
        rest = decompress_block(rest, block)?;
    }
    Ok(decompressed.into())
}

/// Fills `block` from a block that has its size before it. Returns what is behind it.
fn decompress_block<'a>(bytes: &'a [u8], block: &mut [u8]) -> Result<&'a [u8], FilterError> {
    let (stored_bytes, rest) = bytes.split_first_chunk::<4>().ok_or_else(ends_early)?;
    let stored_bytes = usize::try_from(u32::from_be_bytes(*stored_bytes)).unwrap_or(usize::MAX);
    let (stored, rest) = rest.split_at_checked(stored_bytes).ok_or_else(ends_early)?;
    if stored.len() == block.len() {
        block.copy_from_slice(stored);
    } else {
        decompress(stored, block)?;
    }
    Ok(rest)
}

/// Fills `block` from one of LZ4's own blocks.
pub(super) fn decompress(stored: &[u8], block: &mut [u8]) -> Result<(), FilterError> {
    match lz4_flex::block::decompress_into(stored, block) {
        Ok(length) if length == block.len() => Ok(()),
        Ok(length) => Err(damaged(format!("a block has {length} bytes, not {}", block.len()))),
        Err(error) => Err(damaged(error.to_string())),
    }
}

fn ends_early() -> FilterError {
    damaged("it ends too early".to_owned())
}

fn damaged(detail: String) -> FilterError {
    FilterError::Damaged { filter: "lz4", detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(size_bytes: u64, block_bytes: u32, blocks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = [&size_bytes.to_be_bytes()[..], &block_bytes.to_be_bytes()].concat();
        for block in blocks {
            bytes.extend((block.len() as u32).to_be_bytes());
            bytes.extend(*block);
        }
        bytes
    }

    #[test]
    fn blocks_are_compressed_or_stored() {
        // One literal, and 9 bytes from one before; five literals end every block.
        let compressed = [0x15, b'a', 1, 0, 0x50, b'b', b'c', b'd', b'e', b'f'];
        let whole = stream(19, 15, &[&compressed, b"tail"]);
        assert_eq!(undo(&whole, 19).unwrap(), &b"aaaaaaaaaabcdeftail"[..]);
        assert!(undo(&whole, 18).is_err());
        assert!(undo(&whole[..whole.len() - 1], 19).is_err());
        assert!(undo(&stream(4, 0, &[b"tail"]), 4).is_err());
        assert!(undo(&stream(16, 16, &[&compressed]), 16).is_err());
        assert_eq!(undo(&stream(0, 16, &[]), 0).unwrap(), &b""[..]);
    }
}
