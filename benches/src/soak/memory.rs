//! The memory of the server, sampled: within its bound, and as flat at the end as in the middle.

use crate::Result;
use crate::report::bytes;

/// What the second half may have more than the first: what an allocator keeps differs by so much.
const TOLERANCE_BYTES: u64 = 24 << 20;

/// A shorter run fills caches in its second half as well.
const SAMPLES_MIN: usize = 240;

/// The memory at each look, in bytes.
#[derive(Debug, Default)]
pub(super) struct Samples(Vec<u64>);

impl Samples {
    pub(super) fn push(&mut self, resident_bytes: u64) {
        self.0.push(resident_bytes);
    }

    pub(super) fn peak_bytes(&self) -> u64 {
        most(&self.0)
    }

    /// The most of the first half, and of the second.
    fn halves(&self) -> (u64, u64) {
        let (first, second) = self.0.split_at(self.0.len() / 2);
        (most(first), most(second))
    }

    /// One line.
    pub(super) fn line(&self, baseline: u64, allowed: u64) -> String {
        let (first, second) = self.halves();
        format!(
            "memory: {} at the start, at most {} in the first half and {} in the second, {} allowed",
            bytes(baseline),
            bytes(first),
            bytes(second),
            bytes(allowed)
        )
    }

    /// # Errors
    ///
    /// When it was ever over `allowed`, or has grown from the first half to the second.
    pub(super) fn verdict(&self, allowed: u64) -> Result<()> {
        let (first, second) = self.halves();
        if self.peak_bytes() > allowed {
            return Err("the memory went over its bound".into());
        }
        if self.0.len() >= SAMPLES_MIN && second > first + TOLERANCE_BYTES {
            return Err("the memory has grown from the first half to the second".into());
        }
        Ok(())
    }
}

fn most(samples: &[u64]) -> u64 {
    samples.iter().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_may_neither_pass_its_bound_nor_grow() {
        let of = |first, second| Samples([[first; SAMPLES_MIN], [second; SAMPLES_MIN]].concat());
        let allowed = 200 << 20;
        of(100 << 20, 110 << 20).verdict(allowed).unwrap();
        of(199 << 20, 100 << 20).verdict(allowed).unwrap();
        assert!(of(100 << 20, 190 << 20).verdict(allowed).is_err());
        assert!(of(201 << 20, 100 << 20).verdict(allowed).is_err());
    }
}
