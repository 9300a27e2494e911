//! Reads objects of the global heap.

use std::collections::HashMap;

use bytes::Bytes;
use futures::future::join_all;

use crate::decode::Address;
use crate::decode::global_heap::{
    COLLECTION_BYTES_MIN, GlobalHeapCollection, GlobalHeapId, decode_collection_size,
};
use crate::error::{Error, Result};
use crate::value::HeapObjects;
use crate::walk::Reader;

const COLLECTION: &str = "global heap collection";

/// The object with this id; see [`objects`].
///
/// # Errors
///
/// When the id is null, or its collection is malformed or has no such object.
pub(crate) async fn object(reader: &Reader, id: &GlobalHeapId) -> Result<Bytes> {
    let object = objects(reader, [*id]).await.remove(id);
    object.unwrap_or_else(|| {
        Err(Error::malformed(COLLECTION, Address::new(0), "an object is needed, the id is null"))
    })
}

/// The objects with these `ids`, but none for null ids. An id whose collection cannot be read, or
/// does not hold it, has an error.
///
/// Waves: one for all collections, each of which is read once; a second one where some of them are
/// larger than [`COLLECTION_BYTES_MIN`].
pub(crate) async fn objects(
    reader: &Reader,
    ids: impl IntoIterator<Item = GlobalHeapId>,
) -> HeapObjects {
    let mut indexes = HashMap::<Address, Vec<u32>>::new();
    for id in ids {
        if let Some(address) = id.collection {
            indexes.entry(address).or_default().push(id.index);
        }
    }
    let collections = indexes.keys().map(|&address| collection(reader, address));
    let collections = join_all(collections).await;
    let mut objects = HeapObjects::new();
    for ((address, indexes), collection) in indexes.into_iter().zip(collections) {
        for index in indexes {
            let object = match &collection {
                Ok(collection) => collection.object(index).and_then(|object| {
                    let detail = || format!("there is no object {index}");
                    object.cloned().ok_or_else(|| Error::malformed(COLLECTION, address, detail()))
                }),
                Err(error) => Err(error.clone()),
            };
            objects.insert(GlobalHeapId { collection: Some(address), index }, object);
        }
    }
    objects
}

async fn collection(reader: &Reader, address: Address) -> Result<GlobalHeapCollection> {
    reader.budget().nodes(1)?;
    let mut bytes = reader.ask_up_to(address, COLLECTION_BYTES_MIN, COLLECTION).await?;
    let size_bytes = decode_collection_size(&mut reader.cursor(&bytes, COLLECTION, address))?;
    if size_bytes > bytes.len() as u64 {
        bytes = reader.ask(address, size_bytes, COLLECTION).await?;
    }
    let collection = GlobalHeapCollection::decode(&bytes, address, reader.widths())?;
    reader.budget().list::<(u16, Bytes)>(collection.objects().count() as u64)?;
    Ok(collection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::testing::Counted;

    /// A collection of `size` bytes with one object, which has index 3.
    fn collection_with(data: &[u8], size: usize) -> Vec<u8> {
        let mut bytes = b"GCOL\x01\0\0\0".to_vec();
        bytes.extend((size as u64).to_le_bytes());
        bytes.extend([3, 0, 1, 0, 0, 0, 0, 0]);
        bytes.extend((data.len() as u64).to_le_bytes());
        bytes.extend(data);
        bytes.resize(size, 0);
        bytes
    }

    fn id(collection: u64, index: u32) -> GlobalHeapId {
        GlobalHeapId { collection: Some(Address::new(collection)), index }
    }

    /// Collections at 4096, 8192 (a large one) and 16384 (which is damaged).
    fn file() -> Counted {
        let mut bytes = vec![0; 4096];
        bytes.extend(collection_with(b"one", 4096));
        bytes.extend(collection_with(&[7; 5000], 8192));
        bytes.extend(b"LOCG");
        bytes.resize(20480, 0);
        Counted::new(bytes)
    }

    #[test]
    fn each_collection_is_read_once_and_all_in_one_wave() {
        let file = file();
        let ids = [id(4096, 3), id(4096, 3), id(4096, 5), id(16384, 1)];
        let found = file.drive(async { Ok(objects(&file.reader, ids).await) }).unwrap();
        assert_eq!(found[&id(4096, 3)], Ok(Bytes::from("one")));
        assert!(found[&id(4096, 5)].as_ref().unwrap_err().to_string().contains("no object 5"));
        assert!(found[&id(16384, 1)].as_ref().unwrap_err().to_string().contains("signature"));
        assert_eq!((file.source.waves(), file.source.ranges()), (1, 2));
    }

    #[test]
    fn a_large_collection_takes_a_second_wave() {
        let file = file();
        let found = file.drive(object(&file.reader, &id(8192, 3))).unwrap();
        assert_eq!(found, [7; 5000][..]);
        assert_eq!(file.source.waves(), 2);
    }

    #[test]
    fn a_null_id_costs_nothing() {
        let file = file();
        let null = GlobalHeapId { collection: None, index: 0 };
        let found = file.drive(async { Ok(objects(&file.reader, [null]).await) }).unwrap();
        assert!(found.is_empty());
        assert!(file.drive(object(&file.reader, &null)).is_err());
        assert_eq!(file.source.waves(), 0);
    }
}
