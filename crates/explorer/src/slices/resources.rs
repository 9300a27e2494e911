//! What all questions for elements share: threads, memory, and how much each may spend.

use h5range::Limits;

use super::memory::DataMemory;
use super::pool::Pool;
use crate::explorer::ExplorerConfig;

/// What all questions for elements share.
#[derive(Debug)]
pub(crate) struct DataResources {
    pub(crate) pool: Pool,
    pub(crate) memory: DataMemory,
    pub(super) bytes_max: u64,
}

impl DataResources {
    pub(crate) fn new(config: &ExplorerConfig) -> Self {
        Self {
            pool: Pool::new(),
            memory: DataMemory::new(config.data_memory_bytes),
            bytes_max: config.data_bytes,
        }
    }

    /// What a question for elements may spend that would have `limits` else.
    pub(super) fn limits(&self, limits: Limits) -> Limits {
        Limits {
            fetched_bytes: limits.fetched_bytes.saturating_add(self.bytes_max),
            decoded_bytes: limits
                .decoded_bytes
                .saturating_add(self.bytes_max.saturating_mul(DECODED_SHARE)),
            ..limits
        }
    }
}

/// Bytes that are decoded for each byte of an answer, where chunks end somewhere else than the
/// selection: the chunks, and the block that is put together from them.
const DECODED_SHARE: u64 = 3;
