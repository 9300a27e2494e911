//! Frames of Blosc2: a header, the chunks, and an index of where they are, which is a chunk itself.

use crate::filter::blosc::array::{Array, Chunks};
use crate::filter::blosc::{BloscError, chunk};

const MAGIC: &[u8] = b"b2frame\0";

/// Decompresses all chunks of a frame, to at most `room` bytes.
pub(super) fn decompress(frame: &[u8], room: u64) -> Result<Vec<u8>, BloscError> {
    let header = Header::decode(frame)?;
    let array = Array::find(frame, header.bytes)?;
    let size_bytes = match &array {
        Some(array) => array.size_bytes(header.element_bytes).unwrap_or(u64::MAX),
        None => header.size_bytes,
    };
    if size_bytes > room {
        return Err(BloscError::Damaged(format!("it decompresses to {size_bytes} bytes")));
    }
    let mut out = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    let Chunks { count, chunk_bytes } = match &array {
        Some(array) => array.chunks(header.element_bytes, room)?,
        None => header.chunks(),
    };
    if chunk_bytes == 0 || header.size_bytes == 0 {
        return Ok(out);
    }
    let offsets = header.offsets(frame, count, room)?;
    match array {
        None => {
            let length = usize::try_from(chunk_bytes).unwrap_or(usize::MAX);
            for (place, offset) in out.chunks_mut(length).zip(offsets) {
                let chunk = header.chunk(frame, offset, place.len() as u64)?;
                place.copy_from_slice(&chunk);
            }
        }
        Some(array) => {
            for (number, offset) in (0..).zip(offsets) {
                let chunk = header.chunk(frame, offset, chunk_bytes)?;
                let placed = array.place(number, &chunk, header.element_bytes, &mut out);
                placed.ok_or_else(|| BloscError::damaged("its chunks do not fit its shape"))?;
            }
        }
    }
    Ok(out)
}

/// The part of a frame's header that we need. It is written as a MessagePack array of fixed size, so
/// that its fields have fixed places.
struct Header<'f> {
    bytes: &'f [u8],
    /// Bytes of all chunks together, without and with compression.
    size_bytes: u64,
    compressed_bytes: u64,
    element_bytes: u64,
    chunk_bytes: u64,
}

/// Chunks whose elements are all the same are not stored: their offset says what they are, in its
/// highest byte.
const SPECIAL: u64 = 1 << 63;
const ZEROS: u64 = 1;
const UNWRITTEN: u64 = 4;

impl<'f> Header<'f> {
    /// The chunks of a frame that is no array.
    fn chunks(&self) -> Chunks {
        let count = self.size_bytes.checked_div(self.chunk_bytes).unwrap_or(0);
        let rest = self.size_bytes.checked_rem(self.chunk_bytes).unwrap_or(0);
        let count = count.saturating_add(u64::from(rest > 0));
        Chunks { count, chunk_bytes: self.chunk_bytes }
    }

    /// Where the chunks are: the chunk behind all others says it. Where most of them are special, it
    /// may be longer than the frame; but no writer makes chunks that are smaller than their offsets.
    fn offsets(&self, frame: &[u8], count: u64, room: u64) -> Result<Vec<u64>, BloscError> {
        let index_bytes = count.saturating_mul(8);
        if index_bytes > room {
            return Err(BloscError::damaged(format!("it has {count} chunks")));
        }
        let index = usize::try_from(self.compressed_bytes).ok();
        let index = index.and_then(|index| self.content(frame)?.get(index..));
        let offsets = chunk::decompress(index.ok_or_else(BloscError::ends_early)?, index_bytes)?;
        if offsets.len() as u64 != index_bytes {
            return Err(BloscError::ends_early());
        }
        let offsets = offsets.as_chunks::<8>().0;
        Ok(offsets.iter().map(|offset| u64::from_le_bytes(*offset)).collect())
    }

