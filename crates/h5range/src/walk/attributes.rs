//! Attributes, in the object header ("compact") or in a fractal heap ("dense") (specification
//! IV.A.2.m, IV.A.2.v, VIII).

use bytes::Bytes;
use futures::future::{join, join_all};

use crate::decode::btree_v2::AttributeNameRecord;
use crate::decode::checksum::lookup3;
use crate::decode::message::attribute::AttributeMessage;
use crate::decode::message::attribute_info::AttributeInfo;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::datatype::Datatype;
use crate::decode::message::kind;
use crate::decode::message::shared::{MaybeShared, SharedMessage};
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result, set_aside};
use crate::walk::btree_v2::BTreeV2;
use crate::walk::fractal_heap::FractalHeap;
use crate::walk::{File, Object};

/// Bit of an attribute record's message flags: the heap id is one of the shared message heap.
const SHARED_FLAG: u8 = 0x02;

/// An attribute whose name is known: what a list of attributes needs.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeEntry {
    /// The name as the file has it.
    pub name: Vec<u8>,
    /// Its number by creation, where that is tracked.
    pub creation_order: Option<u32>,
    address: Address,
    body: Bytes,
}

/// An attribute with all that its message refers to.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its datatype.
    pub datatype: Datatype,
    /// The datatype object that it shares, where it does.
    pub committed: Option<Address>,
    /// Its dataspace.
    pub dataspace: Dataspace,
    /// Its elements as they are stored: `datatype.size` bytes each.
    pub data: Bytes,
}

/// The attributes of an object: those that can be listed, and what kept others from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes {
    /// By name, as bytes.
    pub entries: Vec<AttributeEntry>,
    /// One error for each attribute, or for the storage of several, that has not even a name.
    pub errors: Vec<Error>,
}

impl File {
    /// How many attributes the object has.
    ///
    /// Waves: none for compact attributes, one for dense ones.
    ///
    /// # Errors
    ///
    /// When the index of dense attributes cannot be read.
    pub async fn attribute_count(&self, object: &Object) -> Result<u64> {
        let compact = object.compact_attribute_count();
        let Some(dense) = dense_storage(object)? else { return Ok(compact) };
        let index = BTreeV2::open(self.reader(), dense.name_index).await?;
        Ok(compact.saturating_add(index.record_count()))
    }

    /// The names of all attributes, by name; what they hold is read by [`File::attribute`].
    ///
    /// Waves: none for compact attributes; for dense ones those of the name index and of the heap,
    /// which have their first wave in common.
    ///
    /// # Errors
    ///
    /// Only what ends the question. What cannot be read of the attributes is in
    /// [`Attributes::errors`].
    pub async fn attributes(&self, object: &Object) -> Result<Attributes> {
        let mut attributes = Attributes::default();
        for entry in join_all(self.compact_entries(object)).await {
            attributes.keep(entry)?;
        }
        if let Some(dense) = set_aside(dense_storage(object), &mut attributes.errors)?.flatten() {
            attributes.keep_all(self.dense_entries(&dense).await)?;
        }
        attributes.entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(attributes)
    }

