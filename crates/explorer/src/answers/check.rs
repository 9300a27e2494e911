//! The answer to `check`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FileMetadata, Success};

/// What a walk through a whole file found, and how well the file suits object storage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckAnswer {
    /// `true`.
    pub success: Success,
    /// The key of the file.
    pub key: String,
    /// The version of the file.
    pub etag: String,
    /// What the walk came to.
    pub verdict: Verdict,
    /// Which limit ended the walk, or a phase of it, before it had seen everything; null where none
    /// did.
    pub partial: Option<String>,
    /// What the superblock says; null where it is damaged.
    pub file: Option<FileMetadata>,
    /// Bytes that the superblock counts and the object does not have: it was cut, or its upload was
    /// not finished.
    pub missing_bytes: u64,
    /// The groups.
    pub groups: GroupsFound,
    /// The links.
    pub links: LinksFound,
    /// The datasets.
    pub datasets: DatasetsFound,
    /// Number of committed datatypes.
    pub committed_datatypes: u64,
    /// The attributes of all objects.
    pub attributes: AttributesFound,
    /// Where the metadata is.
    pub metadata: MetadataPlace,
    /// What the walk cost, in its parts.
    pub cost: CheckCost,
    /// How well the file suits object storage, as far as it was read; null where it was not opened.
    pub suitability: Option<Suitability>,
    /// What breaks the format.
    pub damage: Flaws,
    /// What this version does not read.
    pub unsupported: Flaws,
    /// Soft links that lead nowhere. That is no damage.
    pub dangling_links: DanglingLinks,
}

/// What a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything was read, and nothing is damaged.
    Sound,
    /// Something is damaged, whether everything was read or not.
    Damaged,
    /// Nothing is damaged as far as it was read: a limit was spent, or something is unsupported.
    Partial,
}

/// Numbers by what they count.
pub type Counts = BTreeMap<String, u64>;

/// The groups of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GroupsFound {
    /// How many there are, the root included.
    pub count: u64,
    /// By link storage: `symbol_table`, `compact`, `dense`.
    pub storage: Counts,
    /// Levels of the tree: 1 for a root without children.
    pub levels: u64,
    /// The most links of one group.
    pub most_links: u64,
}

/// The links of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LinksFound {
    /// How many there are.
    pub count: u64,
    /// By kind: `hard`, `soft`, `external`, `user`.
    pub kinds: Counts,
    /// Soft links that lead on into another file, which was not opened.
    pub soft_to_other_files: u64,
}

/// The datasets of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DatasetsFound {
    /// How many there are.
    pub count: u64,
    /// By layout: `compact`, `contiguous`, `chunked`, `virtual`; `external` for contiguous ones
    /// whose elements are in files beside this one.
    pub layouts: Counts,
    /// Chunked ones by the kind of their chunk index.
    pub chunk_indexes: Counts,
    /// How many of them use each filter.
    pub filters: Counts,
    /// By the class of their datatype.
    pub datatypes: Counts,
    /// Bytes that the elements take in this file.
    pub stored_bytes: u64,
    /// The chunks of all chunked ones; null where there is none.
    pub chunks: Option<ChunksFound>,
}

/// The chunks of all datasets, in the sizes that they have in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChunksFound {
    /// How many there are.
    pub count: u64,
    /// Bytes of all together.
    pub stored_bytes: u64,
    /// Bytes of the smallest.
    pub smallest_bytes: u64,
    /// Bytes of the one in the middle, each taken as the mean of its dataset.
    pub median_bytes: u64,
    /// Bytes of the largest.
    pub largest_bytes: u64,
    /// The path of the dataset that has most of them.
    pub most_in: String,
}

/// The attributes of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AttributesFound {
    /// How many there are.
    pub count: u64,
    /// By storage: `compact` in object headers, `dense` in fractal heaps.
    pub storage: Counts,
    /// By the class of their datatype.
    pub datatypes: Counts,
    /// The one with most bytes; null where there is none.
    pub largest: Option<LargestAttribute>,
}

/// The attribute with most bytes, those in the global heap not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargestAttribute {
    /// The path of its object.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Bytes of its elements.
    pub size: u64,
}

/// Where the metadata is: all that the walk asked for. Offsets count from the start of the object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MetadataPlace {
    /// Bytes that were asked for, each counted once.
    pub bytes: u64,
    /// Stretches without a gap that they make.
    pub places: u64,
    /// Where the first starts.
    pub first_offset: u64,
    /// Where the last ends.
    pub end_offset: u64,
    /// How many of the bytes are in the first 256 KiB.
    pub bytes_in_first_256_kib: u64,
    /// How many of the bytes are in the first MiB.
    pub bytes_in_first_mib: u64,
}

/// What the walk cost, in its parts, from a cold cache.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckCost {
    /// The superblock, all links and all object headers: what a listing of the whole tree costs.
    pub listing: Cost,
    /// What soft links lead to.
    pub soft_links: Cost,
    /// All attributes with their values.
    pub attributes: Cost,
    /// Chunk indexes, and where elements are that are not in this file.
    pub storage: Cost,
}

/// What something cost. Round trips, requests and bytes are those of the store, after caches and
/// joining; waves, ranges and asked bytes those of the reader, which no setting changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Times that the store had to be waited for.
    pub round_trips: u64,
    /// Requests sent to the store.
    pub requests: u64,
    /// Bytes that these brought.
    pub bytes: u64,
    /// Times that the reader could not go on without bytes.
    pub waves: u64,
    /// Ranges that it asked for.
    pub ranges: u64,
    /// Bytes of these ranges.
    pub asked_bytes: u64,
}

/// How well a file suits object storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suitability {
    /// The worst of the remarks' ratings.
    pub rating: Rating,
    /// One remark for each thing that was judged.
    pub remarks: Vec<Remark>,
}

/// How well something suits object storage, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// Nothing to gain.
    Good,
    /// Something could be better.
    Fair,
    /// People wait for it.
    Poor,
}

/// One thing that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The stable name of what was judged.
    pub code: &'static str,
    /// How it was judged.
    pub rating: Rating,
    /// What was found, with its numbers.
    pub finding: String,
    /// What to do; null where nothing needs to be done.
    pub advice: Option<String>,
}

/// What is wrong in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Flaws {
    /// How many flaws there are.
    pub count: u64,
    /// The first 1,000 of them.
    pub listed: Vec<Flaw>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The path of the object that it concerns.
    pub path: String,
    /// The attribute that it concerns; null where it is not a single one.
    pub attribute: Option<String>,
    /// The structure, in the words of the HDF5 File Format Specification; null where it is not
    /// about one.
    pub structure: Option<&'static str>,
    /// Where that structure is, relative to the file's base address.
    pub address: Option<u64>,
    /// What is wrong.
    pub detail: String,
}

/// Soft links that lead nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DanglingLinks {
    /// How many there are.
    pub count: u64,
    /// The first 1,000 of them.
    pub listed: Vec<DanglingLink>,
}

/// A soft link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DanglingLink {
    /// The path of the link.
    pub path: String,
    /// Where it points.
    pub target: String,
    /// Why it does not lead there, as a clause.
    pub reason: String,
}
