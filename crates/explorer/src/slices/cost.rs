//! What it takes to read elements, as far as the header of the dataset tells.

use h5range::walk::Object;
use h5range::{Hyperslab, Span};

use crate::describe;

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
