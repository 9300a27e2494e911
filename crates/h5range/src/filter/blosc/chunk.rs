//! Chunks of both versions of Blosc: a header, where the blocks start, and the blocks.

use crate::filter::blosc::BloscError;
use crate::filter::blosc::codec::Codec;
use crate::filter::{bitshuffle, shuffle};

/// Bytes of the header of the first version, and of the second one.
const HEADER_BYTES: usize = 16;
const EXTENDED_HEADER_BYTES: usize = 32;

/// The first version of the format that belongs to Blosc2.
const VERSION_BLOSC2: u8 = 3;

/// Bits of the flags.
const SHUFFLED: u8 = 0x01;
const STORED_WHOLE: u8 = 0x02;
const BIT_SHUFFLED: u8 = 0x04;
/// Both shuffles at once, which cannot be, say that the header is an extended one.
const EXTENDED: u8 = SHUFFLED | BIT_SHUFFLED;
const NOT_SPLIT: u8 = 0x10;

/// Blosc splits blocks of elements of at most so many bytes into streams, one for each byte,
const SPLIT_ELEMENT_BYTES_MAX: usize = 16;
/// where each stream has at least so many bytes.
const SPLIT_STREAM_BYTES_MIN: usize = 128;

/// Decompresses `chunk`, to at most `room` bytes.
pub(super) fn decompress(chunk: &[u8], room: u64) -> Result<Vec<u8>, BloscError> {
    let header = Header::decode(chunk)?;
    if header.size_bytes as u64 > room {
        let detail = format!("it decompresses to {} bytes", header.size_bytes);
        return Err(BloscError::Damaged(detail));
    }
    let mut out = vec![0; header.size_bytes];
    let content = chunk.get(header.header_bytes..).ok_or_else(BloscError::ends_early)?;
    match header.special {
        Special::None => {}
        Special::Zeros => return Ok(out),
        Special::Value(bytes) => {
            let value = chunk.get(header.header_bytes..).and_then(|value| value.get(..bytes));
            let value = value.ok_or_else(BloscError::ends_early)?;
            out.chunks_exact_mut(bytes.max(1)).for_each(|place| place.copy_from_slice(value));
            return Ok(out);
        }
        Special::NotANumber => {
            fill_with_nan(&mut out, header.element_bytes)?;
            return Ok(out);
        }
    }
    if header.flags & STORED_WHOLE != 0 {
        let stored = content.get(..header.size_bytes).ok_or_else(BloscError::ends_early)?;
        out.copy_from_slice(stored);
        return Ok(out);
    }
    let mut scratch = vec![0; header.block_bytes.min(header.size_bytes)];
    for (index, block) in out.chunks_mut(header.block_bytes).enumerate() {
        let scratch = scratch.get_mut(..block.len()).unwrap_or_default();
        header.decompress_block(chunk, index, scratch)?;
        header.undo_filters(scratch, block)?;
    }
    Ok(out)
}

fn fill_with_nan(out: &mut [u8], element_bytes: usize) -> Result<(), BloscError> {
    match element_bytes {
        4 => out.chunks_exact_mut(4).for_each(|at| at.copy_from_slice(&f32::NAN.to_le_bytes())),
        8 => out.chunks_exact_mut(8).for_each(|at| at.copy_from_slice(&f64::NAN.to_le_bytes())),
        other => {
            return Err(BloscError::damaged(format!("there is no NaN of {other} bytes")));
        }
    }
    Ok(())
}

/// Chunks whose elements are all the same.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Special {
    None,
    Zeros,
    NotANumber,
    /// An element of so many bytes behind the header.
    Value(usize),
}

struct Header {
    header_bytes: usize,
    flags: u8,
    element_bytes: usize,
    size_bytes: usize,
    block_bytes: usize,
    codec: Codec,
    special: Special,
    is_blosc2: bool,
    /// What was done to each block, each with a parameter.
    filters: Vec<(u8, u8)>,
}

/// Filters of Blosc2. The last one keeps fewer bits, which is not undone.
const NO_FILTER: u8 = 0;
const SHUFFLE: u8 = 1;
const BIT_SHUFFLE: u8 = 2;
const TRUNCATE_PRECISION: u8 = 4;

