//! What can be asked about the elements of a dataset.

use super::Selection;
use crate::encodings::{Dtype, Format};
use crate::queries::Place;

/// Elements of a dataset, in some format.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DataQuery {
    /// The dataset.
    pub place: Place,
    /// The format.
    pub format: Format,
    pub(crate) selection: Selection,
    pub(crate) dtype: Dtype,
    pub(crate) cached: bool,
}

impl DataQuery {
    /// All elements of `place`, as JSON.
    pub fn new(place: Place) -> Self {
        let (format, selection, dtype, cached) = Default::default();
        Self { place, format, selection, dtype, cached }
    }

    /// Only these elements.
    pub fn with_selection(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// In this format.
    pub fn with_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// For an answer that is kept, and says so.
    pub fn to_be_kept(self) -> Self {
        Self { cached: true, ..self }
    }

    /// With these numbers, in formats that have a choice.
    pub fn with_dtype(self, dtype: Dtype) -> Self {
        // Questions that mean the same are equal.
        let dtype = match self.format {
            Format::Json | Format::Csv | Format::Arrow => Dtype::default(),
            Format::Bin | Format::Npy | Format::Plain(_) => dtype,
        };
        Self { dtype, ..self }
    }
}
