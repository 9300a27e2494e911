//! Where elements are decoded and encoded: work that waits for nothing and takes time, in the
//! threads of the runtime for such work.

use std::sync::Arc;
use std::thread::available_parallelism;

use futures::future::{BoxFuture, FutureExt, join_all};
use h5range::{Executor, Job};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// As many pieces of work at a time as there are processors, of all questions together.
#[derive(Debug, Clone)]
pub(crate) struct Pool(Arc<Semaphore>);

impl Pool {
    pub(crate) fn new() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(processors)))
    }

    /// What `work` answers; `None` when it panicked, or the process ends.
    pub(crate) async fn run_one<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let place = self.0.clone().acquire_owned().await.ok()?;
        let work = move || {
            let _place = place;
            work()
        };
        spawn_blocking(work).await.ok()
    }
}

impl Executor for Pool {
    fn run(&self, jobs: Vec<Job>) -> BoxFuture<'static, ()> {
        let pool = self.clone();
        async move {
            let jobs = jobs.into_iter().map(|job| pool.run_one(job));
            join_all(jobs).await;
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[tokio::test]
    async fn no_more_work_is_done_at_a_time_than_there_are_processors() {
        let pool = Pool(Arc::new(Semaphore::new(2)));
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let jobs = (0..50).map(|_| {
            let (running, most) = (running.clone(), most.clone());
            let job: Job = Box::new(move || {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                std::thread::yield_now();
                running.fetch_sub(1, SeqCst);
            });
            job
        });
        pool.run(jobs.collect()).await;
        assert!((1..=2).contains(&most.load(SeqCst)));
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_place_back() {
        let pool = Pool(Arc::new(Semaphore::new(1)));
        for _ in 0..3 {
            let panics = pool.run_one(|| std::panic::resume_unwind(Box::new(())));
            assert_eq!(panics.await, None::<()>);
        }
        assert_eq!(pool.run_one(|| 1).await, Some(1));
    }
}
