//! The disk tier: what was read, for the next start of the process.
//!
//! Nothing fails with it: what it cannot give is fetched, what it cannot take is dropped, after an
//! error it is off, and a look that takes too long is the last for a while. It knows versions but
//! not which one is current; that, only the store says.

mod database;
mod error;
mod file;
mod folder;
mod shared;
mod writer;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use metrics::counter;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use self::shared::Shared;
use self::writer::{Of, Write, Writer};
use crate::Version;

/// A disk that takes longer is of no use: the store answers within a few round trips. Tests count
/// requests on machines that may be busy, and wait.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 60 } else { 1 });

/// How long no look is taken after one that took too long: a disk that hangs must not hold up every
/// question.
const REST: Duration = Duration::from_secs(30);

/// How long the end of the process waits for the disk: the queue is written in much less.
const CLOSING: Duration = Duration::from_secs(10);

/// Look-ups at a time. A disk that hangs holds up so many threads and not all there are.
const LOOK_UPS: usize = 8;

/// Where pieces of files are kept beyond the end of the process, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskConfig {
    /// A folder; a folder of ours is made in it.
    pub folder: PathBuf,
    /// The most that it may hold.
    pub size_bytes: u64,
}

/// The disk tier of all stores. Clones share it.
#[derive(Clone)]
pub(crate) struct DiskTier {
    shared: Arc<Shared>,
    writer: Arc<Writer>,
    look_ups: Arc<Semaphore>,
    rests_until: Arc<Mutex<Option<Instant>>>,
}

/// The disk tier of one store.
#[derive(Clone)]
pub(crate) struct Disk {
    store: Arc<str>,
    tier: DiskTier,
}

impl DiskTier {
    /// Opens the tier. If it cannot be used, the log says why.
    pub(crate) fn open(config: &DiskConfig) -> Option<Self> {
        let opened = Shared::open(&config.folder, config.size_bytes).and_then(|shared| {
            let shared = Arc::new(shared);
            let writer = Arc::new(Writer::start(shared.clone())?);
            Ok((shared, writer))
        });
        match opened {
            Ok((shared, writer)) => {
                let look_ups = Arc::new(Semaphore::new(LOOK_UPS));
                Some(Self { shared, writer, look_ups, rests_until: Arc::default() })
            }
            Err(error) => {
                let folder = config.folder.display();
                tracing::warn!(%folder, %error, "the disk cache is off");
                None
            }
        }
    }

    /// The tier for the store that is described by `store`.
    pub(crate) fn of(&self, store: &str) -> Disk {
        Disk { store: store.into(), tier: self.clone() }
    }

    /// Finishes what is to be written, and gives the folder free; not if the disk hangs. The tier
    /// is off from then on.
    pub(crate) async fn close(&self) {
        let shared = self.shared.clone();
        let closed = async {
            self.writer.flush().await;
            // Where it may block: a look-up may be under way.
            tokio::task::spawn_blocking(move || shared.close()).await
        };
        if tokio::time::timeout(CLOSING, closed).await.is_err() {
            tracing::warn!("the disk cache was left unfinished: the disk takes too long");
        }
    }

    /// Sets the gauges.
    pub(crate) fn report(&self) {
        self.shared.report();
    }

    /// Looks where it may block. `None`: the tier is off, or too slow.
    async fn look_up<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Shared) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        if self.shared.is_off() || self.rests() {
            return None;
        }
        let (shared, look_ups) = (self.shared.clone(), self.look_ups.clone());
        let found = async move {
            let turn = look_ups.acquire_owned().await.ok()?;
            let look = move || {
                let found = look(&shared);
                drop(turn);
                found
            };
            tokio::task::spawn_blocking(look).await.ok()?
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        if found.is_err() {
            self.rest();
        }
        found.ok()?
    }

    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self) {
        tracing::warn!("the disk of the disk cache takes too long: it is left alone for a while");
        let until = Instant::now() + REST;
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

impl Disk {
    /// The version of `key` that was seen last, perhaps long ago.
    pub(crate) async fn version(&self, key: &str) -> Option<Version> {
        let (store, key) = (self.store.clone(), key.to_owned());
        self.tier.look_up(move |shared| shared.version(&store, &key)).await.flatten()
    }

    /// Up to `limit` ranges that were read of a version.
    pub(crate) async fn ranges(
        &self,
        key: &str,
        version: &Version,
        limit: usize,
    ) -> Vec<Range<u64>> {
        let (store, key, version) = (self.store.clone(), key.to_owned(), version.clone());
        let look = move |shared: &Shared| shared.ranges(&store, &key, &version, limit);
        self.tier.look_up(look).await.unwrap_or_default()
    }

    /// What is here of `wanted`, which is sorted: pieces by where they start.
    pub(crate) async fn read(
        &self,
        key: &str,
        version: &Version,
        wanted: Vec<Range<u64>>,
    ) -> Vec<(u64, Bytes)> {
        let (store, owned, of) = (self.store.clone(), key.to_owned(), version.clone());
        let look = move |shared: &Shared| shared.find(&store, &owned, &of, &wanted);
        let pieces = self.tier.look_up(look).await.unwrap_or_default();
        let outcome = if pieces.is_empty() { "miss" } else { "hit" };
        counter!("h5scout_cache_lookups_total", "cache" => "disk", "outcome" => outcome)
            .increment(1);
        let bytes: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
        counter!("h5scout_disk_cache_read_bytes_total").increment(bytes as u64);
        if !pieces.is_empty() {
            self.tier.writer.send(Write::Touch(self.order_for(key.into(), version)));
        }
        pieces
    }

    /// Keeps `bytes` of a version, which start at `start`: soon, or not if there is too much to do.
    pub(crate) fn keep(&self, key: &Arc<str>, version: &Version, start: u64, bytes: &Bytes) {
        let (of, bytes) = (self.order_for(key.clone(), version), bytes.clone());
        self.tier.writer.send(Write::Piece { of, start, bytes });
    }

    fn order_for(&self, key: Arc<str>, version: &Version) -> Of {
        Of { store: self.store.clone(), key, version: version.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_hangs_holds_up_one_question_and_not_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let config = DiskConfig { folder: folder.path().to_owned(), size_bytes: 16 << 20 };
        let disk = DiskTier::open(&config).unwrap().of("store");
        let last_modified = jiff::Timestamp::UNIX_EPOCH;
        let version = Version { etag: "a".to_owned(), size_bytes: 10, last_modified };
        disk.keep(&"k".into(), &version, 0, &Bytes::from_static(b"bytes"));
        disk.tier.writer.flush().await;
        assert_eq!(disk.version("k").await.as_ref(), Some(&version));

        let (hangs, told) = channel();
        let (go_on, released) = channel::<()>();
        let shared = disk.tier.shared.clone();
        let hanging = std::thread::spawn(move || {
            shared.with(|_| {
                hangs.send(()).unwrap();
                Ok(released.recv())
            })
        });
        told.recv().unwrap();
        let asking = disk.clone();
        let first = tokio::spawn(async move { asking.version("k").await });
        tokio::task::yield_now().await;
        tokio::time::advance(PATIENCE).await;
        assert_eq!(first.await.unwrap(), None);
        assert_eq!(disk.version("k").await, None, "at once");

        go_on.send(()).unwrap();
        hanging.join().unwrap();
        tokio::time::advance(REST).await;
        assert_eq!(disk.version("k").await, Some(version));
    }
}
