//! Datasets: what their headers say, and in the fourth phase how their elements are stored.

use h5range::decode::message::layout::Layout;
use h5range::walk::{Object, ObjectKind};
use h5range::{ChunkStorage, Error, set_aside};

use super::paths::PathId;
use super::{BATCH, CheckPhase, Met, Walk, counts, side_by_side};
use crate::answers::ChunksFound;
use crate::describe::{self, Dataset};
use crate::session::OpenFile;

/// What was read of the storage of one dataset.
#[derive(Default)]
struct Read {
    stored_bytes: u64,
    chunks: Option<ChunkStorage>,
    errors: Vec<Error>,
}

impl Walk<'_> {
    /// Counts what the header of a dataset says.
    pub(super) fn note_dataset(&mut self, object: &Object, path: PathId) {
        let mut dataset = Dataset::of(object);
        let external_files = object.external_files();
        let errors = [
            object.fill_value().err(),
            object.modified_seconds().err(),
            external_files.as_ref().err().cloned(),
        ];
        dataset.errors.extend(errors.into_iter().flatten());
        if let Ok(None) = external_files {
            dataset.errors.extend(self.misplaced(object, &dataset));
        }
        let found = &mut self.found.datasets;
        found.count = found.count.saturating_add(1);
        if let Some(layout) = &dataset.layout {
            let is_external = matches!(external_files, Ok(Some(_)));
            let name = if is_external { "external" } else { describe::layout_name(layout) };
            counts::add(&mut found.layouts, name, 1);
            if let Some(index) = describe::chunk_index_name(layout) {
                counts::add(&mut found.chunk_indexes, index, 1);
            }
        }
        if let Some(datatype) = &dataset.datatype {
            counts::add(&mut found.datatypes, counts::class_name(datatype), 1);
        }
        for name in filter_names(&dataset) {
            counts::add(&mut found.filters, &name, 1);
        }
        for error in dataset.errors {
            self.note(error, path);
        }
    }

    /// What is wrong with the place of contiguous elements: it ends behind the file, or is too small
    /// for them.
    fn misplaced(&self, object: &Object, dataset: &Dataset) -> Option<Error> {
        let Some(Layout::Contiguous { address: Some(address), .. }) = dataset.layout else {
            return None;
        };
        let stored_bytes = self.open.file.storage_size_without_index(object).ok()??;
        let end = address.get().saturating_add(stored_bytes);
        let count = dataset.dataspace.as_ref()?.element_count()?;
        let element_bytes = u64::from(dataset.datatype.as_ref()?.size);
        let needed_bytes = count.saturating_mul(element_bytes);
        let detail = if end > self.end_address {
            format!("elements up to address {end}, but the file ends at {}", self.end_address)
        } else if stored_bytes < needed_bytes {
            format!("{stored_bytes} bytes for elements of {needed_bytes} bytes")
        } else {
            return None;
        };
        Some(Error::malformed("data layout message", object.address, detail))
    }

    /// Reads the chunk indexes of all datasets, and the names of files and datasets that hold
    /// elements for them.
    ///
    /// Waves: those of the deepest index, up to four or the levels of a B-tree, for every 10,000
    /// datasets.
    ///
    /// # Errors
    ///
    /// Only what ends the walk. What is wrong with single datasets is noted.
    pub(super) async fn read_storage(&mut self) -> h5range::Result<()> {
        self.objects.retain(|met| met.kind == ObjectKind::Dataset);
        let datasets = std::mem::take(&mut self.objects);
        let mut done = 0_usize;
        for batch in datasets.chunks(BATCH) {
            let open = self.open;
            let answers = side_by_side(open, batch.iter().map(|met| read(open, met)));
            for (met, answer) in batch.iter().zip(answers.await?) {
                match answer {
                    Ok(read) => self.note_storage(met.path, read),
                    Err(error) => self.note(error, met.path),
                }
            }
            done = done.saturating_add(batch.len());
            self.end_of_batch(CheckPhase::Storage, done)?;
        }
        Ok(())
    }

    fn note_storage(&mut self, path: PathId, read: Read) {
        let stored_bytes = &mut self.found.datasets.stored_bytes;
        *stored_bytes = stored_bytes.saturating_add(read.stored_bytes);
        self.chunks.extend(read.chunks.filter(|chunks| chunks.count > 0).map(|c| (path, c)));
        for error in read.errors {
            self.note(error, path);
        }
    }

    /// Puts the chunks of all datasets together.
    pub(super) fn sum_up_chunks(&mut self) {
        let chunks = std::mem::take(&mut self.chunks);
        let Some((most_in, _)) = chunks.iter().max_by_key(|(_, chunks)| chunks.count) else {
            return;
        };
        let sum = |part: fn(&ChunkStorage) -> u64| {
            chunks.iter().map(|(_, chunks)| part(chunks)).fold(0, u64::saturating_add)
        };
        let smallest = chunks.iter().map(|(_, chunks)| chunks.smallest_bytes).min();
        let largest = chunks.iter().map(|(_, chunks)| chunks.largest_bytes).max();
        self.found.datasets.chunks = Some(ChunksFound {
            count: sum(|chunks| chunks.count),
            stored_bytes: sum(|chunks| chunks.size_bytes),
            smallest_bytes: smallest.unwrap_or(0),
            median_bytes: median_bytes(chunks.iter().map(|(_, chunks)| *chunks).collect()),
            largest_bytes: largest.unwrap_or(0),
            most_in: self.paths.text(*most_in),
        });
    }
}