impl Header {
    fn decode(chunk: &[u8]) -> Result<Self, BloscError> {
        let header = chunk.first_chunk::<HEADER_BYTES>().ok_or_else(BloscError::ends_early)?;
        let [version, _, flags, element_bytes, size @ ..] = *header;
        let [a, b, c, d, e, f, g, h, ..] = size;
        let number = |bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX);
        let (size_bytes, block_bytes) = (number([a, b, c, d]), number([e, f, g, h]));
        if block_bytes == 0 && size_bytes > 0 {
            return Err(BloscError::damaged("its blocks have no bytes"));
        }
        let mut decoded = Self {
            header_bytes: HEADER_BYTES,
            flags,
            element_bytes: usize::from(element_bytes).max(1),
            size_bytes,
            block_bytes: block_bytes.max(1),
            codec: Codec::BloscLz,
            special: Special::None,
            is_blosc2: version >= VERSION_BLOSC2,
            filters: Vec::new(),
        };
        if flags & EXTENDED == EXTENDED {
            decoded.decode_extended(chunk)?;
        } else if flags & SHUFFLED != 0 {
            decoded.filters.push((SHUFFLE, 0));
        } else if flags & BIT_SHUFFLED != 0 {
            decoded.filters.push((BIT_SHUFFLE, 0));
        }
        if decoded.special == Special::None && flags & STORED_WHOLE == 0 {
            decoded.codec = Codec::from_format(flags >> 5)?;
        }
        Ok(decoded)
    }

    fn decode_extended(&mut self, chunk: &[u8]) -> Result<(), BloscError> {
        let header =
            chunk.first_chunk::<EXTENDED_HEADER_BYTES>().ok_or_else(BloscError::ends_early)?;
        let (_, extension) = header.split_at(HEADER_BYTES);
        let (filters, rest) = extension.split_at(6);
        let (parameters, flags) = rest.split_at(8);
        let parameters = parameters.iter().skip(2);
        self.filters = filters.iter().copied().zip(parameters.copied()).collect();
        self.header_bytes = EXTENDED_HEADER_BYTES;
        let flags = flags.last().copied().unwrap_or(0);
        if flags & 1 != 0 {
            return Err(BloscError::Unknown("a dictionary".to_owned()));
        }
        self.special = match flags >> 4 & 7 {
            0 => Special::None,
            // What was never written is zeros here.
            1 | 4 => Special::Zeros,
            2 => Special::NotANumber,
            3 => Special::Value(self.element_bytes),
            other => return Err(BloscError::damaged(format!("there is no special value {other}"))),
        };
        Ok(())
    }

    /// Decompresses the block of this index into `out`, which has its size.
    fn decompress_block(
        &self,
        chunk: &[u8],
        index: usize,
        out: &mut [u8],
    ) -> Result<(), BloscError> {
        let at = index.checked_mul(4).and_then(|at| at.checked_add(self.header_bytes));
        let start = at.and_then(|at| chunk.get(at..)).and_then(|at| at.first_chunk::<4>());
        let start =
            start.map(|start| u32::from_le_bytes(*start)).ok_or_else(BloscError::ends_early)?;
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let mut rest = chunk.get(start..).ok_or_else(BloscError::ends_early)?;
        let stream_bytes = out.len() / self.streams_of(out.len());
        for stream in out.chunks_mut(stream_bytes.max(1)) {
            rest = self.decompress_stream(rest, stream)?;
        }
        Ok(())
    }

    /// Into how many streams a block of this size is split. The last block, if it is smaller, is
    /// not.
    fn streams_of(&self, block_bytes: usize) -> usize {
        let may_be_split = self.flags & NOT_SPLIT == 0 && block_bytes == self.block_bytes;
        let is_split = match self.is_blosc2 {
            true => may_be_split,
            false => {
                may_be_split
                    && self.element_bytes <= SPLIT_ELEMENT_BYTES_MAX
                    && self.block_bytes / self.element_bytes >= SPLIT_STREAM_BYTES_MIN
            }
        };
        match self.element_bytes {
            bytes if is_split && block_bytes.is_multiple_of(bytes) => bytes,
            _ => 1,
        }
    }

    /// Fills `out` from a stream, which has its size before it. Returns what is behind it.
    fn decompress_stream<'a>(
        &self,
        bytes: &'a [u8],
        out: &mut [u8],
    ) -> Result<&'a [u8], BloscError> {
        let (size, rest) = bytes.split_first_chunk::<4>().ok_or_else(BloscError::ends_early)?;
        let size = i32::from_le_bytes(*size);
        if self.is_blosc2 && size <= 0 {
            return run_of_one_byte(size, rest, out);
        }
        let size = usize::try_from(size).map_err(|_| BloscError::ends_early())?;
        let (stored, rest) = rest.split_at_checked(size).ok_or_else(BloscError::ends_early)?;
        if stored.len() == out.len() {
            out.copy_from_slice(stored);
        } else {
            self.codec.decompress(stored, out)?;
        }
        Ok(rest)
    }

    /// Undoes the filters of a block, from the last to the first. The answer is in `out`.
    fn undo_filters(&self, block: &mut [u8], out: &mut [u8]) -> Result<(), BloscError> {
        for &(filter, parameter) in self.filters.iter().rev() {
            match filter {
                NO_FILTER | TRUNCATE_PRECISION => continue,
                SHUFFLE => {
                    let bytes = match usize::from(parameter) {
                        0 => self.element_bytes,
                        bytes => bytes,
                    };
                    shuffle::unshuffle(block, out, bytes);
                }
                BIT_SHUFFLE => {
                    let elements = block.len() / self.element_bytes;
                    // The first version leaves other numbers of elements as they are.
                    if self.is_blosc2 || elements.is_multiple_of(8) {
                        bitshuffle::unshuffle(block, out, self.element_bytes);
                    } else {
                        continue;
                    }
                }
                other => return Err(BloscError::Unknown(format!("the filter {other}"))),
            }
            block.copy_from_slice(out);
        }
        out.copy_from_slice(block);
        Ok(())
    }
}

/// Blosc2 writes streams of one byte, repeated, as a size that is not positive: zero for zeros, else
/// the byte, negated, with a token behind it.
fn run_of_one_byte<'a>(size: i32, bytes: &'a [u8], out: &mut [u8]) -> Result<&'a [u8], BloscError> {
    if size == 0 {
        out.fill(0);
        return Ok(bytes);
    }
    let (token, rest) = bytes.split_first().ok_or_else(BloscError::ends_early)?;
    match u8::try_from(size.unsigned_abs()) {
        Ok(value) if token & 1 != 0 => out.fill(value),
        _ => return Err(BloscError::damaged("a run of bytes makes no sense")),
    }
    Ok(rest)
}
