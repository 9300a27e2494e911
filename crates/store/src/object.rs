//! One version of one object of a store, as a source of bytes.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use byte_source::{ByteSource, SourceError, SourceErrorKind, check_bounds};
use bytes::Bytes;
use cache::Outcome;
use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::blocks::Asker;
use crate::store::Shared;
use crate::{Meter, Version, spans};

/// One version of one object. What its reads cost is counted for the question it was opened for.
pub struct StoredObject {
    store: Arc<Shared>,
    asker: Asker,
}

impl StoredObject {
    pub(crate) fn new(store: Arc<Shared>, key: &str, version: Version, meter: Arc<Meter>) -> Self {
        let of = version.of(store.id, key);
        Self { store, asker: Asker { of, version, meter } }
    }

    /// The version that all bytes belong to.
    pub fn version(&self) -> &Version {
        &self.asker.version
    }

    /// The key of the object.
    pub fn key(&self) -> &str {
        &self.asker.of.key
    }

    /// What its reads cost.
    #[cfg(test)]
    pub(crate) fn meter(&self) -> &Meter {
        &self.asker.meter
    }

    async fn read(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, SourceError> {
        for range in ranges {
            check_bounds(range, self.size_bytes())?;
        }
        let started = std::time::Instant::now();
        let span = spans::wave(self.key(), ranges);
        match self.store.blocks.read(&self.asker, ranges).instrument(span.clone()).await {
            Ok((answers, outcome)) => {
                spans::answered(&span, outcome);
                let (key, etag) = (self.key(), &self.version().etag);
                let (ranges, outcome_name) = (ranges.len(), outcome.as_str());
                tracing::debug!(
                    cache = "block",
                    outcome = outcome_name,
                    key,
                    etag,
                    ranges,
                    "cache look-up"
                );
                if outcome == Outcome::Miss {
                    self.store.versions.confirm(self.key(), self.version(), started);
                }
                Ok(answers)
            }
            Err(error) => {
                if error.kind == SourceErrorKind::Changed {
                    self.store.versions.disown(self.key(), self.version());
                }
                Err(error)
            }
        }
    }
}

impl ByteSource for StoredObject {
    fn size_bytes(&self) -> u64 {
        self.asker.version.size_bytes
    }

    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>> {
        self.read(ranges).boxed()
    }
}

impl fmt::Debug for StoredObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoredObject").field(&self.asker).finish()
    }
}
