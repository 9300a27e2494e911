//! Fixed arrays: the index of chunks of datasets without unlimited dimensions. Section VII.C of the
//! specification ("The Fixed Array Index").

use crate::decode::checksum::verified;
use crate::decode::chunk_element::{ChunkElement, ElementShape};
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

const HEADER: &str = "fixed array header";
const DATA_BLOCK: &str = "fixed array data block";
const PAGE: &str = "fixed array data block page";

/// The header of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedArrayHeader {
    /// Where the header is: the data block repeats it.
    pub address: Address,
    /// What the elements look like.
    pub shape: ElementShape,
    /// "Max Num Entries".
    pub element_count: u64,
    /// The data block; `None` when nothing is allocated.
    pub data_block: Option<Address>,
    page_bits: u8,
}

/// A run of elements with a checksum of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Where it is.
    pub address: Address,
    /// The first of its elements, counted in the array.
    pub first_element: u64,
    /// How many elements it has.
    pub element_count: u64,
}

impl FixedArrayHeader {
    /// Takes a header and checks its checksum.
    ///
    /// # Errors
    ///
    /// When it is not a header of a known version, or the checksum is wrong.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let address = cursor.address();
        let whole = cursor.sub(Self::encoded_bytes(cursor.widths()), HEADER)?;
        let mut cursor = verified(whole, HEADER)?;
        cursor.signature(b"FAHD")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let shape = ElementShape::decode(&mut cursor)?;
        let page_bits = cursor.u8("page bits")?;
        if page_bits > 63 {
            return Err(cursor.malformed(format!("pages of 2^{page_bits} elements")));
        }
        let element_count = cursor.length("max num entries")?;
        let data_block = cursor.offset("data block address")?;
        Ok(Self { address, shape, element_count, data_block, page_bits })
    }

    /// Bytes of a header.
    pub fn encoded_bytes(widths: Widths) -> u64 {
        12 + u64::from(widths.offset) + u64::from(widths.length)
    }

    /// Whether the elements are in pages behind the data block, not in the block itself.
    pub fn is_paged(&self) -> bool {
        self.element_count > self.page_elements()
    }

    /// Bytes of the data block, without the pages behind it.
    pub fn data_block_bytes(&self, widths: Widths) -> u64 {
        let content = match self.is_paged() {
            true => self.page_count().div_ceil(8),
            false => self.elements_bytes(self.element_count),
        };
        (10 + u64::from(widths.offset)).saturating_add(content)
    }

    /// Decodes the data block of an array without pages: all elements.
    ///
    /// # Errors
    ///
    /// When it is not the block of this array, or its checksum is wrong.
    pub fn elements(&self, cursor: Cursor<'_>) -> Result<Vec<ChunkElement>> {
        let mut cursor = self.data_block_content(cursor)?;
        self.shape.elements(&mut cursor, self.element_count)
    }

    /// Decodes the data block of an array with pages: those that were ever written to.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn pages(&self, cursor: Cursor<'_>) -> Result<Vec<Page>> {
        let widths = cursor.widths();
        let block = cursor.address();
        let mut content = self.data_block_content(cursor)?;
        let bitmap = content.take(self.page_count().div_ceil(8), "page bitmap")?;
        let page_bytes = self.page_bytes(self.page_elements());
        let first = self.data_block_bytes(widths);
        let pages = (0..self.page_count()).filter(|&page| is_set(bitmap, page));
        let pages = pages.map(|page| {
            let address = page.checked_mul(page_bytes).and_then(|at| at.checked_add(first));
            let address = address.and_then(|at| block.checked_add(at));
            let before = page.saturating_mul(self.page_elements());
            Ok(Page {
                address: address.ok_or_else(|| content.malformed("a page without address"))?,
                first_element: before,
                element_count: (self.element_count.saturating_sub(before))
                    .min(self.page_elements()),
            })
        });
        pages.collect()
    }

    /// Bytes of a page with this many elements.
    pub fn page_bytes(&self, element_count: u64) -> u64 {
        self.elements_bytes(element_count).saturating_add(4)
    }

    /// Decodes a page that was read whole.
    ///
    /// # Errors
    ///
    /// When its checksum is wrong.
    pub fn page_content(&self, page: Page, cursor: Cursor<'_>) -> Result<Vec<ChunkElement>> {
        self.shape.elements(&mut verified(cursor, PAGE)?, page.element_count)
    }

    /// What is between prefix and checksum of the data block.
    fn data_block_content<'a>(&self, cursor: Cursor<'a>) -> Result<Cursor<'a>> {
        let mut cursor = verified(cursor, DATA_BLOCK)?;
        cursor.signature(b"FADB")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        self.shape.check_client(&mut cursor)?;
        let header = cursor.defined_offset("header address")?;
        if header != self.address {
            return Err(cursor.malformed(format!("it belongs to the array at {header}")));
        }
        Ok(cursor)
    }

    fn page_elements(&self) -> u64 {
        1_u64.checked_shl(self.page_bits.into()).unwrap_or(u64::MAX)
    }

    /// How many pages the elements fill.
    pub fn page_count(&self) -> u64 {
        self.element_count.div_ceil(self.page_elements())
    }

    fn elements_bytes(&self, count: u64) -> u64 {
        count.saturating_mul(self.shape.element_bytes.into())
    }
}

