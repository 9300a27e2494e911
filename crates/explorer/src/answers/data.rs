//! Elements of datasets in answers.

use serde::Serialize;
use utoipa::ToSchema;

use super::{DatatypeAnswer, Success};
use crate::json::Json;

/// Elements of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DataAnswer {
    /// `true`.
    pub success: Success,
    /// The key of the file.
    pub key: String,
    /// The version of the file.
    pub etag: String,
    /// The dataset's path; null when it was asked for by address.
    pub path: Option<String>,
    /// Whether the answer was made earlier.
    pub cached: bool,
    /// What was selected.
    #[schema(example = "0:10:2,5")]
    pub selection: String,
    /// The shape of what was selected: without the dimensions of which one index was asked for.
    /// `[]` for one element, null for a null dataspace.
    pub shape: Option<Vec<u64>>,
    /// The short name of the datatype.
    pub dtype: String,
    /// The datatype.
    pub datatype: DatatypeAnswer,
    /// The elements: nested lists by shape; null for a null dataspace.
    pub data: Json,
}
