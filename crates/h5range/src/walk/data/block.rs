//! A block of elements, from what was read for it to its bytes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::error::{Error, Limit, Result};
use crate::walk::data::executor::{Executor, run_all};
use crate::walk::data::parts::Piece;
use crate::walk::data::storage::FillElement;

/// What was read for a block.
pub(super) struct Fetched {
    size_bytes: usize,
    element_bytes: u64,
    fill: FillElement,
    /// Elements. Where the places of two pieces overlap, those of the later one count; such pieces
    /// have no filters.
    pub(super) pieces: Vec<Piece>,
    /// Whether some elements were never written.
    pub(super) has_gaps: bool,
}

/// Bytes that one job decodes, at least: less is not worth the way to another thread.
const JOB_BYTES: u64 = 256 << 10;

impl Fetched {
    /// A block of `size_bytes`, which are paid for, with nothing in it yet.
    ///
    /// # Errors
    ///
    /// When they do not fit the memory of this machine.
    pub(super) fn new(size_bytes: u64, element_bytes: u64, fill: FillElement) -> Result<Self> {
        let Ok(size_bytes) = usize::try_from(size_bytes) else {
            return Err(Error::Limit { limit: Limit::DecodedBytes, maximum: usize::MAX as u64 });
        };
        Ok(Self { size_bytes, element_bytes, fill, pieces: Vec::new(), has_gaps: false })
    }

    /// Decodes what was read and puts it together, in `executor`.
    ///
    /// # Errors
    ///
    /// When some of it is damaged, or filtered in a way that we cannot undo.
    pub(super) async fn decode(self, executor: &dyn Executor) -> Result<Bytes> {
        let Self { size_bytes, element_bytes, fill, pieces, has_gaps } = self;
        if let [piece] = pieces.as_slice()
            && !has_gaps
            && piece.is_whole(size_bytes)
        {
            let decode = pieces.into_iter().map(|piece| || piece.unfiltered());
            let whole = run_all(executor, decode).await?;
            return Ok(whole.into_iter().map(|piece| piece.bytes).next().unwrap_or_default());
        }
        let block = Arc::new(Mutex::new(vec![0; size_bytes]));
        if has_gaps {
            let block = Arc::clone(&block);
            let fill = move || {
                fill.fill(&mut lock(&block));
                Ok(())
            };
            run_all(executor, [fill]).await?;
        }
        // Each piece is copied while it is still in the cache of who decoded it, and forgotten. One
        // copies at a time: that takes a small part of what decoding does.
        let put = |pieces: Vec<Piece>| {
            let block = Arc::clone(&block);
            let put = move |piece: Piece| {
                let piece = piece.unfiltered()?;
                piece.copy_to(&mut lock(&block), element_bytes)
            };
            move || pieces.into_iter().try_for_each(put)
        };
        run_all(executor, jobs_of(pieces).into_iter().map(put)).await?;
        let block = std::mem::take(&mut *lock(&block));
        Ok(block.into())
    }
}

/// Pieces that are decoded by one job each. All that have no filters are one job.
fn jobs_of(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut jobs: Vec<Vec<Piece>> = Vec::new();
    let mut job_bytes = u64::MAX;
    for piece in pieces {
        if job_bytes >= JOB_BYTES {
            jobs.push(Vec::new());
            job_bytes = 0;
        }
        job_bytes = job_bytes.saturating_add(piece.bytes_to_decode());
        if let Some(job) = jobs.last_mut() {
            job.push(piece);
        }
    }
    jobs
}

/// A job that panicked is an error of its own, and nobody looks at its block.
fn lock(block: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    block.lock().unwrap_or_else(PoisonError::into_inner)
}
