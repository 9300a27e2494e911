//! Where the elements of a dataset are: outside the file, in other datasets, in how many bytes
//! (specification IV.A.2.h, IV.A.2.i, VII).

use crate::decode::message::layout::Layout;
use crate::decode::virtual_mapping::VirtualMapping;
use crate::error::{Error, Result};
use crate::walk::local_heap::LocalHeap;
use crate::walk::{ChunkStorage, File, Object, chunk_index, global_heap};

/// A raw file that holds elements of a dataset with external storage. It is named, never opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalSource {
    /// Name of the file, as the HDF5 file has it.
    pub file: Vec<u8>,
    /// Where in that file the elements start, in bytes.
    pub offset: u64,
    /// How many bytes of it belong to the dataset; `None`: to its end.
    pub size_bytes: Option<u64>,
}

impl File {
    /// The raw files that hold the elements of a dataset with external storage; empty for others.
    ///
    /// Waves: two, for the local heap with their names.
    ///
    /// # Errors
    ///
    /// When the list or its heap is damaged.
    pub async fn external_sources(&self, dataset: &Object) -> Result<Vec<ExternalSource>> {
        let Some(list) = dataset.external_files()? else { return Ok(Vec::new()) };
        let names = LocalHeap::open(self.reader(), list.local_heap).await?;
        let sources = list.slots.iter().map(|slot| {
            let file = names.name(slot.name_offset)?.to_vec();
            Ok(ExternalSource { file, offset: slot.file_offset, size_bytes: slot.size_bytes })
        });
        sources.collect()
    }

    /// The mappings of a virtual dataset; empty for others.
    ///
    /// Waves: one or two, for the global heap collection.
    ///
    /// # Errors
    ///
    /// When the collection or the mappings in it are damaged, or the budget is spent.
    pub async fn virtual_mappings(&self, layout: &Layout) -> Result<Vec<VirtualMapping>> {
        let Layout::Virtual { heap: id } = layout else { return Ok(Vec::new()) };
        let Some(collection) = id.collection else { return Ok(Vec::new()) };
        let object = global_heap::object(self.reader(), id).await?;
        // Its checksum covers all of it, whoever else has paid for these bytes before.
        self.reader().budget().decoded(object.len() as u64)?;
        let structure = "virtual dataset global heap block";
        let mut cursor = self.reader().cursor(&object, structure, collection);
        VirtualMapping::decode_all(&mut cursor, self.reader().budget())
    }

    /// Bytes that a dataset's elements take, as HDF5 counts them: those that are allocated. `None`
    /// for chunked datasets, whose index says it, and for virtual ones, whose sources do.
    ///
    /// # Errors
    ///
    /// When layout, datatype or dataspace are damaged.
    pub fn storage_size_without_index(&self, dataset: &Object) -> Result<Option<u64>> {
        Ok(match layout_of(dataset)? {
            Layout::Compact { data } => Some(data.len() as u64),
            Layout::Contiguous { address: None, .. } if dataset.external_files()?.is_none() => {
                Some(0)
            }
            Layout::Contiguous { size_bytes: Some(size_bytes), .. } => Some(size_bytes),
            Layout::Contiguous { size_bytes: None, .. } => size_of_elements(dataset)?,
            Layout::Chunked { .. } | Layout::Virtual { .. } => None,
        })
    }

    /// As [`File::storage_size_without_index`], but counts the chunks of chunked datasets too.
    ///
    /// Waves: none but for chunked datasets, whose whole index is read: one for each level of a
    /// B-tree, up to three for a fixed array and up to four for an extensible one.
    ///
    /// # Errors
    ///
    /// When the index is damaged, or there is more of it than the question may read.
    pub async fn storage_size(&self, dataset: &Object) -> Result<Option<u64>> {
        match self.chunk_storage(dataset).await? {
            Some(chunks) => Ok(Some(chunks.size_bytes)),
            None => self.storage_size_without_index(dataset),
        }
    }

    /// How many chunks a chunked dataset has in the file, and in which sizes; `None` for datasets
    /// of another layout.
    ///
    /// Waves: as [`File::storage_size`].
    ///
    /// # Errors
    ///
    /// As [`File::storage_size`].
    pub async fn chunk_storage(&self, dataset: &Object) -> Result<Option<ChunkStorage>> {
        let layout = layout_of(dataset)?;
        match layout {
            Layout::Chunked { .. } => chunk_index::storage(self, dataset, &layout).await.map(Some),
            _ => Ok(None),
        }
    }
}

fn layout_of(dataset: &Object) -> Result<Layout> {
    let missing = || {
        let detail = "the message is missing";
        Error::malformed("data layout message", dataset.address, detail)
    };
    dataset.layout()?.ok_or_else(missing)
}

/// Versions 1 and 2 of the layout message leave the size to datatype and dataspace.
fn size_of_elements(dataset: &Object) -> Result<Option<u64>> {
    let (datatype, dataspace) = (dataset.datatype()?, dataset.dataspace()?);
    let count = dataspace.and_then(|dataspace| dataspace.element_count());
    Ok(datatype.zip(count).and_then(|(datatype, count)| count.checked_mul(datatype.size.into())))
}
