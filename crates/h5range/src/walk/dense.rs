//! Links and attributes that an object header has no room for: messages in a fractal heap, indexed
//! by one or two version 2 B-trees (specification IV.A.2.c, IV.A.2.v, "dense storage").
//!
//! Both indexes lead to all messages, so what is damaged in the one may be found by the other.

use std::collections::HashSet;

use bytes::Bytes;
use futures::future::{join, join_all};

use crate::decode::btree_v2::{
    AttributeCreationOrderRecord, AttributeNameRecord, LinkCreationOrderRecord, LinkNameRecord,
};
use crate::decode::checksum::lookup3;
use crate::decode::message::shared::SharedMessage;
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};
use crate::found::Found;
use crate::walk::File;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::fractal_heap::FractalHeap;

const INDEX: &str = "version 2 B-tree header";
const RECORD: &str = "version 2 B-tree record";

/// Bit of a record's message flags: the heap id is one of the shared message heap.
const SHARED_FLAG: u8 = 0x02;

/// Where an object keeps links or attributes that are not in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenseStorage {
    /// The fractal heap with the messages.
    pub heap: Address,
    /// The B-tree of the hashes of their names.
    pub name_index: Option<Address>,
    /// The B-tree of their creation orders, where there is one.
    pub creation_order_index: Option<Address>,
}

/// A message out of the heap.
pub(crate) struct DenseMessage {
    /// A part of a heap block, all of which it keeps in memory: not to be kept.
    pub(crate) body: Bytes,
    /// That of the heap: the message has none of its own in the specification's terms.
    pub(crate) address: Address,
    /// What the index says of it. Links say it in their message.
    pub(crate) creation_order: Option<u32>,
}

/// What a record of either index says.
#[derive(Debug)]
pub(super) struct Record {
    heap_id: RecordHeapId,
    message_flags: u8,
    creation_order: Option<u32>,
    /// In a name index: the key.
    name_hash: Option<u32>,
}

/// The heap id in a record, as long as records of its type have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RecordHeapId {
    Link([u8; 7]),
    Attribute([u8; 8]),
}

impl File {
    /// How many messages there are, as the header of an index says. One wave; another one where
    /// the first index cannot be read.
    ///
    /// # Errors
    ///
    /// When no index can be read.
    pub(crate) async fn dense_count(&self, dense: &DenseStorage) -> Result<u64> {
        let by_name = self.open_index(dense, dense.name_index).await;
        let index = match (by_name, dense.creation_order_index) {
            (Err(error), Some(_)) if !error.ends_the_question() => {
                self.open_index(dense, dense.creation_order_index).await
            }
            (by_name, _) => by_name,
        };
        Ok(index?.record_count())
    }

