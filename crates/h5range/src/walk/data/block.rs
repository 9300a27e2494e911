//! A block of elements, from what was read for it to its bytes.

use bytes::Bytes;

use crate::error::{Error, Limit, Result};
use crate::walk::data::executor::{Executor, run_all};
use crate::walk::data::parts::{FetchedPart, Piece};
use crate::walk::data::storage::FillElement;

/// What was read for a block.
pub(super) struct Fetched {
    size_bytes: usize,
    element_bytes: u64,
    fill: FillElement,
    /// Elements that have to be decoded.
    pub(super) parts: Vec<FetchedPart>,
    /// Elements that have not.
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
        let (parts, pieces) = (Vec::new(), Vec::new());
        Ok(Self { size_bytes, element_bytes, fill, parts, pieces, has_gaps: false })
    }

    /// Decodes what was read and puts it together, in `executor`.
    ///
    /// # Errors
    ///
    /// When some of it is damaged, or filtered in a way that we cannot undo.
    pub(super) async fn decode(self, executor: &dyn Executor) -> Result<Bytes> {
        let Self { size_bytes, element_bytes, fill, parts, mut pieces, has_gaps } = self;
        let tasks = jobs_of(parts).into_iter().map(|parts| {
            let decode = move |part: FetchedPart| part.decode(element_bytes);
            move || parts.into_iter().map(decode).collect::<Result<Vec<Piece>>>()
        });
        pieces.extend(run_all(executor, tasks).await?.into_iter().flatten());
        if let [piece] = pieces.as_slice()
            && !has_gaps
            && piece.is_whole(size_bytes)
        {
            return Ok(piece.bytes.clone());
        }
        let put_together = move || {
            let mut block = vec![0; size_bytes];
            if has_gaps {
                fill.fill(&mut block);
            }
            pieces.iter().try_for_each(|piece| piece.copy_to(&mut block, element_bytes))?;
            Ok(Bytes::from(block))
        };
        let mut blocks = run_all(executor, [put_together]).await?;
        Ok(blocks.pop().unwrap_or_default())
    }
}

/// Parts that are decoded by one job each.
fn jobs_of(parts: Vec<FetchedPart>) -> Vec<Vec<FetchedPart>> {
    let mut jobs: Vec<Vec<FetchedPart>> = Vec::new();
    let mut job_bytes = u64::MAX;
    for part in parts {
        if job_bytes >= JOB_BYTES {
            jobs.push(Vec::new());
            job_bytes = 0;
        }
        job_bytes = job_bytes.saturating_add(part.decoded_bytes());
        if let Some(job) = jobs.last_mut() {
            job.push(part);
        }
    }
    jobs
}
