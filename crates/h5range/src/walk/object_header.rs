//! Object headers with their continuations and shared messages (specification IV.A.1).

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use crate::decode::message::continuation::Continuation;
use crate::decode::message::kind;
use crate::decode::message::shared::SharedMessage;
use crate::decode::object_header::{self, Prefix, RawMessage};
use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};
use crate::found::Found;
use crate::walk::File;
use crate::walk::fractal_heap::FractalHeap;
use crate::walk::visited::Visited;

const STRUCTURE: &str = "object header";
const CONTINUATION_BLOCK: &str = "object header continuation block";

/// The first guess at an object header's size: most headers of groups and datasets that h5py,
/// netCDF-4 or MATLAB write are smaller. Too small costs a round trip, too large costs bytes.
const FIRST_ASK_BYTES: u64 = 512;

/// An object header, read as far as its chunks can be, with shared messages put in their places.
/// Messages are decoded when they are asked for: a damaged one concerns only what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ObjectHeader {
    pub(crate) prefix: Prefix,
    pub(crate) widths: Widths,
    messages: Found<Message>,
}

/// One header message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) kind: u16,
    pub(crate) creation_order: Option<u16>,
    /// Whether the header only says where the message is.
    pub(crate) shared: bool,
    /// The datatype object whose message stands here.
    pub(crate) committed: Option<Address>,
    /// Whether a writer that did not know the message changed the object since.
    pub(crate) may_be_outdated: bool,
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
    /// When there is no object header, or its first chunk is damaged as a whole.
    pub(crate) async fn object_header(&self, address: Address) -> Result<ObjectHeader> {
        let (prefix, raw) = self.raw_messages(address).await?;
        let mut messages = Found::default();
        let raw = messages.inherit(raw)?;
        messages.items = join_all(raw.into_iter().map(|raw| self.resolve(raw))).await;
        // A header is kept for later questions: it must not keep what only this one suffered from.
        let errors = messages.items.iter().filter_map(|message| message.body.as_ref().err());
        if let Some(error) = errors.into_iter().find(|error| error.ends_the_question()) {
            return Err(error.clone());
        }
        Ok(ObjectHeader { prefix, widths: self.reader().widths(), messages })
    }

    /// All messages of the header in the order of its chunks, shared ones as references.
    async fn raw_messages(&self, address: Address) -> Result<(Prefix, Found<RawMessage>)> {
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
        reader.budget().list::<Message>(messages.items.len() as u64)?;

        let mut visited = Visited::default();
        visited.enter(address, STRUCTURE)?;
        let mut next = self.continuations(&messages);
        while !next.is_empty() {
            let entered = next.into_iter().map(|continuation| {
                let continuation = continuation?;
                visited.enter(continuation.address, CONTINUATION_BLOCK).map(|()| continuation)
            });
            let chunks = messages.parts(entered)?;
            let chunks = chunks.iter().map(|continuation| self.chunk(&prefix, continuation));
            let mut found = Found::default();
            for chunk in messages.parts(join_all(chunks).await)? {
                found.extend(chunk)?;
            }
            next = self.continuations(&found);
            messages.extend(found)?;
        }
        Ok((prefix, messages))
    }

    async fn chunk(&self, prefix: &Prefix, chunk: &Continuation) -> Result<Found<RawMessage>> {
        let reader = self.reader();
        reader.budget().nodes(1)?;
        let bytes = reader.ask(chunk.address, chunk.length_bytes, CONTINUATION_BLOCK).await?;
        let bytes = Bytes::copy_from_slice(&bytes);
        let messages =
            object_header::continuation_chunk(prefix, &bytes, chunk.address, reader.widths())?;
        // Chunks may lie over each other.
        reader.budget().list::<Message>(messages.items.len() as u64)?;
        Ok(messages)
    }

    fn continuations(&self, messages: &Found<RawMessage>) -> Vec<Result<Continuation>> {
        let continuations = messages.items.iter().filter(|m| m.kind == kind::CONTINUATION);
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
        let (shared, may_be_outdated) = (raw.is_shared(), raw.may_be_outdated());
        let mut message = Message {
            may_be_outdated,
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
        match messages.pick(|message| message.kind == kind)? {
            Some(message) if !message.is_shared() => Ok(message.body.clone()),
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

impl ObjectHeader {
    /// All messages of a type.
    pub(crate) fn messages(&self, kind: u16) -> impl Iterator<Item = &Message> + Clone {
        self.messages.items.iter().filter(move |message| message.kind == kind)
    }

    /// Why messages may be missing.
    pub(crate) fn damage(&self) -> Option<&Error> {
        self.messages.incomplete()
    }

    pub(crate) fn has(&self, kind: u16) -> bool {
        self.messages(kind).next().is_some()
    }

    /// The first message of a type, decoded.
    pub(crate) fn decode<T>(
        &self,
        kind: u16,
        decode: impl FnOnce(&mut Cursor<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.messages(kind).next().map(|message| message.decode(self.widths, decode)).transpose()
    }

    /// Memory that the messages take, in bytes.
    pub(crate) fn size_bytes(&self) -> usize {
        let messages = &self.messages.items;
        let bodies = messages.iter().filter_map(|message| message.body.as_ref().ok());
        messages.len() * size_of::<Message>() + bodies.map(Bytes::len).sum::<usize>()
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

    pub(crate) fn decode<'a, T>(
        &'a self,
        widths: Widths,
        decode: impl FnOnce(&mut Cursor<'a>) -> Result<T>,
    ) -> Result<T> {
        let body = self.body.as_ref().map_err(Error::clone)?;
        decode(&mut Cursor::new(body, kind::name(self.kind), self.address, widths))
    }
}
