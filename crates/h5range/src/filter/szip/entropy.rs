//! The adaptive entropy coder of CCSDS 121.0-B: blocks of numbers, each in the way that makes it
//! shortest.

use crate::filter::bits::Bits;

/// How numbers were coded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    /// Bits of a number: 1 to 32.
    pub(super) number_bits: u32,
    /// Numbers of a block.
    pub(super) block: usize,
    /// Blocks from one whole number, a "reference", to the next.
    pub(super) reference_interval: usize,
    /// Whether all but the references are differences to the number before.
    pub(super) differences: bool,
}

/// Decodes `count` numbers. `None` where there are fewer, or something makes no sense.
pub(super) fn decode(bytes: &[u8], count: usize, coding: Coding) -> Option<Vec<u32>> {
    let mut bits = Bits::new(bytes);
    let mut numbers: Vec<u32> = Vec::new();
    numbers.try_reserve_exact(count).ok()?;
    let interval = coding.reference_interval.checked_mul(coding.block)?;
    let mut coded = Vec::with_capacity(interval.min(count.saturating_add(coding.block)));
    while numbers.len() < count {
        let wanted = interval.min(count - numbers.len());
        coded.clear();
        while coded.len() < wanted {
            decode_block(&mut bits, &mut coded, wanted, coding)?;
        }
        coded.truncate(wanted);
        if coding.differences {
            sum_up(&mut coded, coding.number_bits);
        }
        numbers.extend_from_slice(&coded);
    }
    Some(numbers)
}

/// Appends the numbers of one block, or of a run of blocks of zeros, which do not go beyond the
/// interval that `coded` is of. Of a run that is longer it appends no more than make `wanted` numbers:
/// the rest of an interval may be billions.
fn decode_block(
    bits: &mut Bits<'_>,
    coded: &mut Vec<u32>,
    wanted: usize,
    coding: Coding,
) -> Option<()> {
    let Coding { number_bits, block, .. } = coding;
    let option_bits = match number_bits {
        0..=8 => 3,
        9..=16 => 4,
        _ => 5,
    };
    let uncompressed = (1 << option_bits) - 1;
    let option = bits.take(option_bits)?;
    if option == uncompressed {
        for _ in 0..block {
            coded.push(number(bits.take(number_bits)?)?);
        }
        return Some(());
    }
    let is_first = coding.differences && coded.is_empty();
    if option > 0 {
        let split_bits = u32::try_from(option - 1).ok()?;
        let rest = with_reference(bits, coded, coding, is_first)?;
        return split(bits, coded, rest, split_bits);
    }
    let is_second_extension = bits.take(1)? == 1;
    let blocks_before = coded.len() / block;
    let rest = with_reference(bits, coded, coding, is_first)?;
    match is_second_extension {
        true => second_extension(bits, coded, rest, is_first),
        false => {
            let blocks = blocks_of_zeros(bits, blocks_before, coding.reference_interval)?;
            let zeros = (blocks - 1).checked_mul(block)?.checked_add(rest)?;
            let end = coded.len().checked_add(zeros)?;
            coded.resize(end.min(wanted.max(coded.len())), 0);
            Some(())
        }
    }
}

/// Takes the reference that a first block starts with. Returns how many numbers are left to it.
fn with_reference(
    bits: &mut Bits<'_>,
    coded: &mut Vec<u32>,
    coding: Coding,
    is_first: bool,
) -> Option<usize> {
    if !is_first {
        return Some(coding.block);
    }
    coded.push(number(bits.take(coding.number_bits)?)?);
    Some(coding.block - 1)
}

/// The upper bits of all numbers in unary, behind them the lower bits.
fn split(bits: &mut Bits<'_>, coded: &mut Vec<u32>, count: usize, low_bits: u32) -> Option<()> {
    let start = coded.len();
    for _ in 0..count {
        coded.push(bits.zeros()?.checked_shl(low_bits)?);
    }
    if low_bits > 0 {
        for number_of in coded.get_mut(start..)? {
            *number_of |= number(bits.take(low_bits)?)?;
        }
    }
    Some(())
}

/// Two numbers in each code, with their sum and the second one. In a first block the reference takes
/// the place of the first number of the first pair.
fn second_extension(
    bits: &mut Bits<'_>,
    coded: &mut Vec<u32>,
    count: usize,
    is_first: bool,
) -> Option<()> {
    let end = coded.len().checked_add(count)?;
    let mut skips = is_first;
    while coded.len() < end {
        let code = bits.zeros()?;
        let (sum, codes_before) = (0..=SUM_MAX)
            .map(|sum| (sum, sum * (sum + 1) / 2))
            .take_while(|(_, before)| *before <= code)
            .last()?;
        let second = code - codes_before;
        if second > sum {
            return None;
        }
        if !std::mem::take(&mut skips) {
            coded.push(sum - second);
        }
        coded.push(second);
    }
    coded.truncate(end);
    Some(())
}

/// Larger sums are not coded in pairs.
const SUM_MAX: u32 = 12;

