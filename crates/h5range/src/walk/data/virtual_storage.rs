//! Elements of virtual datasets, which are elements of other ones (section III.F of the
//! specification).

use std::sync::Arc;

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::budget::check_depth;
use crate::decode::selection::Selection;
use crate::decode::virtual_mapping::VirtualMapping;
use crate::error::{Error, Result};
use crate::selection::{
    Hyperslab, Indices, Lattice, Mapped, NotMapped, between, indices_of, mapped,
};
use crate::value::convert;
use crate::walk::data::parts::Piece;
use crate::walk::data::{Dataset, SourceDataset};

/// Sources that are read side by side.
const SOURCES_AT_ONCE: usize = 16;

/// A part of a mapping: elements of one source.
struct PartOfMapping<'m> {
    mapping: &'m VirtualMapping,
    file: Vec<u8>,
    dataset: Vec<u8>,
    of_virtual: Vec<Indices>,
}

/// Reads what `block` wants of the sources, in the order of the mappings. Nothing comes from sources
/// that are missing.
///
/// # Errors
///
/// When a source is there and cannot be read, or has elements of another type.
pub(super) async fn pieces(
    dataset: &Dataset,
    mappings: &[VirtualMapping],
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
fn parts_met<'m>(
    dataset: &Dataset,
    mapping: &'m VirtualMapping,
    shape: &[u64],
    block: &Hyperslab,
    parts: &mut Vec<PartOfMapping<'m>>,
) -> Result<()> {
    if mapping.virtual_selection == Selection::None || mapping.source_selection == Selection::None {
        return Ok(());
    }
    let of_virtual = indices_of(&mapping.virtual_selection, shape).ok_or_else(scattered)?;
    let numbered = mapping.virtual_selection.unlimited();
    let numbered = numbered.filter(|_| mapping.source_selection.unlimited().is_none());
    let mut add = |of_virtual: Vec<Indices>, number: u64| -> Result<()> {
        // Cheap to say without the source: whether the block has any of it.
        let meets = of_virtual.iter().zip(block.spans()).all(|(own, span)| own.meets(*span));
        if meets {
            dataset.file.budget().nodes(1)?;
            let (file, name) = mapping.numbered_source(number);
            parts.push(PartOfMapping { mapping, file, dataset: name, of_virtual });
        }
        Ok(())
    };
    let Some((dimension, slab)) = numbered else { return add(of_virtual, 0) };
    let extent = shape.get(dimension).copied().unwrap_or(0);
    let span = block.spans().get(dimension).copied().ok_or_else(scattered)?;
    let number_of = |index: u64| index.saturating_sub(slab.start) / slab.stride.max(1);
    let (first, last) = (span.start, span.at(span.count.saturating_sub(1)));
    for number in number_of(first)..=number_of(last) {
        dataset.file.budget().nodes(1)?;
        let mut of_virtual = of_virtual.clone();
        if let Some(along) = of_virtual.get_mut(dimension) {
            *along = Indices::numbered(slab, number, extent);
        }
        add(of_virtual, number)?;
    }
    Ok(())
}

async fn read(dataset: &Dataset, part: PartOfMapping<'_>, block: &Hyperslab) -> Result<Vec<Piece>> {
    let Some(source) = dataset.other_files.dataset(&part.file, &part.dataset).await? else {
        return Ok(Vec::new());
    };
    let source = Arc::new(opened(dataset, source).await?);
    let of_source = indices_of(&part.mapping.source_selection, &source.shape());
    let of_source = of_source.ok_or_else(scattered)?;
    match mapped(&part.of_virtual, &of_source, block) {
        Err(NotMapped::Reshaped) => {
            read_reshaped(dataset, &source, &part.of_virtual, &of_source, block).await
        }
        at_once => {
            let Some(Mapped { source: wanted, lattices }) = not_scattered(at_once)? else {
                return Ok(Vec::new());
            };
            let bytes = read_source(dataset, &source, &wanted).await?;
            Ok(pieces_of(dataset, &bytes, lattices))
        }
    }
}