/// What a dataset's storage takes. Errors of its header were noted with the header.
async fn read(open: &OpenFile, met: &Met) -> h5range::Result<Read> {
    let object = open.object(met.address).await?;
    let Ok(Some(layout)) = object.layout() else { return Ok(Read::default()) };
    let mut read = Read::default();
    if let Layout::Chunked { .. } = layout {
        if object.dataspace().is_ok() {
            let chunks = open.file.chunk_storage(&object).await;
            read.chunks = set_aside(chunks, &mut read.errors)?.flatten();
        }
        read.stored_bytes = read.chunks.map_or(0, |chunks| chunks.size_bytes);
    } else {
        let stored_bytes = open.file.storage_size_without_index(&object).ok().flatten();
        read.stored_bytes = stored_bytes.unwrap_or(0);
    }
    if let Ok(external_files) = object.external_files() {
        let sources = open.layout_sources(&object, &layout).await;
        set_aside(sources, &mut read.errors)?;
        if external_files.is_some() {
            read.stored_bytes = 0;
        }
    }
    Ok(read)
}

/// The names of a dataset's filters, each once. A filter that the registry does not know is called
/// by its number: names that the file gives could be as many as it likes.
fn filter_names(dataset: &Dataset) -> Vec<String> {
    let mut ids: Vec<u16> = dataset.pipeline.filters.iter().map(|filter| filter.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let name = |id| match describe::registered_filter_name(id) {
        Some(name) => name.to_owned(),
        None => format!("filter {id}"),
    };
    ids.into_iter().map(name).collect()
}

/// The size of the chunk in the middle, where each chunk is taken as the mean of its dataset: not
/// to keep the sizes of millions of chunks.
fn median_bytes(mut chunks: Vec<ChunkStorage>) -> u64 {
    let mean = |chunks: &ChunkStorage| chunks.size_bytes.checked_div(chunks.count).unwrap_or(0);
    chunks.sort_unstable_by_key(mean);
    let count = chunks.iter().map(|chunks| chunks.count).fold(0, u64::saturating_add);
    let mut before = 0_u64;
    for chunks in &chunks {
        before = before.saturating_add(chunks.count);
        if before >= count.div_ceil(2) {
            return mean(chunks);
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(count: u64, each: u64) -> ChunkStorage {
        let size_bytes = count * each;
        ChunkStorage { count, size_bytes, smallest_bytes: each, largest_bytes: each }
    }

    #[test]
    fn the_median_is_that_of_chunks_and_not_of_datasets() {
        assert_eq!(median_bytes(vec![chunks(1, 9_000), chunks(100, 64), chunks(3, 1 << 20)]), 64);
        assert_eq!(median_bytes(vec![chunks(2, 10), chunks(2, 30)]), 10);
        assert_eq!(median_bytes(vec![chunks(2, 10), chunks(3, 30)]), 30);
        assert_eq!(median_bytes(vec![]), 0);
    }
}
