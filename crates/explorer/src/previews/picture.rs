//! Lines and heatmaps: the least and the greatest number of each cell, so that no peak is lost.

use std::ops::Range;

use bytes::Bytes;
use h5range::Hyperslab;

use super::numbers::Numbers;
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

/// A part that is read, and where in the picture it is.
struct Tile {
    slab: Hyperslab,
    /// The cells that its elements are in.
    rows: Cells,
    columns: Cells,
    /// Elements from one row to the next.
    width: u64,
}

/// Cells along one dimension.
#[derive(Debug, Clone)]
struct Cells {
    cells: Range<u64>,
    /// How many elements they show.
    elements: u64,
}

/// Cells of a picture, and the numbers in them.
struct Grid {
    rows: u64,
    columns: u64,
    cells: Vec<Summary>,
    all: Summary,
}

impl Slice {
    /// A picture with at most `max_size` cells along each dimension. Of a large dataset each cell
    /// shows one chunk from the middle of what it stands for.
    pub(super) async fn picture(&self, shown: &Shown, max_size: u64) -> Result<Preview> {
        let all = shown.cost(self);
        let sampled = !fits(all.chunks, all.bytes);
        let (tiles, cells) = match sampled {
            true => self.spread_tiles(shown, max_size)?,
            false => self.one_tile(shown, max_size),
        };
        let slabs: Vec<Hyperslab> = tiles.iter().map(|tile| tile.slab.clone()).collect();
        let read = self.cost_of(&slabs);
        let _memory = self.session.explorer.data.memory.take(read.bytes.saturating_mul(2)).await;
        let elements = self.dataset.read_each(&slabs).await.map_err(|error| self.error(error))?;
        let numbers = Numbers::of(self.dataset.datatype()).ok_or_else(odd_numbers)?;
        let draw = move || Grid::of(cells, &numbers, tiles.iter().zip(&elements));
        let drawn = self.session.explorer.data.pool.run_one(draw).await.flatten();
        let grid = drawn.ok_or_else(|| {
            ExplorerError::new(ErrorCode::StoreError, "the picture was given up; try again")
        })?;
        let mut preview = shown.preview(self, cells);
        let cells = |of: fn(&Summary) -> Json| Some(grid.json(shown.view, of));
        preview.min = cells(Summary::min);
        preview.max = cells(Summary::max);
        preview.mean = cells(Summary::mean);
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
    fn one_tile(&self, shown: &Shown, max_size: u64) -> (Vec<Tile>, (u64, u64)) {
        let (rows, columns) = (shown.span(shown.rows).count, shown.span(shown.columns).count);
        let cells = (rows.min(max_size), columns.min(max_size));
        let tile = Tile {
            slab: shown.slab.clone(),
            rows: Cells { cells: 0..cells.0, elements: rows },
            columns: Cells { cells: 0..cells.1, elements: columns },
            width: columns,
        };
        (vec![tile], cells)
    }

    /// Chunks that are evenly spread, one for each cell.
    fn spread_tiles(&self, shown: &Shown, max_size: u64) -> Result<(Vec<Tile>, (u64, u64))> {
        let (row_extent, column_extent) = self.tile_extents(shown);
        let rows = Tiles::new(shown.span(shown.rows), row_extent);
        let columns = Tiles::new(shown.span(shown.columns), column_extent);
        let first = self.tile(shown, rows.ordinals(0), columns.ordinals(0))?;
        let tile_bytes = cost(&self.object, &first, self.dataset.element_bytes()).bytes;
        let cells = chosen((rows.count(), columns.count()), tile_bytes, max_size);
        let mut tiles = Vec::new();
        for (row, row_tile) in spread(rows.count(), cells.0).enumerate() {
            for (column, column_tile) in spread(columns.count(), cells.1).enumerate() {
                let (down, right) = (rows.ordinals(row_tile), columns.ordinals(column_tile));
                let width = right.end.saturating_sub(right.start);
                let slab = self.tile(shown, down, right)?;
                let cell = |at: usize| {
                    let at = at as u64;
                    Cells { cells: at..at.saturating_add(1), elements: 1 }
                };
                tiles.push(Tile { slab, rows: cell(row), columns: cell(column), width });
            }
        }
        Ok((tiles, cells))
    }

    fn tile(&self, shown: &Shown, rows: Range<u64>, columns: Range<u64>) -> Result<Hyperslab> {
        let slab = Hyperslab::new(shown.part(rows, columns), &self.dataset.shape());
        slab.map_err(|error| ExplorerError::bad_request("selection", error))
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

impl Cells {
    /// The cell of the element of this number.
    fn of(&self, element: u64) -> u64 {
        let count = self.cells.end.saturating_sub(self.cells.start);
        let elements = u128::from(self.elements.max(1));
        let within = u128::from(element) * u128::from(count) / elements;
        let last = count.saturating_sub(1);
        let within = u64::try_from(within).unwrap_or(last).min(last);
        self.cells.start.saturating_add(within)
    }
}

impl Grid {
    /// The numbers of all tiles, in cells. `None` for numbers that cannot be read.
    fn of<'a>(
        (rows, columns): (u64, u64),
        numbers: &Numbers,
        tiles: impl Iterator<Item = (&'a Tile, &'a Bytes)>,
    ) -> Option<Self> {
        let count = usize::try_from(rows.checked_mul(columns)?).ok()?;
        let (cells, all) = (vec![Summary::default(); count], Summary::default());
        let mut grid = Self { rows, columns, cells, all };
        for (tile, elements) in tiles {
            grid.add(tile, elements, numbers)?;
        }
        Some(grid)
    }

    fn add(&mut self, tile: &Tile, elements: &Bytes, numbers: &Numbers) -> Option<()> {
        let width = tile.width.max(1);
        for (place, number) in numbers.read(elements)?.enumerate() {
            let place = place as u64;
            let row = tile.rows.of(place / width);
            let cell =
                row.saturating_mul(self.columns).saturating_add(tile.columns.of(place % width));
            let cell = usize::try_from(cell).ok().and_then(|cell| self.cells.get_mut(cell));
            if let Some(cell) = cell {
                cell.add(number);
            }
            self.all.add(number);
        }
        Some(())
    }

    /// What each cell has, in lists.
    fn json(&self, view: View, of: fn(&Summary) -> Json) -> Json {
        let shape: &[u64] = match view {
            View::Heatmap => &[self.rows, self.columns],
            View::Line | View::Table => &[self.columns],
        };
        nested(shape, &mut self.cells.iter().map(of))
    }
}
