//! Previews of datasets in answers.

use serde::Serialize;
use utoipa::ToSchema;

use super::{DatatypeAnswer, Success};
use crate::json::Json;
use crate::previews::{CellNumbers, ComplexPart, View};

/// What a dataset looks like.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
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
    /// The preview.
    pub preview: Preview,
    /// Whether other files were opened for this answer; see `ChildrenAnswer`.
    #[serde(skip)]
    pub from_other_files: bool,
}

/// A corner of a table, a line or a heatmap, with statistics of what was read for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The shape of the dataset; null for a null dataspace.
    pub shape: Option<Vec<u64>>,
    /// The short name of the datatype.
    pub dtype: String,
    /// The datatype.
    pub datatype: DatatypeAnswer,
    /// What it is a preview of: one index of each dimension that is not shown.
    #[schema(example = "3,0:100:1,0:200:1")]
    pub selection: String,
    /// How it is shown.
    pub view: View,
    /// Of complex numbers: which number of each one is shown, or counted in `statistics`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub complex: Option<ComplexPart>,
    /// The dimension that runs down; null where there is none.
    pub rows: Option<Axis>,
    /// The dimension that runs to the right; null where there is none.
    pub columns: Option<Axis>,
    /// Of a table: the elements of its first rows and columns, in the values of `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub data: Option<Json>,
    /// Of a line or a heatmap: the least number of each cell; null where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Json>)]
    pub min: Option<CellNumbers>,
    /// The greatest number of each cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Json>)]
    pub max: Option<CellNumbers>,
    /// The mean of the finite numbers of each cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Json>)]
    pub mean: Option<CellNumbers>,
    /// Where some chunks were read only, or `missing` or `valid` was given: how many numbers each cell has. Where
    /// it is 0, its `min`, `max` and `mean` are null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Json>)]
    pub count: Option<CellNumbers>,
    /// Of the numbers that were read; null for what is no number.
    pub statistics: Option<Statistics>,
    /// What was read for it.
    pub read: ReadForPreview,
}

/// A dimension that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Axis {
    /// Its number, from 0.
    pub dimension: u64,
    /// The first index.
    pub start: u64,
    /// From one index to the next.
    pub step: u64,
    /// How many indices are selected.
    pub count: u64,
    /// How many cells show them, each the same part of them; in a table, how many of the first
    /// indices are shown.
    pub cells: u64,
}

/// Statistics of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Statistics {
    /// How many numbers, those that are none (NaN) included, those left out by `missing` or `valid`
    /// not.
    pub count: u64,
    /// How many of them are NaN.
    pub nan_count: u64,
    /// Where `missing` or `valid` was given: how many elements were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub missing_count: Option<u64>,
    /// The least one; null if there is none.
    pub min: Json,
    /// The greatest one.
    pub max: Json,
    /// The mean of the finite ones.
    pub mean: Json,
    /// Their standard deviation: the root of the mean square distance from the mean.
    pub std: Json,
    /// Whether they are some of the selected numbers only, evenly spread.
    pub sampled: bool,
}

/// What was read for a preview.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadForPreview {
    /// How many elements.
    pub elements: u64,
    /// Of how many.
    pub elements_selected: u64,
    /// How many chunks; 0 where there are none.
    pub chunks: u64,
    /// Of how many that the selection meets.
    pub chunks_selected: u64,
}
