//! What a dataset looks like: one small answer that reads a bounded number of chunks, however large
//! the dataset is.

mod complex;
mod grid;
mod left_out;
mod missing;
mod numbers;
mod picture;
mod query;
mod reading;
mod sample;
mod scale;
mod summary;
mod table;
mod valid;
mod written;

use h5range::{Hyperslab, Span};
use tracing::Instrument;

use crate::answers::{Axis, Preview, PreviewAnswer, Statistics, Success};
use crate::datatype::describe_shared;
use crate::encodings::Format;
use crate::error::{ExplorerError, Result};
use crate::path::ObjectPath;
use crate::queries::Place;
use crate::session::Session;
use crate::slices::Slice;
use crate::slices::cost::{Cost, cost};
use crate::spans;

use self::reading::Reading;
use self::summary::Summary;

pub use complex::ComplexPart;
pub use grid::CellNumbers;
pub use missing::MISSING_MAX;
pub use query::{PREVIEW_SIZE_DEFAULT, PREVIEW_SIZE_MAX, PreviewQuery, View};

/// What is shown of a dataset.
struct Shown {
    view: View,
    /// One index along each dimension that is not shown.
    slab: Hyperslab,
    /// The dimension that runs down.
    rows: Option<usize>,
    /// The dimension that runs to the right.
    columns: Option<usize>,
    reading: Reading,
}

impl Session {
    /// A preview of a dataset.
    ///
    /// Waves: those of finding the dataset, those of its chunk index, and one.
    ///
    /// # Errors
    ///
    /// When there is no such dataset, when it has nothing to be shown so, or when it cannot be read.
    pub async fn preview(&self, query: &PreviewQuery) -> Result<PreviewAnswer> {
        let span = spans::question("preview", self.key(), &query.place);
        self.draw_preview(query).instrument(span).await
    }

    async fn draw_preview(&self, query: &PreviewQuery) -> Result<PreviewAnswer> {
        let slice = self.dataset(&query.place, Format::Json).await?.select(&query.selection)?;
        let shown = Shown::of(&slice, query)?;
        let preview = match shown.view {
            View::Table => slice.table(&shown, query.max_size).await?,
            View::Line | View::Heatmap => slice.picture(&shown, query.max_size).await?,
        };
        Ok(PreviewAnswer {
            success: Success,
            key: self.key().to_owned(),
            etag: self.version().etag.clone(),
            path: match &query.place {
                Place::Path(path) => Some(ObjectPath::to_string(path)),
                Place::Address(_) => None,
            },
            cached: false,
            preview,
            from_other_files: slice.from_other_files,
        })
    }
}

impl Shown {
    /// The last dimensions of the selection, as many as the view has.
    fn of(slice: &Slice, query: &PreviewQuery) -> Result<Self> {
        let dimensions = slice.resolved.dimensions.as_slice();
        let reading = Reading::of(slice.dataset.datatype(), query)?;
        let is_number = reading.numbers.is_some() && !slice.is_null;
        let view = query.view.unwrap_or(match dimensions {
            _ if !is_number => View::Table,
            [] => View::Table,
            [_] => View::Line,
            _ => View::Heatmap,
        });
        let wrong = |problem: String| Err(ExplorerError::bad_request("view", problem));
        if view != View::Table && !is_number {
            return wrong(format!("elements of type {} are no numbers", slice.dtype()));
        }
        let (rows, columns) = match (view, dimensions) {
            (View::Line, [.., columns]) => (None, Some(*columns)),
            (View::Heatmap | View::Table, [.., rows, columns]) => (Some(*rows), Some(*columns)),
            (View::Table, [rows]) => (Some(*rows), None),
            (View::Table, []) => (None, None),
            (View::Line | View::Heatmap, selected) => {
                return wrong(format!("{} dimensions are selected", selected.len()));
            }
        };
        let spans = slice.resolved.slab.spans().iter().enumerate();
        let spans = spans.map(|(dimension, span)| match Some(dimension) {
            shown if shown == rows || shown == columns => *span,
            _ => Span { count: span.count.min(1), ..*span },
        });
        let slab = Hyperslab::new(spans.collect(), &slice.dataset.shape());
        let slab = slab.map_err(|error| ExplorerError::bad_request("selection", error))?;
        Ok(Self { view, slab, rows, columns, reading })
    }

    /// What is selected along a dimension that is shown; one index where none is.
    fn span(&self, dimension: Option<usize>) -> Span {
        let span = dimension.and_then(|dimension| self.slab.spans().get(dimension));
        span.copied().unwrap_or(Span { start: 0, step: 1, count: 1 })
    }

    fn axis(&self, dimension: Option<usize>, cells: u64) -> Option<Axis> {
        let Span { start, step, count } = self.span(dimension);
        let dimension = dimension? as u64;
        Some(Axis { dimension, start, step, count, cells: cells.min(count) })
    }

    /// The same with only these of the selected indices along both dimensions.
    fn part(&self, rows: std::ops::Range<u64>, columns: std::ops::Range<u64>) -> Vec<Span> {
        let mut spans = self.slab.spans().to_vec();
        for (dimension, ordinals) in [(self.rows, rows), (self.columns, columns)] {
            let span = dimension.and_then(|dimension| spans.get_mut(dimension));
            if let Some(span) = span {
                let end = ordinals.end.min(span.count);
                span.start = span.start.saturating_add(ordinals.start.saturating_mul(span.step));
                span.count = end.saturating_sub(ordinals.start);
                if span.count == 0 {
                    span.start = 0;
                }
            }
        }
        spans
    }

    fn cost(&self, slice: &Slice) -> Cost {
        cost(&slice.object, &self.slab, slice.dataset.element_bytes())
    }

    /// What all numbers that were read amount to.
    fn statistics(&self, all: &Summary, sampled: bool) -> Statistics {
        let missing_count = self.reading.left_out.is_some().then(|| all.missing_count());
        Statistics { missing_count, ..all.statistics(sampled) }
    }

    /// A preview without its cells.
    fn preview(&self, slice: &Slice, cells: (u64, u64)) -> Preview {
        let spans: Vec<String> = self.slab.spans().iter().enumerate().map(self.member()).collect();
        Preview {
            shape: (!slice.is_null).then(|| slice.dataset.shape()),
            dtype: slice.dtype(),
            datatype: describe_shared(slice.dataset.datatype(), slice.object.committed_datatype()),
            selection: if spans.is_empty() { "...".to_owned() } else { spans.join(",") },
            view: self.view,
            complex: self.reading.complex,
            rows: self.axis(self.rows, cells.0),
            columns: self.axis(self.columns, cells.1),
            data: None,
            min: None,
            max: None,
            mean: None,
            count: None,
            statistics: None,
            read: Default::default(),
        }
    }

    /// How what is selected along a dimension is written in a selection.
    fn member(&self) -> impl Fn((usize, &Span)) -> String {
        let shown = [self.rows, self.columns];
        move |(dimension, span)| match shown.contains(&Some(dimension)) {
            true => span.to_string(),
            false => span.start.to_string(),
        }
    }
}
