//! The samples of one component, each predicted from its neighbours (T.87, annex A).

use std::array;

use crate::filter::FilterError;
use crate::filter::jpeg_ls::context::{Context, RunContext};
use crate::filter::jpeg_ls::damaged;
use crate::filter::jpeg_ls::stuffed::StuffedBits;

/// Where gradients begin to count as larger, and after how many samples the coder forgets.
#[derive(Clone, Copy)]
pub(super) struct Thresholds {
    sample_max: i32,
    gradients: [i32; 3],
    reset: i32,
}

impl Thresholds {
    /// Those of a segment of preset parameters; `None` where it has others.
    pub(super) fn decode(segment: &[u8]) -> Result<Option<Self>, FilterError> {
        let [1, numbers @ ..] = segment else { return Ok(None) };
        let numbers: Vec<i32> =
            numbers.as_chunks().0.iter().map(|of| u16::from_be_bytes(*of).into()).collect();
        let [sample_max, small, medium, large, reset] = *numbers.as_slice() else {
            return Err(damaged("preset parameters are missing"));
        };
        Ok(Some(Self { sample_max, gradients: [small, medium, large], reset }))
    }
}

/// The parameters of a scan.
pub(super) struct Coding {
    sample_max: i32,
    gradients: [i32; 3],
    reset: i32,
    /// How many errors there are.
    range: i32,
    range_bits: u32,
    /// Bits of an error at most.
    limit: u32,
}

impl Coding {
    /// `None` where the numbers do not fit each other.
    pub(super) fn new(precision: u32, thresholds: Option<Thresholds>) -> Option<Self> {
        let most = (1 << precision) - 1;
        // Zeros stand for what would be without.
        let or = |preset: i32, default: i32| if preset == 0 { default } else { preset };
        let given = thresholds.unwrap_or(Thresholds { sample_max: 0, gradients: [0; 3], reset: 0 });
        let sample_max = or(given.sample_max, most);
        if sample_max > most {
            return None;
        }
        let defaults = default_gradients(sample_max);
        let gradients = array::from_fn(|at| or(given.gradients[at], defaults[at]));
        let range = sample_max + 1;
        let bits_of = |number: i32| i32::BITS - (number - 1).leading_zeros();
        let sample_bits = bits_of(range).max(2);
        Some(Self {
            sample_max,
            gradients,
            reset: or(given.reset, 64),
            range,
            range_bits: bits_of(range),
            limit: 2 * (sample_bits + sample_bits.max(8)),
        })
    }

    pub(super) fn first_magnitude(&self) -> i32 {
        ((self.range + 32) / 64).max(2)
    }

    pub(super) fn reset(&self) -> i32 {
        self.reset
    }

    /// A gradient as one of nine sizes, from -4 to 4.
    fn quantized(&self, gradient: i32) -> i32 {
        let magnitude = gradient.abs();
        let size = i32::from(magnitude > 0)
            + self.gradients.iter().map(|from| i32::from(magnitude >= *from)).sum::<i32>();
        size.min(4) * gradient.signum()
    }

    /// The sample that is by `error` away from what was predicted.
    fn sample(&self, predicted: i32, error: i32) -> i32 {
        let sample = match predicted.saturating_add(error) {
            sample if sample < 0 => sample.saturating_add(self.range),
            sample if sample > self.sample_max => sample.saturating_sub(self.range),
            sample => sample,
        };
        sample.clamp(0, self.sample_max)
    }

    /// Takes an error off the stream: in unary what is above `golomb_bits`, where that is short.
    fn mapped(&self, bits: &mut StuffedBits<'_>, golomb_bits: u32, limit: u32) -> Option<i32> {
        let escape = limit.checked_sub(self.range_bits + 1)?;
        let zeros = bits.zeros(escape)?;
        let mapped = match zeros {
            _ if zeros < escape => zeros << golomb_bits | bits.take(golomb_bits)?,
            _ => bits.take(self.range_bits)? + 1,
        };
        i32::try_from(mapped).ok()
    }
}

/// T.87, C.2.4.1.1.
fn default_gradients(sample_max: i32) -> [i32; 3] {
    let mut least = 1;
    [(3, 2), (7, 3), (21, 4)].map(|(basic, at_least)| {
        let gradient = if sample_max >= 128 {
            (sample_max.min(4095) + 128) / 256 * (basic - at_least) + at_least
        } else {
            (basic / (256 / (sample_max + 1))).max(at_least)
        };
        least = if gradient > sample_max { least } else { gradient.max(least) };
        least
    })
}

/// Fills `plane`, line by line. `None` where there are too few bits.
pub(super) fn decode(
    coding: &Coding,
    width: u16,
    sample_bytes: usize,
    plane: &mut [u8],
    bits: &mut StuffedBits<'_>,
) -> Option<()> {
    let width = usize::from(width);
    let mut scan = Scan::new(coding, width);
    for line in plane.chunks_exact_mut(width.checked_mul(sample_bytes)?) {
        scan.line(bits)?;
        let samples = scan.current.iter().skip(1);
        for (place, sample) in line.chunks_exact_mut(sample_bytes).zip(samples) {
            place.copy_from_slice(sample.to_le_bytes().get(..sample_bytes)?);
        }
    }
    Some(())
}

