//! What the stores of one process keep: in memory, where the sizes are for all of them together,
//! and on disk.
//!
//! Stores share these caches and not their entries: every key begins with the store that it is of.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use cache::{Cache, CacheOptions};

use crate::disk::DiskTier;
use crate::error::LoadError;
use crate::extents::Extents;
use crate::history::History;
use crate::list::{ListQuery, Page};
use crate::version::{Seen, VersionKey};
use crate::{DiskConfig, StoreConfig};

/// Room for some 40,000 versions: about what a page of the longest listing brings. With the
/// histories it is what the process keeps beside the caches that have flags: less than 64 MiB.
const VERSIONS_BYTES: u64 = 16 << 20;

/// Room for the histories of some 1,500 versions with 300 ranges each.
const HISTORIES_BYTES: u64 = 8 << 20;

/// The caches of one or more stores.
pub struct StoreCaches {
    pub(crate) listings: Cache<(StoreId, ListQuery), Fetched, LoadError>,
    pub(crate) versions: Cache<(StoreId, String), Seen, LoadError>,
    pub(crate) blocks: Cache<(VersionKey, u64), Arc<Extents>>,
    pub(crate) histories: Cache<VersionKey, Arc<History>>,
    disk_config: Option<DiskConfig>,
    /// Opened by the first store that uses it: local folders do without.
    disk: OnceLock<Option<DiskTier>>,
    stores: AtomicU32,
}

/// A store among those that share caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StoreId(u32);

/// A page, and when it was asked for. It stays for a while after it stopped to count: see
/// [`Store::last_listed`](crate::Store::last_listed).
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) page: Arc<Page>,
    pub(crate) at: Instant,
}

impl StoreCaches {
    /// Empty caches of the sizes in `config`, to be shared by all stores that are
    /// [opened](crate::Store::open_sharing) with them.
    pub fn new(config: &StoreConfig) -> Arc<Self> {
        let options =
            |name, capacity_bytes| CacheOptions { name, capacity_bytes, time_to_live: None };
        let weigh_listing = |(_, query): &(StoreId, ListQuery), fetched: &Fetched| {
            fetched.page.weight_bytes().saturating_add(query.prefix.len() as u64)
        };
        let weigh_version = |(_, key): &(StoreId, String), seen: &Seen| {
            seen.weight_bytes().saturating_add(key.len() as u64)
        };
        Arc::new(Self {
            listings: Cache::new(options("listing", config.listing_cache_bytes), weigh_listing),
            versions: Cache::new(options("version", VERSIONS_BYTES), weigh_version),
            blocks: Cache::new(
                options("block", config.block_cache_bytes),
                |_, extents: &Arc<Extents>| extents.weight_bytes(),
            ),
            histories: Cache::new(
                options("history", HISTORIES_BYTES),
                |_, history: &Arc<History>| history.weight_bytes(),
            ),
            disk_config: config.disk.clone(),
            disk: OnceLock::new(),
            stores: AtomicU32::new(0),
        })
    }

    /// A store more.
    pub(crate) fn next_store(&self) -> StoreId {
        StoreId(self.stores.fetch_add(1, Relaxed))
    }

    /// The disk tier, if there shall be one and it can be used.
    pub(crate) fn disk(&self) -> Option<&DiskTier> {
        let open = || self.disk_config.as_ref().and_then(DiskTier::open);
        self.disk.get_or_init(open).as_ref()
    }

    /// Sets the gauges of all of them. To be called when metrics are asked for.
    pub fn report(&self) {
        self.listings.report();
        self.versions.report();
        self.blocks.report();
        self.histories.report();
        if let Some(Some(disk)) = self.disk.get() {
            disk.report();
        }
    }

    /// Writes what is still to be written to [`StoreConfig::disk`] and frees its folder. To be
    /// called at the end: from then on the stores go without it.
    pub async fn close(&self) {
        if let Some(Some(disk)) = self.disk.get() {
            disk.close().await;
        }
    }
}

impl fmt::Debug for StoreCaches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreCaches").field("stores", &self.stores).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl StoreId {
    /// A store of a test.
    pub(crate) const TEST: Self = Self(0);
}
