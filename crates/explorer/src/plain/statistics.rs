//! Statistics as NumPy counts them: sums are made in its order and precision, so that the last digit
//! is the same; those of integers, booleans and complex numbers are cut to integers.

use std::cmp::Ordering;
use std::ops::{Add, Range};

use super::PlainValue;
use crate::answers::DatatypeClass;

/// Statistics of numbers, each null where there are none to tell it of.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainStatistics {
    /// The least number above 0.
    pub strict_positive_min: PlainValue,
    /// The least number not below 0.
    pub positive_min: PlainValue,
    /// The least number.
    pub min: PlainValue,
    /// The greatest number.
    pub max: PlainValue,
    /// The mean.
    pub mean: PlainValue,
    /// The standard deviation.
    pub std: PlainValue,
}

/// NumPy converts so many numbers at a time, where it has to, and sums each lot on its own.
const BUFFER: usize = 8192;

/// Numbers that are summed one after the other; the sums of more are summed in pairs.
const PAIRWISE_BLOCK: usize = 128;

impl PlainStatistics {
    /// Those of nothing.
    pub(crate) const NONE: Self = Self {
        strict_positive_min: PlainValue::Null,
        positive_min: PlainValue::Null,
        min: PlainValue::Null,
        max: PlainValue::Null,
        mean: PlainValue::Null,
        std: PlainValue::Null,
    };

    /// Those of numbers of a type of this `class`, in little-endian order: of floats those that are
    /// finite. `None` for what is no number, and for complex numbers that are not finite.
    pub(crate) fn of(class: &DatatypeClass, bytes: &[u8]) -> Option<Self> {
        match class {
            DatatypeClass::Integer { size, signed, .. } => integers(bytes, *size, *signed),
            DatatypeClass::Bitfield { size, .. } => integers(bytes, *size, false),
            DatatypeClass::Enum { .. } if class.is_boolean() => integers(bytes, 1, false),
            DatatypeClass::Enum { base, .. } | DatatypeClass::Array { base, .. } => {
                Self::of(&base.class, bytes)
            }
            DatatypeClass::Float { .. } => {
                let is_turned = !is_little_endian(class);
                Some(match class.float_bytes() {
                    2 => halves(&finite(singles(bytes))),
                    4 => floats(&finite(singles(bytes)), is_turned),
                    _ => floats(&finite(doubles(bytes)), is_turned),
                })
            }
            DatatypeClass::Compound { .. } => complex(class.complex_base()?, bytes),
            DatatypeClass::Complex { base } => complex(&base.class, bytes),
            _ => None,
        }
    }
}

fn is_little_endian(class: &DatatypeClass) -> bool {
    matches!(class, DatatypeClass::Float { order: crate::answers::ByteOrder::Little, .. })
}

fn singles(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number))
}

fn doubles(bytes: &[u8]) -> impl Iterator<Item = f64> {
    bytes.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number))
}

fn finite<T: Copy + Into<f64>>(numbers: impl Iterator<Item = T>) -> Vec<T> {
    numbers.filter(|number| (*number).into().is_finite()).collect()
}

/// What floats of either precision have in common.
trait Float: Copy + Default + PartialOrd + Add<Output = Self> + Into<f64> {
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, count: usize) -> Self;
    fn root(self) -> Self;
}

macro_rules! float {
    ($float:ty) => {
        impl Float for $float {
            fn minus(self, other: Self) -> Self {
                self - other
            }

            fn times(self, other: Self) -> Self {
                self * other
            }

            fn over(self, count: usize) -> Self {
                self / count as Self
            }

            fn root(self) -> Self {
                self.sqrt()
            }
        }
    };
}

float!(f32);
float!(f64);

fn floats<T: Float>(numbers: &[T], is_converted: bool) -> PlainStatistics {
    let count = numbers.len();
    let number = |index| at(numbers, index);
    let sum = match is_converted {
        true => buffered_sum(count, &number),
        false => pairwise_sum(0..count, &number),
    };
    let mean = sum.over(count);
    let square = |index| number(index).minus(mean).times(number(index).minus(mean));
    let variance = pairwise_sum(0..count, &square).over(count);
    of_floats(numbers, mean, variance.root())
}

