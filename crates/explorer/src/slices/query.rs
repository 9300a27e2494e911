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
}

impl DataQuery {
    /// All elements of `place`, as JSON.
    pub fn new(place: Place) -> Self {
        let (format, selection, dtype) = Default::default();
        Self { place, format, selection, dtype }
    }

    /// Only these elements.
    pub fn with_selection(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// In this format.
    pub fn with_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// With these numbers, in formats that have a choice.
    pub fn with_dtype(self, dtype: Dtype) -> Self {
        let dtype = match self.format {
            Format::Bin | Format::Npy => dtype,
            // Questions that mean the same are equal.
            Format::Json | Format::Csv => Dtype::default(),
        };
        Self { dtype, ..self }
    }
}