/// How many blocks of zeros there are. The code in the middle means: up to the next multiple of 64
/// blocks, or to the end of the interval.
fn blocks_of_zeros(bits: &mut Bits<'_>, blocks_before: usize, interval: usize) -> Option<usize> {
    const TO_THE_END: u32 = 4;
    let left = interval.checked_sub(blocks_before)?;
    let blocks = match bits.zeros()? {
        TO_THE_END => left.min(64 - blocks_before % 64),
        code if code > TO_THE_END => usize::try_from(code).ok()?,
        code => usize::try_from(code).ok()? + 1,
    };
    (1..=left).contains(&blocks).then_some(blocks)
}

/// Makes numbers of differences to those before. A difference is positive where its code is even; one
/// that only one sign can have has no sign.
fn sum_up(numbers: &mut [u32], number_bits: u32) {
    let greatest = u32::MAX >> (u32::BITS - number_bits.clamp(1, u32::BITS));
    let Some((first, rest)) = numbers.split_first_mut() else { return };
    let mut last = *first;
    for number in rest {
        let code = *number;
        let distance = code.div_ceil(2);
        let room = if last > greatest / 2 { greatest - last.min(greatest) } else { last };
        last = match (distance <= room, code % 2 == 0) {
            (true, true) => last.wrapping_add(distance),
            (true, false) => last.wrapping_sub(distance),
            (false, _) if last > greatest / 2 => greatest.wrapping_sub(code),
            (false, _) => code,
        } & greatest;
        *number = last;
    }
}

fn number(bits: u64) -> Option<u32> {
    u32::try_from(bits).ok()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const EIGHT_BITS: Coding =
        Coding { number_bits: 8, block: 8, reference_interval: 2, differences: true };

    /// The bytes of bits that are written with spaces.
    fn bytes(bits: &str) -> Vec<u8> {
        let digits: Vec<char> = bits.chars().filter(|digit| *digit != ' ').collect();
        let byte = |digits: &[char]| {
            let text: String = digits.iter().chain(['0'; 8].iter()).take(8).collect();
            u8::from_str_radix(&text, 2).unwrap()
        };
        digits.chunks(8).map(byte).collect()
    }

    #[test]
    fn each_option_codes_a_block() {
        let plain = Coding { differences: false, ..EIGHT_BITS };
        let uncompressed =
            "111 00000001 00000010 00000011 00000100 00000101 00000110 00000111 00001000";
        assert_eq!(decode(&bytes(uncompressed), 8, plain), Some((1..9).collect()));
        // One lower bit: upper bits 0 0 1 1 2 0 0 0, then lower ones.
        let split = "010 1 1 01 01 001 1 1 1 0 1 0 1 0 1 1 0";
        assert_eq!(decode(&bytes(split), 8, plain), Some(vec![0, 1, 2, 3, 4, 1, 1, 0]));
        // Pairs 0 0, 1 0, 0 1, 2 0.
        let pairs = "000 1 1 01 001 0001";
        assert_eq!(decode(&bytes(pairs), 8, plain), Some(vec![0, 0, 1, 0, 0, 1, 2, 0]));
        assert_eq!(decode(&bytes("000 0 01"), 16, plain), Some(vec![0; 16]));
        assert_eq!(decode(&bytes("000 0 00001"), 16, plain), Some(vec![0; 16]));
        assert_eq!(decode(&bytes("000 0 0001"), 16, plain), None, "four blocks of two");
    }

    #[test]
    fn a_first_block_starts_with_a_reference() {
        // 100, then pairs: only the second of the first one, 0 0, 2 0, 0 1.
        let pairs = "000 1 01100100 001 1 0001 001";
        let expected = vec![100, 101 - 2, 99, 99, 100, 100, 100, 99];
        assert_eq!(decode(&bytes(pairs), 8, EIGHT_BITS), Some(expected));
        assert_eq!(decode(&bytes("000 0 01100100 01"), 16, EIGHT_BITS), Some(vec![100; 16]));
    }

    #[test]
    fn a_run_of_zeros_is_no_longer_than_what_is_wanted() {
        let coding = Coding { reference_interval: 1 << 27, ..EIGHT_BITS };
        // A million blocks.
        let run = [&bytes("000 0 00000000")[..], &[0; 125_000], &[1]].concat();
        let mut coded = Vec::new();
        let decoded = decode_block(&mut Bits::new(&run), &mut coded, 20, coding);
        assert_eq!((decoded, coded.len()), (Some(()), 20));
    }

    #[test]
    fn differences_have_a_sign_only_where_both_are_possible() {
        // 2 down; then from 0, and from 2 farther than one could go down: codes are numbers.
        let mut numbers = [2, 3, 2, 9];
        sum_up(&mut numbers, 8);
        assert_eq!(numbers, [2, 0, 2, 9]);
        let mut numbers = [254, 2, 200];
        sum_up(&mut numbers, 8);
        assert_eq!(numbers, [254, 255, 55]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_as_many_numbers_or_none(
            bytes in vec(any::<u8>(), 0..100),
            number_bits in 1..=32_u32,
            block in 1..=16_usize,
            reference_interval in 1..100_usize,
            differences in any::<bool>(),
            count in 0..2000_usize,
        ) {
            let coding = Coding { number_bits, block: 2 * block, reference_interval, differences };
            if let Some(numbers) = decode(&bytes, count, coding) {
                prop_assert_eq!(numbers.len(), count);
            }
        }
    }
}
