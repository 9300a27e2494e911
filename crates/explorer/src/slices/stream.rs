//! The elements of a slice on their way: read, decoded and encoded block by block.

use std::ops::Range;

use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use h5range::{Hyperslab, Value};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use super::Slice;
use crate::encodings::{Block, Cells, Encoder, NumberType, Takes};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::values::{render_each, scalars};

/// Bytes of a block of elements, about: a wave brings all that it needs. A slice of ordinary size is
/// one block; of a large one, two are in memory at a time.
pub(super) const BLOCK_BYTES: u64 = 16 << 20;

/// Scalars that are looked at one by one at a time: as a value each takes about a hundred bytes, and
/// as text up to twenty.
const SCALARS_AT_ONCE: u64 = 1 << 18;

/// Elements in some format.
pub struct Encoded {
    /// The size of all of it, where that is known beforehand.
    pub size_bytes: Option<u64>,
    pub(super) pieces: Pieces,
}

impl Encoded {
    /// It, piece by piece, each as soon as it is read. Ends with the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        stream::unfold(self.pieces, |mut pieces| async move {
            let piece = pieces.next().await.transpose()?;
            if piece.is_err() {
                pieces.stage = Stage::End;
            }
            Some((piece, pieces))
        })
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// When elements cannot be read.
    pub async fn whole(self) -> Result<Bytes> {
        Ok(self.whole_with_memory().await?.0)
    }

    /// All of it, and the memory that was taken to read it: to be held as long as the elements are.
    ///
    /// # Errors
    ///
    /// As [`Self::whole`].
    pub(super) async fn whole_with_memory(self) -> Result<(Bytes, Option<OwnedSemaphorePermit>)> {
        let (mut pieces, mut whole) = (self.pieces, Vec::new());
        while let Some(piece) = pieces.next().await? {
            whole.push(piece);
        }
        Ok((joined(&whole), pieces.memory))
    }
}

/// Elements in their order, as they are read.
pub(super) struct Blocks {
    pub(super) stream: BoxStream<'static, h5range::Result<(Hyperslab, Bytes)>>,
    /// Bytes of each element.
    pub(super) element_bytes: u64,
}

/// What is made of a slice so far.
pub(super) struct Pieces {
    slice: Slice,
    encoder: Option<Box<dyn Encoder>>,
    blocks: Blocks,
    /// Elements that were read and not encoded.
    waiting: Bytes,
    /// The first elements, encoded.
    first: Option<Bytes>,
    stage: Stage,
    /// Bytes that are wanted, counted from the next piece on.
    kept: Range<u64>,
    memory: Option<OwnedSemaphorePermit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Elements,
    Tail,
    End,
}

