//! Elements of virtual datasets, which are elements of other ones (section III.F of the
//! specification).

use std::sync::Arc;

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::budget::check_depth;
use crate::decode::message::datatype::Datatype;
use crate::decode::selection::Selection;
use crate::decode::virtual_mapping::VirtualMapping;
use crate::error::{Error, Result};
use crate::selection::{Hyperslab, Indices, Mapped, indices_of, mapped};
use crate::value::convert;
use crate::walk::data::executor::run_all;
use crate::walk::data::in_order::{InOrder, Side};
use crate::walk::data::other_heaps::OtherHeaps;
use crate::walk::data::parts::Piece;
use crate::walk::data::{Dataset, SourceDataset};

/// Sources that are read side by side.
pub(super) const SOURCES_AT_ONCE: usize = 16;

/// A part of a mapping: elements of one source.
struct PartOfMapping {
    mapping: Arc<VirtualMapping>,
    file: Vec<u8>,
    dataset: Vec<u8>,
    /// `None` where that cannot be said dimension by dimension.
    of_virtual: Option<Vec<Indices>>,
}

/// Reads what `block` wants of the sources, in the order of the mappings. Nothing comes from sources
/// that are missing.
///
/// # Errors
///
/// When a source is there and cannot be read, or has elements of another type.
pub(super) async fn pieces(
    dataset: &Dataset,
    mappings: &[Arc<VirtualMapping>],
    block: &Hyperslab,
) -> Result<Vec<Piece>> {
    check_depth(dataset.depth)?;
    let shape = dataset.shape();
    let mut parts = Vec::new();
    for mapping in mappings {
        parts_met(dataset, mapping, &shape, block, &mut parts)?;
    }
    let mut reads = Vec::new();
    for part in parts {
        reads.push(read(dataset, part, block).boxed());
    }
    let pieces: Vec<Vec<Piece>> =
        stream::iter(reads).buffered(SOURCES_AT_ONCE).try_collect().await?;
    Ok(pieces.into_iter().flatten().collect())
}

/// The parts of `mapping` that may have elements of `block`.
fn parts_met(
    dataset: &Dataset,
    mapping: &Arc<VirtualMapping>,
    shape: &[u64],
    block: &Hyperslab,
    parts: &mut Vec<PartOfMapping>,
) -> Result<()> {
    if mapping.virtual_selection == Selection::None || mapping.source_selection == Selection::None {
        return Ok(());
    }
    let budget = dataset.file.budget();
    let of_virtual = indices_of(&mapping.virtual_selection, shape);
    let mut add = |of_virtual: Option<Vec<Indices>>, number: u64| -> Result<()> {
        // Cheap to say without the source: whether the block has any of it.
        let mut along = of_virtual.iter().flatten().zip(block.spans());
        if along.all(|(own, span)| own.meets(*span)) {
            budget.nodes(1)?;
            let (file, dataset) = mapping.numbered_source(number);
            let mapping = Arc::clone(mapping);
            parts.push(PartOfMapping { mapping, file, dataset, of_virtual });
        }
        Ok(())
    };
    let numbered = mapping.virtual_selection.unlimited();
    let numbered = numbered.filter(|_| mapping.source_selection.unlimited().is_none());
    let along = numbered.and_then(|(dimension, slab)| {
        Some((dimension, slab, *shape.get(dimension)?, *block.spans().get(dimension)?))
    });
    let Some((dimension, slab, extent, span)) = along else { return add(of_virtual, 0) };
    let number_of = |index: u64| index.saturating_sub(slab.start) / slab.stride.max(1);
    let (first, last) = (span.start, span.at(span.count.saturating_sub(1)));
    for number in number_of(first)..=number_of(last) {
        budget.nodes(1)?;
        let mut of_virtual = of_virtual.clone();
        if let Some(along) = of_virtual.as_mut().and_then(|of| of.get_mut(dimension)) {
            *along = Indices::numbered(slab, number, extent);
        }
        add(of_virtual, number)?;
    }
    Ok(())
}

