//! `csv`: rows of cells (RFC 4180), for spreadsheets and data frames.

use bytes::Bytes;
use h5range::decode::message::datatype::DatatypeClass;

use super::cells::Cell;
use super::{Array, Block, Encoder, Takes, json};
use crate::datatype::complex_parts;
use crate::error::{ExplorerError, Result};
use crate::json::Json;
use crate::path::lossy;

/// Makes `csv`. A scalar is one cell, one dimension a column, two are rows and columns; the members
/// of a compound are columns with their names above them.
pub(super) struct CsvEncoder {
    names: Vec<String>,
    columns: u64,
    /// Elements written so far.
    written: u64,
}

impl CsvEncoder {
    /// # Errors
    ///
    /// For more dimensions than a table has.
    pub(super) fn new(array: Array<'_>) -> Result<Self> {
        let names: Vec<String> = match &array.datatype.class {
            DatatypeClass::Compound { members } if complex_parts(array.datatype).is_none() => {
                members.iter().map(|member| lossy(&member.name)).collect()
            }
            _ => Vec::new(),
        };
        let columns = match array.shape {
            [] | [_] => 1,
            [_, columns] if names.is_empty() => (*columns).max(1),
            shape => {
                let most = if names.is_empty() { "two dimensions" } else { "one dimension" };
                let problem = format!(
                    "csv has {most}, and the selection is of shape {shape:?}; select one index \
                     along the others"
                );
                return Err(ExplorerError::bad_request("format", problem));
            }
        };
        Ok(Self { names, columns, written: 0 })
    }

    fn element(&mut self, text: &mut Vec<u8>, cell: Cell<'_>) -> Result<()> {
        if self.written % self.columns != 0 {
            text.push(b',');
        }
        match cell {
            Cell::Value(Json::Object(members)) if !self.names.is_empty() => {
                for (column, (_, value)) in members.iter().enumerate() {
                    if column > 0 {
                        text.push(b',');
                    }
                    write(text, Cell::Value(value))?;
                }
            }
            cell => write(text, cell)?,
        }
        self.written = self.written.saturating_add(1);
        if self.written % self.columns == 0 {
            text.extend(b"\r\n");
        }
        Ok(())
    }
}

impl Encoder for CsvEncoder {
    fn takes(&self) -> Takes {
        Takes::Cells
    }

    fn size_bytes(&self) -> Option<u64> {
        None
    }

    fn head(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (column, name) in self.names.iter().enumerate() {
            if column > 0 {
                text.push(b',');
            }
            write_text(&mut text, name);
        }
        if !self.names.is_empty() {
            text.extend(b"\r\n");
        }
        text
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        let Block::Cells(cells) = block else { return Ok(Bytes::new()) };
        let mut text = Vec::new();
        for cell in cells.iter() {
            self.element(&mut text, cell)?;
        }
        Ok(text.into())
    }

    fn tail(&self) -> Vec<u8> {
        Vec::new()
    }
}

fn write(text: &mut Vec<u8>, cell: Cell<'_>) -> Result<()> {
    match cell {
        // In no more digits than it has.
        Cell::Single(number) if number.is_finite() => {
            serde_json::to_writer(text, &number).map_err(|_| not_a_number())
        }
        Cell::Single(number) => write(text, Cell::Double(number.into())),
        Cell::Double(number) if !number.is_finite() => {
            text.extend(non_finite(number).as_bytes());
            Ok(())
        }
        Cell::Value(Json::Float(number)) => write(text, Cell::Double(*number)),
        Cell::Value(Json::Text(value)) => {
            write_text(text, value);
            Ok(())
        }
        Cell::Value(Json::Null) => Ok(()),
        Cell::Value(value @ (Json::List(_) | Json::Object(_))) => match enumeration_name(value) {
            Some(name) => {
                write_text(text, name);
                Ok(())
            }
            None => {
                let mut inner = Vec::new();
                json::write(&mut inner, cell)?;
                quote(text, &inner);
                Ok(())
            }
        },
        cell => json::write(text, cell),
    }
}

/// The name of a value of an enumeration, where it has one.
fn enumeration_name(value: &Json) -> Option<&str> {
    match value {
        Json::Object(members) => match members.as_slice() {
            [(key, Json::Text(name)), _] if key == "enum" => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// Text, quoted where it has to be. A spreadsheet takes what begins with one of these letters for a
/// formula, which would run: such a text gets an apostrophe before it.
fn write_text(text: &mut Vec<u8>, value: &str) {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    let guarded = [guard, value].concat();
    if is_formula || guarded.contains([',', '"', '\r', '\n']) {
        quote(text, guarded.as_bytes());
    } else {
        text.extend(guarded.as_bytes());
    }
}

fn quote(text: &mut Vec<u8>, value: &[u8]) {
    text.push(b'"');
    for &byte in value {
        if byte == b'"' {
            text.push(b'"');
        }
        text.push(byte);
    }
    text.push(b'"');
}

/// As Python and R read it.
fn non_finite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

fn not_a_number() -> ExplorerError {
    ExplorerError::new(crate::error::ErrorCode::Unsupported, "a number that cannot be written")
}
