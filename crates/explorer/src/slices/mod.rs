//! Elements of datasets: a selection of them, read block by block, in some format.
//!
//! What is asked first is what the dataset is ([`Session::slice`]); then where its chunks are and
//! what they hold ([`Slice::encode`]). Blocks are read as their reader takes them, so an answer takes
//! no more memory than some blocks, however large it is.

pub(crate) mod cost;
mod list;
mod memory;
mod other_files;
mod pool;
mod query;
mod resources;
pub(crate) mod selection;
mod statistics;
mod stream;

use std::ops::Range;
use std::sync::Arc;

use futures::stream::StreamExt;
use h5range::decode::message::dataspace::Dataspace;
use h5range::decode::message::datatype::DatatypeClass as FileClass;
use h5range::decode::message::layout::Layout;
use h5range::walk::{Object, ObjectKind};
use h5range::{Dataset, Hyperslab, Span};
use tracing::Instrument;

use crate::answers::{DataAnswer, Success};
use crate::datatype::{describe, describe_shared, short_name};
use crate::encodings::{Array, Dtype, Encoder, Format};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::json::Json;
use crate::known_paths::KnownPaths;
use crate::locate::Located;
use crate::path::ObjectPath;
use crate::queries::Place;
use crate::session::Session;
use crate::spans;

use self::other_files::{NamedFiles, Question};
use self::selection::Resolved;
use self::stream::{BLOCK_BYTES, Blocks, Pieces};

pub(crate) use memory::DataMemory;
pub use query::DataQuery;
pub(crate) use resources::DataResources;
pub use selection::Selection;
pub use stream::Encoded;

/// A selection of a dataset, of which nothing was read yet.
pub struct Slice {
    pub(crate) session: Session,
    place: Place,
    /// The file that the dataset is in.
    key: String,
    pub(crate) object: Arc<Object>,
    pub(crate) dataset: Arc<Dataset>,
    selection: Selection,
    pub(crate) resolved: Resolved,
    /// Whether there are no elements to choose from at all.
    pub(crate) is_null: bool,
    question: Arc<Question>,
    /// The span of the question: its elements are read later.
    span: tracing::Span,
    pub(crate) paths: KnownPaths,
    /// Whether other files have something to say to the elements: then they depend on more than the
    /// version of their own file.
    pub from_other_files: bool,
}

impl Session {
    /// The elements that `query` is about. Reads what the dataset is, and none of its elements.
    ///
    /// # Errors
    ///
    /// When there is no such dataset, when the selection does not fit its shape, or when it is more
    /// than one answer may have.
    pub async fn slice(&self, query: &DataQuery) -> Result<Slice> {
        let span = spans::question("data", self.key(), &query.place);
        let slice = self.dataset(&query.place, query.format).instrument(span).await?;
        let slice = slice.select(&query.selection)?;
        slice.check_size()?;
        Ok(slice)
    }

    /// All of a dataset, to be had in `format`. Values that are more than numbers take so much more
    /// memory than their elements that they are limited as those of attributes are.
    ///
    /// # Errors
    ///
    /// When there is no such dataset.
    pub(crate) async fn dataset(&self, place: &Place, format: Format) -> Result<Slice> {
        let data = &self.explorer.data;
        let Located { file, object, trail, other_file } = self.locate(place).await?;
        if object.kind != ObjectKind::Dataset {
            return Err(not_a_dataset(place));
        }
        let has_values =
            object.datatype().ok().flatten().is_some_and(|datatype| format.has_values(&datatype));
        let limits = if has_values { self.limits() } else { data.limits(self.limits()) };
        let session = self.with_limits(limits);
        let file = file.anew(limits);
        let question = Arc::new(Question::new(file.file.clone()));
        let home = match other_file {
            true => session.open_other(file.key()).await?,
            false => session.clone(),
        };
        let opened = Default::default();
        let extent = home.grown_extent(&file, &object, &opened).await?;
        let key = file.key().to_owned();
        let error = |error| ExplorerError::from_file(&key, error);
        let other_files = Arc::new(NamedFiles::new(home, file.clone(), question.clone()));
        let dataset = Dataset::open(file.file.clone(), &object).await.map_err(error)?;
        let dataset =
            dataset.with_other_files(other_files).with_executor(Arc::new(data.pool.clone()));
        let dataset = match extent {
            Some(extent) => dataset.with_extent(extent),
            None => dataset,
        };
        let path = match place {
            Place::Path(path) => Some(path),
            Place::Address(_) => None,
        };
        let resolved = Selection::default().of(&dataset.shape())?;
        Ok(Slice {
            place: place.clone(),
            paths: KnownPaths::of(file.file.root(), path, &trail),
            is_null: matches!(object.dataspace(), Ok(Some(Dataspace::Null))),
            from_other_files: other_file || lies_elsewhere(&object),
            selection: Selection::default(),
            resolved,
            dataset: Arc::new(dataset),
            session,
            key,
            object,
            question,
            span: tracing::Span::current(),
        })
    }
}

