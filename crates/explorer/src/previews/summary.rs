//! What some numbers amount to.

use super::numbers::Number;
use crate::answers::Statistics;
use crate::json::Json;

/// Least, greatest, mean and deviation of the numbers so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    count: u64,
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
    pub(super) fn add(&mut self, number: Number) {
        self.count = self.count.saturating_add(1);
        let double = number.double();
        if double.is_nan() {
            self.nan_count = self.nan_count.saturating_add(1);
            return;
        }
        if self.min.is_none_or(|min| number.is_less(min)) {
            self.min = Some(number);
        }
        if self.max.is_none_or(|max| max.is_less(number)) {
            self.max = Some(number);
        }
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

    pub(super) fn count(&self) -> u64 {
        self.count
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
        let found = of([u64::MAX, u64::MAX - 1].map(|number| Number::Integer(number.into())));
        assert_eq!(found.min, Json::Unsigned(u64::MAX - 1));
        assert_eq!(found.max, Json::Unsigned(u64::MAX));
        let least = of([Number::Integer(i64::MIN.into())]).min;
        assert_eq!(least, Json::Signed(i64::MIN));
    }

    #[test]
    fn small_deviations_of_large_numbers_are_seen() {
        let found = of((0..1000).map(|number| Number::Float(1e12 + f64::from(number % 2))));
        close(&found.std, 0.5);
    }
}
