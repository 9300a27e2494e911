//! Reads elements with all that they refer to in the global heap.

use crate::decode::global_heap::GlobalHeapId;
use crate::error::Result;
use crate::value::heap_ids::{Gatherer, HeapReference};
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
