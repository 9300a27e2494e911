//! Pages of keys, as callers see them.

use std::sync::Arc;
use std::time::Duration;

use cache::Outcome;
use jiff::Timestamp;

/// Which keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ListQuery {
    /// Keys that start so. It need not end at a `/`.
    pub prefix: String,
    /// Whether keys with a `/` behind the prefix are shown as the folder they are in.
    pub folders: bool,
    /// Only what comes behind this key or folder, as [`Page::next`] gives it.
    pub after: Option<String>,
    /// At most so many keys and folders. A store may have a lower limit of its own (1000 at S3):
    /// a page can be shorter than this and yet have a next one.
    pub limit: usize,
}

/// Keys and folders in the order of their UTF-8 bytes, as S3 sorts: `a.h5` before `a/b.h5`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Objects, without the empty ones that only mark a folder (`dir/`).
    pub entries: Vec<Entry>,
    /// Folders with their `/`; none unless asked for.
    pub folders: Vec<String>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<String>,
    /// Bytes of the store's answer, for the meter.
    pub(crate) body_bytes: u64,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key, relative to the store.
    pub key: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// When it was last written.
    pub last_modified: Timestamp,
    /// As [`Version::etag`](crate::Version::etag); `None` where the listing does not say.
    pub etag: Option<String>,
}

/// A page, and where it came from.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The page.
    pub page: Arc<Page>,
    /// How old it is.
    pub age: Duration,
    /// Whether it was kept, fetched or waited for.
    pub outcome: Outcome,
}

impl Page {
    /// Whether `entry` only marks a folder.
    pub(crate) fn is_marker(key: &str, size_bytes: u64) -> bool {
        key.is_empty() || (size_bytes == 0 && key.ends_with('/'))
    }

    /// What a cache entry for it weighs.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let text = |text: &str| (text.len() as u64).saturating_add(size_of::<String>() as u64);
        let entry = |entry: &Entry| {
            let etag = entry.etag.as_deref().map_or(0, str::len) as u64;
            (size_of::<Entry>() as u64).saturating_add(etag).saturating_add(entry.key.len() as u64)
        };
        let entries: u64 = self.entries.iter().map(entry).sum();
        let folders: u64 = self.folders.iter().map(|folder| text(folder)).sum();
        entries.saturating_add(folders)
    }
}
