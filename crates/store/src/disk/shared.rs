//! The database behind a lock, until it fails.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use metrics::{counter, gauge};

use super::database::{Database, PIECE_BYTES, Subject};
use super::error::DiskError;
use super::folder::Folder;
use crate::Version;

/// What look-ups and the writer share.
pub(super) struct Shared {
    /// Held for one piece of work at a time, each of a megabyte or so. `None`: the tier is off.
    database: Mutex<Option<Database>>,
    off: AtomicBool,
    /// An empty file was taken in place of a damaged one: once is enough.
    started_over: AtomicBool,
    used_bytes: AtomicU64,
}

impl Shared {
    /// Takes the folder below `parent`.
    pub(super) fn open(parent: &Path, size_bytes: u64) -> Result<Self, DiskError> {
        let database = Database::open(Folder::take(parent)?, size_bytes)?;
        Ok(Self {
            used_bytes: AtomicU64::new(database.used_bytes()?),
            database: Mutex::new(Some(database)),
            off: AtomicBool::new(false),
            started_over: AtomicBool::new(false),
        })
    }

    pub(super) fn version(&self, store: &str, key: &str) -> Option<Option<Version>> {
        self.with(|database| database.version(store, key))
    }

    pub(super) fn ranges(
        &self,
        store: &str,
        key: &str,
        version: &Version,
        limit: usize,
    ) -> Option<Vec<Range<u64>>> {
        self.with(|database| database.ranges(&Subject { store, key, version }, limit))
    }

    /// The pieces that have bytes of `wanted`. Lets others in after each megabyte of the object.
    pub(super) fn find(
        &self,
        store: &str,
        key: &str,
        version: &Version,
        wanted: &[Range<u64>],
    ) -> Option<Vec<(u64, Bytes)>> {
        let subject = Subject { store, key, version };
        let mut pieces = Vec::new();
        if !self.with(|database| database.knows(&subject))? {
            return Some(pieces);
        }
        let mut next = 0;
        while let Some(range) = wanted.get(wanted.partition_point(|range| range.end <= next)) {
            let first = range.start.max(next) / PIECE_BYTES * PIECE_BYTES;
            next = first.saturating_add(PIECE_BYTES);
            pieces.extend(self.with(|database| database.find(&subject, first, wanted))?);
        }
        Some(pieces)
    }

    /// Runs `work` on the database. `None`: the tier is off, perhaps since now.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Database) -> Result<T, DiskError>,
    ) -> Option<T> {
        let mut held = self.lock();
        match work(held.as_mut()?) {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.fail(&mut held, &error);
                None
            }
        }
    }

    /// Notes how much is in use.
    pub(super) fn measure(&self) {
        if let Some(used_bytes) = self.with(|database| database.used_bytes()) {
            self.used_bytes.store(used_bytes, Relaxed);
        }
    }

    pub(super) fn is_off(&self) -> bool {
        self.off.load(Relaxed)
    }

    pub(super) fn close(&self) {
        self.off.store(true, Relaxed);
        self.lock().take();
    }

    pub(super) fn report(&self) {
        gauge!("h5scout_cache_bytes", "cache" => "disk").set(self.used_bytes.load(Relaxed) as f64);
        gauge!("h5scout_disk_cache_up").set(if self.is_off() { 0.0 } else { 1.0 });
        // What has not happened yet is shown as well.
        for name in ["read_bytes", "written_bytes", "dropped", "errors"] {
            counter!(format!("h5scout_disk_cache_{name}_total")).increment(0);
        }
    }

    /// Takes an empty file in place of a damaged one, the first time; else it is off.
    fn fail(&self, held: &mut Option<Database>, error: &DiskError) {
        counter!("h5scout_disk_cache_errors_total").increment(1);
        let Some(database) = held.take() else { return };
        let path = database.path().display().to_string();
        if error.is_damage() && !self.started_over.swap(true, Relaxed) {
            tracing::warn!(path, %error, "the disk cache is damaged and starts over empty");
            match database.start_over() {
                Ok(empty) => *held = Some(empty),
                Err(error) => self.turn_off(&path, &error),
            }
        } else {
            self.turn_off(&path, error);
        }
    }

    fn turn_off(&self, path: &str, error: &DiskError) {
        self.off.store(true, Relaxed);
        tracing::warn!(path, %error, "the disk cache is off from now on");
    }

    fn lock(&self) -> MutexGuard<'_, Option<Database>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> (tempfile::TempDir, Shared) {
        let parent = tempfile::tempdir().unwrap();
        let shared = Shared::open(parent.path(), 16 << 20).unwrap();
        (parent, shared)
    }

    fn works(shared: &Shared) -> bool {
        shared.version("store", "k").is_some()
    }

    #[test]
    fn an_error_turns_it_off() {
        let (_parent, shared) = shared();
        assert!(works(&shared));
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(shared.with(|_| Err::<(), _>(full().into())).is_none());
        assert!(shared.is_off() && !works(&shared));
    }

    #[test]
    fn damage_makes_it_start_over_once() {
        let (_parent, shared) = shared();
        assert!(shared.with(|_| Err::<(), _>(DiskError::Checksum)).is_none());
        assert!(!shared.is_off() && works(&shared));
        assert!(shared.with(|_| Err::<(), _>(DiskError::Checksum)).is_none());
        assert!(shared.is_off() && !works(&shared));
    }
}
