//! Object stores by URL: versions of objects, reads by range, pages of keys.
//!
//! ```text
//! Store             versions and listings that were seen, and for how long they count
//!  └ Blocks         what was read, by (object, ETag, block); ranges joined; one request for all who wait
//!     ├ Disk        what an earlier process read, if it was told to keep it
//!     └ Limited     requests in flight, deadline, retries, breaker; every request is counted here
//!        └ Backend  s3 · web · cloud · local: one attempt, one answer
//! ```
//!
//! Every backend passes one suite ([`testing::conformance`]); everything above `Backend` is written
//! once. It knows nothing of HDF5.

mod backend;
mod blocks;
mod caches;
mod circuit_breaker;
mod cloud;
mod config;
mod disk;
mod environment;
mod error;
mod extents;
#[cfg(test)]
mod fake;
mod flights;
mod gate;
mod history;
mod limits;
mod list;
mod listing_client;
mod local;
mod local_list;
mod meter;
mod metrics_description;
mod object;
mod open;
mod ranges;
mod request_metrics;
mod retry;
mod s3;
mod s3_list;
mod server;
mod spans;
mod status;
mod store;
pub mod testing;
#[cfg(test)]
mod tests;
mod version;
mod versions;
mod web;
mod wire;

pub use byte_source::{ByteSource, SourceError, SourceErrorKind};
pub use cache::Outcome;

pub use crate::caches::StoreCaches;
pub use crate::config::StoreConfig;
pub use crate::disk::DiskConfig;
pub use crate::environment::Environment;
pub use crate::error::StoreError;
pub use crate::list::{Entry, ListQuery, Listing, Page};
pub use crate::meter::Meter;
pub use crate::metrics_description::describe_metrics;
pub use crate::object::StoredObject;
pub use crate::spans::{SPANS, shortened, signed};
pub use crate::store::Store;
pub use crate::version::{Freshness, Version};
