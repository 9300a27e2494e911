//! How a store is set up: sizes, times, limits. What comes from the environment is in
//! [`Environment`].

use std::time::Duration;

use crate::{DiskConfig, Environment};

/// Settings of a [`Store`](crate::Store). [`StoreConfig::default`] has the documented defaults and
/// an empty environment.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// How long a version that was seen in the store is trusted. Default 5 s. Local folders are
    /// looked at for every question instead.
    pub version_ttl: Duration,
    /// How long a page of a listing is kept. Default 30 s.
    pub list_ttl: Duration,
    /// The most time that one request may take, all its attempts together. Default 30 s.
    pub store_timeout: Duration,
    /// Files up to this size are read in one request. Default 1 MiB: at common bandwidths the
    /// bytes then cost less than the round trip they save.
    pub whole_file_bytes: u64,
    /// How much of a larger file the first request takes. Default 128 KiB: enough for superblock,
    /// root group and the first headers of most files.
    pub head_bytes: u64,
    /// How much a wave of a few small reads takes along of what lies around them. Default 256 KiB:
    /// at 1 Gbit/s they cost 2 ms, and the next wave is often among them. 0: nothing.
    pub around_bytes: u64,
    /// The most that read ranges may take in memory. Default 256 MiB.
    pub block_cache_bytes: u64,
    /// The most that pages of listings may take in memory. Default 16 MiB: some eighty full pages
    /// of 1000 keys.
    pub listing_cache_bytes: u64,
    /// Where what was read is kept for the next start of the process. Default: nowhere. Local
    /// folders do without.
    pub disk: Option<DiskConfig>,
    /// Requests in flight at once. Default 128: two large questions, or many small ones.
    pub requests_in_flight: usize,
    /// Requests in flight at once for one file. Default 64: beyond that stores and lines get slower
    /// rather than faster, and one file shall not have all of them.
    pub file_requests_in_flight: usize,
    /// After so many requests in a row that failed with all their attempts, the store is left alone
    /// for up to a second at a time. Default 5: fewer may be chance, and each one more is a question
    /// that waits in vain. 0: never.
    pub breaker_failures: u32,
    /// Credentials and endpoints.
    pub environment: Environment,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            version_ttl: Duration::from_secs(5),
            list_ttl: Duration::from_secs(30),
            store_timeout: Duration::from_secs(30),
            whole_file_bytes: 1 << 20,
            head_bytes: 128 << 10,
            around_bytes: 256 << 10,
            block_cache_bytes: 256 << 20,
            listing_cache_bytes: 16 << 20,
            disk: None,
            requests_in_flight: 128,
            file_requests_in_flight: 64,
            breaker_failures: 5,
            environment: Environment::default(),
        }
    }
}