impl Slice {
    /// The shape of what is selected: without the dimensions of which one index was asked for.
    /// `None` for a null dataspace.
    pub fn shape(&self) -> Option<&[u64]> {
        (!self.is_null).then_some(self.resolved.shape.as_slice())
    }

    /// Whether NumPy takes the elements for numbers; those of a null dataspace are none. Of a single
    /// list of variable length it is about what is in it.
    pub fn is_numeric(&self) -> bool {
        let datatype = self.list_type().unwrap_or_else(|| self.dataset.datatype());
        !self.is_null && describe(datatype).class.is_numeric()
    }

    /// Whether NumPy takes it for no array of any kind.
    pub fn is_scalar(&self) -> bool {
        let is_array = matches!(self.dataset.datatype().class, FileClass::Array { .. });
        let without_dimensions = self.shape().is_none_or(<[u64]>::is_empty);
        without_dimensions && !is_array && self.list_type().is_none()
    }

    /// The type of the elements, as the API has it in `dtype`.
    pub fn dtype(&self) -> String {
        short_name(self.dataset.datatype())
    }

    /// Bytes of the selected elements in the file.
    pub fn size_bytes(&self) -> u64 {
        let count = self.resolved.slab.element_count();
        count.and_then(|count| count.checked_mul(self.dataset.element_bytes())).unwrap_or(u64::MAX)
    }

    /// The size of the elements in `bin`.
    ///
    /// # Errors
    ///
    /// When `bin` has nothing for such elements.
    pub fn bin_size_bytes(&self, query: &DataQuery) -> Result<u64> {
        let array = self.array(query.dtype);
        let size_bytes = Format::Bin.form(array)?.size_bytes(array.shape);
        Ok(size_bytes.unwrap_or(u64::MAX))
    }

    /// The elements in the format that `query` asks for, or the bytes of `range` of that. Reads where
    /// the elements are, and waits for memory.
    ///
    /// Waves: those of the chunk index.
    ///
    /// # Errors
    ///
    /// When the format has nothing for such elements, or when the index is damaged.
    pub async fn encode(self, query: &DataQuery, range: Option<Range<u64>>) -> Result<Encoded> {
        if let Format::Plain(plain) = query.format
            && plain.kind.is_made_of_bytes()
            && let Some(base) = self.list_type().cloned()
        {
            return self.encode_list(&base, plain, query.dtype).await;
        }
        let (shape, envelope) = match query.format {
            // JSON has a word for no elements at all, and writes it itself.
            Format::Json => (self.shape().unwrap_or_default(), self.envelope(query)?),
            _ => (self.resolved.shape.as_slice(), Default::default()),
        };
        let array = Array { shape, ..self.array(query.dtype) };
        let encoder = query.format.encoder(array, self.is_null, envelope)?;
        self.encode_with(encoder, range).await
    }

    /// The elements as `encoder` makes them, or the bytes of `range` of that. Only of what has as many
    /// bytes for each element and no head: else the range is that of all elements.
    ///
    /// # Errors
    ///
    /// When the chunk index is damaged.
    pub(crate) async fn encode_with(
        self,
        encoder: Box<dyn Encoder>,
        range: Option<Range<u64>>,
    ) -> Result<Encoded> {
        let size_bytes = encoder.size_bytes();
        let count = self.resolved.slab.element_count().unwrap_or(0);
        let every = size_bytes.and_then(|size| size.checked_div(count));
        let (slab, kept) = match range.zip(every) {
            Some((range, every)) if every > 0 => self.covering(range, every),
            _ => (self.resolved.slab.clone(), 0..u64::MAX),
        };
        let chunks = self.dataset.locate(slab).instrument(self.span.clone()).await;
        let chunks = chunks.map_err(|error| self.error(error))?;
        let weight = chunks.stream_memory_bytes(BLOCK_BYTES);
        let weight = weight.saturating_add(row_memory_bytes(&*encoder, &self.dataset));
        let memory = self.session.explorer.data.memory.take(weight).await;
        let element_bytes = self.dataset.element_bytes();
        let blocks = Blocks { stream: chunks.stream(BLOCK_BYTES).boxed(), element_bytes };
        let pieces = Pieces::new(self, encoder, blocks, kept, memory);
        Ok(Encoded { size_bytes, pieces })
    }

    /// The smallest part of the selection that has the bytes of `range`, of elements of `every` bytes
    /// each; and which bytes of it these are.
    fn covering(&self, range: Range<u64>, every: u64) -> (Hyperslab, Range<u64>) {
        let slab = &self.resolved.slab;
        let last = range.end.saturating_sub(1).max(range.start) / every;
        let (part, first) = part_with(slab.spans(), range.start / every..=last);
        let start = range.start.saturating_sub(first.saturating_mul(every));
        let end = start.saturating_add(range.end.saturating_sub(range.start));
        let part = Hyperslab::new(part, &self.dataset.shape());
        part.map_or_else(|_| (slab.clone(), range), |part| (part, start..end))
    }

