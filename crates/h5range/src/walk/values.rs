//! Reads elements with all that they refer to in the global heap.

use bytes::Bytes;

use crate::decode::Cursor;
use crate::decode::global_heap::GlobalHeapId;
use crate::decode::message::datatype::{DatatypeClass, VariableLengthKind};
use crate::error::{Error, Result};
use crate::value::heap_ids::{Gatherer, HeapReference};
use crate::value::variable_length::decode as decode_stored;
use crate::value::{Elements, HeapObjects, Values, decode};
use crate::walk::{File, Reader, global_heap};

impl File {
    /// Decodes `elements`. With `scalars_max` it stops about there: no element, and no element of
    /// an array or a sequence, is begun once so many scalars were decoded.
    ///
    /// Waves: none for types of fixed size. For others one for each level of nesting, as two for
    /// sequences of strings. All global heap collections of a level are one wave; one more where
    /// some of them are large.
    ///
    /// # Errors
    ///
    /// When an element is malformed, refers to an object that cannot be read, or has a type that
    /// we cannot decode; when the question's budget is spent.
    pub async fn read_values(
        &self,
        elements: &Elements<'_>,
        scalars_max: Option<u64>,
    ) -> Result<Values> {
        read_values(self.reader(), elements, scalars_max.unwrap_or(u64::MAX)).await
    }

    /// What is in the first of `elements`, which is a sequence: its own elements as they stand in the
    /// file, one behind the other.
    ///
    /// Waves: none for an empty sequence; else one, and one more where the global heap collection is
    /// large.
    ///
    /// # Errors
    ///
    /// When it is no sequence, or malformed, or the heap does not hold as many elements.
    pub async fn read_sequence(&self, elements: &Elements<'_>) -> Result<Bytes> {
        let Elements { datatype, data, address, .. } = *elements;
        let DatatypeClass::VariableLength { kind: VariableLengthKind::Sequence, base } =
            &datatype.class
        else {
            return Err(Error::unsupported("elements that are no sequences as sequences"));
        };
        let reader = self.reader();
        let stored = decode_stored(&mut Cursor::new(data, "element", address, reader.widths()))?;
        let Some(collection) = stored.id.collection else { return Ok(Bytes::new()) };
        let mut heap = global_heap::objects(reader, [stored.id]).await;
        let object = heap.remove(&stored.id).unwrap_or_else(|| Ok(Bytes::new()))?;
        let bytes = u64::from(stored.length).saturating_mul(base.size.into());
        if bytes > object.len() as u64 {
            let detail = format!("a sequence of {bytes} bytes in an object of {}", object.len());
            return Err(Error::malformed("global heap object", collection, detail));
        }
        Ok(object.slice(..usize::try_from(bytes).unwrap_or(object.len())))
    }
}

async fn read_values(reader: &Reader, elements: &Elements<'_>, scalars_max: u64) -> Result<Values> {
    let gatherer = || Gatherer::new(reader.budget(), reader.widths(), scalars_max);
    let mut heap = HeapObjects::new();
    let mut level = gatherer();
    level.elements(elements.datatype, elements.data, elements.address, elements.count)?;
    let mut references = level.finish();
    while !references.is_empty() {
        let unread: Vec<GlobalHeapId> = references
            .iter()
            .map(|reference| reference.id)
            .filter(|id| !heap.contains_key(id))
            .collect();
        heap.extend(global_heap::objects(reader, unread).await);
        let mut level = gatherer();
        for reference in &references {
            gather_below(&mut level, reference, &heap)?;
        }
        references = level.finish();
    }
    decode(elements, &heap, scalars_max, reader.budget(), reader.widths())
}

/// Gathers what the elements of a sequence refer to. Objects that could not be read have nothing
/// below them; the decoder will say why.
fn gather_below<'a>(
    gatherer: &mut Gatherer<'a, '_>,
    reference: &HeapReference<'a>,
    heap: &HeapObjects,
) -> Result<()> {
    let Some((datatype, count)) = reference.sequence else { return Ok(()) };
    match (heap.get(&reference.id), reference.id.collection) {
        (Some(Ok(data)), Some(address)) => gatherer.elements(datatype, data, address, count),
        _ => Ok(()),
    }
}
