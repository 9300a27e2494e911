//! Objects: groups, datasets and committed datatypes, and what their headers say of them
//! (specification IV.A.2).

use std::sync::Arc;

use crate::decode::message::attribute_info::AttributeInfo;
use crate::decode::message::dataspace::Dataspace;
use crate::decode::message::datatype::Datatype;
use crate::decode::message::external_files::ExternalFiles;
use crate::decode::message::fill_value::FillValue;
use crate::decode::message::filter_pipeline::FilterPipeline;
use crate::decode::message::layout::Layout;
use crate::decode::message::{kind, modification_time};
use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};
use crate::walk::File;
use crate::walk::object_header::{Message, ObjectHeader};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A group.
    Group,
    /// A dataset.
    Dataset,
    /// A committed ("named") datatype.
    Datatype,
}

/// An object, as far as its header describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Where its header is.
    pub address: Address,
    /// What it is.
    pub kind: ObjectKind,
    header: ObjectHeader,
}

impl File {
    /// Reads the object whose header is at `address`.
    ///
    /// Waves: those of its header. One for a header of up to 512 bytes without continuation, one
    /// more for a longer first chunk, one for each step of a chain of continuations (all
    /// continuations of a chunk are one step), and one or more for messages shared with other
    /// objects.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when there is no object header, or none of a group, dataset or
    /// datatype.
    pub async fn object(&self, address: Address) -> Result<Arc<Object>> {
        let header = self.object_header(address).await?;
        let kind = kind_of(&header).ok_or_else(|| match header.damage() {
            Some(error) => error.clone(),
            None => {
                let detail = "neither a group, a dataset nor a datatype";
                Error::malformed("object header", address, detail)
            }
        })?;
        Ok(Arc::new(Object { address, kind, header }))
    }
}

/// A group is what has a symbol table or link info, a dataset what has a datatype and a dataspace;
/// in the order in which libhdf5 tries. Where messages may be missing, what is only known by a
/// message that it has not is not known.
fn kind_of(header: &ObjectHeader) -> Option<ObjectKind> {
    if header.has(kind::SYMBOL_TABLE) || header.has(kind::LINK_INFO) {
        Some(ObjectKind::Group)
    } else if header.has(kind::DATATYPE) && header.has(kind::DATASPACE) {
        Some(ObjectKind::Dataset)
    } else if header.has(kind::DATATYPE) && header.damage().is_none() {
        Some(ObjectKind::Datatype)
    } else {
        None
    }
}

impl Object {
    /// The datatype of a dataset or of a committed datatype; `None` for groups.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the message, as for all parts of an object.
    pub fn datatype(&self) -> Result<Option<Datatype>> {
        self.decode(kind::DATATYPE, Datatype::decode)
    }

    /// The committed datatype that a dataset shares, where it does.
    pub fn committed_datatype(&self) -> Option<Address> {
        self.messages(kind::DATATYPE).find_map(|message| message.committed)
    }

    /// The dataspace of a dataset; `None` for other objects.
    pub fn dataspace(&self) -> Result<Option<Dataspace>> {
        self.decode(kind::DATASPACE, Dataspace::decode)
    }

    /// How and where a dataset's elements are stored; `None` for other objects.
    pub fn layout(&self) -> Result<Option<Layout>> {
        self.decode(kind::LAYOUT, Layout::decode)
    }

    /// The filters of a dataset, or of a group's link heap, in the order of writing.
    pub fn filter_pipeline(&self) -> Result<FilterPipeline> {
        Ok(self.decode(kind::FILTER_PIPELINE, FilterPipeline::decode)?.unwrap_or_default())
    }

    /// The fill value: the message of today, or that of the first files. A dataset with neither has
    /// none, as for libhdf5.
    pub fn fill_value(&self) -> Result<FillValue> {
        if let Some(fill) = self.decode(kind::FILL_VALUE, FillValue::decode)? {
            return Ok(fill);
        }
        Ok(self.decode(kind::FILL_VALUE_OLD, FillValue::decode_old)?.unwrap_or_default())
    }

    /// The raw files that hold a dataset's elements outside the HDF5 file.
    pub fn external_files(&self) -> Result<Option<ExternalFiles>> {
        self.decode(kind::EXTERNAL_FILES, ExternalFiles::decode)
    }

    /// When the object was last modified, in seconds since 1970-01-01T00:00:00Z, where the file
    /// says it.
    pub fn modified_seconds(&self) -> Result<Option<i64>> {
        if let Some(times) = &self.header.prefix.times {
            return Ok(Some(i64::from(times.modification_seconds)));
        }
        if let Some(time) = self.decode(kind::MODIFICATION_TIME, modification_time::decode)? {
            return Ok(Some(time));
        }
        self.decode(kind::MODIFICATION_TIME_OLD, modification_time::decode_old)
    }

    /// Whether attributes are numbered by creation, and whether there is an index by that number.
    pub fn attribute_creation_order(&self) -> (bool, bool) {
        (self.header.prefix.attribute_order_tracked, self.header.prefix.attribute_order_indexed)
    }

    /// The number of attributes that the header itself holds; the others are dense.
    pub fn compact_attribute_count(&self) -> u64 {
        self.messages(kind::ATTRIBUTE).count() as u64
    }

    /// Where attributes are kept that do not fit into the header.
    pub(crate) fn attribute_info(&self) -> Result<Option<AttributeInfo>> {
        self.decode(kind::ATTRIBUTE_INFO, AttributeInfo::decode)
    }

    /// Why messages of the header may be missing, where a part of it cannot be read.
    pub fn damage(&self) -> Option<&Error> {
        self.header.damage()
    }

    /// Memory that this object takes, in bytes: for caches.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.header.size_bytes()
    }

    /// All messages of a type.
    pub(crate) fn messages(&self, kind: u16) -> impl Iterator<Item = &Message> + Clone {
        self.header.messages(kind)
    }

    /// The first message of a type, decoded.
    pub(crate) fn decode<T>(
        &self,
        kind: u16,
        decode: impl FnOnce(&mut Cursor<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.header.decode(kind, decode)
    }

    pub(crate) fn widths(&self) -> Widths {
        self.header.widths
    }
}