    /// All messages of this `kind`. The levels of the name index, and beside them those of the heap
    /// down to its blocks; then those of the other index, where the first one is damaged.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn dense_messages(
        &self,
        kind: u16,
        dense: &DenseStorage,
    ) -> Result<Found<DenseMessage>> {
        let heap = FractalHeap::open_whole(self.reader(), dense.heap);
        let records = async {
            let index = self.open_index(dense, dense.name_index).await;
            self.records(dense, index).await
        };
        let (heap, records) = join(heap, records).await;
        self.messages_of(kind, heap, records?).await
    }

    /// The messages of this `kind` whose names have the same hash as `name`. One wave for each
    /// level of the name index, beside those of the heap, and one for the messages.
    ///
    /// # Errors
    ///
    /// When the name index has no header, and what ends the question.
    pub(crate) async fn dense_messages_like(
        &self,
        kind: u16,
        dense: &DenseStorage,
        name: &[u8],
    ) -> Result<Found<DenseMessage>> {
        let hash = lookup3(name);
        let heap = FractalHeap::open(self.reader(), dense.heap);
        let (heap, records) = join(heap, async {
            let index = self.open_index(dense, dense.name_index).await?;
            let found = index.find(self.reader(), |record| {
                let record = Record::decode(&mut record.clone(), index.record_type())?;
                Ok(record.name_hash.cmp(&Some(hash)))
            });
            self.decoded(&index, found.await?)
        })
        .await;
        self.messages_of(kind, heap, records?).await
    }

    /// The records of the name index; where some are missing there, those of both.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(super) async fn records(
        &self,
        dense: &DenseStorage,
        name_index: Result<BTreeV2>,
    ) -> Result<Found<Record>> {
        let by_name = self.records_of(name_index).await?;
        if by_name.incomplete().is_none() || dense.creation_order_index.is_none() {
            return Ok(by_name);
        }
        let by_order = self.open_index(dense, dense.creation_order_index).await;
        merged(by_name, self.records_of(by_order).await?)
    }

    async fn records_of(&self, index: Result<BTreeV2>) -> Result<Found<Record>> {
        let mut records = Found::default();
        if let Some(index) = records.part(index)? {
            let found = index.records(self.reader()).await?;
            records = self.decoded(&index, found)?;
        }
        Ok(records)
    }

    /// One of the indexes. One wave.
    ///
    /// # Errors
    ///
    /// When there is none, or its header is malformed.
    pub(super) async fn open_index(
        &self,
        dense: &DenseStorage,
        index: Option<Address>,
    ) -> Result<BTreeV2> {
        match index {
            Some(index) => BTreeV2::open(self.reader(), index).await,
            None => Err(Error::malformed(INDEX, dense.heap, "nothing leads into this heap")),
        }
    }

    fn decoded(&self, index: &BTreeV2, records: Found<Bytes>) -> Result<Found<Record>> {
        self.reader().budget().list::<Record>(records.items.len() as u64)?;
        records.try_map(|record| {
            let mut cursor = self.reader().cursor(&record, RECORD, index.address());
            Record::decode(&mut cursor, index.record_type())
        })
    }

    /// The messages that `records` lead to.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(super) async fn messages_of(
        &self,
        kind: u16,
        heap: Result<FractalHeap>,
        records: Found<Record>,
    ) -> Result<Found<DenseMessage>> {
        let mut messages = Found::default();
        let records = messages.inherit(records)?;
        let Some(heap) = messages.part(heap)? else { return Ok(messages) };
        let message = |record: &Record, body: Result<Bytes>| {
            let creation_order = record.creation_order;
            Ok(DenseMessage { body: body?, address: heap.address(), creation_order })
        };
        messages.items.reserve_exact(records.len());
        // Of most there is nothing to wait for: they make no lists on the way.
        let (mut own, mut shared) = (Vec::new(), Vec::new());
        for record in &records {
            match heap.object_at_hand(self.reader(), record.heap_id.as_slice()) {
                _ if record.is_shared() => shared.push(record),
                Some(body) => messages.keep(message(record, body))?,
                None => own.push(record),
            }
        }
        let ids: Vec<&[u8]> = own.iter().map(|record| record.heap_id.as_slice()).collect();
        let bodies = shared.iter().map(|record| self.shared_message(kind, record));
        let (own_bodies, bodies) = join(heap.objects(self.reader(), &ids), join_all(bodies)).await;
        let bodies = own_bodies?.into_iter().chain(bodies);
        for (record, body) in own.into_iter().chain(shared).zip(bodies) {
            messages.keep(message(record, body))?;
        }
        Ok(messages)
    }

    async fn shared_message(&self, kind: u16, record: &Record) -> Result<Bytes> {
        let RecordHeapId::Attribute(id) = record.heap_id else {
            let detail = "a link is not a shared message";
            return Err(Error::malformed(RECORD, Address::new(0), detail));
        };
        self.shared_body(kind, &SharedMessage::Heap { id }).await
    }
}

/// What either index leads to, each message once.
fn merged(by_name: Found<Record>, by_order: Found<Record>) -> Result<Found<Record>> {
    if by_order.incomplete().is_none() {
        return by_name.or_more(by_order);
    }
    let mut records = by_name;
    let known: HashSet<RecordHeapId> = records.items.iter().map(|r| r.heap_id).collect();
    let more = records.inherit(by_order)?;
    records.items.extend(more.into_iter().filter(|record| !known.contains(&record.heap_id)));
    Ok(records)
}

impl Record {
    fn decode(cursor: &mut Cursor<'_>, record_type: u8) -> Result<Self> {
        use RecordHeapId::{Attribute, Link};
        let record = |heap_id, message_flags, creation_order, name_hash| Self {
            heap_id,
            message_flags,
            creation_order,
            name_hash,
        };
        match record_type {
            5 => {
                let LinkNameRecord { name_hash, heap_id } = LinkNameRecord::decode(cursor)?;
                Ok(record(Link(heap_id), 0, None, Some(name_hash)))
            }
            6 => {
                let LinkCreationOrderRecord { heap_id, .. } =
                    LinkCreationOrderRecord::decode(cursor)?;
                Ok(record(Link(heap_id), 0, None, None))
            }
            8 => {
                let AttributeNameRecord { heap_id, message_flags, creation_order, name_hash } =
                    AttributeNameRecord::decode(cursor)?;
                Ok(record(Attribute(heap_id), message_flags, Some(creation_order), Some(name_hash)))
            }
            9 => {
                let AttributeCreationOrderRecord { heap_id, message_flags, creation_order } =
                    AttributeCreationOrderRecord::decode(cursor)?;
                Ok(record(Attribute(heap_id), message_flags, Some(creation_order), None))
            }
            other => {
                let detail = format!("type {other} in an index of links or attributes");
                Err(cursor.malformed(detail))
            }
        }
    }

    fn is_shared(&self) -> bool {
        self.message_flags & SHARED_FLAG != 0
    }
}

impl RecordHeapId {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Link(id) => id,
            Self::Attribute(id) => id,
        }
    }
}
