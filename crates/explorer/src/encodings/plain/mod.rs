//! The formats of servers that read with h5py and write with NumPy, as h5grove 4.0.0 has them, with
//! its refusals: text by `numpy.savetxt`, images by tifffile, JSON of nothing but values.

mod cells;
mod table;
mod text;
mod tiff;

use h5range::decode::message::datatype::{Datatype, DatatypeClass as FileClass};

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

    /// Whether it is made of the bytes that elements have, rather than of their values.
    pub(crate) const fn is_made_of_bytes(self) -> bool {
        matches!(self, Self::Bin | Self::Npy | Self::Tiff)
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
    /// An encoder of `array`; without elements at all if it `is_null`. A single list of variable
    /// length comes here as an array of its own, but for the formats that take elements one by one.
    ///
    /// # Errors
    ///
    /// When the format has nothing for such elements, in the words of h5grove where it has any.
    pub(crate) fn encoder(self, array: Array<'_>, is_null: bool) -> Result<Box<dyn Encoder>> {
        let name = self.kind.name();
        let class = describe(array.datatype).class;
        let is_list = array.shape.is_empty() && matches!(class, DatatypeClass::Vlen { .. });
        let is_numeric = !is_null && class.content(array.shape).is_numeric();
        if array.dtype == Dtype::Safe && !is_numeric {
            return Err(refused("Unsupported dtype safe for non-numeric data".to_owned()));
        }
        let whole = Whole::of(array, self.flat && !is_null);
        match self.kind {
            PlainKind::Json => return json(array, class, is_null, whole.is_flat),
            PlainKind::Bin if is_text(&class, array.shape) && !is_null => {
                return Ok(Box::new(text::TextEncoder));
            }
            PlainKind::Bin if !is_null => {
                let array = whole.array();
                return Ok(Box::new(BinEncoder::new(self.form(array)?, array.shape)));
            }
            _ if !is_numeric => {
                let what = "non-numeric content";
                return Err(refused(format!("Unsupported encoding {name} for {what}")));
            }
            PlainKind::Npy => {
                let array = whole.array();
                return Ok(Box::new(NpyEncoder::new(self.form(array)?, array.shape)));
            }
            PlainKind::Csv if is_list => {
                // A number a line, however many they are.
                return Ok(Box::new(table::TableEncoder::new(class, &[1])?));
            }
            PlainKind::Bin | PlainKind::Csv | PlainKind::Tiff => {}
        }
        let whole_shape = whole.number_shape();
        if whole_shape.is_empty() {
            let what = "empty and scalar datasets";
            return Err(refused(format!("Unsupported encoding {name} for {what}")));
        }
        match self.kind {
            PlainKind::Csv => Ok(Box::new(table::TableEncoder::new(class, &whole_shape)?)),
            _ => {
                let form = self.form(whole.array())?;
                Ok(Box::new(tiff::TiffEncoder::new(form, &class, &whole_shape)?))
            }
        }
    }

    fn form(self, array: Array<'_>) -> Result<Form> {
        let name = self.kind.name();
        Form::of(array.datatype, array.dtype)
            .map_err(|what| refused(format!("Unsupported encoding {name} for {what}")))
    }
}

/// An array as NumPy has it.
struct Whole<'a> {
    datatype: &'a Datatype,
    name: &'a str,
    shape: Vec<u64>,
    dtype: Dtype,
    /// Whether all of its numbers, those of small arrays too, are in one dimension.
    is_flat: bool,
}

impl<'a> Whole<'a> {
    /// Made flat if it shall be: what is no array of any kind stays as it is.
    fn of(array: Array<'a>, flat: bool) -> Self {
        let Array { datatype, name, shape, dtype } = array;
        let inner = inner_shape(datatype);
        let is_flat = flat && !(shape.is_empty() && inner.is_empty());
        if is_flat {
            let shape = vec![count(shape).saturating_mul(count(&inner))];
            return Self { datatype: innermost(datatype), name, shape, dtype, is_flat };
        }
        let is_number =
            shape.is_empty() && inner.is_empty() && describe(datatype).class.is_numeric();
        let dtype = match dtype {
            Dtype::Origin if is_number => Dtype::Native,
            dtype => dtype,
        };
        Self { datatype, name, shape: shape.to_vec(), dtype, is_flat }
    }

    fn array(&self) -> Array<'_> {
        let Self { datatype, name, dtype, .. } = *self;
        Array { datatype, name, shape: &self.shape, dtype }
    }

    /// The shape with that of the small array in each element.
    fn number_shape(&self) -> Vec<u64> {
        [self.shape.as_slice(), &inner_shape(self.datatype)].concat()
    }
}

fn json(
    array: Array<'_>,
    class: DatatypeClass,
    is_null: bool,
    is_flat: bool,
) -> Result<Box<dyn Encoder>> {
    let before = if is_null { b"null".to_vec() } else { Vec::new() };
    let elements = [count(array.shape)];
    let shape = match (is_null, is_flat) {
        (true, _) => &[],
        (false, true) => elements.as_slice(),
        (false, false) => array.shape,
    };
    let cells = PlainCells::new(class, shape.is_empty(), is_flat);
    Ok(Box::new(JsonEncoder::new(shape, (before, Vec::new()))?.with_cells(cells)))
}

/// Whether it is a single string, or nothing: no elements have no bytes, whatever their type.
fn is_text(class: &DatatypeClass, shape: &[u64]) -> bool {
    shape.contains(&0) || (shape.is_empty() && matches!(class, DatatypeClass::String { .. }))
}

/// The dimensions of the small array in each element.
fn inner_shape(datatype: &Datatype) -> Vec<u64> {
    match &datatype.class {
        FileClass::Array { dimensions, base } => {
            let own = dimensions.iter().map(|&count| u64::from(count));
            own.chain(inner_shape(base)).collect()
        }
        _ => Vec::new(),
    }
}

/// The type of a number in it.
fn innermost(datatype: &Datatype) -> &Datatype {
    match &datatype.class {
        FileClass::Array { base, .. } => innermost(base),
        _ => datatype,
    }
}

fn count(shape: &[u64]) -> u64 {
    shape.iter().fold(1, |count, &size| count.saturating_mul(size))
}

fn refused(detail: String) -> ExplorerError {
    ExplorerError::new(ErrorCode::BadRequest, detail)
}