/// In half precision only the mean is summed in single precision from the beginning to the end.
fn halves(numbers: &[f32]) -> PlainStatistics {
    let count = numbers.len();
    let number = |index| at(numbers, index);
    let mean = half(buffered_sum(count, &number).over(count));
    let half_mean = half(half(pairwise_sum(0..count, &number)).over(count));
    let deviation = |index| half(number(index) - half_mean);
    let square = |index| half(deviation(index) * deviation(index));
    let variance = half(half(pairwise_sum(0..count, &square)).over(count));
    of_floats(numbers, mean, half(variance.sqrt()))
}

fn of_floats<T: Float>(numbers: &[T], mean: T, std: T) -> PlainStatistics {
    let zero = T::default();
    let least = |from: &dyn Fn(T) -> bool| {
        let chosen = numbers.iter().copied().filter(|&number| from(number));
        chosen.reduce(|a, b| if b < a { b } else { a })
    };
    let max = numbers.iter().copied().reduce(|a, b| if b > a { b } else { a });
    let double = |number: Option<T>| {
        number.map_or(PlainValue::Null, |number| PlainValue::Double(number.into()))
    };
    let some = (!numbers.is_empty()).then_some(());
    PlainStatistics {
        strict_positive_min: double(least(&|number| number > zero)),
        positive_min: double(least(&|number| number >= zero)),
        min: double(least(&|_| true)),
        max: double(max),
        mean: double(some.map(|()| mean)),
        std: double(some.map(|()| std)),
    }
}

fn integers(bytes: &[u8], size: u32, signed: bool) -> Option<PlainStatistics> {
    let size = usize::try_from(size).ok().filter(|size| matches!(size, 1 | 2 | 4 | 8))?;
    let count = bytes.len() / size;
    let number = |index: usize| {
        let bytes = bytes.chunks_exact(size).nth(index).unwrap_or_default();
        let is_negative = signed && bytes.last().is_some_and(|byte| *byte > 0x7f);
        let mut wide = [if is_negative { 0xff } else { 0 }; 16];
        wide.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        i128::from_le_bytes(wide)
    };
    if count == 0 {
        return Some(PlainStatistics::NONE);
    }
    let mean = buffered_sum(count, &|index| number(index) as f64).over(count);
    let square = |index| (number(index) as f64 - mean).powi(2);
    let numbers = || (0..count).map(number);
    let least = |at_least: i128| numbers().filter(|&number| number >= at_least).min();
    Some(PlainStatistics {
        strict_positive_min: integer(least(1)),
        positive_min: integer(least(0)),
        min: integer(numbers().min()),
        max: integer(numbers().max()),
        mean: integer(Some(mean as i128)),
        std: integer(Some(pairwise_sum(0..count, &square).over(count).sqrt() as i128)),
    })
}

/// Of complex numbers in the order of their real parts, and of their imaginary ones where these are
/// equal; what is told of them is real.
fn complex(base: &DatatypeClass, bytes: &[u8]) -> Option<PlainStatistics> {
    let parts: Vec<f64> = match base.float_bytes() {
        4 => singles(bytes).map(f64::from).collect(),
        _ => doubles(bytes).collect(),
    };
    let numbers = parts.as_chunks::<2>().0;
    if numbers.is_empty() {
        return Some(PlainStatistics::NONE);
    }
    if !parts.iter().all(|part| part.is_finite()) {
        return None;
    }
    let count = numbers.len();
    let real = |index| at(numbers, index)[0];
    let imaginary = |index| at(numbers, index)[1];
    let mean_of = |part: &dyn Fn(usize) -> f64| pairwise_sum(0..count, part).over(count);
    let mean = [mean_of(&real), mean_of(&imaginary)];
    let square = |index| (real(index) - mean[0]).powi(2) + (imaginary(index) - mean[1]).powi(2);
    let least = |from: &dyn Fn(&[f64; 2]) -> bool| {
        let chosen = numbers.iter().filter(|number| from(number));
        chosen.min_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal))
    };
    let greatest = numbers.iter().max_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let whole = |number: Option<&[f64; 2]>| integer(number.map(|[real, _]| *real as i128));
    Some(PlainStatistics {
        strict_positive_min: whole(least(&|number| *number > [0.0, 0.0])),
        positive_min: whole(least(&|number| *number >= [0.0, 0.0])),
        min: whole(least(&|_| true)),
        max: whole(greatest),
        mean: integer(Some(mean[0] as i128)),
        std: integer(Some(pairwise_sum(0..count, &square).over(count).sqrt() as i128)),
    })
}

