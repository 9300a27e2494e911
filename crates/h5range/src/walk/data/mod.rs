//! Reads the elements of datasets: any hyperslab, of any layout, and only the bytes that it needs.

mod block;
mod executor;
mod external;
mod in_order;
mod located;
mod other_files;
mod other_heaps;
mod parts;
mod storage;
#[cfg(test)]
mod tests;
mod virtual_storage;

use std::sync::Arc;

use bytes::Bytes;

use crate::decode::Address;
use crate::decode::message::datatype::Datatype;
use crate::error::{Error, Result};
use crate::selection::{Hyperslab, Lattice, between};
use crate::value::heap_ids::has_references;
use crate::value::{Elements, Values};
use crate::walk::{File, Object};

pub use executor::{Executor, Inline, Job};
pub use located::Located;
pub use other_files::{NoOtherFiles, OtherFiles, SourceDataset};
use other_heaps::OtherHeaps;
use storage::{Description, Storage};

/// A dataset whose elements can be read.
///
/// It drives its walks itself, so nothing else may be driven on its file at the same time.
pub struct Dataset {
    file: Arc<File>,
    other_files: Arc<dyn OtherFiles>,
    executor: Arc<dyn Executor>,
    address: Address,
    description: Description,
    storage: Storage,
    /// Where the sequences are of a virtual dataset that has some.
    other_heaps: Option<Arc<OtherHeaps>>,
    /// The shape, where it is not that of the description.
    extent: Option<Vec<u64>>,
    /// How many virtual datasets led here.
    depth: u64,
}

impl Dataset {
    /// The dataset `object` of `file`. It knows no other files, and decodes where it is asked; see
    /// the two methods below.
    ///
    /// Waves: none; for external storage and virtual datasets one or two, for the list of what they
    /// refer to.
    ///
    /// # Errors
    ///
    /// When it is no dataset, or a message that says where its elements are is malformed.
    pub async fn open(file: Arc<File>, object: &Object) -> Result<Self> {
        let mut description = Description::of(object)?;
        let storage = file.drive(Storage::of(&file, object, &description)).await?;
        let other_heaps = match &storage {
            Storage::Virtual(_) => OtherHeaps::of(&file, &description.datatype)?,
            _ => None,
        };
        if let Some(heaps) = &other_heaps {
            description.fill.change(|element| heaps.number(&file, element))?;
        }
        let (other_files, executor) = (Arc::new(NoOtherFiles), Arc::new(Inline));
        Ok(Self {
            file,
            other_files,
            executor,
            address: object.address,
            description,
            storage,
            other_heaps: other_heaps.map(Arc::new),
            extent: None,
            depth: 0,
        })
    }

    /// The same with a way to the files that it refers to.
    #[must_use]
    pub fn with_other_files(self, other_files: Arc<dyn OtherFiles>) -> Self {
        Self { other_files, ..self }
    }

    /// The same that decodes somewhere else.
    #[must_use]
    pub fn with_executor(self, executor: Arc<dyn Executor>) -> Self {
        Self { executor, ..self }
    }

    /// The same virtual dataset with another shape of the same rank: one that has grown with its
    /// sources since its shape was written.
    #[must_use]
    pub fn with_extent(self, extent: Vec<u64>) -> Self {
        let fits = matches!(self.storage, Storage::Virtual(_))
            && extent.len() == self.description.shape().len();
        Self { extent: fits.then_some(extent), ..self }
    }

    /// The type of an element.
    pub fn datatype(&self) -> &Datatype {
        &self.description.datatype
    }

    /// How many elements a question can read at most that may decode so many bytes: for the one who
    /// asked for more. Those that chunks have beside the selection count too, and are not known here.
    pub fn elements_within(&self, decoded_bytes: u64) -> u64 {
        let copies = match &self.storage {
            // The chunks, and the block that is put together from them.
            Storage::Chunked(chunked) if !chunked.pipeline.filters.is_empty() => 2,
            _ => 1,
        };
        decoded_bytes / self.element_bytes().saturating_mul(copies).max(1)
    }

