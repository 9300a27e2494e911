//! Object headers with their continuations and shared messages (specification IV.A).

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use crate::decode::message::attribute_info::AttributeInfo;
use crate::decode::message::continuation::Continuation;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::datatype::Datatype;
use crate::decode::message::external_files::ExternalFiles;
use crate::decode::message::fill_value::FillValue;
use crate::decode::message::filter_pipeline::FilterPipeline;
use crate::decode::message::layout::Layout;
use crate::decode::message::shared::SharedMessage;
use crate::decode::message::{kind, modification_time};
use crate::decode::object_header::{self, Prefix, RawMessage};
use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};
use crate::walk::File;
use crate::walk::fractal_heap::FractalHeap;

const STRUCTURE: &str = "object header";

/// The first guess at an object header's size: most headers of groups and datasets that h5py,
/// netCDF-4 or MATLAB write are smaller. Too small costs a round trip, too large costs bytes.
const FIRST_ASK_BYTES: u64 = 512;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A group.
    Group,
    /// A dataset.
    Dataset,
    /// A committed ("named") datatype.
    Datatype,
}

/// An object header, read whole, with shared messages put in their places. Messages are decoded
/// when they are asked for: a damaged one concerns only what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Where its header is.
    pub address: Address,
    /// What it is.
    pub kind: ObjectKind,
    prefix: Prefix,
    messages: Vec<Message>,
    widths: Widths,
}

/// One header message. `committed` is the datatype object whose message stands here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) kind: u16,
    pub(crate) creation_order: Option<u16>,
    pub(crate) shared: bool,
    pub(crate) committed: Option<Address>,
    pub(crate) address: Address,
    pub(crate) body: Result<Bytes>,
}

impl File {
    /// Reads the object header at `address`.
    ///
    /// Waves: one for a header of up to 512 bytes without continuation, one more for a longer first
    /// chunk, one for each step of a chain of continuations (all continuations of a chunk are one
    /// step), and one or more for messages shared with other objects.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when there is no object header, or none of a group, dataset or
    /// datatype.
    pub async fn object(&self, address: Address) -> Result<Arc<Object>> {
        let (prefix, raw) = self.raw_messages(address).await?;
        let messages = join_all(raw.into_iter().map(|raw| self.resolve(raw))).await;
        let kind = kind_of(&messages).ok_or_else(|| {
            Error::malformed(STRUCTURE, address, "neither a group, a dataset nor a datatype")
        });
        let widths = self.reader().widths();
        Ok(Arc::new(Object { address, kind: kind?, prefix, messages, widths }))
    }

    /// All messages of the header in the order of its chunks, shared ones as references.
    async fn raw_messages(&self, address: Address) -> Result<(Prefix, Vec<RawMessage>)> {
        let reader = self.reader();
        reader.budget().nodes(1)?;
        let mut bytes = reader.ask_up_to(address, FIRST_ASK_BYTES, STRUCTURE).await?;
        let prefix = Prefix::decode(&mut reader.cursor(&bytes, STRUCTURE, address))?;
        let header_bytes = prefix.header_bytes();
        if header_bytes > bytes.len() as u64 {
            bytes = reader.ask(address, header_bytes, STRUCTURE).await?;
        }
        // A copy, because a slice would keep the whole block alive that it was read with.
        let length = usize::try_from(header_bytes).unwrap_or(usize::MAX).min(bytes.len());
        let header = Bytes::copy_from_slice(bytes.get(..length).unwrap_or_default());
        let mut messages = object_header::first_chunk(&prefix, &header, address, reader.widths())?;

        let mut visited = HashSet::from([address]);
        let mut next = self.continuations(&messages)?;
        while !next.is_empty() {
            for continuation in &next {
                if !visited.insert(continuation.address) {
                    let detail = "a continuation leads back to a chunk that was read already";
                    return Err(Error::malformed(STRUCTURE, continuation.address, detail));
                }
            }
            let chunks = next.iter().map(|continuation| self.chunk(&prefix, continuation));
            let mut found = Vec::new();
            for chunk in join_all(chunks).await {
                found.extend(chunk?);
            }
            next = self.continuations(&found)?;
            messages.extend(found);
        }
        Ok((prefix, messages))
    }

