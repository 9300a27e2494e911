//! An object held in memory.

use std::ops::Range;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::{ByteSource, SourceError, SourceErrorKind, check_bounds};

/// An object whose bytes are all in memory: for tests, and for small files read whole.
#[derive(Debug, Clone)]
pub struct MemorySource {
    bytes: Bytes,
}

impl MemorySource {
    /// A source over `bytes`; reads share them without copying.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into() }
    }

    fn read(&self, range: &Range<u64>) -> Result<Bytes, SourceError> {
        check_bounds(range, self.size_bytes())?;
        let narrow = |at: u64| {
            usize::try_from(at)
                .map_err(|e| SourceError::new(SourceErrorKind::OutOfBounds, e.to_string()))
        };
        Ok(self.bytes.slice(narrow(range.start)?..narrow(range.end)?))
    }
}

impl ByteSource for MemorySource {
    fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        let answers = ranges.iter().map(|range| self.read(range)).collect();
        std::future::ready(answers).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn satisfies_the_contract() {
        crate::testing::conformance(|bytes| Box::new(MemorySource::new(bytes.to_vec())));
    }
}
