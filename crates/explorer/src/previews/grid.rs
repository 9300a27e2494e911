//! The cells of a picture, and the numbers in them.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use h5range::Hyperslab;
use serde::{Serialize, Serializer};
use tokio::sync::OwnedSemaphorePermit;

use super::View;
use super::left_out::LeftOut;
use super::numbers::Numbers;
use super::scale::{Runs, Scale};
use super::summary::Summary;
use crate::json::Json;

/// Bytes of a cell as text, at most: three numbers of double precision, and how many were read.
const CELL_TEXT_BYTES: u64 = 3 * 25 + 10;

/// A text that grows is copied into a place of twice its size: both are there then.
const GROWING_SHARE: u64 = 3;

/// A part that is read, and which of the selected indices it has.
pub(super) struct Tile {
    pub(super) slab: Hyperslab,
    pub(super) rows: Range<u64>,
    pub(super) columns: Range<u64>,
}

/// Cells of a picture, and the numbers in them.
#[derive(Debug)]
pub(super) struct Grid {
    view: View,
    rows: Scale,
    columns: Scale,
    cells: Vec<Summary>,
    all: Summary,
    /// What is taken for the cells and their text: they are in memory until the answer is written.
    _memory: Option<OwnedSemaphorePermit>,
}

/// One number of each cell of a picture: a list for a line, a list of rows for a heatmap.
#[derive(Debug)]
pub struct CellNumbers {
    grid: Arc<Grid>,
    which: CellNumber,
}

/// What there is of each cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum CellNumber {
    Min,
    Max,
    Mean,
    Count,
}

/// Cells side by side.
struct Row<'a> {
    cells: &'a [Summary],
    which: CellNumber,
}

impl Grid {
    /// The numbers of all tiles, in cells. `None` for numbers that cannot be read.
    pub(super) fn of<'a>(
        view: View,
        (rows, columns): (Scale, Scale),
        (numbers, left_out): (&Numbers, Option<&LeftOut>),
        tiles: impl Iterator<Item = (&'a Tile, &'a Bytes)>,
    ) -> Option<Self> {
        let count = usize::try_from(rows.cells.checked_mul(columns.cells)?).ok()?;
        let mut cells = vec![Summary::default(); count];
        for (tile, elements) in tiles {
            let mut runs = Runs::of((rows, columns), (tile.rows.clone(), tile.columns.clone()));
            numbers.each_piece(elements, |mut elements| {
                while elements.count() > 0 {
                    let (cell, count) = runs.next(elements.count());
                    let run = elements.take(count);
                    if let Some(cell) = cells.get_mut(cell) {
                        cell.add_all(run, left_out);
                    }
                }
            })?;
        }
        let mut all = Summary::default();
        cells.iter().for_each(|cell| all.merge(cell));
        Some(Self { view, rows, columns, cells, all, _memory: None })
    }

    /// The most that it takes in memory, written as text beside.
    pub(super) fn memory_bytes(rows: Scale, columns: Scale) -> u64 {
        let cell_bytes = size_of::<Summary>() as u64 + GROWING_SHARE * CELL_TEXT_BYTES;
        rows.cells.saturating_mul(columns.cells).saturating_mul(cell_bytes)
    }

    /// The same, which gives `memory` back when it is gone.
    pub(super) fn with_memory(self, memory: Option<OwnedSemaphorePermit>) -> Self {
        Self { _memory: memory, ..self }
    }

    /// What all numbers amount to.
    pub(super) fn all(&self) -> &Summary {
        &self.all
    }

    /// A number of each cell.
    pub(super) fn numbers(self: &Arc<Self>, which: CellNumber) -> CellNumbers {
        CellNumbers { grid: self.clone(), which }
    }

    fn row(&self, row: u64) -> &[Summary] {
        let width = self.columns.cells;
        let place = |row: u64| usize::try_from(row.saturating_mul(width)).unwrap_or(usize::MAX);
        self.cells.get(place(row)..place(row.saturating_add(1))).unwrap_or_default()
    }
}

/// Written straight from the cells: as values of JSON they would take three times their memory.
impl Serialize for CellNumbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = |row| Row { cells: self.grid.row(row), which: self.which };
        match self.grid.view {
            View::Heatmap => serializer.collect_seq((0..self.grid.rows.cells).map(row)),
            View::Line | View::Table => row(0).serialize(serializer),
        }
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.cells.iter().map(|cell| self.which.of(cell)))
    }
}

impl CellNumber {
    fn of(self, cell: &Summary) -> Json {
        match self {
            Self::Min => cell.min(),
            Self::Max => cell.max(),
            Self::Mean => cell.mean(),
            Self::Count => Json::Unsigned(cell.count()),
        }
    }
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;
    use h5range::Span;
    use h5range::decode::message::datatype::ByteOrder;

    use super::*;
    use crate::datatype::testing::{float_type, integer_type};

    /// Doubles whose text is as long as any, one for each of `size` × `size` cells.
    fn longest(size: u64) -> (Tile, Bytes) {
        let elements = (0..size * size).map(|number| -1e-300 / (3.0 + number as f64));
        let spans = vec![Span { start: 0, step: 1, count: size }; 2];
        let slab = Hyperslab::new(spans, &[size, size]).unwrap();
        let tile = Tile { slab, rows: 0..size, columns: 0..size };
        (tile, elements.flat_map(f64::to_le_bytes).collect())
    }

    #[test]
    fn cells_and_their_text_take_no_more_memory_than_is_taken_for_them() {
        let numbers = Numbers::of(&float_type(8, ByteOrder::LittleEndian)).unwrap();
        for size in [64, 200, 330] {
            let (tile, elements) = longest(size);
            let scale = Scale::new(size, size);
            let used = measure(|| {
                let tiles = [(&tile, &elements)].into_iter();
                let grid = Grid::of(View::Heatmap, (scale, scale), (&numbers, None), tiles);
                let grid = Arc::new(grid.unwrap());
                let all = [CellNumber::Min, CellNumber::Max, CellNumber::Mean, CellNumber::Count];
                let mut text = serde_json::to_vec(&all.map(|which| grid.numbers(which))).unwrap();
                text.shrink_to_fit();
            });
            let (used, taken) = (used.bytes_max, Grid::memory_bytes(scale, scale));
            assert!((taken / 2..=taken).contains(&used), "{size}: {used} of {taken} bytes");
        }
    }

    #[test]
    fn what_is_converted_in_pieces_lies_in_the_same_cells() {
        let count = 150_000_u32;
        let numbers = Numbers::of(&integer_type(3, false, ByteOrder::LittleEndian)).unwrap();
        let elements = (0..count).flat_map(|number| number.to_le_bytes().into_iter().take(3));
        let elements: Bytes = elements.collect();
        let spans = vec![Span { start: 0, step: 1, count: count.into() }];
        let slab = Hyperslab::new(spans, &[count.into()]).unwrap();
        let tile = Tile { slab, rows: 0..1, columns: 0..count.into() };
        let scales = (Scale::new(1, 4), Scale::new(count.into(), 4));
        let tiles = [(&tile, &elements)].into_iter();
        let grid = Arc::new(Grid::of(View::Line, scales, (&numbers, None), tiles).unwrap());
        let all = [CellNumber::Min, CellNumber::Max].map(|which| grid.numbers(which));
        let expected = "[[0,37500,75000,112500],[37499,74999,112499,149999]]";
        assert_eq!(serde_json::to_string(&all).unwrap(), expected);
    }
}
