//! What the coder has learnt of errors of prediction (T.87, A.6 and A.7.2).

use crate::filter::jpeg_ls::scan::Coding;

/// Statistics of the errors in surroundings of one kind.
#[derive(Clone)]
pub(super) struct Context {
    /// "A": the sum of their magnitudes.
    magnitudes: i32,
    /// "B": their sum, kept small by the correction.
    bias: i32,
    /// "C": what is added to predictions.
    pub(super) correction: i32,
    /// "N": how many they are.
    count: i32,
}

const CORRECTIONS: std::ops::RangeInclusive<i32> = -128..=127;

impl Context {
    pub(super) fn new(coding: &Coding) -> Self {
        Self { magnitudes: coding.first_magnitude(), bias: 0, correction: 0, count: 1 }
    }

    /// Bits of an error that are not written in unary: "k".
    pub(super) fn golomb_bits(&self) -> u32 {
        golomb_bits(self.count, self.magnitudes)
    }

    /// The error that was written as `mapped`: those of either sign in turn.
    pub(super) fn error_of(&self, mapped: i32, golomb_bits: u32) -> i32 {
        let half = mapped >> 1;
        let is_odd = mapped & 1 != 0;
        let is_mirrored = golomb_bits == 0 && 2 * self.bias <= -self.count;
        if is_odd == is_mirrored { half } else { -half - 1 }
    }

    pub(super) fn learn(&mut self, error: i32, coding: &Coding) {
        self.magnitudes = self.magnitudes.saturating_add(error.abs());
        self.bias = self.bias.saturating_add(error);
        if self.count == coding.reset() {
            (self.magnitudes, self.bias, self.count) =
                (self.magnitudes >> 1, self.bias >> 1, self.count >> 1);
        }
        self.count += 1;
        if self.bias <= -self.count {
            self.bias = (self.bias + self.count).max(1 - self.count);
            self.correction = (self.correction - 1).max(*CORRECTIONS.start());
        } else if self.bias > 0 {
            self.bias = (self.bias - self.count).min(0);
            self.correction = (self.correction + 1).min(*CORRECTIONS.end());
        }
    }
}

/// Statistics of the errors of samples that end a run.
#[derive(Clone)]
pub(super) struct RunContext {
    /// Whether the samples beside and above are equal: 1, or 0.
    equal: i32,
    magnitudes: i32,
    count: i32,
    /// "Nn": how many are negative.
    negative: i32,
}

impl RunContext {
    pub(super) fn new(coding: &Coding, equal: bool) -> Self {
        let magnitudes = coding.first_magnitude();
        Self { equal: equal.into(), magnitudes, count: 1, negative: 0 }
    }

    pub(super) fn golomb_bits(&self) -> u32 {
        golomb_bits(self.count, self.magnitudes.saturating_add((self.count >> 1) * self.equal))
    }

    pub(super) fn error_of(&self, mapped: i32, golomb_bits: u32) -> i32 {
        let doubled = mapped + self.equal;
        let is_odd = doubled & 1 != 0;
        let magnitude = (doubled + 1) >> 1;
        let is_mirrored = golomb_bits != 0 || 2 * self.negative >= self.count;
        if is_odd == is_mirrored { -magnitude } else { magnitude }
    }

    pub(super) fn learn(&mut self, error: i32, mapped: i32, coding: &Coding) {
        self.negative += i32::from(error < 0);
        self.magnitudes = self.magnitudes.saturating_add((mapped + 1 - self.equal) >> 1);
        if self.count == coding.reset() {
            (self.magnitudes, self.count, self.negative) =
                (self.magnitudes >> 1, self.count >> 1, self.negative >> 1);
        }
        self.count += 1;
    }
}

/// The least number of doublings that bring `count` to `magnitudes`.
fn golomb_bits(count: i32, magnitudes: i32) -> u32 {
    (0..GOLOMB_BITS_MAX)
        .find(|bits| i64::from(count) << bits >= magnitudes.into())
        .unwrap_or(GOLOMB_BITS_MAX)
}

/// Sums do not have more bits.
const GOLOMB_BITS_MAX: u32 = 24;
