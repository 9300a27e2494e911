//! Which parts of a selection are read for a preview: all of it, or chunks that are evenly spread.

use std::ops::Range;

use h5range::Span;

/// Chunks that are read for one preview.
const CHUNKS_MAX: u64 = 256;

/// Bytes that are decoded for one preview.
const BYTES_MAX: u64 = 64 << 20;

/// Elements that stand side by side in a dataset without chunks, and are read together.
pub(super) const RUN_BYTES: u64 = 64 << 10;

/// One dimension that is shown, cut into tiles: what lies in the same chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiles {
    span: Span,
    /// Indices of a chunk.
    extent: u64,
}

impl Tiles {
    pub(super) fn new(span: Span, extent: u64) -> Self {
        Self { span, extent: extent.max(1) }
    }

    /// How many there are. A step over whole chunks makes one of each index.
    pub(super) fn count(self) -> u64 {
        let Some(steps) = self.span.count.checked_sub(1) else { return 0 };
        if self.span.step >= self.extent {
            return self.span.count;
        }
        let last = self.span.start.saturating_add(steps.saturating_mul(self.span.step));
        (last / self.extent).saturating_sub(self.first()).saturating_add(1)
    }

    /// Which of the selected indices are in one of them.
    pub(super) fn ordinals(self, tile: u64) -> Range<u64> {
        if self.span.step >= self.extent {
            return tile..tile.saturating_add(1);
        }
        let start = self.first().saturating_add(tile).saturating_mul(self.extent);
        self.before(start)..self.before(start.saturating_add(self.extent))
    }

    /// Cells of a picture for which `chosen` of these tiles are read: as many as are asked for where a
    /// tile fills at least one of them, or all tiles are read. Else one for each tile that is read:
    /// most of the others would have nothing to show.
    pub(super) fn cells(self, chosen: u64, asked: u64) -> u64 {
        let cells = self.span.count.min(asked);
        let tile = self.ordinals(self.count() / 2);
        let tile_indices = tile.end.saturating_sub(tile.start);
        let fills_a_cell = tile_indices.saturating_mul(cells) >= self.span.count;
        if chosen >= self.count() || fills_a_cell { cells } else { chosen }
    }

    fn first(self) -> u64 {
        self.span.start / self.extent
    }

    /// How many of the indices are less than `index`.
    fn before(self, index: u64) -> u64 {
        let reach = index.saturating_sub(self.span.start);
        reach.div_ceil(self.span.step.max(1)).min(self.span.count)
    }
}

/// Whether so much can be read for a preview.
pub(super) fn fits(chunks: u64, bytes: u64) -> bool {
    chunks <= CHUNKS_MAX && bytes <= BYTES_MAX
}

/// How many tiles to read along each of two dimensions that have so many, of `tile_bytes` each, and
/// not more than `most` along one.
pub(super) fn chosen(tiles: (u64, u64), tile_bytes: u64, most: u64) -> (u64, u64) {
    let total = (BYTES_MAX / tile_bytes.max(1)).clamp(1, CHUNKS_MAX);
    let (rows_max, columns_max) = (tiles.0.clamp(1, most), tiles.1.clamp(1, most));
    let rows = total.isqrt().clamp(1, rows_max);
    let columns = (total / rows).clamp(1, columns_max);
    ((total / columns).clamp(1, rows_max), columns)
}

/// The tile in the middle of each of `chosen` equal parts of `count` tiles.
pub(super) fn spread(count: u64, chosen: u64) -> impl Iterator<Item = u64> {
    let (count, chosen) = (u128::from(count), u128::from(chosen.max(1)));
    let middle = move |part: u128| ((2 * part + 1) * count / (2 * chosen)) as u64;
    (0..chosen).map(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_what_lies_in_one_chunk() {
        let tiles = |start, step, count, extent| {
            let tiles = Tiles::new(Span { start, step, count }, extent);
            (0..tiles.count()).map(|tile| tiles.ordinals(tile)).collect::<Vec<_>>()
        };
        assert_eq!(tiles(0, 1, 10, 4), [0..4, 4..8, 8..10]);
        assert_eq!(tiles(3, 1, 3, 4), [0..1, 1..3]);
        assert_eq!(tiles(1, 3, 4, 4), [0..1, 1..3, 3..4]);
        assert_eq!(tiles(0, 9, 3, 4), [0..1, 1..2, 2..3]);
        assert_eq!(tiles(0, 1, 0, 4), [0..0; 0]);
    }

    #[test]
    fn cells_are_as_many_as_tiles_have_something_for() {
        let cells = |count, extent, chosen, asked| {
            Tiles::new(Span { start: 0, step: 1, count }, extent).cells(chosen, asked)
        };
        assert_eq!(cells(1_000, 100, 4, 50), 50, "a tile fills five of them");
        assert_eq!(cells(1_000, 100, 4, 10), 10, "a tile fills one");
        assert_eq!(cells(1_000, 100, 4, 5), 4, "a tile fills half of one");
        assert_eq!(cells(1_000_000, 100, 16, 128), 16);
        assert_eq!(cells(1_000, 100, 10, 10), 10, "all are read");
        assert_eq!(cells(7, 100, 1, 128), 7);
    }

    #[test]
    fn what_is_chosen_is_bounded_and_evenly_spread() {
        assert_eq!(chosen((1, 1_000_000), 1, 1_000), (1, 256));
        assert_eq!(chosen((1_000, 1_000), 1, 1_000), (16, 16));
        assert_eq!(chosen((1_000, 3), 1, 1_000), (85, 3));
        assert_eq!(chosen((1_000, 1_000), 1 << 20, 1_000), (8, 8));
        assert_eq!(chosen((1_000, 1_000), u64::MAX, 1_000), (1, 1));
        assert_eq!(chosen((1_000, 1_000), 1, 10), (10, 10));
        assert_eq!(spread(10, 2).collect::<Vec<_>>(), [2, 7]);
        assert_eq!(spread(4, 4).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(spread(u64::MAX, 1).collect::<Vec<_>>(), [u64::MAX / 2]);
    }
}
