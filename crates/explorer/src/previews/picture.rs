//! Lines and heatmaps: the least and the greatest number of each cell, so that no peak is lost.

use std::ops::Range;
use std::sync::Arc;

use h5range::Hyperslab;

use super::Shown;
use super::grid::{CellNumber, Grid, Tile};
use super::sample::{RUN_BYTES, Tiles, chosen, fits, spread};
use super::scale::Scale;
use super::table::odd_numbers;
use crate::answers::{Preview, ReadForPreview};
use crate::describe;
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::slices::cost::{Cost, cost};
use crate::slices::{DataMemory, Slice};

impl Slice {
    /// A picture with at most `max_size` cells along each dimension. Of a large dataset it shows
    /// chunks that are evenly spread, in the cells where they are.
    pub(super) async fn picture(&self, shown: &Shown, max_size: u64) -> Result<Preview> {
        let all = shown.cost(self);
        let sampled = !fits(all.chunks, all.bytes);
        let (tiles, rows, columns) = match sampled {
            true => self.spread_tiles(shown, max_size)?,
            false => self.one_tile(shown, max_size),
        };
        let slabs: Vec<Hyperslab> = tiles.iter().map(|tile| tile.slab.clone()).collect();
        let read = self.cost_of(&slabs);
        let numbers = shown.reading.numbers.clone().ok_or_else(odd_numbers)?;
        // Once for elements and cells: who holds one and waits for the other could wait for ever.
        let grid_bytes = Grid::memory_bytes(rows, columns);
        let taken = read.bytes.saturating_mul(2).saturating_add(grid_bytes);
        let memory = self.session.explorer.data.memory.take(taken).await;
        let elements = self.dataset.read_each(&slabs).await.map_err(|error| self.error(error))?;
        let (view, left_out) = (shown.view, shown.reading.left_out.clone());
        let draw = move || {
            let grid = Grid::of(
                view,
                (rows, columns),
                (&numbers, left_out.as_ref()),
                tiles.iter().zip(&elements),
            );
            drop(elements);
            Some(grid?.with_memory(DataMemory::keep(memory, grid_bytes)))
        };
        let drawn = self.session.explorer.data.pool.run_one(draw).await;
        let drawn = drawn.ok_or_else(|| {
            ExplorerError::new(ErrorCode::StoreError, "the picture was given up; try again")
        })?;
        let grid = Arc::new(drawn.ok_or_else(odd_numbers)?);
        let mut preview = shown.preview(self, (rows.cells, columns.cells));
        preview.min = Some(grid.numbers(CellNumber::Min));
        preview.max = Some(grid.numbers(CellNumber::Max));
        preview.mean = Some(grid.numbers(CellNumber::Mean));
        // Elsewhere no cell is without numbers.
        preview.count =
            (sampled || shown.reading.left_out.is_some()).then(|| grid.numbers(CellNumber::Count));
        preview.statistics = Some(shown.statistics(grid.all(), sampled));
        preview.read = ReadForPreview {
            elements: grid.all().elements(),
            elements_selected: shown.slab.element_count().unwrap_or(u64::MAX),
            chunks: read.chunks,
            chunks_selected: all.chunks,
        };
        Ok(preview)
    }

    /// All of it.
    fn one_tile(&self, shown: &Shown, max_size: u64) -> (Vec<Tile>, Scale, Scale) {
        let (rows, columns) = (shown.span(shown.rows).count, shown.span(shown.columns).count);
        let tile = Tile { slab: shown.slab.clone(), rows: 0..rows, columns: 0..columns };
        (vec![tile], Scale::new(rows, max_size), Scale::new(columns, max_size))
    }

    /// Chunks that are evenly spread.
    fn spread_tiles(&self, shown: &Shown, max_size: u64) -> Result<(Vec<Tile>, Scale, Scale)> {
        let (row_extent, column_extent) = self.tile_extents(shown);
        let rows = Tiles::new(shown.span(shown.rows), row_extent);
        let columns = Tiles::new(shown.span(shown.columns), column_extent);
        let first = self.tile(shown, rows.ordinals(0), columns.ordinals(0))?;
        let tile_bytes = cost(&self.object, &first.slab, self.dataset.element_bytes()).bytes;
        let counts = chosen((rows.count(), columns.count()), tile_bytes, max_size);
        let mut tiles = Vec::new();
        for row in spread(rows.count(), counts.0) {
            for column in spread(columns.count(), counts.1) {
                tiles.push(self.tile(shown, rows.ordinals(row), columns.ordinals(column))?);
            }
        }
        let (rows, columns) = (rows.cells(counts.0, max_size), columns.cells(counts.1, max_size));
        let scale = |dimension, cells| Scale::new(shown.span(dimension).count, cells);
        Ok((tiles, scale(shown.rows, rows), scale(shown.columns, columns)))
    }