    /// The attribute called `name`.
    ///
    /// Waves: none for compact attributes. Dense ones are looked up by the hash of their name:
    /// one for each level of the index, together with the heap's own structures, and one more.
    ///
    /// # Errors
    ///
    /// What keeps the attribute from being found; an error in another attribute does not.
    pub async fn find_attribute(
        &self,
        object: &Object,
        name: &[u8],
    ) -> Result<Option<AttributeEntry>> {
        for entry in join_all(self.compact_entries(object)).await {
            match entry {
                Ok(entry) if entry.name == name => return Ok(Some(entry)),
                Err(error) if error.ends_the_question() => return Err(error),
                _ => {}
            }
        }
        let Some(dense) = dense_storage(object)? else { return Ok(None) };
        let reader = self.reader();
        let hash = lookup3(name);
        let (heap, records) = join(FractalHeap::open(reader, dense.heap), async {
            let index = BTreeV2::open(reader, dense.name_index).await?;
            index
                .find(reader, |record| {
                    Ok(AttributeNameRecord::decode(&mut record.clone())?.name_hash.cmp(&hash))
                })
                .await
        })
        .await;
        let entries = self.entries_of(&heap?, &records?).await?;
        for entry in entries {
            let entry = entry?;
            if entry.name == name {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// Reads what an attribute's message refers to: committed datatypes and shared messages.
    ///
    /// Waves: none where nothing is shared.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with this attribute.
    pub async fn attribute(&self, entry: &AttributeEntry) -> Result<Attribute> {
        let widths = self.reader().widths();
        let message = AttributeMessage::decode(&entry.body, entry.address, widths)?;
        let committed = match &message.datatype {
            MaybeShared::Shared(SharedMessage::Committed { address }) => Some(*address),
            _ => None,
        };
        let (datatype, dataspace) = join(
            self.unshare(kind::DATATYPE, message.datatype, entry.address, Datatype::decode),
            self.unshare(kind::DATASPACE, message.dataspace, entry.address, Dataspace::decode),
        )
        .await;
        let (datatype, dataspace) = (datatype?, dataspace?);
        let data = stored_elements(&datatype, &dataspace, &message.data).ok_or_else(|| {
            let detail = format!("its elements need more than the {} bytes", message.data.len());
            Error::malformed("attribute message", entry.address, detail)
        })?;
        Ok(Attribute { datatype, committed, dataspace, data })
    }

    async fn unshare<T>(
        &self,
        kind: u16,
        part: MaybeShared<T>,
        address: Address,
        decode: fn(&mut Cursor<'_>) -> Result<T>,
    ) -> Result<T> {
        match part {
            MaybeShared::Here(part) => Ok(part),
            MaybeShared::Shared(shared) => {
                let body = self.shared_body(kind, &shared).await?;
                decode(&mut self.reader().cursor(&body, kind::name(kind), address))
            }
        }
    }

    fn compact_entries<'a>(
        &'a self,
        object: &'a Object,
    ) -> impl Iterator<Item = impl Future<Output = Result<AttributeEntry>> + 'a> + 'a {
        object.messages(kind::ATTRIBUTE).map(async |message| {
            let mut body = message.body.clone()?;
            if message.shared {
                let decode = |cursor: &mut Cursor<'_>| SharedMessage::decode(cursor);
                let shared = message.decode(object.widths(), decode)?;
                body = self.shared_body(kind::ATTRIBUTE, &shared).await?;
            }
            let creation_order = message.creation_order.map(u32::from);
            AttributeEntry::new(self, body, message.address, creation_order)
        })
    }

    async fn dense_entries(&self, dense: &DenseStorage) -> Result<Vec<Result<AttributeEntry>>> {
        let reader = self.reader();
        let (heap, records) = join(FractalHeap::open_whole(reader, dense.heap), async {
            BTreeV2::open(reader, dense.name_index).await?.records(reader).await
        })
        .await;
        self.entries_of(&heap?, &records?).await
    }

    /// The entries that the records of a name index lead to.
    async fn entries_of(
        &self,
        heap: &FractalHeap,
        records: &[Bytes],
    ) -> Result<Vec<Result<AttributeEntry>>> {
        let reader = self.reader();
        let mut decoded = Vec::with_capacity(records.len());
        for record in records {
            let mut cursor = reader.cursor(record, "version 2 B-tree record", heap.address());
            decoded.push(AttributeNameRecord::decode(&mut cursor)?);
        }
        let own = decoded.iter().filter(|record| record.message_flags & SHARED_FLAG == 0);
        let ids: Vec<&[u8]> = own.map(|record| &record.heap_id[..]).collect();
        let shared = decoded.iter().filter(|record| record.message_flags & SHARED_FLAG != 0);
        let shared = shared.map(async |record| {
            let shared = SharedMessage::Heap { id: record.heap_id };
            self.shared_body(kind::ATTRIBUTE, &shared).await
        });
        let (own, shared) = join(heap.objects(reader, &ids), join_all(shared)).await;
        let (mut own, mut shared) = (own?.into_iter(), shared.into_iter());
        let entries = decoded.iter().filter_map(|record| {
            let next =
                if record.message_flags & SHARED_FLAG == 0 { own.next() } else { shared.next() };
            Some(next?.and_then(|body| {
                // A copy, because a slice would keep its whole heap block alive.
                let body = Bytes::copy_from_slice(&body);
                AttributeEntry::new(self, body, heap.address(), Some(record.creation_order))
            }))
        });
        Ok(entries.collect())
    }
}

impl Attributes {
    fn keep(&mut self, entry: Result<AttributeEntry>) -> Result<()> {
        self.entries.extend(set_aside(entry, &mut self.errors)?);
        Ok(())
    }

    fn keep_all(&mut self, entries: Result<Vec<Result<AttributeEntry>>>) -> Result<()> {
        let entries = set_aside(entries, &mut self.errors)?.unwrap_or_default();
        entries.into_iter().try_for_each(|entry| self.keep(entry))
    }
}

impl AttributeEntry {
    fn new(
        file: &File,
        body: Bytes,
        address: Address,
        creation_order: Option<u32>,
    ) -> Result<Self> {
        let name = AttributeMessage::decode_name(&body, address, file.reader().widths())?;
        Ok(Self { name, creation_order, address, body })
    }

    /// Memory that this entry takes, in bytes: for caches.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.body.len()
    }
}

struct DenseStorage {
    heap: Address,
    name_index: Address,
}

fn dense_storage(object: &Object) -> Result<Option<DenseStorage>> {
    let info = object.attribute_info()?;
    Ok(info.and_then(|AttributeInfo { fractal_heap, name_index, .. }| {
        Some(DenseStorage { heap: fractal_heap?, name_index: name_index? })
    }))
}

/// The bytes that the elements take, cut from what the message holds behind its dataspace.
fn stored_elements(datatype: &Datatype, dataspace: &Dataspace, data: &Bytes) -> Option<Bytes> {
    let size_bytes = dataspace.element_count()?.checked_mul(u64::from(datatype.size))?;
    let size_bytes = usize::try_from(size_bytes).ok()?;
    (size_bytes <= data.len()).then(|| data.slice(..size_bytes))
}
