//! The bytes of a single string, as `numpy.asarray` holds it: without the padding that it has in the
//! file, and at least one.

use bytes::Bytes;

use crate::encodings::cells::Cell;
use crate::encodings::{Block, Encoder, Takes};
use crate::error::Result;
use crate::json::Json;

/// Makes them.
pub(super) struct TextEncoder;

impl Encoder for TextEncoder {
    fn takes(&self) -> Takes {
        Takes::Cells
    }

    fn size_bytes(&self) -> Option<u64> {
        None
    }

    fn head(&self) -> Vec<u8> {
        Vec::new()
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        let Block::Cells(cells) = block else { return Ok(Bytes::new()) };
        Ok(cells.iter().flat_map(text).collect())
    }

    fn tail(&self) -> Vec<u8> {
        Vec::new()
    }
}

fn text(cell: Cell<'_>) -> Vec<u8> {
    let bytes = match cell {
        Cell::Value(Json::Text(text)) => text.clone().into_bytes(),
        Cell::Value(value) => value.bytes().unwrap_or_default(),
        _ => Vec::new(),
    };
    // NumPy has no strings of no bytes.
    if bytes.is_empty() { vec![0] } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encodings::Cells;

    fn bytes(value: Json) -> Vec<u8> {
        let mut encoder = TextEncoder;
        encoder.elements(Block::Cells(Cells::Values(vec![value]))).unwrap().to_vec()
    }

    #[test]
    fn a_string_is_its_bytes_and_at_least_one() {
        assert_eq!(bytes(Json::Text("gr\u{fc}n".to_owned())), b"gr\xc3\xbcn");
        assert_eq!(bytes(Json::from_bytes(&[0xff, 0, 0x61])), [0xff, 0, 0x61]);
        assert_eq!(bytes(Json::Text(String::new())), [0]);
    }

    #[test]
    fn of_no_strings_there_are_no_bytes() {
        let mut encoder = TextEncoder;
        assert!(encoder.elements(Block::Cells(Cells::Values(vec![]))).unwrap().is_empty());
    }
}