    /// What is around the elements in JSON: its text before and behind them.
    fn envelope(&self, query: &DataQuery) -> Result<(Vec<u8>, Vec<u8>)> {
        let answer = DataAnswer {
            success: Success,
            key: self.session.key().to_owned(),
            etag: self.session.version().etag.clone(),
            path: match &self.place {
                Place::Path(path) => Some(ObjectPath::to_string(path)),
                Place::Address(_) => None,
            },
            cached: query.cached,
            selection: self.selection.to_string(),
            shape: self.shape().map(<[u64]>::to_vec),
            dtype: self.dtype(),
            datatype: describe_shared(self.dataset.datatype(), self.object.committed_datatype()),
            data: Json::Null,
        };
        let text = serde_json::to_string(&answer).map_err(|_| {
            ExplorerError::new(ErrorCode::Unsupported, "an answer that cannot be written")
        })?;
        // The elements are the last member.
        let end = if self.is_null { "}" } else { "null}" };
        let before = text.strip_suffix(end).unwrap_or(&text);
        Ok((before.as_bytes().to_vec(), b"}".to_vec()))
    }

    /// The same with less selected.
    pub(crate) fn select(self, selection: &Selection) -> Result<Self> {
        let resolved = selection.of(&self.dataset.shape())?;
        Ok(Self { resolved, selection: selection.clone(), ..self })
    }

    fn array(&self, dtype: Dtype) -> Array<'_> {
        let name = match &self.place {
            Place::Path(path) => path.segments().last().map(String::as_str),
            Place::Address(_) => None,
        };
        let name = name.unwrap_or("value");
        Array { datatype: self.dataset.datatype(), name, shape: &self.resolved.shape, dtype }
    }

    fn check_size(&self) -> Result<()> {
        let most = self.session.explorer.data.bytes_max;
        if self.size_bytes() <= most {
            return Ok(());
        }
        let (bytes, every) = (self.size_bytes(), self.dataset.element_bytes());
        let detail = format!(
            "the selection has {bytes} bytes, and one answer at most {most}: {} elements of this \
             dataset; select less, or the operator can raise --max-data",
            most / every
        );
        Err(ExplorerError::new(ErrorCode::LimitReached, detail))
    }

    /// What an error of the reader is for whoever asked.
    pub(crate) fn error(&self, error: h5range::Error) -> ExplorerError {
        self.question.error(&self.key, error)
    }
}

/// What rows that have to be had together take beside the blocks that they are read in: the row, and
/// twice while it is encoded.
fn row_memory_bytes(encoder: &dyn Encoder, dataset: &Dataset) -> u64 {
    match encoder.row_elements() {
        1 => 0,
        elements => elements.saturating_mul(dataset.element_bytes()).saturating_mul(3),
    }
}

/// The smallest part of a selection that has the elements of these numbers, and the number of its
/// first one. Elements are numbered in C order.
fn part_with(spans: &[Span], numbers: std::ops::RangeInclusive<u64>) -> (Vec<Span>, u64) {
    let mut inner = spans.iter().fold(1_u64, |count, span| count.saturating_mul(span.count));
    let (mut first, mut last, mut before) = (*numbers.start(), *numbers.end(), 0_u64);
    let mut part = spans.to_vec();
    for span in &mut part {
        inner = (inner / span.count.max(1)).max(1);
        let (from, to) = (first / inner, (last / inner).min(span.count.saturating_sub(1)));
        let start = span.start.saturating_add(from.saturating_mul(span.step));
        let count = to.saturating_sub(from).saturating_add(1);
        *span = Span { start, step: span.step, count };
        before = before.saturating_add(from.saturating_mul(inner));
        if from != to {
            break;
        }
        (first, last) = (first % inner, last % inner);
    }
    (part, before)
}

fn lies_elsewhere(object: &Object) -> bool {
    matches!(object.layout(), Ok(Some(Layout::Virtual { .. })))
        || matches!(object.external_files(), Ok(Some(_)))
}

fn not_a_dataset(place: &Place) -> ExplorerError {
    let what = match place {
        Place::Path(path) => path.to_string(),
        Place::Address(address) => format!("the object at address {address}"),
    };
    ExplorerError::new(ErrorCode::NotADataset, format!("{what} is not a dataset"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_elements_that_are_asked_for_and_few_more() {
        let span = |start, step, count| Span { start, step, count };
        let spans = [span(0, 1, 4), span(5, 2, 3), span(0, 1, 10)];
        for (numbers, part, before) in [
            (0..=119, [span(0, 1, 4), span(5, 2, 3), span(0, 1, 10)], 0),
            (7..=7, [span(0, 1, 1), span(5, 2, 1), span(7, 1, 1)], 7),
            (35..=41, [span(1, 1, 1), span(5, 2, 2), span(0, 1, 10)], 30),
            (29..=30, [span(0, 1, 2), span(5, 2, 3), span(0, 1, 10)], 0),
            (52..=57, [span(1, 1, 1), span(9, 2, 1), span(2, 1, 6)], 52),
        ] {
            assert_eq!(part_with(&spans, numbers.clone()), (part.to_vec(), before), "{numbers:?}");
        }
        assert_eq!(part_with(&[], 0..=0), (vec![], 0));
    }
}
