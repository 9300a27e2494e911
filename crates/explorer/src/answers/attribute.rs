//! Attributes in answers.

use serde::Serialize;
use utoipa::ToSchema;

use super::{DatatypeAnswer, PartError, Success, is_false};
use crate::json::Json;

/// One attribute, whole.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AttributeAnswer {
    /// `true`.
    pub success: Success,
    /// The key of the file.
    pub key: String,
    /// The version of the file.
    pub etag: String,
    /// The object's path; null when it was asked for by address.
    pub path: Option<String>,
    /// Whether the answer was made earlier.
    pub cached: bool,
    /// The attribute.
    pub attribute: WholeAttribute,
    /// Whether other files were opened for this answer; see `ChildrenAnswer`.
    #[serde(skip)]
    pub from_other_files: bool,
}

/// An attribute with its whole value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WholeAttribute {
    /// Its name.
    pub name: String,
    /// `[]` for a scalar, null for a null dataspace.
    pub shape: Option<Vec<u64>>,
    /// The short name of its datatype.
    pub dtype: String,
    /// Its datatype.
    pub datatype: DatatypeAnswer,
    /// Its value: nested lists by shape; null for a null dataspace.
    pub value: Json,
}

/// An attribute among others: its value may be cut, and what cannot be read is null.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Attribute {
    /// Its name, with replacement characters where it is not UTF-8.
    pub name: String,
    /// The name as base64, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name_base64: Option<String>,
    /// `[]` for a scalar, null for a null dataspace.
    pub shape: Option<Vec<u64>>,
    /// The short name of its datatype.
    pub dtype: Option<String>,
    /// Its datatype.
    pub datatype: Option<DatatypeAnswer>,
    /// Its value: nested lists by shape; null for a null dataspace.
    pub value: Json,
    /// Whether the value was cut.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub truncated: bool,
    /// Number of elements, where the value was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub size: Option<u64>,
    /// What kept it, or a part of it, from being read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<PartError>,
}
