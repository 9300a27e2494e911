//! Global heap: collections of objects that datasets and attributes refer to by number, such as
//! the elements of variable-length types. Section III.E of the specification ("Global Heap").
//!
//! Reference counts are not read: they matter to writers.

use std::collections::HashMap;

use bytes::Bytes;

use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};

/// What a writer allocates at least for a collection, and by far the most common size of one: a
/// good first guess for its reader.
pub const COLLECTION_BYTES_MIN: u64 = 4096;

/// Where an object of the global heap is, as datasets and attributes store it ("Global Heap ID").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlobalHeapId {
    /// The collection that holds the object. `None` for the null id, which writers express as the
    /// address zero or as the undefined address.
    pub collection: Option<Address>,
    /// The object's index in its collection.
    pub index: u32,
}

impl GlobalHeapId {
    /// Takes an id: an address and a 32-bit index.
    ///
    /// # Errors
    ///
    /// When fewer bytes are left.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let collection = cursor.offset("collection address")?.filter(|address| address.get() != 0);
        Ok(Self { collection, index: cursor.u32("object index")? })
    }

    /// Bytes that [`GlobalHeapId::decode`] takes.
    pub fn encoded_bytes(widths: Widths) -> u64 {
        u64::from(widths.offset) + 4
    }
}

/// The size of a collection in bytes, its header included, from the header at the front of
/// `cursor`. Leaves the cursor at the first object.
///
/// # Errors
///
/// When it is not a collection of a known version.
pub fn decode_collection_size(cursor: &mut Cursor<'_>) -> Result<u64> {
    let start = cursor.clone();
    cursor.signature(b"GCOL")?;
    let version = cursor.u8("version")?;
    cursor.known_version(version, &[1])?;
    cursor.skip(3, "reserved bytes")?;
    let size_bytes = cursor.length("collection size")?;
    skip_to_alignment(cursor, &start)?;
    Ok(size_bytes)
}

/// The objects of one collection. They share the bytes that the collection was decoded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalHeapCollection {
    objects: HashMap<u16, Bytes>,
    /// What is wrong with an object: where the next one starts is then not known.
    damage: Option<Error>,
}

impl GlobalHeapCollection {
    /// Decodes a collection that was read whole: `bytes` has at least as many bytes as
    /// [`decode_collection_size`] says.
    ///
    /// # Errors
    ///
    /// When the header is wrong. A damaged object costs those behind it.
    pub fn decode(bytes: &Bytes, address: Address, widths: Widths) -> Result<Self> {
        let mut cursor = Cursor::new(bytes, "global heap collection", address, widths);
        let size_bytes = decode_collection_size(&mut cursor.clone())?;
        let mut collection = cursor.sub(size_bytes, "global heap collection")?;
        decode_collection_size(&mut collection)?;

        let (mut objects, mut damage) = (HashMap::new(), None);
        while collection.remaining() >= object_header_bytes(widths) {
            match decode_object(&mut collection) {
                Ok(Some((index, data))) => objects.insert(index, bytes.slice_ref(data)),
                Ok(None) => break,
                Err(error) => {
                    damage = Some(error);
                    break;
                }
            };
        }
        Ok(Self { objects, damage })
    }

    /// The data of the object with this index; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Where it may be behind a damaged object.
    pub fn object(&self, index: u32) -> Result<Option<&Bytes>> {
        let object = u16::try_from(index).ok().and_then(|index| self.objects.get(&index));
        match (object, &self.damage) {
            (None, Some(damage)) => Err(damage.clone()),
            (object, _) => Ok(object),
        }
    }

    /// All objects with their indexes, in no order.
    pub fn objects(&self) -> impl Iterator<Item = (u16, &Bytes)> {
        self.objects.iter().map(|(index, data)| (*index, data))
    }
}

/// The next object: its index and data. `None` for object 0, the free space at the end.
fn decode_object<'a>(collection: &mut Cursor<'a>) -> Result<Option<(u16, &'a [u8])>> {
    let start = collection.clone();
    let index = collection.u16("object index")?;
    if index == 0 {
        return Ok(None);
    }
    collection.skip(2, "reference count")?;
    collection.skip(4, "reserved bytes")?;
    let size_bytes = collection.length("object size")?;
    skip_to_alignment(collection, &start)?;
    let data = collection.take(size_bytes, "object data")?;
    skip_to_alignment(collection, &start)?;
    Ok(Some((index, data)))
}

