//! Reads the names of an old group.

use bytes::Bytes;
use futures::future::join_all;

use crate::decode::Address;
use crate::decode::local_heap::{LocalHeapData, LocalHeapHeader};
use crate::error::{Error, Result};
use crate::walk::Reader;

const STRUCTURE: &str = "local heap";

/// A data segment up to this size is read whole even for the sake of one name: one far read of
/// 64 KiB is cheaper than two of a few bytes.
const SMALL_BYTES: u64 = 64 << 10;

/// What is read of a data segment that says it is larger than the file: the size is wrong, and the
/// names start where they always did.
const SALVAGED_BYTES: u64 = 1 << 20;

/// Bytes asked for one name out of a large heap. Longer names cost another wave.
const NAME_BYTES: u64 = 256;

/// The names of one old group, read whole or one by one.
pub(crate) struct LocalHeap<'r> {
    reader: &'r Reader,
    header: LocalHeapHeader,
    data: Option<LocalHeapData>,
    damage: Option<Error>,
}

impl<'r> LocalHeap<'r> {
    /// Reads all names of the local heap at `address`: the header, then the data segment. Two
    /// waves. Of a data segment that is not all in the file the beginning is read, and the
    /// [`damage`](LocalHeap::damage) kept.
    ///
    /// # Errors
    ///
    /// When the header is malformed, or the heap larger than the question may read.
    pub(crate) async fn open(reader: &'r Reader, address: Address) -> Result<Self> {
        let mut heap = Self::open_header(reader, address).await?;
        heap.load().await?;
        Ok(heap)
    }

    /// Reads the header of the local heap at `address`, and the data segment only where that is
    /// small: for somebody who wants a few names. One wave for a large heap, else two.
    ///
    /// # Errors
    ///
    /// When the header is malformed.
    pub(crate) async fn open_for_few(reader: &'r Reader, address: Address) -> Result<Self> {
        let mut heap = Self::open_header(reader, address).await?;
        if heap.header.data_segment_bytes <= SMALL_BYTES {
            heap.load().await?;
        }
        Ok(heap)
    }

    /// Has the next wave take the header at `address` along.
    pub(crate) fn ask_ahead(reader: &Reader, address: Address) {
        reader.ask_ahead(address, LocalHeapHeader::header_bytes(reader.widths()));
    }

    async fn open_header(reader: &'r Reader, address: Address) -> Result<Self> {
        reader.budget().nodes(1)?;
        let header_bytes = LocalHeapHeader::header_bytes(reader.widths());
        let bytes = reader.ask(address, header_bytes, STRUCTURE).await?;
        let header = LocalHeapHeader::decode(&mut reader.cursor(&bytes, STRUCTURE, address))?;
        Ok(Self { reader, header, data: None, damage: None })
    }

    async fn load(&mut self) -> Result<()> {
        let LocalHeapHeader { data_segment: address, data_segment_bytes } = self.header;
        let bytes = match data_segment_bytes {
            0 => Bytes::new(),
            length => match self.reader.ask(address, length, STRUCTURE).await {
                Err(error @ Error::Malformed { .. }) => {
                    self.damage = Some(error);
                    let length = length.min(SALVAGED_BYTES);
                    self.reader.ask_up_to(address, length, STRUCTURE).await?
                }
                bytes => bytes?,
            },
        };
        self.data = Some(LocalHeapData { bytes, address });
        Ok(())
    }

    /// Where this heap is read from.
    pub(super) fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// Whether the names are here.
    pub(crate) fn is_whole(&self) -> bool {
        self.data.is_some()
    }

    /// Why the data segment was not read whole, where it should have been.
    pub(crate) fn damage(&self) -> Option<&Error> {
        self.damage.as_ref()
    }

    /// The string at `offset`, of a heap that was read whole.
    ///
    /// # Errors
    ///
    /// When it does not start and end inside the heap, or the heap was not read whole.
    pub(crate) fn name(&self, offset: u64) -> Result<&[u8]> {
        match &self.data {
            Some(data) => data.string(offset),
            None => Err(self.outside(offset)),
        }
    }

    /// The strings at all `offsets`, each with an error where it does not start and end inside the
    /// heap. No wave when the heap was read whole, else one, and another one or more when a name
    /// is long.
    pub(crate) async fn names(&self, offsets: &[u64]) -> Vec<Result<Bytes>> {
        if let Some(LocalHeapData { bytes, .. }) = &self.data {
            let name = |offset: &u64| self.name(*offset).map(|name| bytes.slice_ref(name));
            return offsets.iter().map(name).collect();
        }
        join_all(offsets.iter().map(|&offset| self.fetch_name(offset))).await
    }

