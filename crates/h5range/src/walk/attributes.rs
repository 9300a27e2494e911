//! Attributes, in the object header ("compact") or in a fractal heap ("dense") (specification
//! IV.A.2.m, IV.A.2.v, VIII).

use bytes::Bytes;
use futures::future::{join, join_all};

use crate::decode::message::attribute::AttributeMessage;
use crate::decode::message::attribute_info::AttributeInfo;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::datatype::Datatype;
use crate::decode::message::kind;
use crate::decode::message::shared::{MaybeShared, SharedMessage};
use crate::decode::{Address, Cursor};
use crate::error::{Error, Result};
use crate::found::Found;
use crate::walk::dense::{DenseMessage, DenseStorage};
use crate::walk::{File, Object};

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

/// The attributes of an object that have at least a name, by name, as bytes.
pub type Attributes = Found<AttributeEntry>;

impl File {
    /// How many attributes the object has.
    ///
    /// Waves: none for compact attributes, one for dense ones.
    ///
    /// # Errors
    ///
    /// When damage hides how many there are.
    pub async fn attribute_count(&self, object: &Object) -> Result<u64> {
        object.damage().map_or(Ok(()), |error| Err(error.clone()))?;
        let compact = object.compact_attribute_count();
        match object.dense_attributes()? {
            Some(dense) => Ok(compact.saturating_add(self.dense_count(&dense).await?)),
            None => Ok(compact),
        }
    }

    /// The names of all attributes, by name; what they hold is read by [`File::attribute`].
    ///
    /// Waves: none for compact attributes; for dense ones those of the name index and of the heap,
    /// which have their first wave in common.
    ///
    /// # Errors
    ///
    /// Only what ends the question. What cannot be read of the attributes is in what was
    /// [`Found`].
    pub async fn attributes(&self, object: &Object) -> Result<Attributes> {
        let mut attributes = self.compact_attributes(object).await?;
        if let Some(dense) = attributes.part(object.dense_attributes())?.flatten() {
            let messages = self.dense_messages(kind::ATTRIBUTE, &dense).await?;
            attributes.extend(messages.try_map(|message| self.dense_attribute(message))?)?;
        }
        attributes.items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(attributes)
    }

    /// The attribute called `name`.
    ///
    /// Waves: none for compact attributes. Dense ones are looked up by the hash of their name:
    /// one for each level of the index, together with the heap's own structures, and one more.
    ///
    /// # Errors
    ///
    /// Damage on the way, because of which the attribute was not found. It may still be among
    /// [`File::attributes`].
    pub async fn find_attribute(
        &self,
        object: &Object,
        name: &[u8],
    ) -> Result<Option<AttributeEntry>> {
        let is_wanted = |entry: &AttributeEntry| entry.name == name;
        let compact = self.compact_attributes(object).await?;
        let compact = compact.pick(is_wanted);
        if let Ok(Some(entry)) = compact {
            return Ok(Some(entry.clone()));
        }
        if let Some(dense) = object.dense_attributes()? {
            let messages = self.dense_messages_like(kind::ATTRIBUTE, &dense, name).await?;
            let entries = messages.try_map(|message| self.dense_attribute(message))?;
            if let Some(entry) = entries.pick(is_wanted)? {
                return Ok(Some(entry.clone()));
            }
        }
        compact.map(|_| None)
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

    async fn compact_attributes(&self, object: &Object) -> Result<Attributes> {
        let mut attributes = Found::default();
        let damage = object.damage().map_or(Ok(()), |error| Err(error.clone()));
        attributes.part(damage)?;
        let entries = object.messages(kind::ATTRIBUTE).map(async |message| {
            let mut body = message.body.clone()?;
            if message.shared {
                let decode = |cursor: &mut Cursor<'_>| SharedMessage::decode(cursor);
                let shared = message.decode(object.widths(), decode)?;
                body = self.shared_body(kind::ATTRIBUTE, &shared).await?;
            }
            let creation_order = message.creation_order.map(u32::from);
            AttributeEntry::new(self, body, message.address, creation_order)
        });
        let entries = join_all(entries).await;
        entries.into_iter().try_for_each(|entry| attributes.keep(entry))?;
        Ok(attributes)
    }

    fn dense_attribute(&self, message: DenseMessage) -> Result<AttributeEntry> {
        let DenseMessage { body, address, creation_order } = message;
        // Many records may lead to the same message.
        self.budget().decoded(body.len() as u64)?;
        AttributeEntry::new(self, Bytes::copy_from_slice(&body), address, creation_order)
    }
}

impl Object {
    fn dense_attributes(&self) -> Result<Option<DenseStorage>> {
        let info = self.attribute_info()?;
        Ok(info.and_then(|info| {
            let AttributeInfo { fractal_heap, name_index, creation_order_index, .. } = info;
            Some(DenseStorage { heap: fractal_heap?, name_index, creation_order_index })
        }))
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
        file.reader().budget().decoded((size_of::<Self>() + name.len()) as u64)?;
        Ok(Self { name, creation_order, address, body })
    }

    /// Memory that this entry takes, in bytes: for caches.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.body.len()
    }
}

/// The bytes that the elements take, cut from what the message holds behind its dataspace.
fn stored_elements(datatype: &Datatype, dataspace: &Dataspace, data: &Bytes) -> Option<Bytes> {
    let size_bytes = dataspace.element_count()?.checked_mul(u64::from(datatype.size))?;
    let size_bytes = usize::try_from(size_bytes).ok()?;
    (size_bytes <= data.len()).then(|| data.slice(..size_bytes))
}