/// Headers and data are padded to multiples of eight, also where lengths are narrower than eight
/// bytes. The padding of the last object may be cut off by the end of the collection.
fn skip_to_alignment(cursor: &mut Cursor<'_>, start: &Cursor<'_>) -> Result<()> {
    let taken = start.remaining().saturating_sub(cursor.remaining());
    let padding = taken.next_multiple_of(8).saturating_sub(taken);
    cursor.skip(padding.min(cursor.remaining()), "padding")
}

fn object_header_bytes(widths: Widths) -> u64 {
    (8 + u64::from(widths.length)).next_multiple_of(8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: Address = Address::new(2048);

    fn object(index: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = index.to_le_bytes().to_vec();
        bytes.extend([1, 0, 0, 0, 0, 0]);
        bytes.extend((data.len() as u64).to_le_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    fn collection(objects: &[Vec<u8>], free: u64) -> Bytes {
        let objects = objects.concat();
        let mut bytes = b"GCOL\x01\0\0\0".to_vec();
        bytes.extend((16 + objects.len() as u64 + free).to_le_bytes());
        bytes.extend(objects);
        if free >= 16 {
            bytes.extend([0; 8]);
            bytes.extend(free.to_le_bytes());
        }
        bytes.resize(bytes.len() + free.saturating_sub(16) as usize, 0);
        bytes.into()
    }

    #[test]
    fn finds_objects_by_index_up_to_the_free_space() {
        let bytes = collection(&[object(1, b"one"), object(7, b""), object(2, b"12345678")], 40);
        let heap = GlobalHeapCollection::decode(&bytes, AT, Widths::EIGHT).unwrap();
        assert_eq!(heap.object(1).unwrap().unwrap(), &b"one"[..]);
        assert_eq!(heap.object(7).unwrap().unwrap(), &b""[..]);
        assert_eq!(heap.object(2).unwrap().unwrap(), &b"12345678"[..]);
        assert_eq!(heap.object(0), Ok(None));
        assert_eq!(heap.object(65_537), Ok(None));
        assert_eq!(heap.objects().count(), 3);
    }

    #[test]
    fn a_full_collection_has_no_free_space_object() {
        let bytes = collection(&[object(1, b"abcdefgh")], 0);
        let heap = GlobalHeapCollection::decode(&bytes, AT, Widths::EIGHT).unwrap();
        assert_eq!(heap.objects().count(), 1);
    }

    #[test]
    fn headers_are_padded_to_eight_where_lengths_are_narrow() {
        let mut bytes = b"GCOL\x01\0\0\0".to_vec();
        bytes.extend([40, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([3, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(b"hi\0\0\0\0\0\0");
        let widths = Widths { offset: 4, length: 4 };
        let heap = GlobalHeapCollection::decode(&bytes.into(), AT, widths).unwrap();
        assert_eq!(heap.object(3).unwrap().unwrap(), &b"hi"[..]);
    }

    #[test]
    fn an_object_that_reaches_behind_its_collection_costs_those_behind_it() {
        let mut bytes = collection(&[object(1, b"abcdefgh"), object(2, b"hi")], 0).to_vec();
        bytes[48] = 9;
        let heap = GlobalHeapCollection::decode(&bytes.into(), AT, Widths::EIGHT).unwrap();
        assert_eq!(heap.object(1).unwrap().unwrap(), &b"abcdefgh"[..]);
        for lost in [2, 3] {
            assert_eq!(
                heap.object(lost).unwrap_err().to_string(),
                "damaged file: global heap collection at address 2104: \
                 object data needs 9 bytes, 8 are left"
            );
        }
    }

    #[test]
    fn an_unknown_version_is_refused_by_name() {
        let mut bytes = collection(&[], 16).to_vec();
        bytes[4] = 2;
        let error = GlobalHeapCollection::decode(&bytes.into(), AT, Widths::EIGHT).unwrap_err();
        assert_eq!(error, Error::unsupported("global heap collection version 2"));
    }

    #[test]
    fn zero_and_undefined_addresses_are_the_null_id() {
        let mut bytes = vec![0; 12];
        bytes.extend([0xff; 8]);
        bytes.extend([5, 0, 0, 0]);
        bytes.extend([0, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0]);
        let mut cursor = Cursor::new(&bytes, "global heap id", AT, Widths::EIGHT);
        let mut next = || GlobalHeapId::decode(&mut cursor).unwrap();
        assert_eq!(next(), GlobalHeapId { collection: None, index: 0 });
        assert_eq!(next(), GlobalHeapId { collection: None, index: 5 });
        assert_eq!(next(), GlobalHeapId { collection: Some(AT), index: 3 });
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = b"GCOL\x01\0\0\0".to_vec();
            bytes.extend(tail);
            let _ = GlobalHeapCollection::decode(&bytes.into(), AT, Widths::EIGHT);
        }
    }
}
