//! Reading numbers of any number of bits, the most significant bit first.

/// A position in a stream of bits.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits that were taken out of `bytes` and not given away yet, at the lower end.
    held: u128,
    held_bits: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, held: 0, held_bits: 0 }
    }

    /// Takes up to 64 bits as a number. `None` when fewer are left.
    pub(super) fn take(&mut self, count: u32) -> Option<u64> {
        if count > 64 {
            return None;
        }
        while self.held_bits < count {
            self.hold_more()?;
        }
        self.held_bits -= count;
        let mask = (1_u128 << count) - 1;
        u64::try_from(self.held >> self.held_bits & mask).ok()
    }

    /// Takes bits up to the first one that is set: how many are not. `None` when none is set.
    pub(super) fn zeros(&mut self) -> Option<u32> {
        let mut zeros = 0_u32;
        loop {
            let unused = u128::BITS - self.held_bits;
            let held = if self.held_bits == 0 { 0 } else { self.held << unused };
            let leading = held.leading_zeros();
            if leading < self.held_bits {
                self.held_bits -= leading + 1;
                return zeros.checked_add(leading);
            }
            zeros = zeros.checked_add(self.held_bits)?;
            self.held_bits = 0;
            self.hold_more()?;
        }
    }

    /// Takes eight bytes where there are so many, else one. There is room for them.
    fn hold_more(&mut self) -> Option<()> {
        match self.bytes.split_first_chunk::<8>() {
            Some((chunk, rest)) => {
                self.held = self.held << 64 | u128::from(u64::from_be_bytes(*chunk));
                (self.held_bits, self.bytes) = (self.held_bits + 64, rest);
            }
            None => {
                let (byte, rest) = self.bytes.split_first()?;
                self.held = self.held << 8 | u128::from(*byte);
                (self.held_bits, self.bytes) = (self.held_bits + 8, rest);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_come_from_the_top() {
        let mut bits = Bits::new(&[0b1010_0001, 0xff]);
        assert_eq!((bits.take(3), bits.take(5), bits.take(0)), (Some(0b101), Some(1), Some(0)));
        assert_eq!((bits.take(9), bits.take(65)), (None, None));
    }

    #[test]
    fn zeros_are_counted_up_to_the_first_bit_that_is_set() {
        let mut bytes = vec![0b0010_1000];
        bytes.extend([0; 20]);
        bytes.push(1);
        let mut bits = Bits::new(&bytes);
        let found: Vec<Option<u32>> = (0..4).map(|_| bits.zeros()).collect();
        assert_eq!(found, [Some(2), Some(1), Some(3 + 160 + 7), None]);
    }

    proptest! {
        #[test]
        fn numbers_of_any_width_are_found_again(
            numbers in proptest::collection::vec((1..=64_u32, any::<u64>()), 0..40),
        ) {
            let mut text = String::new();
            for &(width, number) in &numbers {
                let number = number >> (64 - width);
                text += &format!("{number:0width$b}", width = width as usize);
            }
            while !text.len().is_multiple_of(8) {
                text.push('0');
            }
            let bytes: Vec<u8> = (0..text.len() / 8)
                .map(|at| u8::from_str_radix(&text[8 * at..8 * at + 8], 2).unwrap())
                .collect();
            let mut bits = Bits::new(&bytes);
            for (width, number) in numbers {
                prop_assert_eq!(bits.take(width), Some(number >> (64 - width)));
            }
        }
    }
}