    async fn chunk(&self, prefix: &Prefix, chunk: &Continuation) -> Result<Vec<RawMessage>> {
        let reader = self.reader();
        reader.budget().nodes(1)?;
        let structure = "object header continuation block";
        let bytes = reader.ask(chunk.address, chunk.length_bytes, structure).await?;
        let bytes = Bytes::copy_from_slice(&bytes);
        object_header::continuation_chunk(prefix, &bytes, chunk.address, reader.widths())
    }

    fn continuations(&self, messages: &[RawMessage]) -> Result<Vec<Continuation>> {
        let continuations = messages.iter().filter(|m| m.kind == kind::CONTINUATION);
        continuations
            .map(|message| {
                let structure = "object header continuation message";
                let mut cursor = self.reader().cursor(&message.body, structure, message.address);
                Continuation::decode(&mut cursor)
            })
            .collect()
    }

    /// Puts the body of a shared message in its place. Attributes stay as they are: many, and
    /// seldom asked for, they are [`File::attributes`]' part.
    async fn resolve(&self, raw: RawMessage) -> Message {
        let shared = raw.is_shared();
        let mut message = Message {
            kind: raw.kind,
            creation_order: raw.creation_order,
            shared,
            committed: None,
            address: raw.address,
            body: Ok(raw.body),
        };
        if shared && raw.kind != kind::ATTRIBUTE {
            message.resolve(self).await;
        }
        message
    }

    /// The body of a message of `kind` that is kept where `shared` says.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when there is no such message there.
    pub(crate) fn shared_body<'a>(
        &'a self,
        kind: u16,
        shared: &'a SharedMessage,
    ) -> BoxFuture<'a, Result<Bytes>> {
        async move {
            match shared {
                SharedMessage::Committed { address } => self.committed_body(kind, *address).await,
                SharedMessage::Heap { id } => self.heap_body(kind, id).await,
            }
        }
        .boxed()
    }

    async fn committed_body(&self, kind: u16, address: Address) -> Result<Bytes> {
        let (_, messages) = self.raw_messages(address).await?;
        match messages.into_iter().find(|message| message.kind == kind) {
            Some(message) if !message.is_shared() => Ok(message.body),
            Some(_) => {
                let detail = "a shared message leads to another shared message";
                Err(Error::malformed(STRUCTURE, address, detail))
            }
            None => {
                let detail = format!("a shared message of type {kind:#x} is not there");
                Err(Error::malformed(STRUCTURE, address, detail))
            }
        }
    }

    async fn heap_body(&self, kind: u16, id: &[u8]) -> Result<Bytes> {
        let heap = self.header().extension.shared_messages.heap_of(kind).ok_or_else(|| {
            let detail = format!("no shared message index keeps messages of type {kind:#x}");
            Error::malformed("shared object header message table", Address::new(0), detail)
        })?;
        let heap = FractalHeap::open(self.reader(), heap).await?;
        heap.object(self.reader(), id).await
    }
}

impl Message {
    async fn resolve(&mut self, file: &File) {
        let Ok(body) = &self.body else { return };
        let mut cursor = file.reader().cursor(body, "shared message", self.address);
        let shared = match SharedMessage::decode(&mut cursor) {
            Ok(shared) => shared,
            Err(error) => {
                self.body = Err(error);
                return;
            }
        };
        self.body = file.shared_body(self.kind, &shared).await;
        if let SharedMessage::Committed { address } = shared {
            self.committed = Some(address);
        }
    }
}

/// A group is what has a symbol table or link info, a dataset what has a datatype and a layout;
/// in the order in which libhdf5 tries.
fn kind_of(messages: &[Message]) -> Option<ObjectKind> {
    let has = |kind| messages.iter().any(|message| message.kind == kind);
    if has(kind::SYMBOL_TABLE) || has(kind::LINK_INFO) {
        Some(ObjectKind::Group)
    } else if has(kind::DATATYPE) && has(kind::LAYOUT) {
        Some(ObjectKind::Dataset)
    } else if has(kind::DATATYPE) {
        Some(ObjectKind::Datatype)
    } else {
        None
    }
}

