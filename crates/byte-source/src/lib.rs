//! What a reader of ranges asks of the outside world: one object, of one version, read in batches.
//!
//! The trait has a single reading method, and it takes many ranges. Only the caller knows what it
//! needs next, only the source knows what is cheap to join: a method for one range would invite
//! callers to wait for one answer when they already knew the next question. An alternative would
//! be a method per range with the batching behind it (as `std::io::Read` has it); every reader
//! built that way asks for one thing after another.

mod memory;
pub mod testing;

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;

pub use memory::MemorySource;

/// One version of one object, readable by ranges.
///
/// All bytes that one value of this trait hands out belong to the same version of the object. When
/// the object changes underneath, reads fail with [`SourceErrorKind::Changed`] instead of mixing.
pub trait ByteSource: Send + Sync {
    /// Size of the object in bytes.
    fn size_bytes(&self) -> u64;

    /// Reads all ranges as one wave: the answer comes when the last of them is there.
    ///
    /// The answers are in the order of the ranges and exactly as long as asked for. Ranges may
    /// overlap and need no order. A range that is empty gives no bytes and costs nothing.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::OutOfBounds`] when a range ends behind [`Self::size_bytes`] or starts
    /// behind its end; else whatever kept the source from answering. One failed range fails the
    /// call: a reader cannot go on with half a wave.
    fn read_many<'a>(
        &'a self,
        ranges: &'a [Range<u64>],
    ) -> BoxFuture<'a, Result<Vec<Bytes>, SourceError>>;
}

/// Why a source could not give bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct SourceError {
    /// What a caller can decide on.
    pub kind: SourceErrorKind,
    /// For the operator's log. It may name hosts and paths: never send it to a client.
    pub detail: String,
    /// What may be told to whoever asked, where the kind says too little. It is fixed text, so that
    /// nothing of a host, a path or a credential gets into it.
    pub advice: Option<&'static str>,
    /// After how long another question may go well, where the source knows.
    pub retry_after: Option<Duration>,
}

impl SourceError {
    /// An error of `kind`, with the text for the log.
    pub fn new(kind: SourceErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), advice: None, retry_after: None }
    }

    /// The same error, with words for whoever asked.
    #[must_use]
    pub fn with_advice(self, advice: &'static str) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// The same error, which may pass after `retry_after`.
    #[must_use]
    pub fn with_retry_after(self, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..self }
    }
}

/// The kinds of [`SourceError`] that a caller treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceErrorKind {
    /// There is no such object.
    NotFound,
    /// The store knows the caller and refuses, or does not know the caller.
    Forbidden,
    /// The object is no longer the version that the reads are bound to.
    Changed,
    /// No answer within the deadline.
    Timeout,
    /// A range that is not inside the object: a mistake of the caller.
    OutOfBounds,
    /// The source cannot be asked now, and it is known when asking again may help.
    Unavailable,
    /// The source answers nobody as it is set up: for its operator to mend.
    Misconfigured,
    /// Anything else: refused connections, cut bodies, server errors.
    Failed,
}

/// Checks `range` against the object's size, for implementations of [`ByteSource`].
///
/// # Errors
///
/// [`SourceErrorKind::OutOfBounds`] when it does not lie within.
pub fn check_bounds(range: &Range<u64>, size_bytes: u64) -> Result<(), SourceError> {
    if range.start <= range.end && range.end <= size_bytes {
        return Ok(());
    }
    Err(SourceError::new(
        SourceErrorKind::OutOfBounds,
        format!("bytes {}..{} of an object of {size_bytes} bytes", range.start, range.end),
    ))
}
