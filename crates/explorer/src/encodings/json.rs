//! `json`: nested lists by shape.

use bytes::Bytes;
use serde::Serialize;

use super::cells::Cell;
use super::plain::PlainCells;
use super::{Block, Encoder, Takes};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::json::Json;

/// Lists without elements: a shape such as 1,000,000,000 × 0 has no element to count.
const EMPTY_LISTS_MAX: u64 = 10_000;

/// Makes `json`.
pub(super) struct JsonEncoder {
    before: Vec<u8>,
    behind: Vec<u8>,
    /// Elements of the lists of each level, the outermost first.
    list_elements: Vec<u64>,
    /// Elements written so far.
    written: u64,
    /// The lists of a shape without elements.
    empty: Option<Vec<u8>>,
    /// For values as servers have them that write with NumPy.
    plain: Option<PlainCells>,
}

impl JsonEncoder {
    /// An encoder for elements of this `shape`, with what stands before and behind the value.
    ///
    /// # Errors
    ///
    /// For a shape of too many lists without elements.
    pub(super) fn new(shape: &[u64], (before, behind): (Vec<u8>, Vec<u8>)) -> Result<Self> {
        let mut list_elements: Vec<u64> = shape.to_vec();
        let mut elements = 1_u64;
        for count in list_elements.iter_mut().rev() {
            elements = elements.saturating_mul(*count);
            *count = elements;
        }
        let empty = if shape.contains(&0) { Some(empty_lists(shape)?) } else { None };
        Ok(Self { before, behind, list_elements, written: 0, empty, plain: None })
    }

    /// The same with values of another kind.
    pub(super) fn with_cells(self, plain: PlainCells) -> Self {
        Self { plain: Some(plain), ..self }
    }

    /// What stands before the next element: a comma, and the lists that begin.
    fn begin(&self, text: &mut Vec<u8>) {
        if self.written > 0 {
            text.push(b',');
        }
        let begun = self.list_elements.iter().filter(|&&list| self.written.is_multiple_of(list));
        text.extend(begun.map(|_| b'['));
    }

    /// What stands behind the element: the lists that end.
    fn end(&mut self, text: &mut Vec<u8>) {
        self.written = self.written.saturating_add(1);
        let ended = self.list_elements.iter().filter(|&&list| self.written.is_multiple_of(list));
        text.extend(ended.map(|_| b']'));
    }
}

impl Encoder for JsonEncoder {
    fn takes(&self) -> Takes {
        Takes::Cells
    }

    fn size_bytes(&self) -> Option<u64> {
        None
    }

    fn head(&self) -> Vec<u8> {
        [self.before.as_slice(), self.empty.as_deref().unwrap_or_default()].concat()
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        let Block::Cells(cells) = block else { return Ok(Bytes::new()) };
        let mut text = Vec::new();
        for cell in cells.iter() {
            self.begin(&mut text);
            match &self.plain {
                Some(plain) => plain.write(&mut text, cell).map_err(|error| unwritable(&error))?,
                None => write(&mut text, cell)?,
            }
            self.end(&mut text);
        }
        Ok(text.into())
    }

    fn tail(&self) -> Vec<u8> {
        self.behind.clone()
    }
}

/// The value of a cell, as JSON.
pub(super) fn write(text: &mut Vec<u8>, cell: Cell<'_>) -> Result<()> {
    match cell {
        Cell::Signed(number) => write_value(text, &number),
        Cell::Unsigned(number) => write_value(text, &number),
        // As `meta` shows them: the number itself, in the digits of double precision.
        Cell::Single(number) => write_value(text, &Json::Float(number.into())),
        Cell::Double(number) => write_value(text, &Json::Float(number)),
        Cell::Value(value) => write_value(text, value),
    }
}

fn write_value(text: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(text, value).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> ExplorerError {
    let logged = Some(error.to_string());
    let detail = "not supported: a value that JSON cannot write";
    ExplorerError { logged, ..ExplorerError::new(ErrorCode::Unsupported, detail) }
}

fn empty_lists(shape: &[u64]) -> Result<Vec<u8>> {
    let before: Vec<u64> = shape.iter().copied().take_while(|&count| count > 0).collect();
    let lists = before.iter().fold(1_u64, |lists, &count| lists.saturating_mul(count));
    if lists > EMPTY_LISTS_MAX {
        let detail = format!(
            "the selection has no elements, and its shape more than {EMPTY_LISTS_MAX} lists; \
             another format has no lists; this limit is fixed"
        );
        return Err(ExplorerError::new(ErrorCode::LimitReached, detail));
    }
    let mut text = b"[]".to_vec();
    for &count in before.iter().rev() {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let lists = vec![text.as_slice(); count].join(&b","[..]);
        text = [b"[".as_slice(), &lists, b"]"].concat();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encodings::Cells;

    fn text(shape: &[u64], blocks: &[Vec<Json>]) -> String {
        let mut encoder = JsonEncoder::new(shape, (b"<".to_vec(), b">".to_vec())).unwrap();
        let mut text = encoder.head();
        for values in blocks {
            let block = Block::Cells(Cells::Values(values.clone()));
            text.extend(encoder.elements(block).unwrap());
        }
        text.extend(encoder.tail());
        String::from_utf8(text).unwrap()
    }

    fn numbers(count: i64) -> Vec<Json> {
        (0..count).map(Json::Signed).collect()
    }

    #[test]
    fn lists_are_nested_by_shape() {
        assert_eq!(text(&[], &[numbers(1)]), "<0>");
        assert_eq!(text(&[3], &[numbers(3)]), "<[0,1,2]>");
        assert_eq!(text(&[2, 1, 2], &[numbers(4)]), "<[[[0,1]],[[2,3]]]>");
    }

    #[test]
    fn it_does_not_matter_where_blocks_end() {
        let all = numbers(6);
        for middle in 0..=6 {
            let (one, other) = all.split_at(middle);
            let blocks = [one.to_vec(), other.to_vec()];
            assert_eq!(text(&[2, 3], &blocks), "<[[0,1,2],[3,4,5]]>", "{middle}");
        }
    }

    #[test]
    fn shapes_without_elements_are_bounded() {
        assert_eq!(text(&[0, 5], &[]), "<[]>");
        assert_eq!(text(&[2, 0], &[]), "<[[],[]]>");
        assert_eq!(text(&[2, 1, 0, 7], &[]), "<[[[]],[[]]]>");
        for shape in [&[u64::MAX, 0][..], &[u64::MAX, u64::MAX, 0], &[101, 100, 0]] {
            let error = JsonEncoder::new(shape, Default::default()).err().unwrap();
            assert_eq!(error.code, ErrorCode::LimitReached);
        }
    }
}
