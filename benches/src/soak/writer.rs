//! Who overwrites objects while they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::stage::{BUCKET, Written};
use crate::Result;
use crate::s3::S3;

/// The longest rest between two objects, in milliseconds.
const REST_MS_MAX: u64 = 200;

/// Writes either version of any object, over and over, until it is dropped.
///
/// # Errors
///
/// When the bucket cannot be opened.
pub(super) async fn write(s3: S3, written: Arc<Written>, count: Arc<AtomicU64>) -> Result<()> {
    let bucket = s3.bucket(BUCKET).await?;
    let objects: Vec<_> = written.iter().collect();
    loop {
        let Some((key, versions)) = fastrand::choice(&objects) else { return Ok(()) };
        bucket.put(key, &versions[fastrand::usize(..versions.len())].bytes).await;
        count.fetch_add(1, Relaxed);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..REST_MS_MAX))).await;
    }
}
