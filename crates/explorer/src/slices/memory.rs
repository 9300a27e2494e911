//! The memory of elements on their way: of all questions together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted: a permit stands for so many bytes.
const UNIT_BYTES: u64 = 1 << 10;

/// Bytes that questions may hold at a time; who needs more of them than are left waits.
#[derive(Debug)]
pub(crate) struct DataMemory {
    free: Arc<Semaphore>,
    units: u32,
}

impl DataMemory {
    /// A memory of `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        let most = u64::from(u32::MAX).min(Semaphore::MAX_PERMITS as u64);
        let units = u32::try_from((bytes / UNIT_BYTES).clamp(1, most)).unwrap_or(u32::MAX);
        Self { free: Arc::new(Semaphore::new(units as usize)), units }
    }

    /// Waits for `bytes`, to be held as long as they are. Who wants more than there is gets all of it:
    /// he is alone then.
    pub(crate) async fn take(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).min(self.units);
        // It only fails when somebody closes it, which nobody does.
        self.free.clone().acquire_many_owned(units).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn who_finds_too_little_waits_and_nobody_waits_for_ever() {
        let memory = DataMemory::new(1 << 20);
        let half = memory.take(1 << 19).now_or_never().unwrap();
        assert!(memory.take((1 << 19) + 1).now_or_never().is_none());
        let other_half = memory.take(1 << 19).now_or_never().unwrap();
        assert!(half.is_some() && other_half.is_some());
        drop((half, other_half));
        assert!(memory.take(u64::MAX).now_or_never().unwrap().is_some());
    }
}
