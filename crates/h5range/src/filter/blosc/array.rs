//! Arrays of several dimensions in Blosc2 frames: their chunks are cut into blocks, which lie one
//! behind the other, each as if it were whole.

use crate::filter::blosc::BloscError;
use crate::selection::{ChunkGrid, Hyperslab, element_count};

/// The shapes of an array, its chunks and their blocks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Array {
    shape: Vec<u64>,
    chunk: Vec<u64>,
    block: Vec<u64>,
}

/// The name of the metadata that says them, as a string of MessagePack.
const NAME: &[u8] = b"\xa4b2nd";

/// Types of MessagePack.
const INT_32: u8 = 0xd2;
const INT_64: u8 = 0xd3;
const BIN_32: u8 = 0xc6;

/// Chunks that do not fit their array are filled up, and blocks that do not fit their chunk; but nobody
/// needs more than so many times the bytes.
const PADDED_SHARE_MAX: u64 = 8;

/// The chunks of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunks {
    pub(super) count: u64,
    /// Bytes of each, with what fills its blocks.
    pub(super) chunk_bytes: u64,
}

impl Array {
    /// The array in `frame`, if its `header` says that there is one.
    pub(super) fn find(frame: &[u8], header: &[u8]) -> Result<Option<Self>, BloscError> {
        let Some(at) = header.windows(NAME.len()).position(|name| name == NAME) else {
            return Ok(None);
        };
        let decoded = header.get(at + NAME.len()..).and_then(|rest| Self::decode(frame, rest));
        decoded.map(Some).ok_or_else(|| BloscError::damaged("its shape makes no sense"))
    }

    /// `rest` is what stands behind the name: where in the frame the metadata is.
    fn decode(frame: &[u8], mut rest: &[u8]) -> Option<Self> {
        let offset = usize::try_from(integer(&mut rest, INT_32)?).ok()?;
        let mut content = frame.get(offset..)?;
        integer(&mut content, BIN_32)?;
        let (_, after) = content.split_first_chunk::<2>()?;
        let (rank, mut content) = after.split_first()?;
        let mut numbers = |kind: u8| -> Option<Vec<u64>> {
            let (_, rest) = content.split_first()?;
            content = rest;
            (0..*rank).map(|_| integer(&mut content, kind)).collect()
        };
        let array =
            Self { shape: numbers(INT_64)?, chunk: numbers(INT_32)?, block: numbers(INT_32)? };
        let is_empty = [&array.chunk, &array.block].into_iter().any(|of| of.contains(&0));
        (!is_empty && *rank > 0).then_some(array)
    }

    /// Its chunks, which all together have at most some times `room` bytes.
    pub(super) fn chunks(&self, element_bytes: u64, room: u64) -> Result<Chunks, BloscError> {
        let whole_blocks = self.chunk.iter().zip(&self.block);
        let whole_blocks = whole_blocks
            .map(|(chunk, block)| chunk.div_ceil(*block).checked_mul(*block))
            .collect::<Option<Vec<u64>>>();
        let chunk_bytes =
            whole_blocks.and_then(|whole| element_count(&whole)?.checked_mul(element_bytes));
        let counts = self.shape.iter().zip(&self.chunk);
        let counts: Vec<u64> = counts.map(|(extent, chunk)| extent.div_ceil(*chunk)).collect();
        let chunks = element_count(&counts).zip(chunk_bytes);
        chunks
            .filter(|(count, chunk_bytes)| {
                let all_bytes = chunk_bytes.checked_mul((*count).max(1));
                all_bytes.is_some_and(|bytes| bytes <= room.saturating_mul(PADDED_SHARE_MAX))
            })
            .map(|(count, chunk_bytes)| Chunks { count, chunk_bytes })
            .ok_or_else(|| BloscError::damaged("its chunks and blocks are mostly filled up"))
    }

    /// Bytes of the array itself.
    pub(super) fn size_bytes(&self, element_bytes: u64) -> Option<u64> {
        element_count(&self.shape)?.checked_mul(element_bytes)
    }

