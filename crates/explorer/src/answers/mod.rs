//! The answers, with the field names of the API. Fields are left out where they mean nothing for
//! the object, and null where they mean something that is not known.

mod attribute;
mod check;
mod children;
mod data;
mod datatype;
mod entity;
mod files;
mod metadata;
mod preview;

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ExplorerError;

pub use attribute::{Attribute, AttributeAnswer, WholeAttribute};
pub use check::{
    AttributesFound, CheckAnswer, CheckCost, ChunksFound, Cost, Counts, DanglingLink,
    DanglingLinks, DatasetsFound, Flaw, Flaws, GroupsFound, LargestAttribute, LinksFound,
    MetadataPlace, Rating, Remark, Suitability, Verdict,
};
pub use children::{
    Child, ChildObject, ChildrenAnswer, DatasetSummary, DatatypeSummary, GroupSummary, LinkKind,
};
pub use data::DataAnswer;
pub use datatype::{ByteOrder, Charset, DatatypeAnswer, DatatypeClass, Field, FloatExponent};
pub use datatype::{FloatMantissa, Normalization, Padding, ReferenceTarget};
pub use entity::{
    AttributeType, AttributeValue, AttributeValuesAnswer, ChildEntity, Entity, EntityAnswer,
    NamedFilter, PathsAnswer,
};
pub use files::{Cleared, EventsAnswer, File, FileType, FilesAnswer, RefreshAnswer};
pub use metadata::{
    CreationOrder, DatasetMetadata, DatatypeMetadata, FileMetadata, FillDefined, GroupMetadata,
    LayoutSource, LinkStorage, MetaAnswer, Metadata, MetadataObject, ObjectKind,
};

pub use crate::previews::CellNumbers;
pub use preview::{Axis, Preview, PreviewAnswer, ReadForPreview, Statistics};

/// `true`: the first member of every answer that is not an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Success;

impl Serialize for Success {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl PartialSchema for Success {
    fn schema() -> RefOr<Schema> {
        let boolean = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Boolean));
        boolean.enum_values(Some([true])).into()
    }
}

impl ToSchema for Success {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Success")
    }
}

/// What is wrong with one child or attribute, or with a part of what holds them; the rest of the
/// answer is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartError {
    /// The stable name of the error.
    pub code: &'static str,
    /// What is wrong.
    pub detail: String,
}

impl From<ExplorerError> for PartError {
    fn from(error: ExplorerError) -> Self {
        Self { code: error.code.as_str(), detail: error.detail }
    }
}

/// Why members of a list may be missing: the first thing that is wrong with what holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Incomplete {
    /// The stable name of the error.
    pub code: &'static str,
    /// What is wrong.
    pub detail: String,
    /// Where the damaged structure is, relative to the file's base address; null where the error
    /// is not about a place.
    pub address: Option<u64>,
}

impl From<ExplorerError> for Incomplete {
    fn from(error: ExplorerError) -> Self {
        Self { code: error.code.as_str(), detail: error.detail, address: error.address }
    }
}

/// One filter of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Filter {
    /// Its number in the registry of filters.
    pub id: u16,
    /// Its name, from the registry or else from the file; null where neither knows it.
    pub name: Option<String>,
    /// Its client data.
    pub options: Vec<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
