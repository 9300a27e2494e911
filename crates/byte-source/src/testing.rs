//! Sources for tests: counting, failing, changing; and the suite that every source must pass.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;

use crate::{ByteSource, SourceError, SourceErrorKind};

/// Counts what is asked of the source below it.
#[derive(Debug, Default)]
pub struct CountingSource<S> {
    inner: S,
    waves: AtomicU64,
    ranges: AtomicU64,
    bytes: AtomicU64,
}

impl<S> CountingSource<S> {
    /// Counts from zero.
    pub fn new(inner: S) -> Self {
        Self { inner, waves: 0.into(), ranges: 0.into(), bytes: 0.into() }
    }

    /// Calls of `read_many`: the round trips that a remote source would have made at least.
    pub fn waves(&self) -> u64 {
        self.waves.load(Relaxed)
    }

    /// Ranges over all waves.
    pub fn ranges(&self) -> u64 {
        self.ranges.load(Relaxed)
    }

    /// Bytes over all ranges.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }
}

impl<S: ByteSource> ByteSource for CountingSource<S> {
    fn size_bytes(&self) -> u64 {
        self.inner.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        self.waves.fetch_add(1, Relaxed);
        self.ranges.fetch_add(ranges.len() as u64, Relaxed);
        let bytes = ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum::<u64>();
        self.bytes.fetch_add(bytes, Relaxed);
        self.inner.read_many(ranges)
    }
}

/// Answers a number of waves, then fails every further one with the same error.
#[derive(Debug)]
pub struct FailingSource<S> {
    inner: S,
    waves_left: AtomicU64,
    error: SourceError,
}

impl<S> FailingSource<S> {
    /// Fails with an error of `kind` after `waves` good waves. [`SourceErrorKind::Changed`] makes
    /// it an object that a writer replaced meanwhile.
    pub fn after(waves: u64, kind: SourceErrorKind, inner: S) -> Self {
        Self { inner, waves_left: waves.into(), error: SourceError::new(kind, "made to fail") }
    }
}

impl<S: ByteSource> ByteSource for FailingSource<S> {
    fn size_bytes(&self) -> u64 {
        self.inner.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        let left = self.waves_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        match left {
            Ok(_) => self.inner.read_many(ranges),
            Err(_) => std::future::ready(Err(self.error.clone())).boxed(),
        }
    }
}

/// What every [`ByteSource`] must do. `make` gives a source over the bytes it is handed.
///
/// # Panics
///
/// When the source breaks the contract: this is the body of a test.
#[expect(clippy::panic, clippy::expect_used, reason = "the body of a test")]
pub fn conformance(make: impl Fn(&[u8]) -> Box<dyn ByteSource>) {
    let bytes: Vec<u8> = (0..10_000_u32).map(|i| (i % 251) as u8).collect();
    let source = make(&bytes);
    assert_eq!(source.size_bytes(), 10_000);

    let ranges = [9_990..10_000, 0..4, 2..8, 5_000..5_000, 4_095..4_097, 0..10_000];
    let answers = block_on(source.read_many(&ranges)).expect("ranges inside the object");
    assert_eq!(answers.len(), ranges.len());
    for (range, answer) in ranges.iter().zip(&answers) {
        assert_eq!(answer[..], bytes[range.start as usize..range.end as usize], "{range:?}");
    }

    assert!(block_on(source.read_many(&[])).expect("no ranges").is_empty());
    #[expect(clippy::reversed_empty_ranges, reason = "a range no caller should ask for")]
    for wrong in [9_999..10_001, 10_001..10_001, 8..4, u64::MAX - 1..u64::MAX] {
        match block_on(source.read_many(&[0..1, wrong.clone()])) {
            Err(error) => assert_eq!(error.kind, SourceErrorKind::OutOfBounds, "{wrong:?}"),
            Ok(_) => panic!("{wrong:?} is not inside the object"),
        }
    }

    let empty = make(&[]);
    assert_eq!(empty.size_bytes(), 0);
    let nothing = block_on(empty.read_many(std::slice::from_ref(&(0..0)))).expect("nothing of it");
    assert!(nothing[0].is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    #[test]
    fn counting_source_counts_and_passes_on() {
        conformance(|bytes| Box::new(CountingSource::new(MemorySource::new(bytes.to_vec()))));
        let source = CountingSource::new(MemorySource::new(vec![0; 100]));
        block_on(source.read_many(&[0..10, 20..25])).unwrap();
        assert_eq!((source.waves(), source.ranges(), source.bytes()), (1, 2, 15));
    }

    #[test]
    fn failing_source_fails_when_told() {
        let memory = MemorySource::new(vec![0; 100]);
        let source = FailingSource::after(1, SourceErrorKind::Changed, memory);
        let wave = std::slice::from_ref(&(0..10));
        assert!(block_on(source.read_many(wave)).is_ok());
        let error = block_on(source.read_many(wave)).unwrap_err();
        assert_eq!(error.kind, SourceErrorKind::Changed);
    }
}
