//! The elements of fixed and extensible arrays: where the chunks of a dataset are (sections VII.C
//! and VII.D of the specification).

use crate::decode::{Address, Cursor};
use crate::error::Result;

/// What the elements of an array look like: "Client ID" and size of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementShape {
    /// Client 1: the chunks are filtered.
    pub is_filtered: bool,
    /// Bytes of an element.
    pub element_bytes: u8,
}

/// A chunk, or the place of one that is not allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkElement {
    /// Where the chunk is; `None` when it is not allocated.
    pub address: Option<Address>,
    /// Of filtered chunks: their bytes in the file.
    pub size_bytes: Option<u64>,
    /// Bit n is set when the pipeline's filter n was skipped for this chunk.
    pub filter_mask: u32,
}

impl ElementShape {
    /// Takes the two fields, which stand side by side in the headers of both arrays.
    ///
    /// # Errors
    ///
    /// When the client is unknown, or elements have no room for what they must hold.
    pub(crate) fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let client = cursor.u8("client id")?;
        let element_bytes = cursor.u8("element size")?;
        if client > 1 {
            return Err(cursor.malformed(format!("client id {client}")));
        }
        let shape = Self { is_filtered: client == 1, element_bytes };
        if element_bytes < shape.bytes_but_size(cursor) {
            return Err(cursor.malformed(format!("elements of {element_bytes} bytes")));
        }
        Ok(shape)
    }

    /// Checks that a block has the same "Client ID" as the header.
    pub(crate) fn check_client(&self, cursor: &mut Cursor<'_>) -> Result<()> {
        let client = cursor.u8("client id")?;
        if client == u8::from(self.is_filtered) {
            return Ok(());
        }
        Err(cursor.malformed(format!("client id {client} is not that of the header")))
    }

    /// Takes `count` elements.
    ///
    /// # Errors
    ///
    /// When fewer are left.
    pub(crate) fn elements(
        &self,
        cursor: &mut Cursor<'_>,
        count: u64,
    ) -> Result<Vec<ChunkElement>> {
        let bytes = count.saturating_mul(self.element_bytes.into());
        let mut cursor = cursor.sub(bytes, "chunk elements")?;
        let mut elements = Vec::new();
        for _ in 0..count {
            elements.push(self.element(&mut cursor)?);
        }
        Ok(elements)
    }

    fn element(&self, cursor: &mut Cursor<'_>) -> Result<ChunkElement> {
        // The width of the size depends on the version of the layout message. It is what the fields
        // of known width leave of the element.
        let size_width = self.element_bytes.saturating_sub(self.bytes_but_size(cursor));
        let address = cursor.offset("chunk address")?;
        let (size_bytes, filter_mask) = match self.is_filtered {
            true => (Some(cursor.uint(size_width, "chunk size")?), cursor.u32("filter mask")?),
            false => {
                cursor.skip(size_width.into(), "padding")?;
                (None, 0)
            }
        };
        Ok(ChunkElement { address, size_bytes, filter_mask })
    }

    fn bytes_but_size(&self, cursor: &Cursor<'_>) -> u8 {
        let mask_bytes = if self.is_filtered { 4 } else { 0 };
        cursor.widths().offset.saturating_add(mask_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    #[test]
    fn plain_elements_are_addresses() {
        let shape = ElementShape::decode(&mut cursor(&[0, 8])).unwrap();
        let bytes = hex("0010000000000000 ffffffffffffffff");
        let element = |address| ChunkElement { address, size_bytes: None, filter_mask: 0 };
        assert_eq!(
            shape.elements(&mut cursor(&bytes), 2).unwrap(),
            [element(Some(Address::new(4096))), element(None)]
        );
        assert!(shape.elements(&mut cursor(&bytes), 3).is_err());
    }

    #[test]
    fn filtered_elements_have_a_size_as_wide_as_there_is_room() {
        let address = Some(Address::new(4096));
        let expected = [ChunkElement { address, size_bytes: Some(300), filter_mask: 1 }];
        for (element_bytes, bytes) in [
            (14, "0010000000000000 2c01 01000000"),
            (20, "0010000000000000 2c01000000000000 01000000"),
        ] {
            let shape = ElementShape::decode(&mut cursor(&[1, element_bytes])).unwrap();
            assert_eq!(shape.elements(&mut cursor(&hex(bytes)), 1).unwrap(), expected);
        }
    }

    #[test]
    fn elements_without_room_and_other_clients_are_malformed() {
        for header in [[0, 7], [1, 11], [2, 20]] {
            assert!(ElementShape::decode(&mut cursor(&header)).is_err(), "{header:?}");
        }
    }

    #[test]
    fn no_bytes_panic() {
        never_panics(&[1, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], |cursor| {
            let shape = ElementShape::decode(cursor)?;
            shape.elements(cursor, u64::MAX)?;
            shape.elements(cursor, 1)
        });
    }
}