impl Object {
    /// The datatype of a dataset or of a committed datatype; `None` for groups.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the message, as for all parts of an object.
    pub fn datatype(&self) -> Result<Option<Datatype>> {
        self.decode(kind::DATATYPE, Datatype::decode)
    }

    /// The committed datatype that a dataset shares, where it does.
    pub fn committed_datatype(&self) -> Option<Address> {
        self.messages(kind::DATATYPE).find_map(|message| message.committed)
    }

    /// The dataspace of a dataset; `None` for other objects.
    pub fn dataspace(&self) -> Result<Option<Dataspace>> {
        self.decode(kind::DATASPACE, Dataspace::decode)
    }

    /// How and where a dataset's elements are stored; `None` for other objects.
    pub fn layout(&self) -> Result<Option<Layout>> {
        self.decode(kind::LAYOUT, Layout::decode)
    }

    /// The filters of a dataset, or of a group's link heap, in the order of writing.
    pub fn filter_pipeline(&self) -> Result<FilterPipeline> {
        Ok(self.decode(kind::FILTER_PIPELINE, FilterPipeline::decode)?.unwrap_or_default())
    }

    /// The fill value: the message of today, or that of the first files, or the library's default.
    pub fn fill_value(&self) -> Result<FillValue> {
        if let Some(fill) = self.decode(kind::FILL_VALUE, FillValue::decode)? {
            return Ok(fill);
        }
        Ok(self.decode(kind::FILL_VALUE_OLD, FillValue::decode_old)?.unwrap_or_default())
    }

    /// The raw files that hold a dataset's elements outside the HDF5 file.
    pub fn external_files(&self) -> Result<Option<ExternalFiles>> {
        self.decode(kind::EXTERNAL_FILES, ExternalFiles::decode)
    }

    /// When the object was last modified, in seconds since 1970-01-01T00:00:00Z, where the file
    /// says it.
    pub fn modified_seconds(&self) -> Result<Option<i64>> {
        if let Some(times) = &self.prefix.times {
            return Ok(Some(i64::from(times.modification_seconds)));
        }
        if let Some(time) = self.decode(kind::MODIFICATION_TIME, modification_time::decode)? {
            return Ok(Some(time));
        }
        self.decode(kind::MODIFICATION_TIME_OLD, modification_time::decode_old)
    }

    /// Whether attributes are numbered by creation, and whether there is an index by that number.
    pub fn attribute_creation_order(&self) -> (bool, bool) {
        (self.prefix.attribute_order_tracked, self.prefix.attribute_order_indexed)
    }

    /// Where attributes are kept that do not fit into the header.
    pub(crate) fn attribute_info(&self) -> Result<Option<AttributeInfo>> {
        self.decode(kind::ATTRIBUTE_INFO, AttributeInfo::decode)
    }

    /// Memory that this object takes, in bytes: for caches.
    pub fn size_bytes(&self) -> usize {
        let bodies = self.messages.iter().filter_map(|message| message.body.as_ref().ok());
        size_of::<Self>()
            + self.messages.len() * size_of::<Message>()
            + bodies.map(Bytes::len).sum::<usize>()
    }

    /// All messages of a type.
    pub(crate) fn messages(&self, kind: u16) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.kind == kind)
    }

    /// The first message of a type, decoded.
    pub(crate) fn decode<T>(
        &self,
        kind: u16,
        decode: impl FnOnce(&mut Cursor<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.messages(kind).next().map(|message| message.decode(self.widths, decode)).transpose()
    }

    pub(crate) fn widths(&self) -> Widths {
        self.widths
    }
}

impl Message {
    pub(crate) fn decode<T>(
        &self,
        widths: Widths,
        decode: impl FnOnce(&mut Cursor<'_>) -> Result<T>,
    ) -> Result<T> {
        let body = self.body.as_ref().map_err(Error::clone)?;
        decode(&mut Cursor::new(body, kind::name(self.kind), self.address, widths))
    }
}