/// Whether a bit of a page bitmap is set. Bits count from the most significant of the first byte.
pub(crate) fn is_set(bitmap: &[u8], bit: u64) -> bool {
    let byte = usize::try_from(bit / 8).ok().and_then(|byte| bitmap.get(byte));
    byte.is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::checksum::lookup3;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn with_checksum(text: &str) -> Vec<u8> {
        let mut bytes = hex(text);
        let checksum = lookup3(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// An array of plain chunks with pages of four elements.
    fn header(element_count: u8) -> FixedArrayHeader {
        let text =
            format!("46414844 00 00 08 02 {element_count:02x}00000000000000 0010000000000000");
        FixedArrayHeader::decode(&mut cursor(&with_checksum(&text))).unwrap()
    }

    const PREFIX: &str = "46414442 00 00 e803000000000000";

    #[test]
    fn the_header_describes_the_array() {
        let header = header(4);
        assert_eq!((header.address, header.element_count), (Address::new(1000), 4));
        assert_eq!(header.data_block, Some(Address::new(4096)));
        assert!(!header.is_paged());
        assert_eq!(header.data_block_bytes(Widths::EIGHT), 14 + 4 * 8 + 4);
    }

    #[test]
    fn a_short_array_is_in_its_data_block() {
        let bytes =
            with_checksum(&format!("{PREFIX} {} ffffffffffffffff", "0020000000000000".repeat(3)));
        let header = header(4);
        assert_eq!(bytes.len() as u64, header.data_block_bytes(Widths::EIGHT));
        let elements = header.elements(cursor(&bytes)).unwrap();
        assert_eq!(elements.iter().filter(|element| element.address.is_some()).count(), 3);
    }

    #[test]
    fn a_long_array_is_in_pages_of_which_a_bitmap_tells_which_are_there() {
        let header = header(10);
        assert!(header.is_paged());
        let bytes = with_checksum(&format!("{PREFIX} a0"));
        assert_eq!(bytes.len() as u64, header.data_block_bytes(Widths::EIGHT));
        // The cursor stands at 1000, the block has 19 bytes, a page 36.
        let page = |address, first_element, element_count| Page {
            address: Address::new(address),
            first_element,
            element_count,
        };
        assert_eq!(header.pages(cursor(&bytes)).unwrap(), [page(1019, 0, 4), page(1091, 8, 2)]);
        let bytes = with_checksum(&"0020000000000000".repeat(2));
        assert_eq!(header.page_bytes(2), bytes.len() as u64);
        let elements = header.page_content(page(1091, 8, 2), cursor(&bytes)).unwrap();
        assert_eq!(elements.len(), 2);
    }

    #[test]
    fn the_block_of_another_array_is_malformed() {
        let other = with_checksum("46414442 00 00 e903000000000000 ffffffffffffffff");
        let error = header(1).elements(cursor(&other)).unwrap_err();
        assert!(error.to_string().contains("the array at 1001"), "{error}");
    }

    #[test]
    fn no_bytes_panic() {
        let valid = with_checksum("46414844 00 00 08 02 0400000000000000 0010000000000000");
        never_panics(&valid, FixedArrayHeader::decode);
        for count in [u64::MAX, 1 << 32, 10, 0] {
            for page_bits in [0, 2, 63] {
                let header = FixedArrayHeader { element_count: count, page_bits, ..header(4) };
                let block = with_checksum(&format!("{PREFIX} ff"));
                never_panics(&block, |cursor| header.elements(cursor.clone()));
                never_panics(&block, |cursor| header.pages(cursor.clone()));
            }
        }
    }
}