/// The coder between two samples.
struct Scan<'c> {
    coding: &'c Coding,
    /// The samples of a line, with one before the first and one behind the last.
    current: Vec<i32>,
    /// Those of the line above.
    above: Vec<i32>,
    contexts: Vec<Context>,
    run_contexts: [RunContext; 2],
    /// Says how long runs were of late: "RUNindex".
    run_index: usize,
}

/// Surroundings of all kinds: three gradients of nine sizes, of which those of opposite signs are one.
const CONTEXTS: usize = 365;

/// "J": bits of the length of a run.
const RUN_BITS: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];

impl<'c> Scan<'c> {
    fn new(coding: &'c Coding, width: usize) -> Self {
        Self {
            coding,
            current: vec![0; width.saturating_add(2)],
            above: vec![0; width.saturating_add(2)],
            contexts: vec![Context::new(coding); CONTEXTS],
            run_contexts: [false, true].map(|equal| RunContext::new(coding, equal)),
            run_index: 0,
        }
    }

    fn line(&mut self, bits: &mut StuffedBits<'_>) -> Option<()> {
        std::mem::swap(&mut self.current, &mut self.above);
        if let [.., last, behind] = self.above.as_mut_slice() {
            *behind = *last;
        }
        *self.current.first_mut()? = *self.above.get(1)?;
        let mut at = 1;
        while at < self.current.len() - 1 {
            let left = *self.current.get(at - 1)?;
            let [left_above, above, right_above] = *self.above.get(at - 1..at + 2)? else {
                return None;
            };
            let gradients = [right_above - above, above - left_above, left_above - left];
            if gradients == [0; 3] {
                at = self.run(bits, at, left)?;
                continue;
            }
            let predicted = median(left, above, left_above);
            *self.current.get_mut(at)? = self.regular(bits, gradients, predicted)?;
            at += 1;
        }
        Some(())
    }

    fn regular(
        &mut self,
        bits: &mut StuffedBits<'_>,
        gradients: [i32; 3],
        predicted: i32,
    ) -> Option<i32> {
        let coding = self.coding;
        let number = gradients.iter().fold(0, |number, of| 9 * number + coding.quantized(*of));
        let sign = number.signum();
        let context = self.contexts.get_mut(usize::try_from(number.abs()).ok()?)?;
        let predicted = (predicted + sign * context.correction).clamp(0, coding.sample_max);
        let golomb_bits = context.golomb_bits();
        let mapped = coding.mapped(bits, golomb_bits, coding.limit)?;
        let error = context.error_of(mapped, golomb_bits);
        context.learn(error, coding);
        Some(coding.sample(predicted, sign * error))
    }

    /// Repeats the sample to the `left`, and takes the one that ends the run, if the line does not.
    /// Returns where it goes on.
    fn run(&mut self, bits: &mut StuffedBits<'_>, start: usize, left: i32) -> Option<usize> {
        let end = self.current.len() - 1;
        let mut at = start;
        loop {
            let run_bits = *RUN_BITS.get(self.run_index)?;
            let is_whole = bits.take(1)? == 1;
            let length = if is_whole { 1 << run_bits } else { bits.take(run_bits)? as usize };
            let run_end = at.saturating_add(length).min(end);
            self.current.get_mut(at..run_end)?.fill(left);
            if is_whole && run_end - at == length {
                self.run_index = (self.run_index + 1).min(RUN_BITS.len() - 1);
            }
            at = run_end;
            if at == end {
                return Some(at);
            }
            if !is_whole {
                break;
            }
        }
        let sample = self.end_of_run(bits, left, *self.above.get(at)?)?;
        *self.current.get_mut(at)? = sample;
        self.run_index = self.run_index.saturating_sub(1);
        Some(at + 1)
    }

    fn end_of_run(&mut self, bits: &mut StuffedBits<'_>, left: i32, above: i32) -> Option<i32> {
        let coding = self.coding;
        let is_equal = left == above;
        let context = self.run_contexts.get_mut(usize::from(is_equal))?;
        let golomb_bits = context.golomb_bits();
        let limit = coding.limit.checked_sub(RUN_BITS.get(self.run_index)? + 1)?;
        let mapped = coding.mapped(bits, golomb_bits, limit)?;
        let error = context.error_of(mapped, golomb_bits);
        context.learn(error, mapped, coding);
        Some(match (is_equal, left > above) {
            (true, _) => coding.sample(left, error),
            (false, false) => coding.sample(above, error),
            (false, true) => coding.sample(above, -error),
        })
    }
}

/// A sample at an edge takes after what is beyond it, others lie in one plane with their neighbours.
fn median(left: i32, above: i32, left_above: i32) -> i32 {
    let (least, most) = (left.min(above), left.max(above));
    if left_above >= most {
        least
    } else if left_above <= least {
        most
    } else {
        left + above - left_above
    }
}
