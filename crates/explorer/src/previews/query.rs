//! What can be asked about the looks of a dataset.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::complex::ComplexPart;
use super::missing::MissingNumbers;
use super::valid::ValidRange;
use crate::error::{ExplorerError, Result};
use crate::queries::Place;
use crate::slices::Selection;

/// Most cells of a preview along each dimension: a heatmap of as many takes some megabytes as text.
pub const PREVIEW_SIZE_MAX: u64 = 512;
/// Cells of a preview along each dimension where the question does not say: what a small picture
/// has room for.
pub const PREVIEW_SIZE_DEFAULT: u64 = 128;

/// How a dataset is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The first rows and columns.
    Table,
    /// The least and the greatest number of each part of one dimension.
    Line,
    /// The mean, least and greatest number of each cell of two dimensions.
    Heatmap,
}

/// What a dataset looks like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PreviewQuery {
    /// The dataset.
    pub place: Place,
    pub(crate) selection: Selection,
    pub(crate) view: Option<View>,
    pub(crate) max_size: u64,
    pub(crate) missing: MissingNumbers,
    pub(crate) valid: Option<ValidRange>,
    pub(crate) unsigned: bool,
    pub(crate) complex: ComplexPart,
}

impl PreviewQuery {
    /// A preview of all of `place`, as suits it.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            selection: Selection::default(),
            view: None,
            max_size: PREVIEW_SIZE_DEFAULT,
            missing: MissingNumbers::default(),
            valid: None,
            unsigned: false,
            complex: ComplexPart::default(),
        }
    }

    /// Of these elements only: the last dimensions of which more than one index is selected are
    /// shown.
    pub fn with_selection(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// Shown so.
    pub fn with_view(self, view: Option<View>) -> Self {
        Self { view, ..self }
    }

    /// Without elements that are equal to one of these numbers: up to
    /// [`MISSING_MAX`](crate::MISSING_MAX) of them between commas.
    ///
    /// # Errors
    ///
    /// When there are more, or when one is no number.
    pub fn with_missing(self, numbers: &str) -> Result<Self> {
        Ok(Self { missing: MissingNumbers::parse(numbers)?, ..self })
    }

    /// Without elements below the first or above the second of two numbers with a comma between, of
    /// which one may be left out.
    ///
    /// # Errors
    ///
    /// When these are no such numbers, or the first is more than the second.
    pub fn with_valid(self, range: &str) -> Result<Self> {
        Ok(Self { valid: Some(ValidRange::parse(range)?), ..self })
    }

    /// With signed integers read as unsigned ones of the same bits. What is left out is told of these.
    pub fn with_unsigned(self, unsigned: bool) -> Self {
        Self { unsigned, ..self }
    }

    /// With this number of each complex one.
    pub fn with_complex(self, complex: ComplexPart) -> Self {
        Self { complex, ..self }
    }

    /// With at most so many cells along each dimension.
    ///
    /// # Errors
    ///
    /// When it is not within 1 and [`PREVIEW_SIZE_MAX`].
    pub fn with_max_size(self, max_size: u64) -> Result<Self> {
        if (1..=PREVIEW_SIZE_MAX).contains(&max_size) {
            return Ok(Self { max_size, ..self });
        }
        let problem = format!("{max_size} is not within 1 and {PREVIEW_SIZE_MAX}");
        Err(ExplorerError::bad_request("max_size", problem))
    }
}
