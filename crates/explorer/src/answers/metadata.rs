//! The answer to `meta`.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Attribute, DatatypeAnswer, Filter, Incomplete, PartError, Success, is_false};
use crate::json::Json;

/// What an object is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetaAnswer {
    /// `true`.
    pub success: Success,
    /// The key of the file.
    pub key: String,
    /// The version of the file.
    pub etag: String,
    /// Whether the answer was made earlier.
    pub cached: bool,
    /// The object.
    pub metadata: Metadata,
    /// Whether other files were opened for this answer; see `ChildrenAnswer`.
    #[serde(skip)]
    pub from_other_files: bool,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Metadata {
    /// The last segment of its path, `/` for the root; null when it was asked for by address.
    pub name: Option<String>,
    /// Its path; null when it was asked for by address.
    pub path: Option<String>,
    /// The same as `type`.
    pub kind: ObjectKind,
    /// Where its object header is, relative to its file's base address.
    pub address: u64,
    /// What it is.
    #[serde(flatten)]
    pub object: MetadataObject,
    /// When it was last modified, RFC 3339 in UTC; null where the file does not say.
    pub modified: Option<String>,
    /// How many attributes it has; null where damage hides it.
    pub num_attributes: Option<u64>,
    /// Why attributes may be missing, in a damaged file; left out where all are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attributes_incomplete: Option<Incomplete>,
    /// `attributes_after` of the next page.
    pub attributes_next: Option<String>,
    /// The attributes of this page, by name.
    pub attributes: Vec<Attribute>,
    /// What kept parts of the object, or attributes without even a name, from being read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<PartError>,
    /// What the superblock says, with the root group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub file: Option<FileMetadata>,
}

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A group.
    Group,
    /// A dataset.
    Dataset,
    /// A committed datatype.
    Datatype,
}

/// What is particular to the kind of object.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum MetadataObject {
    /// A group.
    Group(GroupMetadata),
    /// A dataset.
    Dataset(Box<DatasetMetadata>),
    /// A committed datatype.
    Datatype(DatatypeMetadata),
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupMetadata {
    /// How many links it has; null where damage hides it.
    pub num_children: Option<u64>,
    /// Whether links are numbered by creation.
    pub creation_order: CreationOrder,
    /// How its links are stored.
    pub link_storage: Option<LinkStorage>,
}

/// Whether something is numbered by creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreationOrder {
    /// Whether it is numbered.
    pub tracked: bool,
    /// Whether there is an index by that number.
    pub indexed: bool,
}

/// How links are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkStorage {
    /// In symbol table nodes and a local heap.
    SymbolTable,
    /// In the object header.
    Compact,
    /// In a fractal heap with indexes.
    Dense,
}

/// A dataset. Parts that cannot be read are null, and `errors` says why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DatasetMetadata {
    /// `[]` for a scalar, null for a null dataspace.
    pub shape: Option<Vec<u64>>,
    /// How far each dimension may grow; null within: without limit.
    pub maxshape: Option<Vec<Option<u64>>>,
    /// Number of dimensions.
    pub ndim: u64,
    /// Number of elements; null where it is beyond 64 bits.
    pub size: Option<u64>,
    /// The short name of its datatype.
    pub dtype: Option<String>,
    /// Its datatype.
    pub datatype: Option<DatatypeAnswer>,
    /// `compact`, `contiguous`, `chunked` or `virtual`.
    pub layout: Option<&'static str>,
    /// Where the elements are, if not in this file: external files, or parts of a virtual dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub layout_sources: Option<Vec<LayoutSource>>,
    /// The shape of a chunk; null where it is not chunked.
    pub chunks: Option<Vec<u64>>,
    /// How chunks are found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub chunk_index: Option<&'static str>,
    /// The short name of the compression; null for none.
    pub compression: Option<String>,
    /// The level of gzip; the options of other compressions.
    pub compression_opts: Json,
    /// The filter pipeline.
    pub filters: Vec<Filter>,
    /// The fill value in force; null where it is undefined.
    pub fill_value: Json,
    /// Whether the fill value was cut.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub fill_truncated: bool,
    /// Who defined the fill value.
    pub fill_defined: Option<FillDefined>,
    /// Bytes that the elements take in the file; null where the chunk index was not read.
    pub storage_size: Option<u64>,
}

/// Who defined a fill value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FillDefined {
    /// The library: zeros.
    Default,
    /// The writer of the file.
    User,
    /// Nobody: what was never written is not defined.
    Undefined,
}

/// Where elements of a dataset are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LayoutSource {
    /// The name of the file, as this file says it; `.` for this file itself.
    pub file: String,
    /// The path of the dataset, for a virtual dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub dataset: Option<String>,
    /// Where the elements start, for external storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offset: Option<u64>,
    /// Bytes of the elements there, for external storage; left out where they are not limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub size: Option<u64>,
}

/// A committed datatype.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DatatypeMetadata {
    /// The short name of the datatype.
    pub dtype: Option<String>,
    /// The datatype.
    pub datatype: Option<DatatypeAnswer>,
}

/// What the superblock and its extension say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FileMetadata {
    /// Size of the object in bytes.
    pub size: u64,
    /// Version of the superblock.
    pub superblock_version: u8,
    /// Bytes before the HDF5 file proper.
    pub userblock: u64,
    /// Bytes of an address.
    pub offset_size: u8,
    /// Bytes of a length.
    pub length_size: u8,
    /// Address of the root group's object header.
    pub root_address: u64,
    /// Address behind the end of the file; null where it is undefined.
    pub eof_address: Option<u64>,
    /// The driver that wrote the file; null for the default one.
    pub driver: Option<String>,
    /// How free space is managed; null where the file does not say.
    pub space_strategy: Option<&'static str>,
    /// Bytes of a page, where space is managed in pages.
    pub page_size: Option<u64>,
    /// The file consistency flags, as stored.
    pub consistency_flags: u32,
    /// Whether these flags say that a writer has the file open, or died with it open: then it may
    /// be in the middle of a change.
    pub open_for_writing: bool,
}
