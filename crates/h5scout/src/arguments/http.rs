//! Flags about requests to the server.

use std::time::Duration;

use clap::Args;
use http_api::{BasePath, HttpConfig, Origins};

use crate::units::{duration, size};

/// What the server can be told about requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Requests")]
pub(crate) struct Http {
    /// The longest that a request may take
    #[arg(long, env = "H5SCOUT_REQUEST_TIMEOUT", value_name = "TIME", default_value = "60s",
          value_parser = duration)]
    request_timeout: Duration,

    /// Questions answered at a time; more get 429
    #[arg(long, env = "H5SCOUT_CONCURRENT_REQUESTS", value_name = "N", default_value = "256",
          value_parser = clap::value_parser!(u16).range(1..))]
    concurrent_requests: u16,

    /// Memory for ready answers
    #[arg(long, env = "H5SCOUT_RESPONSE_CACHE", value_name = "SIZE", default_value = "64MiB",
          value_parser = size)]
    response_cache: u64,

    /// How long /ready waits for the store
    #[arg(long, env = "H5SCOUT_READY_TIMEOUT", value_name = "TIME", default_value = "5s",
          value_parser = duration)]
    ready_timeout: Duration,

    /// How long requests under way may go on after the signal to stop
    #[arg(long, env = "H5SCOUT_SHUTDOWN_TIMEOUT", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    shutdown_timeout: Duration,

    /// Connections open at a time; more wait
    #[arg(long, env = "H5SCOUT_CONNECTIONS", value_name = "N", default_value = "1024",
          value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,

    /// How long the headers of a request may take to arrive
    #[arg(long, env = "H5SCOUT_HEADER_TIMEOUT", value_name = "TIME", default_value = "10s",
          value_parser = duration)]
    header_timeout: Duration,

    /// How long a connection may wait for its next request
    #[arg(long, env = "H5SCOUT_IDLE_TIMEOUT", value_name = "TIME", default_value = "75s",
          value_parser = duration)]
    idle_timeout: Duration,

    /// How long a client may take nothing of its answer
    #[arg(long, env = "H5SCOUT_WRITE_TIMEOUT", value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    write_timeout: Duration,

    /// The path below which a proxy passes requests on without taking it off, as /h5scout. /health
    /// and /ready answer at the root too
    #[arg(long, env = "H5SCOUT_BASE_PATH", value_name = "PATH", default_value = "/")]
    base_path: BasePath,
}

impl Http {
    /// How the server treats requests, those of the pages of `origins` among them.
    pub(crate) fn config(&self, origins: Origins, embedders: Origins) -> HttpConfig {
        HttpConfig {
            request_timeout: self.request_timeout,
            concurrent_requests: usize::from(self.concurrent_requests),
            response_cache_bytes: self.response_cache,
            ready_timeout: self.ready_timeout,
            shutdown_timeout: self.shutdown_timeout,
            connections: usize::from(self.connections),
            header_timeout: self.header_timeout,
            idle_timeout: self.idle_timeout,
            write_timeout: self.write_timeout,
            origins,
            embedders,
            base_path: self.base_path.clone(),
        }
    }
}
