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
        if !self.written.is_multiple_of(self.columns) {
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
        if self.written.is_multiple_of(self.columns) {
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

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::{ByteOrder, Datatype, Member};

    use super::*;
    use crate::datatype::testing::{float_type, integer_type};
    use crate::encodings::{Cells, Dtype, NumberType};

    fn encoder(datatype: &Datatype, shape: &[u64]) -> Result<CsvEncoder> {
        CsvEncoder::new(Array { datatype, name: "value", shape, dtype: Dtype::Origin })
    }

    fn text(datatype: &Datatype, shape: &[u64], blocks: Vec<Cells>) -> String {
        let mut encoder = encoder(datatype, shape).unwrap();
        let mut text = encoder.head();
        for cells in blocks {
            text.extend(encoder.elements(Block::Cells(cells)).unwrap());
        }
        String::from_utf8(text).unwrap()
    }

    fn texts(values: &[&str]) -> Vec<Cells> {
        vec![Cells::Values(values.iter().map(|&value| Json::Text(value.to_owned())).collect())]
    }

    fn any() -> Datatype {
        integer_type(4, true, ByteOrder::LittleEndian)
    }

    #[test]
    fn two_dimensions_are_rows_and_columns_wherever_blocks_end() {
        let numbers =
            |range: std::ops::Range<i64>| Cells::Values(range.map(Json::Signed).collect());
        for middle in 0..6 {
            let blocks = vec![numbers(0..middle), numbers(middle..6)];
            assert_eq!(text(&any(), &[2, 3], blocks), "0,1,2\r\n3,4,5\r\n", "{middle}");
        }
        assert_eq!(text(&any(), &[2], vec![numbers(0..2)]), "0\r\n1\r\n");
        assert_eq!(text(&any(), &[], vec![numbers(7..8)]), "7\r\n");
        assert_eq!(text(&any(), &[3, 0], vec![]), "");
    }

    #[test]
    fn only_text_is_guarded_and_quoted() {
        let cells =
            texts(&["=1+1", "+a", "-b", "@c", "a=b", "x,y", "say \"so\"", "two\nlines", ""]);
        let expected = "\"'=1+1\"\r\n\"'+a\"\r\n\"'-b\"\r\n\"'@c\"\r\na=b\r\n\"x,y\"\r\n\
                        \"say \"\"so\"\"\"\r\n\"two\nlines\"\r\n\r\n";
        assert_eq!(text(&any(), &[9], cells), expected);
        let numbers = Cells::Values(vec![Json::Signed(-1), Json::Float(-0.5), Json::Bool(true)]);
        assert_eq!(text(&any(), &[3], vec![numbers]), "-1\r\n-0.5\r\ntrue\r\n");
    }

    #[test]
    fn numbers_have_the_digits_of_their_precision() {
        let single = float_type(4, ByteOrder::LittleEndian);
        let numbers = [0.1_f32, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        let bytes: Vec<u8> = numbers.into_iter().flat_map(f32::to_le_bytes).collect();
        let cells = Cells::Numbers(NumberType::of(&single).unwrap(), bytes.into());
        assert_eq!(text(&single, &[1, 4], vec![cells]), "0.1,NaN,Infinity,-Infinity\r\n");
    }

    #[test]
    fn members_are_columns_and_what_is_no_scalar_is_json() {
        let member = |name: &str| Member { name: name.into(), offset: 0, datatype: any() };
        let members = vec![member("id"), member("=place"), member("kind")];
        let compound = Datatype { size: 4, class: DatatypeClass::Compound { members } };
        let kind = Json::object([("enum", Json::Text("RED".into())), ("value", Json::Signed(0))]);
        let place = Json::List(vec![Json::Signed(1), Json::Signed(2)]);
        let row = Json::object([("id", Json::Signed(5)), ("=place", place), ("kind", kind)]);
        let rows = text(&compound, &[1], vec![Cells::Values(vec![row])]);
        assert_eq!(rows, "id,\"'=place\",kind\r\n5,\"[1,2]\",RED\r\n");
        let error = encoder(&compound, &[2, 2]).err().unwrap();
        assert!(error.detail.starts_with("parameter format: csv has one dimension"), "{error}");
    }

    #[test]
    fn more_dimensions_are_no_table() {
        let error = encoder(&any(), &[2, 3, 4]).err().unwrap();
        assert!(
            error.detail.contains("csv has two dimensions") && error.detail.contains("[2, 3, 4]")
        );
    }
}