    /// The chunk at this offset, of `size_bytes`.
    fn chunk(&self, frame: &[u8], offset: u64, size_bytes: u64) -> Result<Vec<u8>, BloscError> {
        if offset & SPECIAL != 0 {
            return match offset >> 56 & 0x7f {
                ZEROS | UNWRITTEN => Ok(vec![0; usize::try_from(size_bytes).unwrap_or(0)]),
                other => Err(BloscError::Unknown(format!("special chunks of kind {other}"))),
            };
        }
        let at = usize::try_from(offset).ok().and_then(|at| self.content(frame)?.get(at..));
        let chunk = chunk::decompress(at.ok_or_else(BloscError::ends_early)?, size_bytes)?;
        match chunk.len() as u64 == size_bytes {
            true => Ok(chunk),
            false => Err(BloscError::damaged(format!("a chunk has {} bytes", chunk.len()))),
        }
    }

    fn content(&self, frame: &'f [u8]) -> Option<&'f [u8]> {
        frame.get(self.bytes.len()..)
    }

    fn decode(frame: &'f [u8]) -> Result<Self, BloscError> {
        if frame.get(2..2 + MAGIC.len()) != Some(MAGIC) {
            return Err(BloscError::damaged("it is no frame"));
        }
        let number = |at: usize| {
            let bytes = frame.get(at..).and_then(|at| at.first_chunk::<4>());
            bytes.map(|bytes| u32::from_be_bytes(*bytes)).ok_or_else(BloscError::ends_early)
        };
        let long = |at: usize| {
            let bytes = frame.get(at..).and_then(|at| at.first_chunk::<8>());
            bytes.map(|bytes| u64::from_be_bytes(*bytes)).ok_or_else(BloscError::ends_early)
        };
        let header_bytes = usize::try_from(number(HEADER_SIZE_AT)?).unwrap_or(usize::MAX);
        Ok(Self {
            bytes: frame.get(..header_bytes).ok_or_else(BloscError::ends_early)?,
            size_bytes: long(SIZE_AT)?,
            compressed_bytes: long(COMPRESSED_SIZE_AT)?,
            element_bytes: u64::from(number(ELEMENT_SIZE_AT)?).max(1),
            chunk_bytes: number(CHUNK_SIZE_AT)?.into(),
        })
    }
}

/// Places of fields, each behind the byte that says its type.
const HEADER_SIZE_AT: usize = 11;
const SIZE_AT: usize = 30;
const COMPRESSED_SIZE_AT: usize = 39;
const ELEMENT_SIZE_AT: usize = 48;
const CHUNK_SIZE_AT: usize = 58;

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame without chunks: a header of its fields that says this, and an index of special zeros.
    fn frame(size_bytes: u64, chunk_bytes: u32, index_bytes: u32) -> Vec<u8> {
        let mut header = vec![0; 87];
        header[2..10].copy_from_slice(MAGIC);
        header[HEADER_SIZE_AT..][..4].copy_from_slice(&87_u32.to_be_bytes());
        header[SIZE_AT..][..8].copy_from_slice(&size_bytes.to_be_bytes());
        header[CHUNK_SIZE_AT..][..4].copy_from_slice(&chunk_bytes.to_be_bytes());
        let mut index = vec![5, 1, 0x05, 8];
        index.extend([index_bytes, 8, 32].map(u32::to_le_bytes).concat());
        index.extend([0; 15]);
        index.push(1 << 4);
        [header, index].concat()
    }

    #[test]
    fn an_index_that_is_larger_than_the_data_is_damaged() {
        let damaged = |error: BloscError| assert!(matches!(error, BloscError::Damaged(_)));
        damaged(decompress(&frame(1000, 1, 8000), 1000).unwrap_err());
        // Two chunks, and an index of one.
        damaged(decompress(&frame(200, 100, 8), 1000).unwrap_err());
        // The offsets are zero: there is no chunk of data at the start, but the index itself.
        damaged(decompress(&frame(200, 100, 16), 1000).unwrap_err());
    }
}
