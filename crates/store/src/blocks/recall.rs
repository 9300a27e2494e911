//! Blocks that an earlier process read: from the disk tier into memory.

use std::ops::Range;

use super::{Asker, Blocks};
use crate::Version;
use crate::disk::Disk;
use crate::extents::Extents;
use crate::history::{self, History};
use crate::ranges::{self, length};

impl Blocks {
    /// The version of `key` that was seen last, by an earlier process: to be confirmed.
    pub(crate) async fn last_version(&self, key: &str) -> Option<Version> {
        self.shared.disk.as_ref()?.version(key).await
    }

    /// Brings into memory what an earlier process read of the version, while that is confirmed.
    pub(crate) async fn prepare(&self, asker: &Asker) {
        let start = self.shared.start.taken(asker.version.size_bytes);
        self.recall(asker, std::slice::from_ref(&start)).await;
    }

    /// What the disk has of `ranges` and the memory has not. The first look at a version brings all
    /// that was read of it before, as far as there is room.
    pub(super) async fn recall(&self, asker: &Asker, ranges: &[Range<u64>]) -> Extents {
        let mut recalled = Extents::default();
        let shared = &self.shared;
        let Some(disk) = &shared.disk else { return recalled };
        let mut wanted = ranges::union(ranges.iter().cloned());
        if shared.held(&asker.of, &wanted).missing(&wanted).is_empty() {
            return recalled;
        }
        let flights = shared.flights.of(&asker.of);
        let _turn = flights.on_disk.lock().await;
        if shared.histories.peek(&asker.of).is_none() {
            let history = first_history(disk, asker).await;
            let fits = history.ranges().iter().map(length).sum::<u64>() <= shared.along_bytes;
            let along = if fits { history.ranges() } else { &[] };
            wanted = ranges::union(wanted.into_iter().chain(along.iter().cloned()));
            let _held = flights.lock();
            shared.remember(&asker.of, history.ranges());
        }
        let mut missing = shared.held(&asker.of, &wanted).missing(&wanted);
        if let Some(start) = shared.start_for(&missing, asker.version.size_bytes) {
            missing = ranges::union(missing.into_iter().chain([start]));
        }
        if missing.is_empty() {
            return recalled;
        }
        let pieces = disk.read(&asker.of.key, &asker.version, missing).await;
        let _held = flights.lock();
        for (start, bytes) in pieces {
            shared.keep(&asker.of, start, &bytes);
            recalled.insert_shared(start, &bytes);
        }
        recalled
    }
}

/// What the disk knows to have been read of a version.
async fn first_history(disk: &Disk, asker: &Asker) -> History {
    let mut history = History::default();
    history.add(&disk.ranges(&asker.of.key, &asker.version, history::RANGES).await);
    history
}
