//! A source that remembers what was asked of it: where metadata is, and what reading it costs.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use byte_source::{ByteSource, SourceError};
use bytes::Bytes;
use futures::future::BoxFuture;
use store::Meter;

use super::touched::Touched;
use crate::answers::{Cost, MetadataPlace};

/// Passes all reads on to the source below it, and records them.
pub(super) struct Recorder {
    inner: Arc<dyn ByteSource>,
    meter: Arc<Meter>,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    touched: Touched,
    waves: u64,
    ranges: u64,
    asked_bytes: u64,
}

impl Recorder {
    /// Records what is read from `inner`, whose requests `meter` counts.
    pub(super) fn new(inner: Arc<dyn ByteSource>, meter: Arc<Meter>) -> Self {
        Self { inner, meter, record: Mutex::default() }
    }

    /// What was read so far, in all.
    pub(super) fn cost(&self) -> Cost {
        let record = self.lock();
        Cost {
            round_trips: self.meter.rounds(),
            requests: self.meter.requests(),
            bytes: self.meter.bytes(),
            waves: record.waves,
            ranges: record.ranges,
            asked_bytes: record.asked_bytes,
        }
    }

    /// Where that was.
    pub(super) fn place(&self) -> MetadataPlace {
        self.lock().touched.place()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByteSource for Recorder {
    fn size_bytes(&self) -> u64 {
        self.inner.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        let mut record = self.lock();
        record.waves = record.waves.saturating_add(1);
        for range in ranges {
            record.ranges = record.ranges.saturating_add(1);
            let length_bytes = range.end.saturating_sub(range.start);
            record.asked_bytes = record.asked_bytes.saturating_add(length_bytes);
            record.touched.add(range.clone());
        }
        drop(record);
        self.inner.read_many(ranges)
    }
}

impl Cost {
    /// What was spent since `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            round_trips: self.round_trips.saturating_sub(before.round_trips),
            requests: self.requests.saturating_sub(before.requests),
            bytes: self.bytes.saturating_sub(before.bytes),
            waves: self.waves.saturating_sub(before.waves),
            ranges: self.ranges.saturating_sub(before.ranges),
            asked_bytes: self.asked_bytes.saturating_sub(before.asked_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use byte_source::MemorySource;
    use futures::executor::block_on;

    use super::*;

    fn recorder(bytes: &[u8]) -> Recorder {
        Recorder::new(Arc::new(MemorySource::new(bytes.to_vec())), Arc::new(Meter::new()))
    }

    #[test]
    fn it_is_a_source_like_any_other() {
        byte_source::testing::conformance(|bytes| Box::new(recorder(bytes)));
    }

    #[test]
    fn it_tells_what_was_asked_and_where() {
        let recorder = recorder(&[0; 100]);
        block_on(recorder.read_many(&[0..10, 20..30])).unwrap();
        let before = recorder.cost();
        block_on(recorder.read_many(std::slice::from_ref(&(5..25)))).unwrap();
        let cost = recorder.cost();
        assert_eq!((cost.waves, cost.ranges, cost.asked_bytes), (2, 3, 40));
        let last = cost.since(before);
        assert_eq!((last.waves, last.ranges, last.asked_bytes), (1, 1, 20));
        let place = recorder.place();
        assert_eq!((place.bytes, place.places, place.end_offset), (30, 1, 30));
    }
}
