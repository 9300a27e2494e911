//! The first rows and columns.

use h5range::Hyperslab;

use super::Shown;
use super::summary::Summary;
use crate::answers::{Preview, ReadForPreview};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::json::Json;
use crate::slices::Slice;
use crate::slices::cost::cost;
use crate::values::render_each;

impl Slice {
    /// The elements of the first rows and columns, at most `max_size` of each.
    pub(super) async fn table(&self, shown: &Shown, max_size: u64) -> Result<Preview> {
        let mut preview = shown.preview(self, (max_size, max_size));
        let corner = Hyperslab::new(shown.part(0..max_size, 0..max_size), &self.dataset.shape());
        let corner = corner.map_err(|error| ExplorerError::bad_request("selection", error))?;
        let read = cost(&self.object, &corner, self.dataset.element_bytes());
        let elements_read = corner.element_count().unwrap_or(0);
        let all = shown.cost(self);
        preview.read = ReadForPreview {
            elements: elements_read,
            elements_selected: shown.slab.element_count().unwrap_or(u64::MAX),
            chunks: read.chunks,
            chunks_selected: all.chunks,
        };
        if self.is_null {
            preview.data = Some(Json::Null);
            return Ok(preview);
        }
        let _memory = self.session.explorer.data.memory.take(read.bytes).await;
        let elements = self.dataset.read(&corner).await.map_err(|error| self.error(error))?;
        let values = self.dataset.values(&elements, None).await;
        let values = values.map_err(|error| self.error(error))?.values;
        let values = render_each(self.dataset.datatype(), values, &self.paths);
        let shape = [shown.rows, shown.columns].into_iter().flatten();
        let shape: Vec<u64> =
            shape.map(|dimension| shown.span(Some(dimension)).count.min(max_size)).collect();
        preview.data = Some(nested(&shape, &mut values.into_iter()));
        if let Some(numbers) = &shown.reading.numbers {
            let mut summary = Summary::default();
            let left_out = shown.reading.left_out.as_ref();
            let read = numbers.each_piece(&elements, |piece| summary.add_all(piece, left_out));
            read.ok_or_else(odd_numbers)?;
            let is_all = preview.read.elements == preview.read.elements_selected;
            preview.statistics = Some(shown.statistics(&summary, !is_all));
        }
        Ok(preview)
    }
}

/// Values in lists by shape.
fn nested(shape: &[u64], values: &mut impl Iterator<Item = Json>) -> Json {
    match shape.split_first() {
        None => values.next().unwrap_or(Json::Null),
        Some((count, inner)) => Json::List((0..*count).map(|_| nested(inner, values)).collect()),
    }
}

/// Nothing is known of how to read them.
pub(super) fn odd_numbers() -> ExplorerError {
    ExplorerError::new(ErrorCode::Unsupported, "not supported: numbers of this shape")
}
