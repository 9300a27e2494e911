//! Filter 4: szip, an entropy coder for numbers.

mod entropy;

use bytes::Bytes;

use crate::filter::szip::entropy::Coding;
use crate::filter::{FilterError, shuffle};

/// Bits of the options mask.
const MOST_SIGNIFICANT_FIRST: u32 = 16;
const NEAREST_NEIGHBOUR: u32 = 32;

/// Decompresses `bytes`, to at most `room` bytes: their number stands in the first four.
pub(super) fn undo(bytes: &[u8], parameters: &[u32], room: u64) -> Result<Bytes, FilterError> {
    let lines = Lines::decode(parameters)?;
    let (size_bytes, stream) =
        bytes.split_first_chunk::<4>().ok_or_else(|| damaged("it ends too early"))?;
    let size_bytes = u32::from_le_bytes(*size_bytes);
    if u64::from(size_bytes) > room {
        return Err(damaged(&format!("it decompresses to {size_bytes} bytes")));
    }
    let size_bytes = usize::try_from(size_bytes).unwrap_or(usize::MAX);
    let count = size_bytes / lines.number_bytes;
    let decoded = entropy::decode(stream, lines.coded_count(count), lines.coding);
    let decoded = decoded.ok_or_else(|| damaged("its blocks make no sense"))?;
    let mut numbers = Vec::with_capacity(size_bytes);
    for line in decoded.chunks(lines.coded_length) {
        for number in line.iter().take(lines.length) {
            lines.append(*number, &mut numbers);
        }
    }
    numbers.truncate(size_bytes);
    Ok(lines.in_order(numbers).into())
}

/// Numbers in lines, each of which is filled up to whole blocks.
struct Lines {
    coding: Coding,
    number_bytes: usize,
    is_big_endian: bool,
    /// Bytes of a number whose bytes were coded apart: all first ones, then all second ones.
    interleaved_bytes: Option<usize>,
    /// Numbers of a line, without and with what fills its last block.
    length: usize,
    coded_length: usize,
}

impl Lines {
    fn decode(parameters: &[u32]) -> Result<Self, FilterError> {
        let [options, block, bits, line, ..] = parameters else {
            return Err(damaged("there are too few parameters"));
        };
        if *block == 0 || *block > 32 || block % 2 == 1 || line < block {
            return Err(damaged(&format!("there are no blocks of {block} in lines of {line}")));
        }
        let interleaved_bytes = matches!(bits, 32 | 64).then_some(bits / 8);
        let number_bits = if interleaved_bytes.is_some() { 8 } else { *bits };
        let number_bytes = match number_bits {
            1..=8 => 1,
            9..=16 => 2,
            17..=32 => 4,
            _ => return Err(damaged(&format!("there are no numbers of {bits} bits"))),
        };
        let length = |numbers: u32| usize::try_from(numbers).unwrap_or(usize::MAX);
        let reference_interval = line.div_ceil(*block);
        Ok(Self {
            coding: Coding {
                number_bits,
                block: length(*block),
                reference_interval: length(reference_interval),
                differences: options & NEAREST_NEIGHBOUR != 0,
            },
            number_bytes,
            is_big_endian: options & MOST_SIGNIFICANT_FIRST != 0,
            interleaved_bytes: interleaved_bytes.map(length),
            length: length(*line),
            coded_length: length(reference_interval.saturating_mul(*block)),
        })
    }

    /// How many coded numbers hold `count` ones: less than twice as many, as a line has at least one
    /// block. What fills a line that ends early is not needed.
    fn coded_count(&self, count: usize) -> usize {
        let of_whole_lines = (count / self.length).saturating_mul(self.coded_length);
        of_whole_lines.saturating_add(count % self.length)
    }

    fn append(&self, number: u32, bytes: &mut Vec<u8>) {
        let little = number.to_le_bytes();
        let (used, _) = little.split_at(self.number_bytes.min(little.len()));
        match self.is_big_endian {
            true => bytes.extend(used.iter().rev()),
            false => bytes.extend(used),
        }
    }

    fn in_order(&self, numbers: Vec<u8>) -> Vec<u8> {
        let Some(number_bytes) = self.interleaved_bytes else { return numbers };
        let mut ordered = vec![0; numbers.len()];
        shuffle::unshuffle(&numbers, &mut ordered, number_bytes);
        ordered
    }
}

fn damaged(detail: &str) -> FilterError {
    FilterError::Damaged { filter: "szip", detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_within_a_block() {
        // Lines of ten numbers in blocks of eight: six of each second block are no numbers.
        let lines = Lines::decode(&[NEAREST_NEIGHBOUR, 8, 8, 10]).unwrap();
        assert_eq!((lines.coded_count(10), lines.coded_count(11)), (16, 17));
        // One run of two blocks of zeros behind the reference, twice.
        let bytes = [20, 0, 0, 0, 0b0000_0000, 0b0111_0100, 0b0000_0000, 0b1001_0000];
        assert_eq!(undo(&bytes, &[NEAREST_NEIGHBOUR, 8, 8, 10], 20).unwrap()[..10], [7; 10]);
    }

    #[test]
    fn a_line_takes_no_more_memory_than_there_are_numbers() {
        let lines = Lines::decode(&[0, 16, 8, 0x77ff_fff7]).unwrap();
        assert_eq!(lines.coded_count(100), 100);
        let lines = Lines::decode(&[0, 16, 8, 17]).unwrap();
        assert_eq!([16, 17, 18, 100].map(|count| lines.coded_count(count)), [16, 32, 33, 175]);
    }

    #[test]
    fn impossible_parameters_are_damaged() {
        for parameters in
            [&[0, 8, 8][..], &[0, 0, 8, 8], &[0, 34, 8, 64], &[0, 8, 8, 7], &[0, 8, 33, 8]]
        {
            assert!(undo(&[8, 0, 0, 0, 0, 0], parameters, 8).is_err(), "{parameters:?}");
        }
        assert!(undo(&[9, 0, 0, 0, 0, 0], &[0, 8, 8, 8], 8).is_err());
    }
}
