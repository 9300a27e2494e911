//! Flags of every command: how the store is read, and what a question may spend.

use std::time::Duration;

use clap::Args;
use explorer::ExplorerConfig;
use h5range::Limits;
use store::{Environment, StoreConfig};

use crate::units::{duration, size};

/// What every command can be told about reading.
#[derive(Debug, Args)]
#[command(next_help_heading = "Store and limits")]
pub(crate) struct Engine {
    /// How long a version seen in the store is trusted
    #[arg(long, env = "H5SCOUT_VERSION_TTL", value_name = "TIME", default_value = "5s",
          value_parser = duration)]
    version_ttl: Duration,

    /// How long a listing is kept
    #[arg(long, env = "H5SCOUT_LIST_TTL", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    list_ttl: Duration,

    /// The most time that one request to the store may take, its attempts together
    #[arg(long, env = "H5SCOUT_STORE_TIMEOUT", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    store_timeout: Duration,

    /// Requests to the store in flight at once
    #[arg(long, env = "H5SCOUT_STORE_REQUESTS", value_name = "N", default_value = "128",
          value_parser = clap::value_parser!(u16).range(1..))]
    store_requests: u16,

    /// Requests to the store in flight at once for one file
    #[arg(long, env = "H5SCOUT_FILE_REQUESTS", value_name = "N", default_value = "64",
          value_parser = clap::value_parser!(u16).range(1..))]
    file_requests: u16,

    /// Failed requests in a row after which the store is left alone, for up to a second at a time;
    /// 0: never
    #[arg(long, env = "H5SCOUT_BREAKER_FAILURES", value_name = "N", default_value_t = 5)]
    breaker_failures: u32,

    /// Files up to this size are read in one request
    #[arg(long, env = "H5SCOUT_WHOLE_FILE", value_name = "SIZE", default_value = "1MiB",
          value_parser = size)]
    whole_file: u64,

    /// How much of a larger file the first request takes
    #[arg(long, env = "H5SCOUT_HEAD", value_name = "SIZE", default_value = "128KiB",
          value_parser = size)]
    head: u64,

    /// How much a wave of a few small reads takes along of what lies around them
    #[arg(long, env = "H5SCOUT_READ_AROUND", value_name = "SIZE", default_value = "256KiB",
          value_parser = size)]
    read_around: u64,

    /// Memory for bytes that were read
    #[arg(long, env = "H5SCOUT_BLOCK_CACHE", value_name = "SIZE", default_value = "256MiB",
          value_parser = size)]
    block_cache: u64,

    /// Memory for pages of listings
    #[arg(long, env = "H5SCOUT_LISTING_CACHE", value_name = "SIZE", default_value = "16MiB",
          value_parser = size)]
    listing_cache: u64,

    /// Memory for what was parsed
    #[arg(long, env = "H5SCOUT_OBJECT_CACHE", value_name = "SIZE", default_value = "128MiB",
          value_parser = size)]
    object_cache: u64,

    /// The most that one question may fetch
    #[arg(long, env = "H5SCOUT_MAX_FETCH", value_name = "SIZE", default_value = "512MiB",
          value_parser = size)]
    max_fetch: u64,

    /// The most ranges that one question may fetch
    #[arg(long, env = "H5SCOUT_MAX_RANGES", value_name = "N", default_value_t = Limits::default().ranges)]
    max_ranges: u64,

    /// The most round trips of one question
    #[arg(long, env = "H5SCOUT_MAX_WAVES", value_name = "N", default_value_t = Limits::default().waves)]
    max_waves: u64,

    /// The most tree nodes, heap blocks and object headers that one question may look at
    #[arg(long, env = "H5SCOUT_MAX_NODES", value_name = "N", default_value_t = Limits::default().nodes)]
    max_nodes: u64,

    /// The most that one question may decode
    #[arg(long, env = "H5SCOUT_MAX_DECODE", value_name = "SIZE", default_value = "256MiB",
          value_parser = size)]
    max_decode: u64,

    /// The most that the elements of one answer may take
    #[arg(long, env = "H5SCOUT_MAX_DATA", value_name = "SIZE", default_value = "512MiB",
          value_parser = size)]
    max_data: u64,

    /// Memory for elements on their way
    #[arg(long, env = "H5SCOUT_DATA_MEMORY", value_name = "SIZE", default_value = "512MiB",
          value_parser = size)]
    data_memory: u64,
}

impl Engine {
    /// How the store is set up: by the flags, and the environment of this process.
    pub(crate) fn store(&self) -> StoreConfig {
        StoreConfig {
            version_ttl: self.version_ttl,
            list_ttl: self.list_ttl,
            store_timeout: self.store_timeout,
            whole_file_bytes: self.whole_file,
            head_bytes: self.head,
            around_bytes: self.read_around,
            block_cache_bytes: self.block_cache,
            listing_cache_bytes: self.listing_cache,
            requests_in_flight: usize::from(self.store_requests),
            file_requests_in_flight: usize::from(self.file_requests),
            breaker_failures: self.breaker_failures,
            disk: None,
            environment: Environment::of_process(),
        }
    }

    /// What the explorer may spend.
    pub(crate) fn explorer(&self) -> ExplorerConfig {
        ExplorerConfig {
            limits: Limits {
                fetched_bytes: self.max_fetch,
                ranges: self.max_ranges,
                waves: self.max_waves,
                nodes: self.max_nodes,
                decoded_bytes: self.max_decode,
            },
            object_cache_bytes: self.object_cache,
            data_bytes: self.max_data,
            data_memory_bytes: self.data_memory,
            ..ExplorerConfig::default()
        }
    }
}
