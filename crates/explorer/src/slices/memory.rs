//! The memory of elements on their way: of all questions together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted: a permit stands for so many bytes.
const UNIT_BYTES: u64 = 1 << 10;

/// What is kept for small questions: one part of so many.
const SMALL_SHARE: u64 = 8;

/// A question is small that takes no more than one of so many parts of what is kept for them.
const SMALL_AT_ONCE: u64 = 8;

/// Bytes that questions may hold at a time; who needs more of them than are left waits. Who needs
/// little does not wait for those who need much: he has a part of his own.
#[derive(Debug)]
pub(crate) struct DataMemory {
    small: Part,
    large: Part,
}

#[derive(Debug)]
struct Part {
    free: Arc<Semaphore>,
    units: u32,
}

impl DataMemory {
    /// A memory of `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        let small = bytes / SMALL_SHARE;
        Self { small: Part::new(small), large: Part::new(bytes.saturating_sub(small)) }
    }

    /// Waits for `bytes`, to be held as long as they are. Who wants more than there is gets all that
    /// there is for large questions: he is the only one of these then.
    pub(crate) async fn take(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let units = units(bytes);
        let is_small = u64::from(units).saturating_mul(SMALL_AT_ONCE) <= self.small.units.into();
        if is_small { self.small.take(units).await } else { self.large.take(units).await }
    }

    /// Gives back what was taken, but for `bytes` of it.
    pub(crate) fn keep(
        mut taken: Option<OwnedSemaphorePermit>,
        bytes: u64,
    ) -> Option<OwnedSemaphorePermit> {
        let kept = taken.as_mut().and_then(|taken| taken.split(units(bytes) as usize));
        // Who got all that there was has no more than that to keep.
        kept.or(taken)
    }
}

impl Part {
    fn new(bytes: u64) -> Self {
        let most = u64::from(u32::MAX).min(Semaphore::MAX_PERMITS as u64);
        let units = u32::try_from((bytes / UNIT_BYTES).clamp(1, most)).unwrap_or(u32::MAX);
        Self { free: Arc::new(Semaphore::new(units as usize)), units }
    }

    async fn take(&self, units: u32) -> Option<OwnedSemaphorePermit> {
        // It only fails when somebody closes it, which nobody does.
        self.free.clone().acquire_many_owned(units.min(self.units)).await.ok()
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const MEMORY_BYTES: u64 = 1 << 20;
    const LARGE_BYTES: u64 = MEMORY_BYTES - MEMORY_BYTES / SMALL_SHARE;

    #[test]
    fn who_finds_too_little_waits_and_nobody_waits_for_ever() {
        let memory = DataMemory::new(MEMORY_BYTES);
        let half = memory.take(LARGE_BYTES / 2).now_or_never().unwrap();
        assert!(memory.take(LARGE_BYTES / 2 + 1).now_or_never().is_none());
        let other_half = memory.take(LARGE_BYTES / 2).now_or_never().unwrap();
        assert!(half.is_some() && other_half.is_some());
        drop((half, other_half));
        assert!(memory.take(u64::MAX).now_or_never().unwrap().is_some());
    }

    #[test]
    fn what_is_not_kept_is_free_for_others() {
        let memory = DataMemory::new(MEMORY_BYTES);
        let taken = memory.take(u64::MAX).now_or_never().unwrap();
        let kept = DataMemory::keep(taken, LARGE_BYTES / 4);
        assert!(memory.take(LARGE_BYTES).now_or_never().is_none());
        assert!(memory.take(LARGE_BYTES / 4 * 3).now_or_never().unwrap().is_some());
        let kept = DataMemory::keep(kept, LARGE_BYTES);
        assert!(memory.take(LARGE_BYTES).now_or_never().is_none(), "all of it is kept");
        drop(kept);
        assert!(memory.take(LARGE_BYTES).now_or_never().unwrap().is_some());
    }

    #[test]
    fn small_questions_do_not_wait_for_large_ones() {
        let memory = DataMemory::new(MEMORY_BYTES);
        let _all = memory.take(u64::MAX).now_or_never().unwrap();
        assert!(memory.take(LARGE_BYTES / 2).now_or_never().is_none());
        let small_bytes = MEMORY_BYTES / SMALL_SHARE / SMALL_AT_ONCE;
        let take = || memory.take(small_bytes).now_or_never().flatten();
        let several: Vec<_> = (0..SMALL_AT_ONCE).map(|_| take().unwrap()).collect();
        assert!(take().is_none());
        drop(several);
        assert!(take().is_some());
    }
}