    async fn fetch_name(&self, offset: u64) -> Result<Bytes> {
        let in_heap = self.header.data_segment_bytes.saturating_sub(offset);
        let address = self.header.data_segment.checked_add(offset);
        let (Some(address), 1..) = (address, in_heap) else {
            return Err(self.outside(offset));
        };
        let mut length = NAME_BYTES.min(in_heap);
        loop {
            let bytes = self.reader.ask_up_to(address, length, STRUCTURE).await?;
            let is_all = length == in_heap || (bytes.len() as u64) < length;
            let data = LocalHeapData { bytes, address };
            let string = data.string(0);
            if string.is_ok() || is_all {
                return string.map(|string| data.bytes.slice_ref(string));
            }
            length = length.saturating_mul(16).min(in_heap);
        }
    }

    fn outside(&self, offset: u64) -> Error {
        let detail = format!("there is no name at offset {offset}");
        Error::malformed(STRUCTURE, self.header.data_segment, detail)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use byte_source::MemorySource;
    use byte_source::testing::CountingSource;
    use futures::executor::block_on;

    use super::*;
    use crate::budget::Limits;
    use crate::decode::Widths;

    const DATA_AT: u64 = 32;

    /// A heap at address 0 with `data` right behind its header.
    fn reader_of(data: &[u8]) -> (Reader, Arc<CountingSource<MemorySource>>) {
        reader_saying(data.len() as u64, data)
    }

    /// The same, of a heap that says it has so many bytes of data.
    fn reader_saying(
        data_segment_bytes: u64,
        data: &[u8],
    ) -> (Reader, Arc<CountingSource<MemorySource>>) {
        let mut bytes = b"HEAP\0\0\0\0".to_vec();
        for number in [data_segment_bytes, u64::MAX, DATA_AT] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(data);
        let source = Arc::new(CountingSource::new(MemorySource::new(bytes)));
        (Reader::new(source.clone(), 0, Widths::EIGHT, Limits::default()), source)
    }

    fn texts(names: Vec<Result<Bytes>>) -> Vec<String> {
        let text = |name: Result<Bytes>| String::from_utf8(name.unwrap().to_vec()).unwrap();
        names.into_iter().map(text).collect()
    }

    #[test]
    fn a_segment_larger_than_the_file_has_the_names_that_are_there() {
        let (reader, _) = reader_saying(u64::MAX, b"one\0two\0");
        let names = block_on(reader.drive(async {
            let heap = LocalHeap::open(&reader, Address::new(0)).await?;
            assert!(matches!(heap.damage(), Some(Error::Malformed { .. })));
            Ok(heap.names(&[0, 4, 8]).await)
        }));
        let names = names.unwrap();
        assert!(names[2].is_err());
        assert_eq!(texts(names[..2].to_vec()), ["one", "two"]);
    }

    #[test]
    fn a_small_heap_is_read_whole_in_two_waves() {
        let (reader, source) = reader_of(b"one\0two\0");
        let names = block_on(reader.drive(async {
            let heap = LocalHeap::open_for_few(&reader, Address::new(0)).await?;
            Ok(texts(heap.names(&[0, 4]).await))
        }));
        assert_eq!(names.unwrap(), ["one", "two"]);
        assert_eq!(source.waves(), 2);
    }

    #[test]
    fn a_few_names_of_a_large_heap_are_one_more_wave() {
        let mut data = vec![b'x'; 100_000];
        data[99_999] = 0;
        data.extend(b"first\0second\0");
        let (reader, source) = reader_of(&data);
        let names = block_on(reader.drive(async {
            let heap = LocalHeap::open_for_few(&reader, Address::new(0)).await?;
            Ok(texts(heap.names(&[100_000, 100_006]).await))
        }));
        assert_eq!(names.unwrap(), ["first", "second"]);
        assert_eq!(source.waves(), 2);
        assert!(source.bytes() < 200);
    }

    #[test]
    fn a_long_name_costs_more_waves_and_no_name_more_than_the_heap() {
        let mut data = vec![b'x'; 100_000];
        data.extend(b"\0no end");
        let (reader, source) = reader_of(&data);
        let (long, endless, outside) = block_on(reader.drive(async {
            let heap = LocalHeap::open_for_few(&reader, Address::new(0)).await?;
            let long = heap.names(&[90_000]).await;
            Ok((long, heap.names(&[100_001]).await, heap.names(&[100_008]).await))
        }))
        .unwrap();
        assert_eq!(long[0].as_ref().unwrap().len(), 10_000);
        assert!(matches!(endless[..], [Err(Error::Malformed { .. })]), "{endless:?}");
        assert!(matches!(outside[..], [Err(Error::Malformed { .. })]), "{outside:?}");
        assert_eq!(source.waves(), 5);
    }
}
