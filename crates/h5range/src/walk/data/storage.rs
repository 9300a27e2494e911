//! What the messages of a dataset say of where its elements are.

use std::sync::Arc;

use bytes::Bytes;

use crate::decode::Address;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::datatype::Datatype;
use crate::decode::message::fill_value::FillValue;
use crate::decode::message::filter_pipeline::FilterPipeline;
use crate::decode::message::layout::{ChunkIndex, Layout};
use crate::decode::virtual_mapping::VirtualMapping;
use crate::error::{Error, Result};
use crate::selection::{ChunkGrid, element_count};
use crate::walk::{ExternalSource, File, Object};

/// Where the elements of a dataset are.
#[derive(Debug)]
pub(super) enum Storage {
    /// Nowhere: nobody wrote any.
    Unwritten,
    /// In the object header.
    Compact(Bytes),
    /// Side by side in the file.
    Contiguous { address: Address, size_bytes: u64 },
    /// Side by side in other files.
    External(Vec<ExternalSource>),
    /// In chunks.
    Chunked(Chunked),
    /// In other datasets.
    Virtual(Vec<Arc<VirtualMapping>>),
}

/// Where chunks are.
#[derive(Debug)]
pub(super) struct Chunked {
    pub(super) grid: ChunkGrid,
    pub(super) index: ChunkIndex,
    pub(super) dataspace: Dataspace,
    pub(super) pipeline: Arc<FilterPipeline>,
    /// Bytes of a chunk without filters.
    pub(super) chunk_bytes: u64,
    /// Whether chunks at the edge have no filters.
    pub(super) partial_chunks_unfiltered: bool,
}

/// What is said of a dataset's elements.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) datatype: Datatype,
    pub(super) dataspace: Dataspace,
    pub(super) fill: FillElement,
}

/// What stands for an element that nobody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FillElement(Option<Bytes>);

const STRUCTURE: &str = "dataset";

/// "Fill Value Write Time": never. What the library then reads is what was in memory; h5py's memory
/// is zeros.
const NEVER: u8 = 1;

impl Description {
    /// # Errors
    ///
    /// When `dataset` is none, or one of these messages is malformed.
    pub(super) fn of(dataset: &Object) -> Result<Self> {
        let missing = |message: &str| {
            Error::malformed(STRUCTURE, dataset.address, format!("it has no {message}"))
        };
        let datatype = dataset.datatype()?.ok_or_else(|| missing("datatype"))?;
        let dataspace = dataset.dataspace()?.ok_or_else(|| missing("dataspace"))?;
        let fill = FillElement::of(dataset.fill_value()?, &datatype, dataset.address)?;
        Ok(Self { datatype, dataspace, fill })
    }

    /// Bytes of an element.
    pub(super) fn element_bytes(&self) -> u64 {
        self.datatype.size.into()
    }

    /// The extents of the dataset; none for a scalar.
    pub(super) fn shape(&self) -> Vec<u64> {
        match &self.dataspace {
            Dataspace::Simple { dimensions, .. } => dimensions.clone(),
            Dataspace::Scalar => Vec::new(),
            // No element, as a selection of one dimension says it.
            Dataspace::Null => vec![0],
        }
    }
}

impl FillElement {
    fn of(fill: FillValue, datatype: &Datatype, dataset: Address) -> Result<Self> {
        let value = fill.value.filter(|_| fill.write_time != NEVER);
        match value {
            Some(value) if value.len() as u64 != u64::from(datatype.size) => {
                let detail = format!("a fill value of {} bytes", value.len());
                Err(Error::malformed(STRUCTURE, dataset, detail))
            }
            Some(value) if value.iter().all(|&byte| byte == 0) => Ok(Self(None)),
            value => Ok(Self(value.map(Bytes::from))),
        }
    }

    /// Has `change` change its bytes, if it has others than zeros.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<()> {
        if let Self(Some(element)) = self {
            let mut changed = element.to_vec();
            change(&mut changed)?;
            *element = changed.into();
        }
        Ok(())
    }

    /// Fills `block`, which is all zeros.
    pub(super) fn fill(&self, block: &mut [u8]) {
        if let Self(Some(element)) = self {
            block.chunks_exact_mut(element.len()).for_each(|place| place.copy_from_slice(element));
        }
    }
}

impl Storage {
    /// Waves: those of the list of external files, or of the mappings of a virtual dataset; none
    /// for others.
    ///
    /// # Errors
    ///
    /// When one of the messages is malformed, or does not fit the others.
    pub(super) async fn of(
        file: &File,
        dataset: &Object,
        description: &Description,
    ) -> Result<Self> {
        if description.dataspace == Dataspace::Null {
            return Ok(Self::Unwritten);
        }
        let missing = || Error::malformed(STRUCTURE, dataset.address, "it has no data layout");
        let layout = dataset.layout()?.ok_or_else(missing)?;
        let size_bytes = element_count(&description.shape())
            .and_then(|count| count.checked_mul(description.element_bytes()));
        match layout {
            Layout::Compact { data } => Ok(Self::Compact(data.into())),
            Layout::Contiguous { .. } if dataset.external_files()?.is_some() => {
                Ok(Self::External(file.external_sources(dataset).await?))
            }
            Layout::Contiguous { address: None, .. } => Ok(Self::Unwritten),
            Layout::Contiguous { address: Some(address), size_bytes: stored_bytes } => {
                let size_bytes = stored_bytes.or(size_bytes).unwrap_or(u64::MAX);
                Ok(Self::Contiguous { address, size_bytes })
            }
            Layout::Virtual { .. } => {
                let mappings = file.virtual_mappings(&layout).await?;
                Ok(Self::Virtual(mappings.into_iter().map(Arc::new).collect()))
            }
            Layout::Chunked { chunk, element_size, partial_chunks_unfiltered, index } => {
                let element_bytes = description.element_bytes();
                let malformed = |detail| Err(Error::malformed(STRUCTURE, dataset.address, detail));
                if element_size != element_bytes {
                    let detail = format!("chunks of elements of {element_size} bytes");
                    return malformed(format!("{detail}, but these have {element_bytes}"));
                }
                let chunk_bytes = element_count(&chunk).and_then(|of| of.checked_mul(element_size));
                let grid = ChunkGrid::new(description.shape(), chunk);
                let (Some(grid), Some(chunk_bytes)) = (grid, chunk_bytes) else {
                    return malformed("its chunks do not fit its shape, or 64 bits".to_owned());
                };
                Ok(Self::Chunked(Chunked {
                    grid,
                    index,
                    dataspace: description.dataspace.clone(),
                    pipeline: Arc::new(dataset.filter_pipeline()?),
                    chunk_bytes,
                    partial_chunks_unfiltered,
                }))
            }
        }
    }
}
