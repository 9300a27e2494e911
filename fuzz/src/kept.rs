//! A source that joins, cuts and keeps ranges as the store does, with sizes of the fuzzer's choice.

use std::ops::Range;
use std::sync::Mutex;

use byte_source::{ByteSource, MemorySource, SourceError};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::extents::Extents;
use crate::ranges;

/// An object that is read in requests of these sizes; what was read is not read again.
pub struct KeptSource {
    object: MemorySource,
    gap_bytes: u64,
    request_bytes: u64,
    kept: Mutex<Extents>,
}

impl KeptSource {
    /// Joins what is at most `gap_bytes` apart and cuts it to `request_bytes`.
    pub fn new(object: MemorySource, gap_bytes: u64, request_bytes: u64) -> Self {
        Self { object, gap_bytes, request_bytes, kept: Mutex::default() }
    }

    async fn read(&self, asked: &[Range<u64>]) -> Result<Vec<Bytes>, SourceError> {
        let wanted = ranges::union(asked.iter().cloned());
        let missing = self.kept.lock().unwrap().missing(&wanted);
        let requests = ranges::requests(missing, self.gap_bytes, self.request_bytes);
        let answers = self.object.read_many(&requests).await?;
        let mut kept = self.kept.lock().unwrap();
        for (request, bytes) in requests.iter().zip(answers) {
            kept.insert_copied(request.start, &bytes);
        }
        let answer = |range| kept.read(range).expect("what was asked for was read");
        Ok(asked.iter().map(answer).collect())
    }
}

impl ByteSource for KeptSource {
    fn size_bytes(&self) -> u64 {
        self.object.size_bytes()
    }

    fn read_many<'a>(
        &'a self,
        asked: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        self.read(asked).boxed()
    }
}
