//! At most `--concurrent-requests` questions are answered at a time.
//!
//! More are sent away at once, instead of waiting in a queue that hides the overload until every
//! client has given up. Nobody waits for a place, so a count is all there is: a semaphore would
//! lock its queue whenever a place is given back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::error::{ApiError, Code};

/// The places for questions.
#[derive(Debug)]
pub(crate) struct Places {
    count: usize,
    taken: Arc<AtomicUsize>,
}

/// A place for one question, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Places);

/// A place for an answer that is still being read when its handler is done.
#[derive(Debug)]
pub(crate) struct HeldPlace(Arc<AtomicUsize>);

impl Places {
    pub(crate) fn new(count: usize) -> Self {
        Self { count, taken: Arc::default() }
    }

    /// Another place for a question that has one: whatever is taken.
    pub(crate) fn hold(&self) -> HeldPlace {
        self.taken.fetch_add(1, Relaxed);
        HeldPlace(self.taken.clone())
    }

    /// Takes a place.
    ///
    /// # Errors
    ///
    /// 429 `too_many_requests` when all are taken.
    pub(super) fn take(&self) -> Result<Place<'_>, ApiError> {
        let before = self.taken.fetch_add(1, Relaxed);
        let place = Place(self);
        if before < self.count {
            return Ok(place);
        }
        let count = self.count;
        let detail =
            format!("{count} requests are being answered (--concurrent-requests); try again soon");
        Err(ApiError::new(Code::TooManyRequests, detail))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}

impl Drop for HeldPlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_question_is_answered() {
        let places = Places::new(2);
        let first = places.take().unwrap();
        let _second = places.take().unwrap();
        assert_eq!(places.take().unwrap_err().code(), Code::TooManyRequests);
        drop(first);
        let _third = places.take().unwrap();
        assert!(places.take().is_err(), "those who were sent away took none");
    }
}
