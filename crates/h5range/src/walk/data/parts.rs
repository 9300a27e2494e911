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

/// A part that was read.
#[derive(Debug)]
pub(super) struct FetchedPart {
    part: Part,
    bytes: Bytes,
}

/// Elements, and their places in a block.
#[derive(Debug)]
pub(super) struct Piece {
    /// Elements without filters.
    pub(super) bytes: Bytes,
    /// From these into the block.
    pub(super) lattice: Lattice,
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
pub(super) async fn fetch(reader: &Reader, parts: Vec<Part>) -> Result<Vec<FetchedPart>> {
    for part in &parts {
        // Filters may make more of it than its elements take in the block.
        reader
            .budget()
            .decoded(part.filtered.as_ref().map_or(0, |filtered| filtered.chunk_bytes))?;
    }
    let fetched = parts.into_iter().map(async |part| {
        let bytes = reader.ask(part.address, part.size_bytes, part.structure()).await?;
        Ok(FetchedPart { part, bytes })
    });
    try_join_all(fetched).await
}

impl Part {
    fn structure(&self) -> &'static str {
        if self.filtered.is_some() { "chunk" } else { ELEMENTS }
    }
}

impl FetchedPart {
    /// Bytes that decoding has to do with.
    pub(super) fn decoded_bytes(&self) -> u64 {
        self.part.filtered.as_ref().map_or(0, |filtered| filtered.chunk_bytes)
    }

    /// Undoes the filters.
    ///
    /// # Errors
    ///
    /// When a filter is not known, or its bytes are damaged.
    pub(super) fn decode(self, element_bytes: u64) -> Result<Piece> {
        let structure = self.part.structure();
        let Part { address, lattice, filtered, .. } = self.part;
        let Some(filtered) = filtered else { return Ok(Piece { bytes: self.bytes, lattice }) };
        let Filtered { pipeline, filter_mask, chunk_bytes } = filtered;
        let bytes = filter::undo(&pipeline, filter_mask, self.bytes, chunk_bytes)
            .map_err(|error| error.at(structure, address))?;
        Ok(Piece { bytes, lattice }.without_what_nobody_wants(element_bytes))
    }
}

impl Piece {
    /// Whether it is all of a block of `size_bytes`, as it is.
    pub(super) fn is_whole(&self, size_bytes: usize) -> bool {
        self.bytes.len() == size_bytes && self.lattice.is_identity()
    }

    /// The same elements, gathered, where they are less than half of the bytes that hold them: many
    /// pieces wait for each other until their block is put together.
    fn without_what_nobody_wants(self, element_bytes: u64) -> Self {
        let wanted_bytes = self.lattice.element_count().saturating_mul(element_bytes);
        if wanted_bytes > self.bytes.len() as u64 / 2 {
            return self;
        }
        let Ok(room) = usize::try_from(wanted_bytes) else { return self };
        let mut gathered = vec![0; room];
        let (gather, scatter) = self.lattice.split();
        match gather.copy(&self.bytes, &mut gathered, element_bytes) {
            Some(()) => Self { bytes: gathered.into(), lattice: scatter },
            // What does not fit is said where the block is put together.
            None => self,
        }
    }

    /// Puts the elements into their places in `block`.
    ///
    /// # Errors
    ///
    /// When there are fewer than there must be.
    pub(super) fn copy_to(&self, block: &mut [u8], element_bytes: u64) -> Result<()> {
        self.lattice.copy(&self.bytes, block, element_bytes).ok_or_else(|| {
            let detail = format!("{} bytes are too few", self.bytes.len());
            Error::malformed(ELEMENTS, Address::new(0), detail)
        })
    }
}
