//! Elements in raw files outside the HDF5 file (section IV.A.2.h of the specification).

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::future::try_join_all;

use crate::decode::Address;
use crate::error::{Error, Result};
use crate::selection::{Cover, Covers, Lattice};
use crate::walk::ExternalSource;
use crate::walk::data::Dataset;
use crate::walk::data::parts::Piece;

const STRUCTURE: &str = "external data files";

/// Bytes of a raw file that belong to a cover.
struct Slice {
    cover: usize,
    /// Where in the raw file.
    bytes: Range<u64>,
}

/// Reads what `lattice` wants of the files in `sources`, which hold the elements one after the
/// other. One wave for each file; all files side by side.
///
/// # Errors
///
/// When a file is missing, or there are fewer bytes in the files than elements.
pub(super) async fn pieces(
    dataset: &Dataset,
    sources: &[ExternalSource],
    lattice: &Lattice,
) -> Result<Vec<Piece>> {
    let element_bytes = dataset.element_bytes();
    let budget = dataset.file.budget();
    let covers = Covers::new(lattice, element_bytes).ok_or_else(too_small)?;
    budget.list::<Cover>(covers.count().saturating_mul(2))?;
    let covers: Vec<Cover> = covers.iter().collect::<Option<_>>().ok_or_else(too_small)?;
    let slices = slices(sources, &covers)?;
    let files = sources.iter().zip(&slices);
    let read = files.map(|(source, slices)| read_slices(dataset, source, slices));
    let read = try_join_all(read).await?;
    let mut parts: Vec<Vec<Bytes>> = vec![Vec::new(); covers.len()];
    for (slice, bytes) in slices.iter().flatten().zip(read.into_iter().flatten()) {
        if let Some(part) = parts.get_mut(slice.cover) {
            part.push(bytes);
        }
    }
    let piece = |(cover, parts): (Cover, Vec<Bytes>)| {
        Piece::plain(dataset.address, joined(parts), cover.lattice)
    };
    Ok(covers.into_iter().zip(parts).map(piece).collect())
}

/// The bytes of each file that the covers need.
fn slices(sources: &[ExternalSource], covers: &[Cover]) -> Result<Vec<Vec<Slice>>> {
    let mut start = 0_u64;
    let mut slices = Vec::new();
    for source in sources {
        let end = source.size_bytes.map_or(u64::MAX, |size| start.saturating_add(size));
        let mut of_file = Vec::new();
        // They stand in order.
        let first = covers.partition_point(|cover| cover.bytes.end <= start);
        let met = covers.iter().enumerate().skip(first);
        for (cover, Cover { bytes, .. }) in met.take_while(|(_, cover)| cover.bytes.start < end) {
            let place = |at: u64| source.offset.checked_add(at.saturating_sub(start));
            let from = place(bytes.start.max(start)).ok_or_else(too_small)?;
            let to = place(bytes.end.min(end)).ok_or_else(too_small)?;
            of_file.push(Slice { cover, bytes: from..to });
        }
        slices.push(of_file);
        start = end;
    }
    match covers.iter().all(|cover| cover.bytes.end <= start) {
        true => Ok(slices),
        false => Err(too_small()),
    }
}

/// Behind the end of a file there are zeros, as for libhdf5.
async fn read_slices(
    dataset: &Dataset,
    source: &ExternalSource,
    slices: &[Slice],
) -> Result<Vec<Bytes>> {
    if slices.is_empty() {
        return Ok(Vec::new());
    }
    let file = dataset.other_files.raw_file(&source.file).await?;
    let file = file.ok_or_else(|| missing(source))?;
    let budget = dataset.file.budget();
    budget.wave()?;
    let size_bytes = file.size_bytes();
    let mut ranges = Vec::new();
    for Slice { bytes, .. } in slices {
        let range = bytes.start.min(size_bytes)..bytes.end.min(size_bytes);
        budget.range(range.end.saturating_sub(range.start))?;
        ranges.push(range);
    }
    let read = file.read_many(&ranges).await?;
    let padded = read.into_iter().zip(slices).map(|(read, Slice { bytes, .. })| {
        let length = usize::try_from(bytes.end.saturating_sub(bytes.start)).unwrap_or(usize::MAX);
        if read.len() == length {
            return Ok(read);
        }
        budget.decoded(length as u64)?;
        let mut padded = BytesMut::from(&read[..]);
        padded.resize(length, 0);
        Ok(padded.freeze())
    });
    padded.collect()
}

fn joined(mut parts: Vec<Bytes>) -> Bytes {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    parts.concat().into()
}

fn missing(source: &ExternalSource) -> Error {
    Error::LinkUnresolved {
        link: STRUCTURE.to_owned(),
        target: String::from_utf8_lossy(&source.file).into_owned(),
        reason: "which is not there".to_owned(),
    }
}

fn too_small() -> Error {
    Error::malformed(STRUCTURE, Address::new(0), "they are smaller than the dataset")
}