    fn tile(&self, shown: &Shown, rows: Range<u64>, columns: Range<u64>) -> Result<Tile> {
        let part = shown.part(rows.clone(), columns.clone());
        let slab = Hyperslab::new(part, &self.dataset.shape());
        let slab = slab.map_err(|error| ExplorerError::bad_request("selection", error))?;
        Ok(Tile { slab, rows, columns })
    }

    /// Indices along the dimensions that are shown which are read together.
    fn tile_extents(&self, shown: &Shown) -> (u64, u64) {
        let along = |chunk: &[u64], dimension: Option<usize>| {
            dimension.and_then(|dimension| chunk.get(dimension).copied()).unwrap_or(1)
        };
        match describe::Dataset::of(&self.object).chunks() {
            Some(chunk) => (along(&chunk, shown.rows), along(&chunk, shown.columns)),
            None => {
                let step = shown.span(shown.columns).step;
                let run = RUN_BYTES / self.dataset.element_bytes().max(1);
                (1, run.max(step.saturating_mul(2)))
            }
        }
    }

    fn cost_of(&self, slabs: &[Hyperslab]) -> Cost {
        let costs = slabs.iter().map(|slab| cost(&self.object, slab, self.dataset.element_bytes()));
        costs.fold(Cost { chunks: 0, bytes: 0 }, |all, one| Cost {
            chunks: all.chunks.saturating_add(one.chunks),
            bytes: all.bytes.saturating_add(one.bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use futures::FutureExt;
    use store::{Freshness, Meter, Store, StoreConfig};

    use crate::explorer::{Explorer, ExplorerConfig};
    use crate::previews::{PREVIEW_SIZE_MAX, PreviewQuery};
    use crate::queries::Place;
    use crate::slices::Selection;

    use super::*;

    /// A heatmap of as many cells as there may be.
    fn large() -> PreviewQuery {
        let place = Place::new(Some("/sparse"), None).unwrap();
        let query = PreviewQuery::new(place).with_max_size(PREVIEW_SIZE_MAX).unwrap();
        query.with_selection(Selection::parse("0:512,0:512").unwrap())
    }

    fn explorer(data_memory_bytes: u64) -> Arc<Explorer> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let store = Store::open(fixtures.to_str().unwrap(), StoreConfig::default()).unwrap();
        Explorer::new(store, ExplorerConfig { data_memory_bytes, ..ExplorerConfig::default() })
    }

    #[tokio::test]
    async fn numbers_that_cannot_be_read_are_named_and_no_fault_of_the_store() {
        let explorer = explorer(1 << 20);
        let meter = Arc::new(Meter::new());
        let file = "datatypes/odd_numbers.h5";
        let session = explorer.open(file, Freshness::Trust, &meter).await.unwrap();
        let place = Place::new(Some("/i128"), None).unwrap();
        let error = session.preview(&PreviewQuery::new(place)).await.unwrap_err();
        assert_eq!(
            (error.code, &*error.detail),
            (ErrorCode::Unsupported, "not supported: numbers of this shape")
        );
    }

    #[tokio::test]
    async fn large_pictures_take_turns_where_there_is_memory_for_one() {
        let explorer = explorer(1 << 20);
        let is_taken = || explorer.data.memory.take(u64::MAX).now_or_never().is_none();
        let meter = Arc::new(Meter::new());
        let session = explorer.open("layouts/latest.h5", Freshness::Trust, &meter).await.unwrap();
        let first = session.preview(&large()).await.unwrap();
        assert!(is_taken(), "until it is written");
        let second = tokio::spawn(async move { session.preview(&large()).await.unwrap() });
        tokio::task::yield_now().await;
        let written = serde_json::to_string(&first).unwrap();
        assert!(is_taken() && !second.is_finished());
        drop(first);
        let second = second.await.unwrap();
        assert!(is_taken());
        assert_eq!(serde_json::to_string(&second).unwrap(), written);
        drop(second);
        assert!(!is_taken());
    }

    #[tokio::test]
    async fn what_was_taken_for_elements_is_given_back_when_they_are_drawn() {
        let cells = PREVIEW_SIZE_MAX;
        let grid_bytes = Grid::memory_bytes(Scale::new(cells, cells), Scale::new(cells, cells));
        // An eighth is for small questions; the elements take 256 chunks of 100 bytes, or more.
        let explorer = explorer((grid_bytes + (1 << 20)) * 8 / 7);
        let meter = Arc::new(Meter::new());
        let session = explorer.open("layouts/latest.h5", Freshness::Trust, &meter).await.unwrap();
        let picture = session.preview(&large()).await.unwrap();
        assert!(explorer.data.memory.take((1 << 20) - 2048).now_or_never().is_some());
        drop(picture);
    }
}