    /// Puts the elements of the chunk of this `number` into their places in `out`, an array that has
    /// them in order.
    pub(super) fn place(
        &self,
        number: u64,
        chunk: &[u8],
        element_bytes: u64,
        out: &mut [u8],
    ) -> Option<()> {
        let chunks = ChunkGrid::new(self.shape.clone(), self.chunk.clone())?;
        let blocks = ChunkGrid::new(self.chunk.clone(), self.block.clone())?;
        let whole = Hyperslab::all(&self.chunk);
        let chunk_elements = element_count(&self.chunk)?;
        let mut ordered =
            vec![0; usize::try_from(chunk_elements.checked_mul(element_bytes)?).ok()?];
        let block_bytes = element_count(&self.block)?.checked_mul(element_bytes)?;
        let stored = chunk.chunks_exact(usize::try_from(block_bytes).ok()?);
        for (block, stored) in blocks.numbers_met(&whole).zip(stored) {
            blocks.lattice(block, &whole).copy(stored, &mut ordered, element_bytes)?;
        }
        chunks.lattice(number, &Hyperslab::all(&self.shape)).copy(&ordered, out, element_bytes)
    }
}

/// Takes an integer of this type.
fn integer(bytes: &mut &[u8], kind: u8) -> Option<u64> {
    let (found, rest) = bytes.split_first()?;
    if *found != kind {
        return None;
    }
    let (number, rest) = match kind {
        INT_64 => {
            rest.split_first_chunk::<8>().map(|(of, rest)| (u64::from_be_bytes(*of), rest))?
        }
        _ => {
            let (number, rest) = rest.split_first_chunk::<4>()?;
            (u32::from_be_bytes(*number).into(), rest)
        }
    };
    *bytes = rest;
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An array of 3 by 5 in one chunk with blocks of 2 by 4.
    fn header() -> Vec<u8> {
        let content = [0x97, 0, 2];
        let int_64 = |number: u64| [&[INT_64][..], &number.to_be_bytes()].concat();
        let int_32 = |number: u32| [&[INT_32][..], &number.to_be_bytes()].concat();
        let mut metadata = [&[BIN_32][..], &[0; 4], &content].concat();
        metadata.extend([&[0x92][..], &int_64(3), &int_64(5)].concat());
        metadata.extend([&[0x92][..], &int_32(3), &int_32(5)].concat());
        metadata.extend([&[0x92][..], &int_32(2), &int_32(4)].concat());
        let name = [NAME, &int_32(10)].concat();
        [name, metadata].concat()
    }

    #[test]
    fn blocks_are_put_in_order() {
        let header = header();
        let array = Array::find(&header, &header).unwrap().unwrap();
        assert_eq!(array.chunks(1, 15), Ok(Chunks { count: 1, chunk_bytes: 32 }));
        assert!(array.chunks(1, 3).is_err());
        assert_eq!(array.size_bytes(2), Some(30));
        let blocks = b"abcdfghie___j___klmn____o_______";
        let mut out = [0; 15];
        assert_eq!(array.place(0, blocks, 1, &mut out), Some(()));
        assert_eq!(&out, b"abcdefghijklmno");
    }

    #[test]
    fn chunks_that_are_mostly_filled_up_are_damaged() {
        // A thousand rows of one element, in chunks of one by a thousand.
        let wide = Array { shape: vec![1000, 1], chunk: vec![1, 1000], block: vec![1, 1000] };
        assert!(wide.chunks(1, 1000).is_err());
        let high = Array { chunk: vec![500, 1], block: vec![500, 1], ..wide };
        assert_eq!(high.chunks(1, 1000), Ok(Chunks { count: 2, chunk_bytes: 500 }));
    }

    #[test]
    fn damaged_metadata_is_an_error_and_none_is_no_array() {
        let header = header();
        for cut in 10..header.len() {
            assert!(Array::find(&header[..cut], &header[..10]).is_err(), "{cut}");
        }
        assert_eq!(Array::find(&header, &header[..4]), Ok(None));
    }
}
