//! The thread that writes: a bounded queue, in small batches, so that look-ups get their turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};

use bytes::Bytes;
use metrics::counter;
use tokio::sync::oneshot;

use super::database::{PIECE_BYTES, Subject};
use super::error::DiskError;
use super::shared::Shared;
use crate::Version;

/// The most that may wait to be written. Beyond it pieces are dropped: a disk that is slower than
/// the store must not fill the memory.
const QUEUE_BYTES: u64 = 32 << 20;

/// What an order weighs beside its bytes.
const ORDER_BYTES: u64 = 256;

/// Written in one transaction.
const BATCH_BYTES: u64 = 1 << 20;

/// What is to be done.
pub(super) enum Write {
    /// Keep a piece.
    Piece { of: Of, start: u64, bytes: Bytes },
    /// A version is in use.
    Touch(Of),
    /// Tell when all before it is done.
    Flush(oneshot::Sender<()>),
}

/// One version of one object of one store.
#[derive(PartialEq, Eq)]
pub(super) struct Of {
    pub(super) store: Arc<str>,
    pub(super) key: Arc<str>,
    pub(super) version: Version,
}

/// Orders for the thread, which ends when this is dropped and all is written.
pub(super) struct Writer {
    orders: Sender<Write>,
    waiting_bytes: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(shared: Arc<Shared>) -> Result<Self, DiskError> {
        let (orders, received) = channel();
        let waiting_bytes = Arc::new(AtomicU64::new(0));
        let desk = Desk { shared, waiting_bytes: waiting_bytes.clone() };
        let thread = std::thread::Builder::new().name("disk-cache".to_owned());
        thread.spawn(move || desk.work(&received))?;
        Ok(Self { orders, waiting_bytes })
    }

    /// Queues an order, or drops it.
    pub(super) fn send(&self, order: Write) {
        let weight = order.weight_bytes();
        let before = self.waiting_bytes.fetch_add(weight, Relaxed);
        if before.saturating_add(weight) > QUEUE_BYTES || self.orders.send(order).is_err() {
            self.waiting_bytes.fetch_sub(weight, Relaxed);
            counter!("h5scout_disk_cache_dropped_total").increment(1);
        }
    }

    /// Waits until all that was queued is written.
    pub(super) async fn flush(&self) {
        let (done, told) = oneshot::channel();
        if self.orders.send(Write::Flush(done)).is_ok() {
            let _ = told.await;
        }
    }
}

impl Write {
    fn weight_bytes(&self) -> u64 {
        let bytes = match self {
            Self::Piece { bytes, .. } => bytes.len() as u64,
            Self::Touch(_) | Self::Flush(_) => 0,
        };
        bytes.saturating_add(ORDER_BYTES)
    }
}

/// Where the orders go.
struct Desk {
    shared: Arc<Shared>,
    waiting_bytes: Arc<AtomicU64>,
}

/// Pieces of one version that are written together.
struct Batch {
    of: Of,
    pieces: Vec<(u64, Bytes)>,
    weight_bytes: u64,
}

impl Desk {
    fn work(&self, received: &Receiver<Write>) {
        let mut next = received.recv().ok();
        while let Some(order) = next.take() {
            match order {
                Write::Piece { of, start, bytes } => {
                    let mut batch = Batch { of, pieces: Vec::new(), weight_bytes: 0 };
                    batch.add(start, &bytes);
                    next = self.gather(&mut batch, received);
                    self.keep(&batch);
                }
                Write::Touch(of) => {
                    self.taken(ORDER_BYTES);
                    self.shared.with(|database| database.touch(&of.subject()));
                }
                Write::Flush(done) => {
                    self.shared.measure();
                    let _ = done.send(());
                }
            }
            if next.is_none() {
                next = received.recv().ok();
            }
        }
    }

    /// Adds what waits for the same version, until the batch is full. Returns the order after it.
    fn gather(&self, batch: &mut Batch, received: &Receiver<Write>) -> Option<Write> {
        while batch.weight_bytes < BATCH_BYTES {
            match received.try_recv().ok()? {
                Write::Piece { of, start, bytes } if of == batch.of => batch.add(start, &bytes),
                other => return Some(other),
            }
        }
        None
    }

