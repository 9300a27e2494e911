//! Bits of a scan: behind a byte of ones the next byte has only seven, so that no marker stands among
//! them (T.87, "Bit stuffing").

/// A position in the bits of a scan.
pub(super) struct StuffedBits<'a> {
    bytes: &'a [u8],
    /// Bits that were taken out of `bytes` and not given away yet, at the lower end.
    held: u64,
    held_bits: u32,
    is_stuffed: bool,
}

impl<'a> StuffedBits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, held: 0, held_bits: 0, is_stuffed: false }
    }

    /// Takes up to 32 bits, the most significant first. `None` when fewer are left.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        while self.held_bits < count {
            self.hold_more()?;
        }
        self.held_bits -= count;
        let mask = (1_u64 << count) - 1;
        u32::try_from(self.held >> self.held_bits & mask).ok()
    }

    /// Takes bits up to the first one that is set: how many are not. `None` when there are more than
    /// `zeros_max`, or none is set.
    pub(super) fn zeros(&mut self, zeros_max: u32) -> Option<u32> {
        (0..=zeros_max).find_map(|zeros| match self.take(1) {
            Some(0) => None,
            Some(_) => Some(Some(zeros)),
            None => Some(None),
        })?
    }

    fn hold_more(&mut self) -> Option<()> {
        let (&byte, rest) = self.bytes.split_first()?;
        let bits = if self.is_stuffed { 7 } else { 8 };
        if self.is_stuffed && byte > 0x7f {
            return None;
        }
        self.is_stuffed = byte == 0xff;
        self.held = self.held << bits | u64::from(byte);
        (self.held_bits, self.bytes) = (self.held_bits + bits, rest);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_left_out_behind_a_byte_of_ones() {
        let mut bits = StuffedBits::new(&[0xff, 0x7f, 0x80, 0xff, 0xd9]);
        assert_eq!((bits.take(16), bits.take(7)), (Some(0xffff), Some(0)));
        assert_eq!(bits.take(8), Some(0xff));
        assert_eq!(bits.take(1), None, "there is a marker");
    }

    #[test]
    fn zeros_are_counted_up_to_a_bit_that_is_set() {
        let mut bits = StuffedBits::new(&[0b0010_0000, 0b0100_0000]);
        assert_eq!((bits.zeros(9), bits.zeros(5)), (Some(2), None));
    }
}
