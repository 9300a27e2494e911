//! The formats of servers that read with h5py and write with NumPy, as h5grove 4.0.0 has them, with
//! its refusals: text by `numpy.savetxt`, images by tifffile, JSON of nothing but values.

mod cells;
mod table;
mod tiff;

use h5range::decode::message::datatype::Datatype;

use super::bin::BinEncoder;
use super::json::JsonEncoder;
use super::npy::NpyEncoder;
use super::{Array, Dtype, Encoder, Form};
use crate::answers::DatatypeClass;
use crate::datatype::describe;
use crate::error::{ErrorCode, ExplorerError, Result};

pub(super) use cells::PlainCells;

/// One of these formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlainFormat {
    /// Which one.
    pub kind: PlainKind,
    /// Whether arrays of several dimensions are given as one of one.
    pub flat: bool,
}

/// What these formats are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainKind {
    /// The value and nothing else.
    Json,
    /// The elements one behind the other.
    Bin,
    /// A file as `numpy.load` reads it.
    Npy,
    /// Rows of numbers, with commas between them.
    Csv,
    /// One image for each two dimensions.
    Tiff,
}

impl PlainKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Bin => "bin",
            Self::Npy => "npy",
            Self::Csv => "csv",
            Self::Tiff => "tiff",
        }
    }

    /// Whether elements are wanted as values, one by one.
    pub(super) const fn has_values(self) -> bool {
        matches!(self, Self::Json | Self::Csv)
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Bin | Self::Npy => "application/octet-stream",
            Self::Csv => "text/csv",
            Self::Tiff => "image/tiff",
        }
    }
}

impl PlainFormat {
    /// An encoder of `array`; without elements at all if it `is_null`.
    ///
    /// # Errors
    ///
    /// When the format has nothing for such elements, in the words of h5grove where it has any.
    pub(crate) fn encoder(self, array: Array<'_>, is_null: bool) -> Result<Box<dyn Encoder>> {
        let name = self.kind.name();
        let class = describe(array.datatype).class;
        let is_numeric = !is_null && class.is_numeric();
        if array.dtype == Dtype::Safe && !is_numeric {
            return Err(refused("Unsupported dtype safe for non-numeric data".to_owned()));
        }
        let shape = self.shape(array.shape);
        let is_number = is_numeric && !matches!(class, DatatypeClass::Array { .. });
        let dtype = match (array.dtype, shape.is_empty() && is_number) {
            (Dtype::Origin, true) => Dtype::Native,
            (dtype, _) => dtype,
        };
        let array = Array { shape: &shape, dtype, ..array };
        if self.kind == PlainKind::Json {
            return json(array, class, is_null, self.flat);
        }
        if self.kind == PlainKind::Bin && !is_null {
            return Ok(Box::new(BinEncoder::new(self.form(array)?, array.shape)));
        }
        if !is_numeric {
            return Err(refused(format!("Unsupported encoding {name} for non-numeric content")));
        }
        if self.kind == PlainKind::Npy {
            return Ok(Box::new(NpyEncoder::new(self.form(array)?, array.shape)));
        }
        let whole_shape = [array.shape, &inner_shape(array.datatype)].concat();
        if whole_shape.is_empty() {
            let what = "empty and scalar datasets";
            return Err(refused(format!("Unsupported encoding {name} for {what}")));
        }
        match self.kind {
            PlainKind::Csv => Ok(Box::new(table::TableEncoder::new(class, &whole_shape)?)),
            _ => Ok(Box::new(tiff::TiffEncoder::new(self.form(array)?, &class, &whole_shape)?)),
        }
    }

    fn shape(self, shape: &[u64]) -> Vec<u64> {
        match self.flat && !shape.is_empty() {
            true => vec![shape.iter().fold(1, |count: u64, &size| count.saturating_mul(size))],
            false => shape.to_vec(),
        }
    }

    fn form(self, array: Array<'_>) -> Result<Form> {
        let name = self.kind.name();
        Form::of(array.datatype, array.dtype)
            .map_err(|what| refused(format!("Unsupported encoding {name} for {what}")))
    }
}

fn json(
    array: Array<'_>,
    class: DatatypeClass,
    is_null: bool,
    flat: bool,
) -> Result<Box<dyn Encoder>> {
    let before = if is_null { b"null".to_vec() } else { Vec::new() };
    let shape = if is_null { &[] } else { array.shape };
    let cells = PlainCells::new(class, shape.is_empty(), flat);
    Ok(Box::new(JsonEncoder::new(shape, (before, Vec::new()))?.with_cells(cells)))
}

/// The dimensions of the small array in each element.
fn inner_shape(datatype: &Datatype) -> Vec<u64> {
    use h5range::decode::message::datatype::DatatypeClass::Array;
    match &datatype.class {
        Array { dimensions, base } => {
            let own = dimensions.iter().map(|&count| u64::from(count));
            own.chain(inner_shape(base)).collect()
        }
        _ => Vec::new(),
    }
}

fn refused(detail: String) -> ExplorerError {
    ExplorerError::new(ErrorCode::BadRequest, detail)
}
