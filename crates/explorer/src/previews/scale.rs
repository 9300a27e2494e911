//! Which cells of a picture elements belong to.

use std::ops::Range;

/// One dimension of a picture: selected indices in cells of equal size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    indices: u64,
    pub(super) cells: u64,
}

/// The elements of a part, in C order, in runs of one cell each. There may be many millions of them:
/// what is divided is divided once for a cell.
#[derive(Debug)]
pub(super) struct Runs {
    row_cells: u64,
    row: Cursor,
    column: Cursor,
    /// Where rows begin and end.
    first_column: Cursor,
    columns_end: u64,
}

/// An index along a dimension, and the cell that it is in.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    scale: Scale,
    index: u64,
    cell: u64,
    cell_end: u64,
}

impl Scale {
    pub(super) fn new(indices: u64, cells_max: u64) -> Self {
        Self { indices, cells: indices.min(cells_max) }
    }

    /// The cell of an index.
    fn cell_of(self, index: u64) -> u64 {
        let cell = u128::from(index) * u128::from(self.cells) / u128::from(self.indices.max(1));
        let last = self.cells.saturating_sub(1);
        u64::try_from(cell).unwrap_or(last).min(last)
    }

    /// The first index behind a cell. Behind the last one there is none.
    fn end_of(self, cell: u64) -> u64 {
        let next = cell.saturating_add(1);
        if next >= self.cells {
            return u64::MAX;
        }
        let end = (u128::from(next) * u128::from(self.indices)).div_ceil(u128::from(self.cells));
        u64::try_from(end).unwrap_or(u64::MAX)
    }
}

impl Runs {
    /// Of the elements with these indices along both dimensions.
    pub(super) fn of(scales: (Scale, Scale), indices: (Range<u64>, Range<u64>)) -> Self {
        let first_column = Cursor::at(scales.1, indices.1.start);
        Self {
            row_cells: scales.1.cells,
            row: Cursor::at(scales.0, indices.0.start),
            column: first_column,
            first_column,
            columns_end: indices.1.end.max(indices.1.start.saturating_add(1)),
        }
    }

    /// The number of a cell, and how many of the next `most` elements are in it before one is in
    /// another: one at least.
    pub(super) fn next(&mut self, most: u64) -> (usize, u64) {
        let cell = self.row.cell.saturating_mul(self.row_cells).saturating_add(self.column.cell);
        let row_left = self.columns_end.saturating_sub(self.column.index);
        let count = self.column.left().min(row_left).min(most).max(1);
        if count >= row_left {
            self.column = self.first_column;
            self.row.advance(1);
        } else {
            self.column.advance(count);
        }
        (usize::try_from(cell).unwrap_or(usize::MAX), count)
    }
}

impl Cursor {
    fn at(scale: Scale, index: u64) -> Self {
        let cell = scale.cell_of(index);
        Self { scale, index, cell, cell_end: scale.end_of(cell) }
    }

    /// Indices until the end of the cell.
    fn left(&self) -> u64 {
        self.cell_end.saturating_sub(self.index)
    }

    /// Goes on by `count` indices, at most those that are left in the cell.
    fn advance(&mut self, count: u64) {
        self.index = self.index.saturating_add(count);
        // No cell is without indices: there are not more cells than these.
        if self.index >= self.cell_end {
            self.cell = self.cell.saturating_add(1);
            self.cell_end = self.scale.end_of(self.cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scale() -> impl Strategy<Value = Scale> {
        let small = (1_u64..200, 1_u64..40);
        let any = (1_u64.., 1_u64..513);
        prop_oneof![small, any].prop_map(|(indices, cells)| Scale::new(indices, cells))
    }

    /// A part of a dimension, of a few indices.
    fn part(scale: Scale) -> impl Strategy<Value = (Scale, Range<u64>)> {
        let parts = (0..scale.indices, 1_u64..60);
        parts.prop_map(move |(start, count)| {
            (scale, start..start.saturating_add(count).min(scale.indices))
        })
    }

    proptest! {
        #[test]
        fn runs_lead_to_the_cell_of_each_element(
            (rows, row_part) in scale().prop_flat_map(part),
            (columns, column_part) in scale().prop_flat_map(part),
            most in 1_u64..100,
        ) {
            let parts = (row_part.clone(), column_part.clone());
            let mut runs = Runs::of((rows, columns), parts);
            let (mut cell, mut left) = (0, 0);
            for row in row_part {
                for column in column_part.clone() {
                    if left == 0 {
                        (cell, left) = runs.next(most);
                        prop_assert!((1..=most).contains(&left));
                    }
                    left -= 1;
                    let expected = rows.cell_of(row) * columns.cells + columns.cell_of(column);
                    prop_assert_eq!(cell as u64, expected, "{} {}", row, column);
                }
            }
        }

        #[test]
        fn a_cell_ends_where_the_next_one_begins(
            (scale, part) in scale().prop_flat_map(part),
        ) {
            let cell = scale.cell_of(part.start);
            let end = scale.end_of(cell);
            prop_assert!(end > part.start);
            prop_assert_eq!(scale.cell_of(end - 1), cell);
            if cell + 1 < scale.cells {
                prop_assert_eq!(scale.cell_of(end), cell + 1);
            }
        }
    }

    #[test]
    fn a_long_run_is_one() {
        let (row, columns) = (Scale::new(1, 512), Scale::new(1 << 60, 512));
        let mut runs = Runs::of((row, columns), (0..1, 0..1 << 60));
        let lengths = (0..512).map(|cell| {
            let (found, count) = runs.next(u64::MAX);
            assert_eq!(found, cell);
            count
        });
        assert!(lengths.into_iter().all(|length| length == 1 << 51));
    }
}
