//! Large pages take turns: each holds up to 100 MB while it is made, whatever the caches may take.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Children of a page that need not wait: it takes little, and soon.
const SMALL_PAGE_CHILDREN_MAX: usize = 10_000;

/// Large pages that are made at a time: while one waits for the store, another is put together.
const TURNS: usize = 2;

/// Whose turn it is.
#[derive(Debug)]
pub(crate) struct LargePages(Semaphore);

impl LargePages {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(TURNS))
    }

    /// Waits until a page of so many children may be made; to be held until it is. `None` where
    /// there is nothing to wait for.
    pub(crate) async fn turn(&self, children: usize) -> Option<SemaphorePermit<'_>> {
        match children {
            0..=SMALL_PAGE_CHILDREN_MAX => None,
            // It only fails when somebody closes it, which nobody does.
            _ => self.0.acquire().await.ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_third_large_page_waits_for_the_first_and_a_small_one_for_none() {
        let pages = LargePages::new();
        let first = pages.turn(100_000).now_or_never().unwrap();
        let second = pages.turn(100_000).now_or_never().unwrap();
        assert!(first.is_some() && second.is_some());
        assert!(pages.turn(10_001).now_or_never().is_none());
        assert!(pages.turn(10_000).now_or_never().unwrap().is_none());
        drop(first);
        assert!(pages.turn(10_001).now_or_never().unwrap().is_some());
    }
}