    /// Bytes of an element in the file.
    pub fn element_bytes(&self) -> u64 {
        self.description.element_bytes()
    }

    /// Elements along each dimension; none for a scalar, and one of no elements for a dataset whose
    /// dataspace is null.
    pub fn shape(&self) -> Vec<u64> {
        self.extent.clone().unwrap_or_else(|| self.description.shape())
    }

    /// What of the whole array `block` wants.
    fn lattice_of_whole(&self, block: &Hyperslab) -> Lattice {
        let shape = self.shape();
        let bounds: Vec<std::ops::Range<u64>> = shape.iter().map(|&extent| 0..extent).collect();
        between(&bounds, &shape, block)
    }

    /// Finds out where the elements of `selection` are.
    ///
    /// Waves: those of the chunk index; none for other layouts.
    ///
    /// # Errors
    ///
    /// When the index is malformed, or what it says is more than the question may keep.
    pub async fn locate(self: &Arc<Self>, selection: Hyperslab) -> Result<Located> {
        Located::new(Arc::clone(self), selection).await
    }

    /// The elements of `selection` as they stand in the file, one behind the other, without filters.
    /// Where they refer to a heap, only [`Dataset::values`] knows to which one.
    ///
    /// Waves: those of the chunk index, and one.
    ///
    /// # Errors
    ///
    /// When elements are damaged, in a file that is not there, or filtered in a way that we cannot
    /// undo; when they are more than the question may decode.
    pub async fn read(self: &Arc<Self>, selection: &Hyperslab) -> Result<Bytes> {
        let located = self.locate(selection.clone()).await?;
        located.read(selection).await
    }

    /// The elements of each of some selections, as [`Dataset::read`] gives them: for a look at many
    /// places.
    ///
    /// Waves: those of the chunk index, and one for all of them.
    ///
    /// # Errors
    ///
    /// As [`Dataset::read`].
    pub async fn read_each(self: &Arc<Self>, selections: &[Hyperslab]) -> Result<Vec<Bytes>> {
        Located::read_each(Arc::clone(self), selections).await
    }

    /// Decodes elements that [`Dataset::read`] gave, with all that they refer to in the global heap.
    /// With `scalars_max` it stops about there; see [`File::read_values`].
    ///
    /// # Errors
    ///
    /// As [`File::read_values`]; and when there may be references among the elements of a virtual
    /// dataset, which do not say into which file they lead.
    pub async fn values(&self, elements: &[u8], scalars_max: Option<u64>) -> Result<Values> {
        let elements = self.elements(elements)?;
        match &self.other_heaps {
            Some(heaps) => heaps.values(self, elements.data, scalars_max).await,
            None => self.file.drive(self.file.read_values(&elements, scalars_max)).await,
        }
    }

    /// What is in the first of the elements that [`Dataset::read`] gave, of a dataset of sequences;
    /// see [`File::read_sequence`].
    ///
    /// # Errors
    ///
    /// As [`File::read_sequence`] and [`Dataset::values`].
    pub async fn sequence(&self, elements: &[u8]) -> Result<Bytes> {
        let elements = self.elements(elements)?;
        match &self.other_heaps {
            Some(heaps) => heaps.sequence(self, elements.data).await,
            None => self.file.drive(self.file.read_sequence(&elements)).await,
        }
    }

    fn elements<'a>(&'a self, data: &'a [u8]) -> Result<Elements<'a>> {
        let datatype = self.datatype();
        if matches!(self.storage, Storage::Virtual(_)) && has_references(datatype) {
            return Err(Error::unsupported("references in a virtual dataset"));
        }
        let count = data.len() as u64 / self.element_bytes();
        Ok(Elements { datatype, data, address: self.address, count })
    }
}