fn integer(number: Option<i128>) -> PlainValue {
    let Some(number) = number else { return PlainValue::Null };
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => PlainValue::Signed(number),
        (_, Ok(number)) => PlainValue::Unsigned(number),
        _ => PlainValue::Double(number as f64),
    }
}

/// The number of that index, of which there always is one.
fn at<T: Copy + Default>(numbers: &[T], index: usize) -> T {
    numbers.get(index).copied().unwrap_or_default()
}

/// The sum of so many numbers, which are asked for by their indices: none is kept.
fn buffered_sum<T: Float>(count: usize, number: &dyn Fn(usize) -> T) -> T {
    let lots = (0..count).step_by(BUFFER);
    let lots = lots.map(|start| pairwise_sum(start..count.min(start + BUFFER), number));
    lots.fold(T::default(), T::add)
}

/// The sum in eight interleaved parts for each block, and of the blocks in pairs.
fn pairwise_sum<T: Float>(range: Range<usize>, number: &dyn Fn(usize) -> T) -> T {
    let sum = |range: Range<usize>, from: T| range.map(number).fold(from, T::add);
    let count = range.len();
    if count < 8 {
        return sum(range, T::default());
    }
    if count > PAIRWISE_BLOCK {
        let half = count / 2;
        let middle = range.start + half - half % 8;
        return pairwise_sum(range.start..middle, number) + pairwise_sum(middle..range.end, number);
    }
    let rest = range.end - count % 8;
    let mut lanes = [T::default(); 8];
    for eight in (range.start..rest).step_by(8) {
        for (lane, index) in lanes.iter_mut().zip(eight..) {
            *lane = if eight == range.start { number(index) } else { *lane + number(index) };
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    sum(rest..range.end, ((a + b) + (c + d)) + ((e + f) + (g + h)))
}

/// The nearest number of half precision (IEEE 754 binary16), of two the even one.
fn half(number: f32) -> f32 {
    let magnitude = number.abs();
    if !magnitude.is_finite() || magnitude == 0.0 {
        return number;
    }
    // 65520 lies halfway between the greatest one and what would be the next.
    if magnitude >= 65520.0 {
        return f32::INFINITY.copysign(number);
    }
    // The distance between neighbours: 2^-24 for the smallest ones.
    let exponent = ((magnitude.to_bits() >> 23) as i32 - 127).max(-14);
    let step = 2_f32.powi(exponent - 10);
    ((magnitude / step).round_ties_even() * step).copysign(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_to_the_even_neighbour() {
        for (number, expected) in [
            (0.1, 0.099_975_586),
            (1.000_488_3, 1.0),
            (1.001_464_8, 1.001_953_1),
            (65519.0, 65504.0),
            (-65520.0, f32::NEG_INFINITY),
            (3e-8, 5.960_464_5e-8),
            (2e-8, 0.0),
        ] {
            assert_eq!(half(number), expected, "{number}");
        }
    }

    #[test]
    fn sums_are_made_in_pairs() {
        fn sum<T: Float>(numbers: &[T]) -> T {
            pairwise_sum(0..numbers.len(), &|index| at(numbers, index))
        }
        // In order, each 1 would be lost.
        let numbers: Vec<f32> = [[1e8_f32; 1].as_slice(), &[1.0; 1023]].concat();
        assert_eq!(sum(&numbers), 100_001_008.0);
        assert_eq!(numbers.iter().sum::<f32>(), 1e8);
        assert_eq!(sum::<f64>(&[]), 0.0);
        assert_eq!(sum(&[1.0, 2.0, 3.0]), 6.0);
    }

    #[test]
    fn of_nothing_there_is_nothing_to_tell() {
        assert_eq!(integers(&[], 8, true), Some(PlainStatistics::NONE));
        assert_eq!(floats::<f64>(&[], false), PlainStatistics::NONE);
    }
}
