//! Which state of an object: its ETag, and how much we trust what we last saw.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use crate::caches::StoreId;

/// One version of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The entity tag without its quotes; a weak one keeps its `W/`. Where a server gives none, a
    /// text made of the modification time and the size, which contains spaces and so cannot be
    /// mistaken for a tag.
    pub etag: String,
    /// Size of the object in bytes.
    pub size_bytes: u64,
    /// When it was last written: the epoch where the server does not say. Listings and reads of
    /// the same version may differ in the fraction of the second.
    pub last_modified: Timestamp,
}

impl Version {
    /// Whether `other` is the same state of the object.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.etag == other.etag && self.size_bytes == other.size_bytes
    }

    /// Whether it has an entity tag of the server's.
    pub(crate) fn is_tagged(&self) -> bool {
        !self.etag.contains(' ')
    }

    /// This version of the object `key` of `store`.
    pub(crate) fn of(&self, store: StoreId, key: &str) -> VersionKey {
        VersionKey { store, key: key.into(), etag: self.etag.as_str().into() }
    }
}

/// One version of one object, in keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct VersionKey {
    pub(crate) store: StoreId,
    pub(crate) key: Arc<str>,
    pub(crate) etag: Arc<str>,
}

/// How sure a question wants to be that it sees the newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// A version seen within [`StoreConfig::version_ttl`](crate::StoreConfig::version_ttl) will do.
    #[default]
    Trust,
    /// Ask the store first.
    Ask,
}

/// A version, and when the store last said that it is current.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) version: Version,
    /// When the request that saw it was begun: what it saw cannot be older.
    pub(crate) at: Instant,
}

impl Seen {
    /// What a cache entry for it weighs.
    pub(crate) fn weight_bytes(&self) -> u64 {
        (size_of::<Self>() as u64).saturating_add(self.version.etag.len() as u64)
    }
}
