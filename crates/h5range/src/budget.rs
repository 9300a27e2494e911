//! How much one question may cost, whatever the file says.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::error::{Error, Limit, Result};

/// The most that one question may spend. Every number in a file is written by somebody else: what
/// it sizes, indexes or loops over is paid for here first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes asked of the source. A group of 100,000 links with their headers needs about 100 MB.
    pub fetched_bytes: u64,
    /// Ranges asked of the source: about ten for each of the 100,000 children of the largest page.
    /// Of a selection each chunk that it meets takes one: this is also how many these may be.
    pub ranges: u64,
    /// Rounds of ranges. Ordinary questions need fewer than ten, a path of 1,000 levels a few
    /// thousand; a chain of continuation blocks made to last is cut here.
    pub waves: u64,
    /// Tree nodes, heap blocks and object headers. A page of 100,000 children takes two to four
    /// each; a tree made to be large holds half a kilobyte of memory for each node of a level.
    pub nodes: u64,
    /// Bytes that decoding may produce, lists of what was decoded included: the largest attribute
    /// that anybody is shown whole. The headers of a page of 100,000 children take about 100 MB, at
    /// ten messages each.
    pub decoded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fetched_bytes: 512 << 20,
            ranges: 1_000_000,
            waves: 10_000,
            nodes: 500_000,
            decoded_bytes: 256 << 20,
        }
    }
}

/// Levels of a B-tree, of a fractal heap's indirect blocks, or of a datatype. Real trees have
/// fewer than ten levels, since each level multiplies by at least two; real types are nested by
/// people.
pub const DEPTH_MAX: u64 = 64;

/// What is left of the [`Limits`] of one question.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    fetched_bytes: AtomicU64,
    ranges: AtomicU64,
    waves: AtomicU64,
    nodes: AtomicU64,
    decoded_bytes: AtomicU64,
}

impl Budget {
    /// A budget with nothing spent.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            fetched_bytes: 0.into(),
            ranges: 0.into(),
            waves: 0.into(),
            nodes: 0.into(),
            decoded_bytes: 0.into(),
        }
    }

    /// Pays for one range of `bytes` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`], as all of these, when the question has not that much left.
    pub fn range(&self, bytes: u64) -> Result<()> {
        spend(&self.ranges, 1, self.limits.ranges, Limit::Ranges)?;
        spend(&self.fetched_bytes, bytes, self.limits.fetched_bytes, Limit::FetchedBytes)
    }

    /// Pays for one round of ranges.
    pub fn wave(&self) -> Result<()> {
        spend(&self.waves, 1, self.limits.waves, Limit::Waves)
    }

    /// Pays for looking at `count` nodes, blocks or headers.
    pub fn nodes(&self, count: u64) -> Result<()> {
        spend(&self.nodes, count, self.limits.nodes, Limit::Nodes)
    }

    /// Pays for `bytes` bytes of decoded data, before they are allocated.
    pub fn decoded(&self, bytes: u64) -> Result<()> {
        spend(&self.decoded_bytes, bytes, self.limits.decoded_bytes, Limit::DecodedBytes)
    }

    /// Pays for a list of `count` of `T`: a few bytes of a file can become many times as many in
    /// memory, and the same bytes can be read as often as a file refers to them.
    pub fn list<T>(&self, count: u64) -> Result<()> {
        self.decoded(count.saturating_mul(size_of::<T>() as u64))
    }

    /// Rounds spent so far.
    pub fn waves_spent(&self) -> u64 {
        self.waves.load(Relaxed)
    }

    /// Bytes asked for so far.
    pub fn bytes_spent(&self) -> u64 {
        self.fetched_bytes.load(Relaxed)
    }
}

/// Checks a nesting depth against [`DEPTH_MAX`].
///
/// # Errors
///
/// [`Error::Limit`] when it is deeper.
pub fn check_depth(depth: u64) -> Result<()> {
    if depth <= DEPTH_MAX {
        return Ok(());
    }
    Err(Error::Limit { limit: Limit::Depth, maximum: DEPTH_MAX })
}

fn spend(spent: &AtomicU64, amount: u64, maximum: u64, limit: Limit) -> Result<()> {
    let before = spent.fetch_add(amount.min(maximum.saturating_add(1)), Relaxed);
    if before.saturating_add(amount) <= maximum {
        return Ok(());
    }
    Err(Error::Limit { limit, maximum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spends_to_the_last_unit_and_names_what_ran_out() {
        let budget = Budget::new(Limits { ranges: 2, fetched_bytes: 100, ..Limits::default() });
        assert_eq!(budget.range(60), Ok(()));
        assert_eq!(budget.range(40), Ok(()));
        assert_eq!(budget.range(0), Err(Error::Limit { limit: Limit::Ranges, maximum: 2 }));
        assert_eq!(budget.bytes_spent(), 100);
    }

    #[test]
    fn an_absurd_amount_neither_overflows_nor_passes() {
        let budget = Budget::new(Limits::default());
        for _ in 0..3 {
            assert!(budget.decoded(u64::MAX).is_err());
        }
    }
}
