//! The elements of a slice on their way: read, decoded and encoded block by block.

use std::ops::Range;

use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use h5range::{Hyperslab, Located as Chunks};
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
        let (mut pieces, mut whole) = (self.pieces, Vec::new());
        while let Some(piece) = pieces.next().await? {
            whole.push(piece);
        }
        match whole.as_slice() {
            [only] => Ok(only.clone()),
            pieces => Ok(pieces.concat().into()),
        }
    }
}

/// What is made of a slice so far.
pub(super) struct Pieces {
    slice: Slice,
    encoder: Option<Box<dyn Encoder>>,
    blocks: BoxStream<'static, h5range::Result<(Hyperslab, Bytes)>>,
    /// Elements that were read and not encoded.
    waiting: Bytes,
    stage: Stage,
    /// Bytes that are wanted, counted from the next piece on.
    kept: Range<u64>,
    _memory: Option<OwnedSemaphorePermit>,
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
        chunks: Chunks,
        kept: Range<u64>,
        memory: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            slice,
            encoder: Some(encoder),
            blocks: chunks.stream(BLOCK_BYTES).boxed(),
            waiting: Bytes::new(),
            stage: Stage::Head,
            kept,
            _memory: memory,
        }
    }

    /// The next piece that has something in it.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.stage != Stage::End {
            let piece = match self.stage {
                Stage::Head => {
                    self.stage = if self.slice.is_null { Stage::Tail } else { Stage::Elements };
                    self.encoder.as_ref().map(|encoder| encoder.head().into())
                }
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
        if self.waiting.is_empty() {
            match self.blocks.next().instrument(self.slice.span.clone()).await {
                None => {
                    self.stage = Stage::Tail;
                    return Ok(None);
                }
                Some(block) => {
                    let (_, elements) = block.map_err(|error| self.slice.error(error))?;
                    self.waiting = elements;
                }
            }
        }
        let Some(mut encoder) = self.encoder.take() else { return Err(given_up()) };
        let block = match encoder.takes() {
            Takes::Bytes => Block::Bytes(std::mem::take(&mut self.waiting)),
            Takes::Cells => Block::Cells(self.cells().await?),
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

    /// Some of the elements that wait, one by one.
    async fn cells(&mut self) -> Result<Cells> {
        let dataset = &self.slice.dataset;
        let datatype = dataset.datatype();
        let elements = (SCALARS_AT_ONCE / scalars(datatype)).max(1);
        let bytes = elements.saturating_mul(dataset.element_bytes());
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.waiting.len());
        let elements = self.waiting.split_to(bytes);
        if let Some(numbers) = NumberType::of(datatype) {
            return Ok(Cells::Numbers(numbers, elements));
        }
        let values = dataset.values(&elements, None).instrument(self.slice.span.clone()).await;
        let values = values.map_err(|error| self.slice.error(error))?.values;
        Ok(Cells::Values(render_each(datatype, values, &self.slice.paths)))
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

/// The process is ending, or work panicked.
fn given_up() -> ExplorerError {
    ExplorerError::new(ErrorCode::StoreError, "the elements were not read to their end; try again")
}
