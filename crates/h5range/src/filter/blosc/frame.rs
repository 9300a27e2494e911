//! Frames of Blosc2: a header, the chunks, and an index of where they are, which is a chunk itself.

use crate::filter::blosc::array::Array;
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
    let chunk_bytes = match &array {
        Some(array) => array.chunk_bytes(header.element_bytes, room)?,
        None => header.chunk_bytes,
    };
    if chunk_bytes == 0 || header.size_bytes == 0 {
        return Ok(out);
    }
    let count = header.size_bytes.div_ceil(chunk_bytes);
    let offsets = header.offsets(frame, count)?;
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
    /// Where the chunks are: the chunk behind all others says it.
    fn offsets(&self, frame: &[u8], count: u64) -> Result<Vec<u64>, BloscError> {
        let index = usize::try_from(self.compressed_bytes).ok();
        let index = index.and_then(|index| self.content(frame)?.get(index..));
        let index_bytes = count.saturating_mul(8);
        // Each chunk takes at least its header.
        if index_bytes > frame.len() as u64 && self.compressed_bytes > 0 {
            return Err(BloscError::ends_early());
        }
        let offsets = chunk::decompress(index.ok_or_else(BloscError::ends_early)?, index_bytes)?;
        let offsets = offsets.chunks_exact(8).map(|offset| {
            offset.first_chunk::<8>().map_or(0, |offset| u64::from_le_bytes(*offset))
        });
        Ok(offsets.collect())
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
