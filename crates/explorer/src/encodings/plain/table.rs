//! Rows of numbers as `numpy.savetxt` writes them: each with 19 digits, a line for each row, and of
//! one dimension a line for each number.

use bytes::Bytes;

use super::cells::leaves;
use super::{PlainCells, refused};
use crate::answers::DatatypeClass;
use crate::encodings::{Block, Encoder, Takes};
use crate::error::Result;
use crate::plain::PlainValue;

/// Makes the lines.
pub(super) struct TableEncoder {
    cells: PlainCells,
    class: DatatypeClass,
    columns: u64,
    /// Lines of rows without columns.
    empty_lines: usize,
    /// Numbers written so far.
    written: u64,
}

/// Lines without anything in them: a shape such as 1,000,000,000 × 0 has no number to count.
const EMPTY_LINES_MAX: u64 = 10_000;

impl TableEncoder {
    /// An encoder for numbers of this `shape`, that of the small arrays in each element included.
    ///
    /// # Errors
    ///
    /// For more than two dimensions.
    pub(super) fn new(class: DatatypeClass, shape: &[u64]) -> Result<Self> {
        let (rows, columns) = match *shape {
            [rows] => (rows, 1),
            [rows, columns] => (rows, columns),
            _ => {
                let dimensions = shape.len();
                let detail = format!(
                    "csv has rows and columns, and this is an array of {dimensions} dimensions: \
                     select one index of the others, or flatten it"
                );
                return Err(refused(detail));
            }
        };
        let empty_lines = if columns == 0 { rows.min(EMPTY_LINES_MAX) as usize } else { 0 };
        let cells = PlainCells::new(class.clone(), false, false);
        Ok(Self { cells, class, columns, empty_lines, written: 0 })
    }
}

impl Encoder for TableEncoder {
    fn takes(&self) -> Takes {
        Takes::Cells
    }

    fn size_bytes(&self) -> Option<u64> {
        None
    }

    fn head(&self) -> Vec<u8> {
        vec![b'\n'; self.empty_lines]
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        let Block::Cells(cells) = block else { return Ok(Bytes::new()) };
        let mut text = String::new();
        for cell in cells.iter() {
            for number in leaves(self.cells.value(cell), &self.class) {
                write(&mut text, &number);
                self.written = self.written.saturating_add(1);
                let is_last = self.written.is_multiple_of(self.columns.max(1));
                text.push(if is_last { '\n' } else { ',' });
            }
        }
        Ok(text.into())
    }

    fn tail(&self) -> Vec<u8> {
        Vec::new()
    }
}

fn write(text: &mut String, number: &PlainValue) {
    if let PlainValue::List(parts) = number
        && let [real, imaginary] = parts.as_slice()
    {
        let (real, imaginary) = (scientific(double(real)), scientific(double(imaginary)));
        let plus = if imaginary.starts_with('-') { "" } else { "+" };
        text.push_str(&format!(" ({real}{plus}{imaginary}j)"));
        return;
    }
    text.push_str(&scientific(double(number)));
}

fn double(number: &PlainValue) -> f64 {
    match number {
        PlainValue::Bool(value) => f64::from(u8::from(*value)),
        PlainValue::Signed(number) => *number as f64,
        PlainValue::Unsigned(number) => *number as f64,
        PlainValue::Single(number) => (*number).into(),
        PlainValue::Double(number) => *number,
        _ => f64::NAN,
    }
}

/// `%.18e` of C.
fn scientific(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format!("{number:.18e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_c_writes_them() {
        for (number, text) in [
            (1.0, "1.000000000000000000e+00"),
            (-0.0, "-0.000000000000000000e+00"),
            (0.1, "1.000000000000000056e-01"),
            (1.844_674_407_370_955_2e19, "1.844674407370955162e+19"),
            (1e-300, "1.000000000000000025e-300"),
            // Halfway between two: to the even one.
            (3.725_290_298_461_914e-9, "3.725290298461914062e-09"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(scientific(number), text);
        }
    }

    #[test]
    fn complex_numbers_stand_in_brackets() {
        let mut text = String::new();
        write(
            &mut text,
            &PlainValue::List(vec![PlainValue::Double(1.0), PlainValue::Double(-2.0)]),
        );
        assert_eq!(text, " (1.000000000000000000e+00-2.000000000000000000e+00j)");
    }
}
