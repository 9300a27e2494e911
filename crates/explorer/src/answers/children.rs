//! The answer to `children`.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Filter, Incomplete, PartError, Success, is_false};
use crate::queries::Order;

/// A page of a group's children.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChildrenAnswer {
    /// `true`.
    pub success: Success,
    /// The key of the file.
    pub key: String,
    /// The version of the file.
    pub etag: String,
    /// The path asked for, in normal form; null when the group was asked for by address.
    pub path: Option<String>,
    /// Where the group's object header is, relative to its file's base address.
    pub address: u64,
    /// Whether the answer was made earlier.
    pub cached: bool,
    /// Children that `q` leaves, over all pages; of an incomplete listing those that were found.
    /// Null for a page of a large group in the old format of which only that part was read.
    pub total: Option<u64>,
    /// The order in force: `name` where creation is not tracked.
    pub order: Order,
    /// Whether another page follows.
    pub truncated: bool,
    /// `after` of the next page.
    pub next: Option<String>,
    /// The children of this page.
    pub children: Vec<Child>,
    /// Why children may be missing, in a damaged file; left out where the listing is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub incomplete: Option<Incomplete>,
    /// What is damaged in the group, up to 100 errors. What they concern may have been found in
    /// another way: `incomplete` says whether all was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<PartError>,
    /// Whether other files were opened for this answer: then it depends on their versions too, and
    /// must not be kept under this file's version alone.
    #[serde(skip)]
    pub from_other_files: bool,
}

/// One link of a group, and what it leads to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Child {
    /// The name of the link, with replacement characters where it is not UTF-8.
    pub name: String,
    /// The name as base64, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name_base64: Option<String>,
    /// Its path; null where no path can say it. Then ask by `address`.
    pub path: Option<String>,
    /// How the group refers to it.
    pub link: LinkKind,
    /// The class of a user-defined link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub link_class: Option<u8>,
    /// The file that an external link names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub target_file: Option<String>,
    /// The path that a soft or external link names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub target: Option<String>,
    /// Where its object header is, relative to its file's base address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<u64>,
    /// Whether it is the group itself or one of the groups that the path leads through.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub cycle: bool,
    /// What it is. Left out with `detail=names`, which reads no header.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub object: Option<ChildObject>,
    /// What kept it, or a part of it, from being read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<PartError>,
}

/// How a group refers to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// By address.
    Hard,
    /// By a path in the same file.
    Soft,
    /// By a path in another file.
    External,
    /// In a way that an application defined.
    User,
}

/// What a child is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ChildObject {
    /// A group.
    Group(GroupSummary),
    /// A dataset.
    Dataset(DatasetSummary),
    /// A committed datatype.
    Datatype(DatatypeSummary),
    /// A link that was not followed or, with an error, one that leads nowhere.
    Unresolved,
}

/// A group among the children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupSummary {
    /// How many links it has; null where its own header does not say, or damage hides it.
    pub num_children: Option<u64>,
    /// How many attributes it has.
    pub num_attributes: Option<u64>,
}

/// A dataset among the children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatasetSummary {
    /// `[]` for a scalar, null for a null dataspace.
    pub shape: Option<Vec<u64>>,
    /// How far each dimension may grow; null within: without limit.
    pub maxshape: Option<Vec<Option<u64>>>,
    /// Number of dimensions.
    pub ndim: u64,
    /// Number of elements; null where it is beyond 64 bits.
    pub size: Option<u64>,
    /// The short name of its datatype; null where it cannot be read.
    pub dtype: Option<String>,
    /// The shape of a chunk; null where it is not chunked.
    pub chunks: Option<Vec<u64>>,
    /// The short name of the compression; null for none.
    pub compression: Option<String>,
    /// The filter pipeline.
    pub filters: Vec<Filter>,
    /// How many attributes it has.
    pub num_attributes: Option<u64>,
}

/// A committed datatype among the children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatatypeSummary {
    /// The short name of the datatype; null where it cannot be read.
    pub dtype: Option<String>,
    /// How many attributes it has.
    pub num_attributes: Option<u64>,
}