/// Reads a mapping between two shapes, whose elements correspond only in their order: all of what is
/// mapped is put in this order first.
async fn read_reshaped(
    dataset: &Dataset,
    source: &Arc<Dataset>,
    of_virtual: &[Indices],
    of_source: &[Indices],
    block: &Hyperslab,
) -> Result<Vec<Piece>> {
    let shape = |indices: &[Indices]| indices.iter().map(Indices::count).collect::<Vec<u64>>();
    let first =
        |shape: &[u64]| shape.iter().map(|count| Indices::first(*count)).collect::<Vec<_>>();
    let (virtual_shape, source_shape) = (shape(of_virtual), shape(of_source));
    let in_order = Hyperslab::all(&source_shape);
    let count = in_order
        .element_count()
        .filter(|count| Some(*count) == Hyperslab::all(&virtual_shape).element_count());
    let count = count.and_then(|count| count.checked_mul(dataset.element_bytes()));
    let size_bytes = count.ok_or_else(|| {
        let detail = "a mapping of another number of elements than its source";
        Error::malformed("virtual dataset global heap block", dataset.address, detail)
    })?;
    let gather = not_scattered(mapped(&first(&source_shape), of_source, &in_order))?;
    let scatter = not_scattered(mapped(of_virtual, &first(&virtual_shape), block))?;
    let (Some(gather), Some(scatter)) = (gather, scatter) else {
        return Ok(Vec::new());
    };
    dataset.file.budget().decoded(size_bytes)?;
    let bytes = read_source(dataset, source, &gather.source).await?;
    let mut ordered = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    for piece in pieces_of(dataset, &bytes, gather.lattices) {
        piece.copy_to(&mut ordered, dataset.element_bytes())?;
    }
    // What the block wants of them may not begin with the first one.
    let bounds: Vec<std::ops::Range<u64>> = virtual_shape.iter().map(|&count| 0..count).collect();
    let Lattice { axes, source_start, .. } = between(&bounds, &virtual_shape, &scatter.source);
    let wanted = Lattice { axes, source_start, target_start: 0 };
    let wanted_bytes = wanted.element_count().saturating_mul(dataset.element_bytes());
    dataset.file.budget().decoded(wanted_bytes)?;
    let mut part = vec![0; usize::try_from(wanted_bytes).unwrap_or(0)];
    let copy = Piece::plain(dataset.address, ordered.into(), wanted);
    copy.copy_to(&mut part, dataset.element_bytes())?;
    Ok(pieces_of(dataset, &part.into(), scatter.lattices))
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

/// Elements of the source, as elements of the virtual dataset's type. Boxed, because a source may be
/// virtual itself.
fn read_source<'a>(
    dataset: &'a Dataset,
    source: &'a Arc<Dataset>,
    wanted: &'a Hyperslab,
) -> BoxFuture<'a, Result<Bytes>> {
    async move {
        let bytes = wanted.element_count().and_then(|of| of.checked_mul(dataset.element_bytes()));
        dataset.file.budget().decoded(bytes.unwrap_or(u64::MAX))?;
        let elements = source.read(wanted).await?;
        if source.datatype() == dataset.datatype() {
            return Ok(elements);
        }
        let converted = convert(source.datatype(), dataset.datatype(), &elements);
        converted.map(Bytes::from).ok_or_else(|| {
            Error::unsupported("a virtual dataset of another datatype than its source")
        })
    }
    .boxed()
}

fn pieces_of(dataset: &Dataset, bytes: &Bytes, lattices: Vec<Lattice>) -> Vec<Piece> {
    let piece = |lattice| Piece::plain(dataset.address, bytes.clone(), lattice);
    lattices.into_iter().map(piece).collect()
}

fn not_scattered(mapped: Result<Option<Mapped>, NotMapped>) -> Result<Option<Mapped>> {
    let detail = "a virtual dataset whose source is in too many pieces";
    mapped.map_err(|_| Error::unsupported(detail))
}

fn scattered() -> Error {
    Error::unsupported("a virtual dataset of points or irregular blocks")
}
