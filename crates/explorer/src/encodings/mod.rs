//! Elements of datasets in the formats that people use, one file a format.
//!
//! An [`Encoder`] is given the elements block by block, in their order, and waits for nothing: it
//! makes as much of its format as the block is good for. So no format needs a whole array in memory.

mod arrow;
mod bin;
mod cells;
mod csv;
mod form;
mod json;
mod npy;
mod numpy;
mod plain;
mod plan;

use bytes::Bytes;
use h5range::Value;
use h5range::decode::message::datatype::Datatype;

use crate::error::{ExplorerError, Result};

pub(crate) use cells::{Cell, Cells, NumberType};
pub(crate) use form::Form;
pub use plain::{PlainFormat, PlainKind};
pub(crate) use plan::{double, nearest};

/// A format of elements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Nested lists, in the values of the API.
    #[default]
    Json,
    /// The elements one behind the other, in C order.
    Bin,
    /// A file as `numpy.load` reads it.
    Npy,
    /// Rows and columns of text (RFC 4180).
    Csv,
    /// A stream of record batches of Apache Arrow.
    Arrow,
    /// As servers have it that write with NumPy.
    Plain(PlainFormat),
}

/// Which numbers `bin` and `npy` have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// Those of the file, in its byte order.
    #[default]
    Origin,
    /// Little-endian ones that a browser knows: single precision for half, double for what is
    /// longer than double. Integers of 64 bits stay.
    Safe,
    /// Those of the file, little-endian: what NumPy makes of a single number.
    Native,
}

/// What is encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Array<'a> {
    /// The type of an element in the file.
    pub(crate) datatype: &'a Datatype,
    /// What the dataset is called.
    pub(crate) name: &'a str,
    /// The shape of what is selected.
    pub(crate) shape: &'a [u64],
    /// The numbers that are wanted.
    pub(crate) dtype: Dtype,
}

/// Some elements of an array, behind those that the encoder had before.
#[derive(Debug)]
pub(crate) enum Block {
    /// As they stand in the file.
    Bytes(Bytes),
    /// One by one.
    Cells(Cells),
    /// One by one, as the reader has them.
    Values(Vec<Value>),
}

/// In which form an encoder takes elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// [`Block::Bytes`].
    Bytes,
    /// [`Block::Cells`].
    Cells,
    /// [`Block::Values`].
    Values,
}

/// Makes a format of the elements of an array.
pub(crate) trait Encoder: Send + Sync {
    /// In which form it takes elements; a block in another form counts as none.
    fn takes(&self) -> Takes;

    /// Elements that it has to have together: each block is of a multiple of as many. Not zero.
    fn row_elements(&self) -> u64 {
        1
    }

    /// The whole size of what it makes, where that is known before the elements are.
    fn size_bytes(&self) -> Option<u64>;

    /// What stands before all elements.
    fn head(&self) -> Vec<u8>;

    /// The next elements.
    ///
    /// # Errors
    ///
    /// When the format cannot say them.
    fn elements(&mut self, block: Block) -> Result<Bytes>;

    /// What stands behind all elements.
    fn tail(&self) -> Vec<u8>;
}

impl Format {
    /// Its media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Bin => "application/octet-stream",
            Self::Npy => "application/x-npy",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Plain(plain) => plain.kind.content_type(),
        }
    }

    /// What a file in this format is called, behind the dot.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Bin => "bin",
            Self::Npy => "npy",
            Self::Csv => "csv",
            Self::Arrow => "arrows",
            Self::Plain(plain) => plain.kind.name(),
        }
    }

    /// Whether it has elements of `datatype` as values: these take several times the memory of the
    /// elements themselves.
    pub(crate) fn has_values(self, datatype: &Datatype) -> bool {
        match self {
            Self::Json | Self::Csv => NumberType::of(datatype).is_none(),
            Self::Bin | Self::Npy => false,
            Self::Arrow => arrow::has_values(datatype),
            Self::Plain(plain) => {
                !plain.kind.is_made_of_bytes() && NumberType::of(datatype).is_none()
            }
        }
    }

    /// An encoder of `array`; without elements at all if it `is_null`. What is around the value in
    /// JSON is `envelope`: its text before the value and behind it.
    ///
    /// # Errors
    ///
    /// When the format has nothing for such elements, or for such a shape.
    pub(crate) fn encoder(
        self,
        array: Array<'_>,
        is_null: bool,
        envelope: (Vec<u8>, Vec<u8>),
    ) -> Result<Box<dyn Encoder>> {
        Ok(match self {
            Self::Json => Box::new(json::JsonEncoder::new(array.shape, envelope)?),
            Self::Bin => Box::new(bin::BinEncoder::new(self.form(array)?, array.shape)),
            Self::Npy => Box::new(npy::NpyEncoder::new(self.form(array)?, array.shape)),
            Self::Csv => Box::new(csv::CsvEncoder::new(array)?),
            Self::Arrow => Box::new(arrow::ArrowEncoder::new(array)?),
            Self::Plain(plain) => return plain.encoder(array, is_null),
        })
    }

    /// The form of elements in one of the formats that have bytes.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn form(self, array: Array<'_>) -> Result<Form> {
        Form::of(array.datatype, array.dtype).map_err(|what| {
            let suffix = self.suffix();
            ExplorerError::bad_request("format", format_args!("{suffix} has no form for {what}"))
        })
    }
}