impl Pieces {
    pub(super) fn new(
        slice: Slice,
        encoder: Box<dyn Encoder>,
        blocks: Blocks,
        kept: Range<u64>,
        memory: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            slice,
            encoder: Some(encoder),
            blocks,
            waiting: Bytes::new(),
            first: None,
            stage: Stage::Head,
            kept,
            memory,
        }
    }

    /// The next piece that has something in it.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.stage != Stage::End {
            let piece = match self.stage {
                Stage::Head => {
                    let head = self.encoder.as_ref().map(|encoder| encoder.head().into());
                    self.stage = if self.slice.is_null { Stage::Tail } else { Stage::Elements };
                    if self.stage == Stage::Elements {
                        // Who has a head takes the elements for sound.
                        self.first = self.elements().await?;
                    }
                    head
                }
                Stage::Elements if self.first.is_some() => self.first.take(),
                Stage::Elements => self.elements().await?,
                Stage::Tail | Stage::End => {
                    self.stage = Stage::End;
                    self.encoder.as_ref().map(|encoder| encoder.tail().into())
                }
            };
            let piece = self.wanted(piece.unwrap_or_default());
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// The next elements, encoded; `None` behind the last.
    async fn elements(&mut self) -> Result<Option<Bytes>> {
        let Some(mut encoder) = self.encoder.take() else { return Err(given_up()) };
        self.wait_for(encoder.row_elements()).await?;
        if self.waiting.is_empty() {
            self.encoder = Some(encoder);
            self.stage = Stage::Tail;
            return Ok(None);
        }
        let elements = self.rows(&*encoder);
        let block = match encoder.takes() {
            Takes::Bytes => Block::Bytes(elements),
            Takes::Cells => Block::Cells(self.slice.cells(elements).await?),
            Takes::Values => Block::Values(self.slice.values(&elements).await?),
        };
        let encode = move || {
            let encoded = encoder.elements(block);
            (encoder, encoded)
        };
        let pool = &self.slice.session.explorer.data.pool;
        let (encoder, encoded) = pool.run_one(encode).await.ok_or_else(given_up)?;
        self.encoder = Some(encoder);
        encoded.map(Some)
    }

    /// Reads until at least so many elements wait, or there are no more.
    async fn wait_for(&mut self, elements: u64) -> Result<()> {
        let bytes = elements.saturating_mul(self.blocks.element_bytes);
        let mut waiting = vec![std::mem::take(&mut self.waiting)];
        let mut missing = bytes.saturating_sub(waiting.iter().map(|part| part.len() as u64).sum());
        while missing > 0 {
            let Some(block) = self.blocks.stream.next().instrument(self.slice.span.clone()).await
            else {
                break;
            };
            let (_, elements) = block.map_err(|error| self.slice.error(error))?;
            missing = missing.saturating_sub(elements.len() as u64);
            waiting.push(elements);
        }
        self.waiting = joined(&waiting);
        Ok(())
    }

    /// Some whole rows of the elements that wait: as many as are encoded at a time.
    fn rows(&mut self, encoder: &dyn Encoder) -> Bytes {
        let element_bytes = self.blocks.element_bytes;
        let at_once = match encoder.takes() {
            Takes::Bytes => BLOCK_BYTES / element_bytes.max(1),
            Takes::Cells | Takes::Values => {
                SCALARS_AT_ONCE / scalars(self.slice.dataset.datatype())
            }
        };
        let row = encoder.row_elements().max(1);
        let elements = (at_once / row).max(1).saturating_mul(row);
        let bytes = elements.saturating_mul(element_bytes);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.waiting.len());
        self.waiting.split_to(bytes)
    }

    /// What is wanted of a piece.
    fn wanted(&mut self, piece: Bytes) -> Bytes {
        let length = piece.len() as u64;
        let Range { start, end } = self.kept;
        self.kept = start.saturating_sub(length)..end.saturating_sub(length);
        let place = |at: u64| usize::try_from(at.min(length)).unwrap_or(piece.len());
        piece.slice(place(start)..place(end))
    }
}

impl Slice {
    /// Elements one by one.
    async fn cells(&self, elements: Bytes) -> Result<Cells> {
        let datatype = self.dataset.datatype();
        if let Some(numbers) = NumberType::of(datatype) {
            return Ok(Cells::Numbers(numbers, elements));
        }
        Ok(Cells::Values(render_each(datatype, self.values(&elements).await?, &self.paths)))
    }

    /// Elements one by one, with what they lead to.
    async fn values(&self, elements: &Bytes) -> Result<Vec<Value>> {
        let values = self.dataset.values(elements, None).instrument(self.span.clone()).await;
        Ok(values.map_err(|error| self.error(error))?.values)
    }
}

/// Parts one behind the other; one alone stays where it is.
fn joined(parts: &[Bytes]) -> Bytes {
    let mut others = parts.iter().filter(|part| !part.is_empty());
    match (others.next(), others.next()) {
        (None, _) => Bytes::new(),
        (Some(only), None) => only.clone(),
        _ => parts.concat().into(),
    }
}

/// The process is ending, or work panicked.
fn given_up() -> ExplorerError {
    ExplorerError::new(ErrorCode::StoreError, "the elements were not read to their end; try again")
}
