//! Parts of a block: what to read for them, and what becomes of it.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::try_join_all;

use crate::decode::Address;
use crate::decode::message::filter_pipeline::FilterPipeline;
use crate::error::{Error, Result};
use crate::filter;
use crate::selection::{Covers, Lattice};
use crate::walk::Reader;

/// Bytes that are to be read, and the elements in them that a block wants.
#[derive(Debug)]
pub(super) struct Part {
    /// Where they are.
    pub(super) address: Address,
    /// How many.
    pub(super) size_bytes: u64,
    /// From these bytes, once filters are undone, into the block.
    pub(super) lattice: Lattice,
    /// What was done to them.
    pub(super) filtered: Option<Filtered>,
}

/// What was done to a chunk.
#[derive(Debug, Clone)]
pub(super) struct Filtered {
    /// The filters.
    pub(super) pipeline: Arc<FilterPipeline>,
    /// Those of them that were skipped.
    pub(super) filter_mask: u32,
    /// Bytes of the chunk without them.
    pub(super) chunk_bytes: u64,
}

/// Elements, and their places in a block.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where they are, or the dataset that they belong to.
    address: Address,
    /// The elements.
    pub(super) bytes: Bytes,
    /// From them, once filters are undone, into the block.
    lattice: Lattice,
    /// What was done to them.
    filtered: Option<Filtered>,
}

const ELEMENTS: &str = "elements of a dataset";

/// What to read for elements that lie without filters at `address`, in an array whose size in the
/// file is `size_bytes`.
///
/// # Errors
///
/// When they do not lie within the array, or are in more places than the question may ask for.
pub(super) fn plain_parts(
    reader: &Reader,
    address: Address,
    size_bytes: u64,
    lattice: &Lattice,
    element_bytes: u64,
    parts: &mut Vec<Part>,
) -> Result<()> {
    if lattice.is_empty() {
        return Ok(());
    }
    let outside = || {
        let detail = format!("they do not fit into the {size_bytes} bytes of their storage");
        Error::malformed(ELEMENTS, address, detail)
    };
    let covers = Covers::new(lattice, element_bytes).ok_or_else(outside)?;
    reader.budget().list::<Part>(covers.count())?;
    for cover in covers.iter() {
        let cover = cover.ok_or_else(outside)?;
        let start = address.checked_add(cover.bytes.start).ok_or_else(outside)?;
        if cover.bytes.end > size_bytes {
            return Err(outside());
        }
        let size_bytes = cover.bytes.end.saturating_sub(cover.bytes.start);
        parts.push(Part { address: start, size_bytes, lattice: cover.lattice, filtered: None });
    }
    Ok(())
}

/// Reads all parts. One wave.
///
/// # Errors
///
/// When one of them does not lie within the file, or they are more than the question may read.
pub(super) async fn fetch(reader: &Reader, parts: Vec<Part>) -> Result<Vec<Piece>> {
    for Filtered { chunk_bytes, .. } in parts.iter().filter_map(|part| part.filtered.as_ref()) {
        // Filters may make more of it than its elements take in the block.
        reader.budget().decoded(*chunk_bytes)?;
    }
    let fetched = parts.into_iter().map(async |part| {
        let Part { address, size_bytes, lattice, filtered } = part;
        let bytes = reader.ask(address, size_bytes, structure(filtered.as_ref())).await?;
        Ok(Piece { address, bytes, lattice, filtered })
    });
    try_join_all(fetched).await
}

fn structure(filtered: Option<&Filtered>) -> &'static str {
    filtered.map_or(ELEMENTS, |_| "chunk")
}

impl Piece {
    /// Elements without filters, which belong to the dataset at `address`.
    pub(super) fn plain(address: Address, bytes: Bytes, lattice: Lattice) -> Self {
        Self { address, bytes, lattice, filtered: None }
    }

    /// Whether it is all of a block of `size_bytes`, as it is.
    pub(super) fn is_whole(&self, size_bytes: usize) -> bool {
        let bytes = self.filtered.as_ref().map_or(self.bytes.len() as u64, |of| of.chunk_bytes);
        bytes == size_bytes as u64 && self.lattice.is_identity()
    }

    /// What its filters make of it; 0 without any.
    pub(super) fn bytes_to_decode(&self) -> u64 {
        self.filtered.as_ref().map_or(0, |filtered| filtered.chunk_bytes)
    }

    /// Undoes its filters.
    ///
    /// # Errors
    ///
    /// When a filter is not known, or its bytes are damaged.
    pub(super) fn unfiltered(self) -> Result<Self> {
        let structure = structure(self.filtered.as_ref());
        let Self { address, bytes, lattice, filtered } = self;
        let bytes = match filtered {
            Some(Filtered { pipeline, filter_mask, chunk_bytes }) => {
                filter::undo(&pipeline, filter_mask, bytes, chunk_bytes)
                    .map_err(|error| error.at(structure, address))?
            }
            None => bytes,
        };
        Ok(Self { address, bytes, lattice, filtered: None })
    }

    /// Puts the elements, which have no filters, into their places in `block`.
    ///
    /// # Errors
    ///
    /// When there are fewer than there must be.
    pub(super) fn copy_to(&self, block: &mut [u8], element_bytes: u64) -> Result<()> {
        self.lattice.copy(&self.bytes, block, element_bytes).ok_or_else(|| {
            let detail = format!("{} bytes are too few", self.bytes.len());
            Error::malformed(ELEMENTS, self.address, detail)
        })
    }
}
