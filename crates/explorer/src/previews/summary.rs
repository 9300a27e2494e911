//! What some numbers amount to.

use super::left_out::LeftOut;
use super::numbers::{Elements, Number};
use crate::answers::Statistics;
use crate::json::Json;

/// Least, greatest, mean and deviation of the numbers so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    count: u64,
    missing_count: u64,
    nan_count: u64,
    finite_count: u64,
    min: Option<Number>,
    max: Option<Number>,
    /// Sums are of distances from the first finite number: squares of large numbers that differ little
    /// would say nothing of how they differ.
    origin: f64,
    sum: f64,
    sum_of_squares: f64,
}

impl Summary {
    /// Adds `elements`, but for those that are `left_out`.
    pub(super) fn add_all(&mut self, elements: Elements<'_>, left_out: Option<&LeftOut>) {
        match left_out.filter(|left_out| !left_out.is_empty()) {
            None => elements.each(|number| self.add(number)),
            Some(left_out) => elements.each(|number| match left_out.has(number) {
                true => self.missing_count = self.missing_count.saturating_add(1),
                false => self.add(number),
            }),
        }
    }

    fn add(&mut self, number: Number) {
        self.count = self.count.saturating_add(1);
        let double = number.double();
        if double.is_nan() {
            self.nan_count = self.nan_count.saturating_add(1);
            return;
        }
        self.reach(number, number);
        if double.is_finite() {
            if self.finite_count == 0 {
                self.origin = double;
            }
            self.finite_count = self.finite_count.saturating_add(1);
            let distance = double - self.origin;
            self.sum += distance;
            self.sum_of_squares += distance * distance;
        }
    }

    /// Adds all numbers that `other` has of the same type.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.missing_count = self.missing_count.saturating_add(other.missing_count);
        self.nan_count = self.nan_count.saturating_add(other.nan_count);
        if let Some((min, max)) = other.min.zip(other.max) {
            self.reach(min, max);
        }
        if other.finite_count == 0 {
            return;
        }
        if self.finite_count == 0 {
            self.origin = other.origin;
        }
        self.finite_count = self.finite_count.saturating_add(other.finite_count);
        // Its sums, of distances from this origin instead of its own.
        let (count, distance) = (other.finite_count as f64, other.origin - self.origin);
        self.sum += other.sum + count * distance;
        self.sum_of_squares +=
            other.sum_of_squares + distance * (2.0 * other.sum + count * distance);
    }

    fn reach(&mut self, min: Number, max: Number) {
        if self.min.is_none_or(|least| min.is_less(least)) {
            self.min = Some(min);
        }
        if self.max.is_none_or(|greatest| greatest.is_less(max)) {
            self.max = Some(max);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// How many numbers were left out.
    pub(super) fn missing_count(&self) -> u64 {
        self.missing_count
    }

    /// How many elements were looked at.
    pub(super) fn elements(&self) -> u64 {
        self.count.saturating_add(self.missing_count)
    }

    pub(super) fn min(&self) -> Json {
        self.min.map_or(Json::Null, Number::json)
    }

    pub(super) fn max(&self) -> Json {
        self.max.map_or(Json::Null, Number::json)
    }

    pub(super) fn mean(&self) -> Json {
        match self.finite_count {
            0 => Json::Null,
            count => Json::Float(self.origin + self.sum / count as f64),
        }
    }

    fn std(&self) -> Json {
        match self.finite_count {
            0 => Json::Null,
            count => {
                let count = count as f64;
                let mean = self.sum / count;
                Json::Float((self.sum_of_squares / count - mean * mean).max(0.0).sqrt())
            }
        }
    }

    pub(super) fn statistics(&self, sampled: bool) -> Statistics {
        Statistics {
            count: self.count,
            nan_count: self.nan_count,
            missing_count: None,
            min: self.min(),
            max: self.max(),
            mean: self.mean(),
            std: self.std(),
            sampled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: impl IntoIterator<Item = Number>) -> Statistics {
        let mut summary = Summary::default();
        numbers.into_iter().for_each(|number| summary.add(number));
        summary.statistics(false)
    }

    fn close(given: &Json, expected: f64) {
        let Json::Float(given) = given else { panic!("{given:?}") };
        assert!((given - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{given} {expected}");
    }

    #[test]
    fn numbers_that_are_none_count_for_nothing_else() {
        let numbers = [1.0, f64::NAN, 4.0, f64::INFINITY, 7.0].map(Number::Float);
        let found = of(numbers);
        assert_eq!((found.count, found.nan_count), (5, 1));
        assert_eq!((&found.min, &found.max), (&Json::Float(1.0), &Json::Float(f64::INFINITY)));
        close(&found.mean, 4.0);
        close(&found.std, 6_f64.sqrt());
        let nothing = of([f64::NAN].map(Number::Float));
        assert_eq!(
            (&nothing.min, &nothing.mean, &nothing.std),
            (&Json::Null, &Json::Null, &Json::Null)
        );
    }

    #[test]
    fn integers_are_exact() {
        let found = of([u64::MAX, u64::MAX - 1].map(Number::Unsigned));
        assert_eq!(found.min, Json::Unsigned(u64::MAX - 1));
        assert_eq!(found.max, Json::Unsigned(u64::MAX));
        let least = of([Number::Signed(i64::MIN)]).min;
        assert_eq!(least, Json::Signed(i64::MIN));
    }

    #[test]
    fn small_deviations_of_large_numbers_are_seen() {
        let found = of((0..1000).map(|number| Number::Float(1e12 + f64::from(number % 2))));
        close(&found.std, 0.5);
    }

    #[test]
    fn parts_amount_to_the_same_as_all_at_once() {
        let summary = |numbers: &[Number]| {
            let mut summary = Summary::default();
            numbers.iter().for_each(|number| summary.add(*number));
            summary
        };
        let floats = (0..1000).map(|number| 1e9 + f64::from(number * number % 997) / 7.0);
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::NAN];
        let floats: Vec<Number> = floats.chain(odd).map(Number::Float).collect();
        let integers: Vec<Number> =
            (-500..500).map(|n| Number::Signed(i64::MAX / 500 * n)).collect();
        for numbers in [floats, integers] {
            for part in [1, 2, 7, 999, 2000] {
                let mut merged = Summary::default();
                numbers.chunks(part).for_each(|part| merged.merge(&summary(part)));
                let (merged, all) = (merged.statistics(false), summary(&numbers).statistics(false));
                let exact = |s: &Statistics| (s.count, s.nan_count, s.min.clone(), s.max.clone());
                assert_eq!(exact(&merged), exact(&all));
                for (given, expected) in [(&merged.mean, &all.mean), (&merged.std, &all.std)] {
                    let Json::Float(expected) = expected else { panic!("{expected:?}") };
                    close(given, *expected);
                }
            }
        }
    }
}
