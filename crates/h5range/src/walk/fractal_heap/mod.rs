//! Reads objects of fractal heaps.

mod block;
mod huge;
mod managed;
mod whole;

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::future::join;

use crate::decode::Address;
use crate::decode::btree_v2::FilteredObject;
use crate::decode::fractal_heap::{DirectBlock, FractalHeapHeader, HeapId};
use crate::error::{Error, Result};
use crate::filter;
use crate::walk::Reader;
use crate::walk::fractal_heap::block::{Block, Content, root};

const HEADER: &str = "fractal heap header";

/// A header without filters has 146 bytes; this leaves room for the description of filters.
const HEADER_BYTES: u64 = 512;

/// A heap whose header and root block were read, and perhaps all blocks.
#[derive(Debug, Clone)]
pub(crate) struct FractalHeap {
    header: FractalHeapHeader,
    root: Option<(Block, Result<Content>)>,
    blocks: Option<Blocks>,
}

/// All direct blocks, by where they start in the heap's address space. Errors stand where the
/// direct or indirect block starts that could not be read.
type Blocks = BTreeMap<u64, Result<DirectBlock>>;

/// Objects, each with the place of its id among those asked for.
type Answers = Vec<(usize, Result<Bytes>)>;

impl FractalHeap {
    /// Reads the header and the root block of the heap at `address`, which everybody needs who
    /// wants an object. Two waves; another one when the header describes an unusual number of
    /// filters.
    ///
    /// # Errors
    ///
    /// When the header is malformed. An error in the root block belongs to the objects.
    pub(crate) async fn open(reader: &Reader, address: Address) -> Result<Self> {
        reader.budget().nodes(1)?;
        let mut bytes = reader.ask_up_to(address, HEADER_BYTES, HEADER).await?;
        let length = FractalHeapHeader::encoded_bytes(reader.cursor(&bytes, HEADER, address))?;
        if length > bytes.len() as u64 {
            bytes = reader.ask(address, length, HEADER).await?;
        }
        let header = FractalHeapHeader::decode(&mut reader.cursor(&bytes, HEADER, address))?;
        let mut heap = Self { header, root: None, blocks: None };
        if let Some(root) = root(&heap.header) {
            heap.root = Some((root, heap.content(reader, root).await));
        }
        Ok(heap)
    }

    /// Reads all blocks too: for somebody who wants most of the objects, and need not wait for
    /// their ids before asking for them. One wave more for each level of blocks below the root.
    ///
    /// # Errors
    ///
    /// When the header is malformed. Errors in blocks belong to the objects in them.
    pub(crate) async fn open_whole(reader: &Reader, address: Address) -> Result<Self> {
        let mut heap = Self::open(reader, address).await?;
        heap.blocks = Some(heap.read_blocks(reader).await?);
        Ok(heap)
    }

    /// Where the header is.
    pub(crate) fn address(&self) -> Address {
        self.header.address
    }

    /// The object with this id; see [`FractalHeap::objects`].
    ///
    /// # Errors
    ///
    /// When the id or a block on the way is malformed.
    pub(crate) async fn object(&self, reader: &Reader, id: &[u8]) -> Result<Bytes> {
        let object = self.objects(reader, &[id]).await?.pop();
        object.unwrap_or_else(|| Err(self.malformed("there is no such object")))
    }

    /// The object with this id where nothing needs to be read for it: a tiny one, or one in the
    /// blocks of a heap that was read whole.
    pub(crate) fn object_at_hand(&self, reader: &Reader, id: &[u8]) -> Option<Result<Bytes>> {
        match (HeapId::decode(id, &self.header, reader.widths()), &self.blocks) {
            (Ok(HeapId::Managed(object)), Some(blocks)) => Some(self.object_in(blocks, object)),
            (Ok(HeapId::Tiny(data)), _) => Some(Ok(Bytes::copy_from_slice(data))),
            (Ok(_), _) => None,
            (Err(error), _) => Some(Err(error)),
        }
    }

    /// The objects with these ids, in their order. One wave for each level of blocks below the root,
    /// each of which is read once; none if they were all read before. Beside that the B-tree of
    /// huge objects, and then these. None for tiny objects.
    ///
    /// # Errors
    ///
    /// Only what ends the question. Any other error belongs to the objects that it keeps from
    /// being read.
    pub(crate) async fn objects(
        &self,
        reader: &Reader,
        ids: &[&[u8]],
    ) -> Result<Vec<Result<Bytes>>> {
        let (mut managed, mut huge, mut answers) = (Vec::new(), Vec::new(), Answers::new());
        for (index, id) in ids.iter().enumerate() {
            match HeapId::decode(id, &self.header, reader.widths()) {
                Ok(HeapId::Managed(object)) => managed.push((index, object)),
                Ok(HeapId::Huge(object)) => huge.push((index, object)),
                Ok(HeapId::Tiny(data)) => answers.push((index, Ok(Bytes::copy_from_slice(data)))),
                Err(error) => answers.push((index, Err(error))),
            }
        }
        let (managed, huge) = join(self.managed(reader, managed), self.huge(reader, huge)).await;
        answers.extend(managed);
        answers.extend(huge);
        answers.sort_by_key(|(index, _)| *index);
        let answers = answers.into_iter().map(|(_, answer)| match answer {
            Err(error) if error.ends_the_question() => Err(error),
            answer => Ok(answer),
        });
        answers.collect()
    }

    /// Undoes the filters of a `structure` that was read from `address`.
    fn unfiltered(
        &self,
        reader: &Reader,
        bytes: Bytes,
        filtered: Option<FilteredObject>,
        structure: &'static str,
        address: Address,
    ) -> Result<Bytes> {
        let (Some(filters), Some(filtered)) = (&self.header.filters, filtered) else {
            return Ok(bytes);
        };
        reader.budget().decoded(filtered.memory_bytes)?;
        filter::undo(&filters.pipeline, filtered.filter_mask, bytes, filtered.memory_bytes)
            .map_err(|error| error.at(structure, address))
    }

    fn malformed(&self, detail: impl Into<String>) -> Error {
        Error::malformed("fractal heap", self.address(), detail)
    }
}

#[cfg(test)]
mod tests;
