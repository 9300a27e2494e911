//! Huge objects: on their own in the file, found by a B-tree or by their ids.

use std::collections::HashMap;

use bytes::Bytes;
use futures::future::join_all;

use crate::decode::btree_v2::{HugeObjectPlace, HugeObjectRecord};
use crate::decode::fractal_heap::HugeObject;
use crate::error::{Error, Result};
use crate::walk::Reader;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::fractal_heap::{Answers, FractalHeap};

const OBJECT: &str = "huge fractal heap object";

/// Where huge objects are, by the ids that their heap ids hold; with what kept some of them from
/// being known.
#[derive(Default)]
struct HugeObjectIndex {
    places: HashMap<u64, HugeObjectPlace>,
    incomplete: Option<Error>,
}

impl FractalHeap {
    /// All `wanted` objects as one wave; before that the levels of the B-tree, where they are found
    /// by it. The tree is read whole: it has one short record for each object of several
    /// kilobytes.
    pub(super) async fn huge(&self, reader: &Reader, wanted: Vec<(usize, HugeObject)>) -> Answers {
        let needs_tree = wanted.iter().any(|(_, object)| matches!(object, HugeObject::Indirect(_)));
        let index = match needs_tree {
            true => self.huge_object_index(reader).await,
            false => Ok(HugeObjectIndex::default()),
        };
        let objects = wanted.into_iter().map(async |(at, object)| {
            let place = match object {
                HugeObject::Direct(place) => Ok(place),
                HugeObject::Indirect(key) => match &index {
                    Ok(index) => self.huge_object_place(index, key),
                    Err(error) => Err(error.clone()),
                },
            };
            match place {
                Ok(place) => (at, self.huge_object(reader, place).await),
                Err(error) => (at, Err(error)),
            }
        });
        join_all(objects).await
    }

    async fn huge_object_index(&self, reader: &Reader) -> Result<HugeObjectIndex> {
        let Some(address) = self.header.huge_objects else {
            return Err(self.malformed("it has no huge objects"));
        };
        let tree = BTreeV2::open(reader, address).await?;
        let records = tree.records(reader).await?.try_map(|record| {
            let mut cursor = reader.cursor(&record, "version 2 B-tree record", address);
            HugeObjectRecord::decode(&mut cursor, tree.record_type())
        })?;
        let incomplete = records.incomplete().cloned();
        let places =
            records.items.into_iter().filter_map(|record| Some((record.id?, record.place)));
        Ok(HugeObjectIndex { places: places.collect(), incomplete })
    }

    fn huge_object_place(&self, index: &HugeObjectIndex, key: u64) -> Result<HugeObjectPlace> {
        index.places.get(&key).copied().ok_or_else(|| match &index.incomplete {
            Some(error) => error.clone(),
            None => self.malformed(format!("there is no huge object {key}")),
        })
    }

    async fn huge_object(&self, reader: &Reader, place: HugeObjectPlace) -> Result<Bytes> {
        reader.budget().nodes(1)?;
        let HugeObjectPlace { address, size_bytes, filtered } = place;
        let bytes = reader.ask(address, size_bytes, OBJECT).await?;
        self.unfiltered(reader, bytes, filtered, OBJECT, address)
    }
}