    /// Writes a batch, in parts of about [`BATCH_BYTES`], after making room for them.
    fn keep(&self, batch: &Batch) {
        let subject = batch.of.subject();
        for part in batch.parts() {
            if self.make_room(part).is_some_and(|room| room) {
                self.shared.with(|database| database.add(&subject, part));
                let bytes: usize = part.iter().map(|(_, bytes)| bytes.len()).sum();
                counter!("h5scout_disk_cache_written_bytes_total").increment(bytes as u64);
            }
        }
        self.shared.measure();
        self.taken(batch.weight_bytes);
    }

    /// Evicts until `pieces` fit. `Some(false)`: they never will; `None`: the tier is off.
    fn make_room(&self, pieces: &[(u64, Bytes)]) -> Option<bool> {
        loop {
            let lengths = pieces.iter().map(|(_, bytes)| bytes.len());
            if self.shared.with(|database| database.has_room(lengths))? {
                return Some(true);
            }
            if !self.shared.with(|database| database.evict())? {
                return Some(false);
            }
        }
    }

    fn taken(&self, weight_bytes: u64) {
        self.waiting_bytes.fetch_sub(weight_bytes, Relaxed);
    }
}

impl Of {
    fn subject(&self) -> Subject<'_> {
        Subject { store: &self.store, key: &self.key, version: &self.version }
    }
}

impl Batch {
    /// Adds `bytes`, cut at multiples of [`PIECE_BYTES`].
    fn add(&mut self, start: u64, bytes: &Bytes) {
        let weight = (bytes.len() as u64).saturating_add(ORDER_BYTES);
        self.weight_bytes = self.weight_bytes.saturating_add(weight);
        let (mut start, mut left) = (start, bytes.clone());
        while !left.is_empty() {
            let room = PIECE_BYTES.saturating_sub(start % PIECE_BYTES);
            let length = usize::try_from(room).unwrap_or(usize::MAX).min(left.len());
            self.pieces.push((start, left.split_to(length)));
            start = start.saturating_add(length as u64);
        }
    }

    /// The pieces in order, each part no larger than two of the largest.
    fn parts(&self) -> impl Iterator<Item = &[(u64, Bytes)]> {
        let mut weight = 0;
        self.pieces.chunk_by(move |(_, bytes), _| {
            weight += bytes.len() as u64;
            let goes_on = weight < BATCH_BYTES;
            if !goes_on {
                weight = 0;
            }
            goes_on
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: &Version) -> Of {
        Of { store: "store".into(), key: "k".into(), version: version.clone() }
    }

    fn version() -> Version {
        let last_modified = jiff::Timestamp::UNIX_EPOCH;
        Version { etag: "a".to_owned(), size_bytes: 1 << 40, last_modified }
    }

    #[tokio::test]
    async fn what_a_slow_disk_cannot_take_is_dropped() {
        let parent = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared::open(parent.path(), 256 << 20).unwrap());
        let writer = Writer::start(shared.clone()).unwrap();
        let (bytes, version) = (Bytes::from(vec![7; 1 << 20]), version());
        // The disk hangs while orders come.
        shared.with(|_| {
            for n in 0..100 {
                let (start, bytes) = (n * PIECE_BYTES, bytes.clone());
                writer.send(Write::Piece { of: of(&version), start, bytes });
                assert!(writer.waiting_bytes.load(Relaxed) <= QUEUE_BYTES);
            }
            Ok(())
        });
        writer.flush().await;
        assert_eq!(writer.waiting_bytes.load(Relaxed), 0);
        let kept = shared.ranges("store", "k", &version, 1000).unwrap();
        assert_eq!(kept.len(), 31, "each weighs a little more than its megabyte");
    }

    #[tokio::test]
    async fn long_bytes_are_cut_and_found_again() {
        let parent = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared::open(parent.path(), 64 << 20).unwrap());
        let writer = Writer::start(shared.clone()).unwrap();
        let object: Bytes = (0..5 << 20).map(|at: u32| at.to_le_bytes()[1]).collect();
        let (start, version) = (PIECE_BYTES - 1000, version());
        let bytes = object.slice(start as usize..);
        writer.send(Write::Piece { of: of(&version), start, bytes });
        writer.flush().await;
        let wanted = [start + 5..start + 6, 3 * PIECE_BYTES - 1..3 * PIECE_BYTES + 1];
        let pieces = shared.find("store", "k", &version, &wanted).unwrap();
        let starts: Vec<_> = pieces.iter().map(|(start, _)| *start).collect();
        assert_eq!(starts, [start, 2 * PIECE_BYTES, 3 * PIECE_BYTES]);
        for (start, bytes) in pieces {
            assert_eq!(bytes, object.slice(start as usize..start as usize + bytes.len()));
        }
    }
}
