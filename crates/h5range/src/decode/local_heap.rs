//! Local heap: the names of one old group's links. Section III.D of the specification ("Local
//! Heaps").
//!
//! The list of free blocks is not read: it matters to writers.

use bytes::Bytes;

use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

/// The header of a local heap, which says where its data segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalHeapHeader {
    /// "Data Segment Size" in bytes, free blocks included.
    pub data_segment_bytes: u64,
    /// "Address of Data Segment".
    pub data_segment: Address,
}

impl LocalHeapHeader {
    /// Takes the header.
    ///
    /// # Errors
    ///
    /// When it is not the header of a local heap of a known version.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        cursor.signature(b"HEAP")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        cursor.skip(3, "reserved bytes")?;
        let data_segment_bytes = cursor.length("data segment size")?;
        cursor.length("offset to head of free-list")?;
        let data_segment = cursor.defined_offset("address of data segment")?;
        Ok(Self { data_segment_bytes, data_segment })
    }

    /// Bytes that [`LocalHeapHeader::decode`] takes.
    pub fn header_bytes(widths: Widths) -> u64 {
        8 + 2 * u64::from(widths.length) + u64::from(widths.offset)
    }
}

/// The data segment of a local heap, or its part that starts at `offset`: null-terminated strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalHeapData {
    /// The bytes that were read.
    pub bytes: Bytes,
    /// Where in the file they stand.
    pub address: Address,
}

impl LocalHeapData {
    /// The string at `offset` bytes from the start, without its NUL.
    ///
    /// # Errors
    ///
    /// When it does not start and end inside.
    pub fn string(&self, offset: u64) -> Result<&[u8]> {
        // Strings hold no addresses, so any widths will do.
        let mut cursor = Cursor::new(&self.bytes, "local heap", self.address, Widths::EIGHT);
        cursor.skip(offset, "the data before a name")?;
        cursor.null_terminated("name")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{bytes_never_panic, hex, never_panics};

    #[test]
    fn the_header_says_where_the_data_is() {
        let mut bytes = b"HEAP\0\0\0\0".to_vec();
        for number in [88_u64, 16, 712] {
            bytes.extend(number.to_le_bytes());
        }
        let mut cursor = Cursor::new(&bytes, "local heap", Address::new(680), Widths::EIGHT);
        let heap = LocalHeapHeader::decode(&mut cursor).unwrap();
        assert_eq!(heap.data_segment_bytes, 88);
        assert_eq!(heap.data_segment, Address::new(712));
        assert!(cursor.is_empty());
        assert_eq!(LocalHeapHeader::header_bytes(Widths::EIGHT), bytes.len() as u64);
    }

    #[test]
    fn strings_start_at_their_offset_and_end_at_their_nul() {
        let data = LocalHeapData {
            bytes: Bytes::from_static(b"\0\0\0\0\0\0\0\0temperature\0\0\0\0\0time"),
            address: Address::new(100),
        };
        assert_eq!(data.string(0).unwrap(), b"");
        assert_eq!(data.string(8).unwrap(), b"temperature");
        assert_eq!(
            data.string(24).unwrap_err().to_string(),
            "damaged file: local heap at address 124: name has no terminating NUL"
        );
        assert!(data.string(u64::MAX).is_err());
    }

    #[test]
    fn no_input_panics() {
        let header = hex("48454150 00000000 5800000000000000 1000000000000000 c802000000000000");
        never_panics(&header, LocalHeapHeader::decode);
        bytes_never_panic(b"\0\0name\0", |bytes, address, _| {
            let heap = LocalHeapData { bytes: bytes.clone(), address };
            let lengths = (0..=bytes.len() as u64).map(|offset| heap.string(offset));
            lengths.map(|name| name.map(<[u8]>::len)).sum::<Result<usize>>()
        });
    }
}
