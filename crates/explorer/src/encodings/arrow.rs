//! `arrow`: a stream of record batches, for data frames (Apache Arrow, "Arrow Columnar Format", "IPC
//! Streaming Format").
//!
//! The first dimension of what is selected are the rows; the members of a compound are columns, and
//! what is no compound is one column.

mod arrays;
mod from_bytes;
mod from_values;
mod part;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use h5range::decode::message::datatype::{Datatype, DatatypeClass};

use self::arrays::{list, list_size, not_said};
use self::from_bytes::Stored;
use self::part::{ITEM, Kind, Part};
use super::form::check_growth;
use super::plan::NoForm;
use super::{Array, Block, Encoder, Takes};
use crate::datatype::describe;
use crate::error::{ErrorCode, ExplorerError, Result};

/// Bytes of the elements of a row: each is in one batch, and so in memory.
const ROW_BYTES_MAX: u64 = 128 << 20;

/// Of a column's metadata: the datatype in words, as the API has it. It has the names of an
/// enumeration, which are no part of its numbers.
const DATATYPE: &str = "hdf5:datatype";

/// Behind the last message: the mark that stands before each, and no length.
const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Whether elements of `datatype` lead to something else, which only values have.
pub(super) fn has_values(datatype: &Datatype) -> bool {
    Part::of(datatype).is_ok_and(|part| part.leads_elsewhere())
}

/// Makes `arrow`.
pub(super) struct ArrowEncoder {
    part: Part,
    row_elements: u64,
    /// Dimensions behind the first.
    inner_dimensions: usize,
    schema: SchemaRef,
    head: Vec<u8>,
    writer: StreamWriter<Vec<u8>>,
}

impl ArrowEncoder {
    /// # Errors
    ///
    /// For types and sizes that Arrow has nothing for, and for rows of too many bytes.
    pub(super) fn new(array: Array<'_>) -> Result<Self> {
        let part = part_of(array.datatype).map_err(|what| {
            ExplorerError::bad_request("format", format_args!("arrow has no form for {what}"))
        })?;
        let inner = array.shape.get(1..).unwrap_or_default();
        let row_elements = inner.iter().fold(1_u64, |row, &count| row.saturating_mul(count));
        check_row(row_elements, array)?;
        let inner = inner.iter().map(|&count| list_size(count)).collect::<Result<Vec<i32>>>()?;
        let schema = Arc::new(Schema::new(columns(&part, array, &inner)));
        let mut writer = StreamWriter::try_new(Vec::new(), &schema).map_err(not_said)?;
        let head = std::mem::take(writer.get_mut());
        let inner_dimensions = inner.len();
        Ok(Self { part, row_elements: row_elements.max(1), inner_dimensions, schema, head, writer })
    }

    /// A batch of whole rows.
    fn batch(&self, elements: ArrayRef) -> Result<RecordBatch> {
        let columns = match self.part.kind {
            Kind::Struct(_) => elements.as_struct().columns().to_vec(),
            _ => vec![elements],
        };
        let columns = columns.into_iter().zip(self.schema.fields());
        let columns = columns
            .map(|(column, field)| in_lists(column, field.data_type(), self.inner_dimensions));
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(not_said)
    }
}

impl Encoder for ArrowEncoder {
    fn takes(&self) -> Takes {
        if self.part.leads_elsewhere() { Takes::Values } else { Takes::Bytes }
    }

    fn row_elements(&self) -> u64 {
        self.row_elements
    }

    fn size_bytes(&self) -> Option<u64> {
        None
    }

    fn head(&self) -> Vec<u8> {
        self.head.clone()
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        let elements = match block {
            Block::Bytes(bytes) => self.part.of_bytes(Stored::all(&bytes, self.part.bytes))?,
            Block::Values(values) => self.part.of_values(&values.iter().collect::<Vec<_>>())?,
            Block::Cells(_) => return Ok(Bytes::new()),
        };
        let batch = self.batch(elements)?;
        self.writer.write(&batch).map_err(not_said)?;
        Ok(std::mem::take(self.writer.get_mut()).into())
    }

    fn tail(&self) -> Vec<u8> {
        END_OF_STREAM.to_vec()
    }
}

fn part_of(datatype: &Datatype) -> Result<Part, NoForm> {
    let part = Part::of(datatype)?;
    check_growth(part.bytes as u64, part.made_bytes())?;
    Ok(part)
}

fn check_row(row_elements: u64, array: Array<'_>) -> Result<()> {
    let row_bytes = row_elements.saturating_mul(array.datatype.size.into());
    if row_bytes <= ROW_BYTES_MAX {
        return Ok(());
    }
    let detail = format!(
        "a row of the selection has {row_bytes} bytes, and in arrow at most {ROW_BYTES_MAX}: the \
         shape is {:?}, and rows are its first dimension; select less along the others, or ask for \
         another format; this limit is fixed",
        array.shape
    );
    Err(ExplorerError::new(ErrorCode::LimitReached, detail))
}

/// One for each member of a compound; else one.
fn columns(part: &Part, array: Array<'_>, inner: &[i32]) -> Vec<Field> {
    match (&part.kind, &array.datatype.class) {
        (Kind::Struct(members), DatatypeClass::Compound { members: types }) => {
            let members = members.iter().zip(types);
            let columns = members.map(|(member, stored)| {
                column(&member.name, &member.part, &stored.datatype, inner)
            });
            columns.collect()
        }
        _ => vec![column(array.name, part, array.datatype, inner)],
    }
}

fn column(name: &str, part: &Part, datatype: &Datatype, inner: &[i32]) -> Field {
    let column = inner.iter().rev().fold(part.field(ITEM), |item, &count| {
        Field::new(ITEM, DataType::FixedSizeList(Arc::new(item), count), false)
    });
    let words = serde_json::to_string(&describe(datatype)).unwrap_or_default();
    column.with_name(name).with_metadata([(DATATYPE.to_owned(), words)])
}

/// Elements in as many levels of lists as `data_type` has, up to `levels`.
fn in_lists(elements: ArrayRef, data_type: &DataType, levels: usize) -> Result<ArrayRef> {
    match (data_type, levels.checked_sub(1)) {
        (DataType::FixedSizeList(item, count), Some(levels)) => {
            list(item, *count, in_lists(elements, item.data_type(), levels)?)
        }
        _ => Ok(elements),
    }
}

#[cfg(test)]
mod tests;
