//! What every kind of store must be able to do. Everything above (versions, blocks, joining of
//! ranges, limits, counting) is written once, over this trait.

use std::ops::Range;

use byte_source::{SourceError, SourceErrorKind};
use bytes::Bytes;
use futures::future::BoxFuture;

use crate::Version;
use crate::list::{ListQuery, Page};

/// A kind of store. Keys are relative to what the store was opened on.
///
/// Each call is one attempt: retries, deadlines and limits are above.
pub(crate) trait Backend: Send + Sync {
    /// Reads a part of an object. With `bound`, the request is conditional on that version as far
    /// as the store can do so; the caller compares the answer's version in any case.
    fn get<'a>(
        &'a self,
        key: &'a str,
        span: Span,
        bound: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Part, Fault>>;

    /// The current version of an object.
    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Version, Fault>>;

    /// One page of keys.
    fn list<'a>(&'a self, query: &'a ListQuery) -> BoxFuture<'a, Result<Page, Fault>>;

    /// Whether the store answers.
    fn probe(&self) -> BoxFuture<'_, Result<(), Fault>>;

    /// What the object `key` of `bucket` is called here; `None` if it is another store's.
    fn key_of(&self, bucket: &str, key: &str) -> Option<String> {
        let _ = (bucket, key);
        None
    }

    /// Whether a look at the version costs so little that every question takes one.
    fn looks_are_free(&self) -> bool {
        false
    }

    /// The most entries of one page.
    fn page_limit(&self) -> usize {
        1000
    }
}

/// Which bytes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Span {
    /// These, which are not empty and lie inside the object.
    Exact(Range<u64>),
    /// The start of an object whose size is not known yet.
    Start(Start),
}

/// How much of the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// An object up to this size is taken whole,
    pub(crate) whole_bytes: u64,
    /// of a larger one only so many bytes.
    pub(crate) head_bytes: u64,
}

impl Start {
    /// What to ask for before the size is known.
    pub(crate) fn asked(self) -> Range<u64> {
        0..self.whole_bytes.max(self.head_bytes).max(1)
    }

    /// What to take of an object of `size_bytes`.
    pub(crate) fn taken(self, size_bytes: u64) -> Range<u64> {
        if size_bytes <= self.whole_bytes {
            0..size_bytes
        } else {
            0..self.head_bytes.min(size_bytes)
        }
    }
}

impl Span {
    /// What to ask for before the size is known.
    pub(crate) fn asked(&self) -> Range<u64> {
        match self {
            Self::Exact(range) => range.clone(),
            Self::Start(start) => start.asked(),
        }
    }

    /// The range that an object of `size_bytes` must give.
    pub(crate) fn taken(&self, size_bytes: u64) -> Range<u64> {
        match self {
            Self::Exact(range) => range.clone(),
            Self::Start(start) => start.taken(size_bytes),
        }
    }
}

/// A part of an object.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The version that the bytes belong to.
    pub(crate) version: Version,
    /// Exactly the bytes of [`Span::taken`], in an allocation of their own.
    pub(crate) bytes: Bytes,
}

/// A failed attempt.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{error}")]
pub(crate) struct Fault {
    #[source]
    pub(crate) error: SourceError,
    /// Whether another attempt may go well.
    pub(crate) passing: bool,
}

impl Fault {
    /// Will fail again.
    pub(crate) fn lasting(kind: SourceErrorKind, detail: impl Into<String>) -> Self {
        Self { error: SourceError::new(kind, detail), passing: false }
    }

    /// May go well when it is tried again.
    pub(crate) fn passing(kind: SourceErrorKind, detail: impl Into<String>) -> Self {
        Self { error: SourceError::new(kind, detail), passing: true }
    }

    /// Whether it shows that the store is not well, as opposed to one object or one request.
    pub(crate) fn is_the_stores(&self) -> bool {
        self.passing || self.error.kind == SourceErrorKind::Timeout
    }

    /// The error when no other attempt is made. A store that said how long to wait is not broken.
    pub(crate) fn given_up(self) -> SourceError {
        let kind = match self.error.retry_after {
            Some(_) => SourceErrorKind::Unavailable,
            None => self.error.kind,
        };
        SourceError { kind, ..self.error }
    }

    /// The object is no longer `bound`.
    pub(crate) fn changed(key: &str) -> Self {
        Self::lasting(SourceErrorKind::Changed, format!("{key:?} is no longer the version read"))
    }

    /// The same of a request without conditions and ranges: what is said about them makes no sense.
    pub(crate) fn unconditional(mut self) -> Self {
        if matches!(self.error.kind, SourceErrorKind::Changed | SourceErrorKind::OutOfBounds) {
            self.error.kind = SourceErrorKind::Failed;
        }
        self
    }

    /// There is no such key.
    pub(crate) fn not_found(key: &str) -> Self {
        Self::lasting(SourceErrorKind::NotFound, format!("no object {key:?}"))
    }
}

/// The last moment of a lasting mistake of ours, such as a background task that ended.
impl From<tokio::task::JoinError> for Fault {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::lasting(SourceErrorKind::Failed, error.to_string())
    }
}
