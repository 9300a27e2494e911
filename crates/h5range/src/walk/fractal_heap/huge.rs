//! Huge objects: on their own in the file, found by a B-tree or by their ids.

use std::collections::HashMap;

use bytes::Bytes;
use futures::future::join_all;

use crate::decode::btree_v2::{HugeObjectPlace, HugeObjectRecord};
use crate::decode::fractal_heap::HugeObject;
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::fractal_heap::{Answers, FractalHeap};

const OBJECT: &str = "huge fractal heap object";

impl FractalHeap {
    /// All `wanted` objects as one wave; before that the levels of the B-tree, where they are found
    /// by it. The tree is read whole: it has one short record for each object of several
    /// kilobytes.
    pub(super) async fn huge(&self, reader: &Reader, wanted: Vec<(usize, HugeObject)>) -> Answers {
        let needs_tree = wanted.iter().any(|(_, object)| matches!(object, HugeObject::Indirect(_)));
        let by_key = match needs_tree {
            true => self.huge_objects_by_key(reader).await,
            false => Ok(HashMap::new()),
        };
        let objects = wanted.into_iter().map(async |(index, object)| {
            let place = match object {
                HugeObject::Direct(place) => Ok(place),
                HugeObject::Indirect(key) => {
                    by_key.as_ref().map_err(Clone::clone).and_then(|by_key| {
                        let place = by_key.get(&key).copied();
                        place
                            .ok_or_else(|| self.malformed(format!("there is no huge object {key}")))
                    })
                }
            };
            match place {
                Ok(place) => (index, self.huge_object(reader, place).await),
                Err(error) => (index, Err(error)),
            }
        });
        join_all(objects).await
    }

    async fn huge_objects_by_key(&self, reader: &Reader) -> Result<HashMap<u64, HugeObjectPlace>> {
        let Some(address) = self.header.huge_objects else {
            return Err(self.malformed("it has no huge objects"));
        };
        let tree = BTreeV2::open(reader, address).await?;
        let mut by_key = HashMap::new();
        for record in tree.records(reader).await? {
            let mut cursor = reader.cursor(&record, "version 2 B-tree record", address);
            let record = HugeObjectRecord::decode(&mut cursor, tree.record_type())?;
            by_key.extend(record.id.map(|id| (id, record.place)));
        }
        Ok(by_key)
    }

    async fn huge_object(&self, reader: &Reader, place: HugeObjectPlace) -> Result<Bytes> {
        reader.budget().nodes(1)?;
        let HugeObjectPlace { address, size_bytes, filtered } = place;
        let bytes = reader.ask(address, size_bytes, OBJECT).await?;
        self.unfiltered(reader, bytes, filtered, OBJECT, address)
    }
}