async fn read(dataset: &Dataset, part: PartOfMapping, block: &Hyperslab) -> Result<Vec<Piece>> {
    let Some(source) = dataset.other_files.dataset(&part.file, &part.dataset).await? else {
        return Ok(Vec::new());
    };
    let source = Arc::new(opened(dataset, source).await?);
    let Some(Mapped { source: wanted, lattices }) =
        mapped_to(dataset, &source, part, block).await?
    else {
        return Ok(Vec::new());
    };
    let bytes = read_source(dataset, &source, &wanted).await?;
    let piece = |lattice| Piece::plain(dataset.address, bytes.clone(), lattice);
    Ok(lattices.into_iter().map(piece).collect())
}

/// What `block` wants of `source`: dimension by dimension if that is possible, else in order.
async fn mapped_to(
    dataset: &Dataset,
    source: &Dataset,
    part: PartOfMapping,
    block: &Hyperslab,
) -> Result<Option<Mapped>> {
    let source_shape = source.shape();
    let PartOfMapping { mapping, of_virtual, .. } = part;
    let of_source = indices_of(&mapping.source_selection, &source_shape);
    let by_dimension = of_virtual.as_ref().zip(of_source.as_ref());
    let by_dimension = by_dimension.map(|(own, source)| mapped(own, source, block));
    if let Some(Ok(mapped)) = by_dimension {
        return Ok(mapped);
    }
    let in_order = InOrder {
        file: Arc::clone(&dataset.file),
        address: dataset.address,
        mapping,
        of_virtual: Side { shape: dataset.shape(), indices: of_virtual },
        of_source: Side { shape: source_shape, indices: of_source },
        block: block.clone(),
    };
    let mapped = run_all(&*dataset.executor, [move || in_order.mapped()]).await?;
    Ok(mapped.into_iter().next().flatten())
}

/// The source as a dataset one step further away.
async fn opened(dataset: &Dataset, source: SourceDataset) -> Result<Dataset> {
    let SourceDataset { file, object, extent, other_files } = source;
    let source = Dataset::open(Arc::new(file), &object).await?;
    let source = source.with_other_files(other_files).with_executor(Arc::clone(&dataset.executor));
    let source = match extent {
        Some(extent) => source.with_extent(extent),
        None => source,
    };
    Ok(Dataset { depth: dataset.depth.saturating_add(1), ..source })
}

/// Elements of the source, as elements of the virtual dataset. Boxed, because a source may be virtual
/// itself.
fn read_source<'a>(
    dataset: &'a Dataset,
    source: &'a Arc<Dataset>,
    wanted: &'a Hyperslab,
) -> BoxFuture<'a, Result<Bytes>> {
    async move {
        let bytes = wanted.element_count().and_then(|of| of.checked_mul(dataset.element_bytes()));
        dataset.file.budget().decoded(bytes.unwrap_or(u64::MAX))?;
        let elements = source.read(wanted).await?;
        if source.datatype() == dataset.datatype() && dataset.other_heaps.is_none() {
            return Ok(elements);
        }
        let (source, datatype) = (Arc::clone(source), dataset.datatype().clone());
        let heaps = dataset.other_heaps.clone();
        let change = move || changed(elements, &source, &datatype, heaps.as_deref());
        let changed = run_all(&*dataset.executor, [change]).await?;
        Ok(changed.into_iter().next().unwrap_or_default())
    }
    .boxed()
}

/// Elements of `source` as elements of a virtual dataset, which has this type and refers to these heaps.
fn changed(
    elements: Bytes,
    source: &Dataset,
    datatype: &Datatype,
    heaps: Option<&OtherHeaps>,
) -> Result<Bytes> {
    match heaps {
        Some(heaps) if source.datatype() == datatype => {
            let mut elements = Vec::from(elements);
            heaps.number_those_of(source, &mut elements)?;
            Ok(elements.into())
        }
        _ => convert(source.datatype(), datatype, &elements).map(Bytes::from).ok_or_else(|| {
            Error::unsupported("a virtual dataset of another datatype than its source")
        }),
    }
}
