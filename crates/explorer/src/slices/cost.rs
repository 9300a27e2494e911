//! What it takes to read elements, as far as the header of the dataset tells.

use h5range::walk::Object;
use h5range::{Hyperslab, Located, Span};

use crate::describe;

/// Bytes of a block of elements, about: a wave brings all that it needs. A slice of ordinary size is
/// one block; of a large one, two are in memory at a time.
pub(super) const BLOCK_BYTES: u64 = 16 << 20;

/// Bytes that a block has at most, and what is fetched for it.
const BLOCK_BYTES_MAX: u64 = BLOCK_BYTES * Located::FETCHED_SHARE;

/// Chunks and bytes that have to be read for a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) chunks: u64,
    pub(crate) bytes: u64,
}

/// What has to be read of `object`, whose elements have so many bytes, for `slab`.
pub(crate) fn cost(object: &Object, slab: &Hyperslab, element_bytes: u64) -> Cost {
    let selected = slab.element_count().unwrap_or(u64::MAX).saturating_mul(element_bytes);
    match describe::Dataset::of(object).chunks() {
        Some(chunk) if chunk.len() == slab.spans().len() => {
            let met = slab.spans().iter().zip(&chunk).map(|(span, extent)| met(*span, *extent));
            let chunks = met.fold(1_u64, u64::saturating_mul);
            let chunk_bytes = chunk.iter().fold(element_bytes, |bytes, &n| bytes.saturating_mul(n));
            Cost { chunks, bytes: chunks.saturating_mul(chunk_bytes) }
        }
        _ => Cost { chunks: 1, bytes: selected },
    }
}

/// Memory that reading `slab` takes at most, block by block.
pub(super) fn memory_bytes(object: &Object, slab: &Hyperslab, element_bytes: u64) -> u64 {
    let selected = slab.element_count().unwrap_or(u64::MAX).saturating_mul(element_bytes);
    let read = cost(object, slab, element_bytes).bytes;
    let is_one_block = selected <= BLOCK_BYTES && read <= BLOCK_BYTES_MAX;
    match is_one_block {
        true => selected.saturating_add(read),
        false => (BLOCK_BYTES_MAX + BLOCK_BYTES_MAX) * 2,
    }
}

/// How many chunks of `extent` indices `span` meets.
fn met(span: Span, extent: u64) -> u64 {
    let Some(steps) = span.count.checked_sub(1) else { return 0 };
    let extent = extent.max(1);
    if span.step >= extent {
        return span.count;
    }
    let last = span.start.saturating_add(steps.saturating_mul(span.step));
    (last / extent).saturating_sub(span.start / extent).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_counted_that_have_an_index() {
        for (start, step, count, extent, expected) in
            [(0, 1, 10, 5, 2), (4, 1, 2, 5, 2), (0, 7, 3, 5, 3), (3, 2, 4, 5, 2), (9, 1, 0, 5, 0)]
        {
            assert_eq!(
                met(Span { start, step, count }, extent),
                expected,
                "{start} {step} {count}"
            );
        }
        let extreme = Span { start: u64::MAX, step: u64::MAX, count: u64::MAX };
        assert!(met(extreme, 0) > 0);
    }
}
