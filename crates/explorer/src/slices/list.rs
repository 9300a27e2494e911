//! A single list of variable length: what is in it, as if it were a dataset of its own.

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use h5range::decode::message::datatype::{Datatype, DatatypeClass, VariableLengthKind};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use super::stream::{BLOCK_BYTES, Blocks, Pieces};
use super::{Encoded, Slice};
use crate::encodings::{Array, Dtype, PlainFormat};
use crate::error::Result;

impl Slice {
    /// The type of what is in the list, if a single one is selected.
    pub(super) fn list_type(&self) -> Option<&Datatype> {
        match &self.dataset.datatype().class {
            DatatypeClass::VariableLength { kind: VariableLengthKind::Sequence, base }
                if self.shape() == Some(&[]) =>
            {
                Some(base)
            }
            _ => None,
        }
    }

    /// What is in the list, and the memory that was taken to read it.
    ///
    /// Waves: those of the chunk index, one for the chunk, and one or two for the global heap.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) async fn list(&self) -> Result<(Bytes, Option<OwnedSemaphorePermit>)> {
        let slab = &self.resolved.slab;
        let list = async {
            let chunks = self.dataset.locate(slab.clone()).await?;
            let weight = chunks.stream_memory_bytes(BLOCK_BYTES);
            let memory = self.session.explorer.data.memory.take(weight).await;
            let elements = chunks.read(slab).await?;
            Ok((self.dataset.sequence(&elements).await?, memory))
        };
        list.instrument(self.span.clone()).await.map_err(|error| self.error(error))
    }

    /// What is in the list, whose elements are of this type, in a format that is made of bytes.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or the format has nothing for it.
    pub(super) async fn encode_list(
        self,
        base: &Datatype,
        plain: PlainFormat,
        dtype: Dtype,
    ) -> Result<Encoded> {
        let (list, memory) = self.list().await?;
        let shape = [list.len() as u64 / u64::from(base.size.max(1))];
        let array = Array { datatype: base, shape: &shape, ..self.array(dtype) };
        let encoder = plain.encoder(array, false)?;
        let size_bytes = encoder.size_bytes();
        let block = (!list.is_empty()).then(|| Ok((self.resolved.slab.clone(), list)));
        let blocks =
            Blocks { stream: stream::iter(block).boxed(), element_bytes: base.size.into() };
        Ok(Encoded { size_bytes, pieces: Pieces::new(self, encoder, blocks, 0..u64::MAX, memory) })
    }
}
