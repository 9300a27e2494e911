//! Lines and heatmaps: the least and the greatest number of each cell, so that no peak is lost.

use std::ops::Range;

use bytes::Bytes;
use h5range::Hyperslab;

use super::numbers::{Number, Numbers};
use super::sample::{RUN_BYTES, Tiles, chosen, fits, spread};
use super::summary::Summary;
use super::table::{nested, odd_numbers};
use super::{Shown, View};
use crate::answers::{Preview, ReadForPreview};
use crate::describe;
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::json::Json;
use crate::slices::Slice;
use crate::slices::cost::{Cost, cost};

/// A part that is read, and which of the selected indices it has.
struct Tile {
    slab: Hyperslab,
    rows: Range<u64>,
    columns: Range<u64>,
}

/// One dimension of a picture: selected indices in cells of equal size.
#[derive(Debug, Clone, Copy)]
struct Scale {
    indices: u64,
    cells: u64,
}

/// Cells of a picture, and the numbers in them.
struct Grid {
    rows: Scale,
    columns: Scale,
    cells: Vec<Summary>,
    all: Summary,
}

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
        let _memory = self.session.explorer.data.memory.take(read.bytes.saturating_mul(2)).await;
        let elements = self.dataset.read_each(&slabs).await.map_err(|error| self.error(error))?;
        let numbers = Numbers::of(self.dataset.datatype()).ok_or_else(odd_numbers)?;
        let draw = move || Grid::of(rows, columns, &numbers, tiles.iter().zip(&elements));
        let drawn = self.session.explorer.data.pool.run_one(draw).await.flatten();
        let grid = drawn.ok_or_else(|| {
            ExplorerError::new(ErrorCode::StoreError, "the picture was given up; try again")
        })?;
        let mut preview = shown.preview(self, (rows.cells, columns.cells));
        let cells = |of: fn(&Summary) -> Json| Some(grid.json(shown.view, of));
        preview.min = cells(Summary::min);
        preview.max = cells(Summary::max);
        preview.mean = cells(Summary::mean);
        // Elsewhere no cell is without numbers.
        preview.count = if sampled { cells(Summary::count_json) } else { None };
        preview.statistics = Some(grid.all.statistics(sampled));
        preview.read = ReadForPreview {
            elements: grid.all.count(),
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

impl Scale {
    fn new(indices: u64, cells_max: u64) -> Self {
        Self { indices, cells: indices.min(cells_max) }
    }

    /// The cell of the selected index of this number.
    fn cell_of(self, index: u64) -> u64 {
        let cell = u128::from(index) * u128::from(self.cells) / u128::from(self.indices.max(1));
        let last = self.cells.saturating_sub(1);
        u64::try_from(cell).unwrap_or(last).min(last)
    }
}

impl Grid {
    /// The numbers of all tiles, in cells. `None` for numbers that cannot be read.
    fn of<'a>(
        rows: Scale,
        columns: Scale,
        numbers: &Numbers,
        tiles: impl Iterator<Item = (&'a Tile, &'a Bytes)>,
    ) -> Option<Self> {
        let count = usize::try_from(rows.cells.checked_mul(columns.cells)?).ok()?;
        let (cells, all) = (vec![Summary::default(); count], Summary::default());
        let mut grid = Self { rows, columns, cells, all };
        for (tile, elements) in tiles {
            grid.add(tile, numbers.read(elements)?);
        }
        Some(grid)
    }

    fn add(&mut self, tile: &Tile, numbers: impl Iterator<Item = Number>) {
        let width = tile.columns.end.saturating_sub(tile.columns.start).max(1);
        for (place, number) in (0_u64..).zip(numbers) {
            let row = self.rows.cell_of(tile.rows.start.saturating_add(place / width));
            let column = self.columns.cell_of(tile.columns.start.saturating_add(place % width));
            let cell = row.saturating_mul(self.columns.cells).saturating_add(column);
            let cell = usize::try_from(cell).ok().and_then(|cell| self.cells.get_mut(cell));
            if let Some(cell) = cell {
                cell.add(number);
            }
            self.all.add(number);
        }
    }

    /// What each cell has, in lists.
    fn json(&self, view: View, of: fn(&Summary) -> Json) -> Json {
        let shape: &[u64] = match view {
            View::Heatmap => &[self.rows.cells, self.columns.cells],
            View::Line | View::Table => &[self.columns.cells],
        };
        nested(shape, &mut self.cells.iter().map(of))
    }
}
