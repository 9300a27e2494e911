//! Behaviour of the whole stack over a fake backend. Requests are counted, nothing sleeps.

#![expect(clippy::single_range_in_vec_init, reason = "a wave of one range is what is meant")]

mod backends;
mod breaker;
mod faults;
mod faults_over_tcp;
mod history;
mod listings;
mod local;
mod local_changes;
mod reads;
mod second_start;
mod sharing;
mod versions;
mod web;

use std::sync::Arc;
use std::time::Duration;

use crate::{Freshness, Meter, SourceErrorKind, Store, StoreConfig, StoredObject};

/// Never asks for a version again by itself, and reads little ahead.
fn config() -> StoreConfig {
    StoreConfig {
        version_ttl: Duration::from_secs(3600),
        list_ttl: Duration::from_secs(3600),
        whole_file_bytes: 1000,
        head_bytes: 100,
        around_bytes: 0,
        ..StoreConfig::default()
    }
}

/// Each byte says where it is.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn meter() -> Arc<Meter> {
    Arc::new(Meter::new())
}

async fn open(store: &Store, key: &str) -> Arc<StoredObject> {
    store.object(key, Freshness::Trust, meter()).await.unwrap()
}

async fn open_error(store: &Store, key: &str) -> SourceErrorKind {
    store.object(key, Freshness::Trust, meter()).await.unwrap_err().kind
}

/// Lets the other tasks of a single-threaded runtime run until none can go on.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
