//! Where filters are undone and elements are put in order: work that waits for nothing, and takes
//! time. A reader of values has no threads; who calls it may have some.

use std::sync::{Arc, Mutex, PoisonError};

use byte_source::{SourceError, SourceErrorKind};
use futures::future::{BoxFuture, FutureExt};

use crate::error::{Error, Result};

/// Some work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Runs work.
pub trait Executor: Send + Sync {
    /// Runs each of `jobs` once, side by side where it can, and ends when all of them did.
    fn run(&self, jobs: Vec<Job>) -> BoxFuture<'static, ()>;
}

/// Runs work where it is asked for, one job after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inline;

impl Executor for Inline {
    fn run(&self, jobs: Vec<Job>) -> BoxFuture<'static, ()> {
        async { jobs.into_iter().for_each(|job| job()) }.boxed()
    }
}

/// What each of `tasks` answers.
///
/// # Errors
///
/// The first error of a task; or that the executor dropped one.
pub(super) async fn run_all<T: Send + 'static>(
    executor: &dyn Executor,
    tasks: impl IntoIterator<Item = impl FnOnce() -> Result<T> + Send + 'static>,
) -> Result<Vec<T>> {
    let mut slots = Vec::new();
    let mut jobs: Vec<Job> = Vec::new();
    for task in tasks {
        let slot = Arc::new(Mutex::new(None));
        slots.push(Arc::clone(&slot));
        jobs.push(Box::new(move || {
            let answer = task();
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        }));
    }
    executor.run(jobs).await;
    let answer = |slot: Arc<Mutex<Option<Result<T>>>>| {
        let answer = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.unwrap_or_else(|| Err(never_ran()))
    };
    slots.into_iter().map(answer).collect()
}

/// The executor is shut down, or a job panicked in it.
fn never_ran() -> Error {
    Error::Source(SourceError::new(SourceErrorKind::Failed, "decoding was given up"))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    /// Runs all jobs but the first.
    struct Careless;

    impl Executor for Careless {
        fn run(&self, jobs: Vec<Job>) -> BoxFuture<'static, ()> {
            jobs.into_iter().skip(1).for_each(|job| job());
            async {}.boxed()
        }
    }

    #[test]
    fn answers_come_in_the_order_of_the_tasks() {
        let tasks = (0..3).map(|number| move || Ok(number));
        assert_eq!(block_on(run_all(&Inline, tasks)), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn a_task_that_never_ran_is_an_error() {
        let tasks = (0..3).map(|number| move || Ok(number));
        assert_eq!(block_on(run_all(&Careless, tasks)), Err(never_ran()));
    }
}
