//! The third phase: all attributes, and their values to the last element.

use futures::future::join_all;
use h5range::decode::message::dataspace::Dataspace;
use h5range::walk::{AttributeEntry, Object};
use h5range::{Elements, Error};

use super::paths::PathId;
use super::{BATCH, CheckPhase, Met, Walk, counts, side_by_side};
use crate::answers::LargestAttribute;
use crate::path::lossy;
use crate::session::OpenFile;

/// What was read of the attributes of one object.
struct Read {
    compact: u64,
    attributes: Vec<ReadAttribute>,
    /// Attributes without even a name.
    errors: Vec<Error>,
}

/// What was read of one attribute.
struct ReadAttribute {
    name: Vec<u8>,
    /// The class of its datatype and the bytes of its elements, as far as they are known.
    kind: Option<(&'static str, u64)>,
    error: Option<Error>,
}

impl Walk<'_> {
    /// Reads the attributes of all objects.
    ///
    /// Waves: those of the deepest index and heap of dense attributes, then those of committed
    /// datatypes, then those of values in the global heap; so many for every 10,000 objects. None
    /// for compact attributes of fixed size.
    ///
    /// # Errors
    ///
    /// Only what ends the walk. What is wrong with single attributes is noted.
    pub(super) async fn read_attributes(&mut self) -> h5range::Result<()> {
        let objects = std::mem::take(&mut self.objects);
        let ended = self.read_attributes_of(&objects).await;
        self.objects = objects;
        ended
    }

    async fn read_attributes_of(&mut self, objects: &[Met]) -> h5range::Result<()> {
        let mut done = 0_usize;
        for batch in objects.chunks(BATCH) {
            let open = self.open;
            let answers = side_by_side(open, batch.iter().map(|met| read(open, met)));
            for (met, answer) in batch.iter().zip(answers.await?) {
                match answer {
                    Ok(read) => self.note_attributes(met.path, read),
                    Err(error) => self.note(error, met.path),
                }
            }
            done = done.saturating_add(batch.len());
            self.end_of_batch(CheckPhase::Attributes, done)?;
        }
        Ok(())
    }

    fn note_attributes(&mut self, path: PathId, read: Read) {
        let Read { compact, attributes, errors } = read;
        let found = &mut self.found.attributes;
        let count = attributes.len() as u64;
        let compact = compact.min(count);
        found.count = found.count.saturating_add(count);
        counts::add(&mut found.storage, "compact", compact);
        counts::add(&mut found.storage, "dense", count.saturating_sub(compact));
        for error in errors {
            self.note(error, path);
        }
        for ReadAttribute { name, kind, error } in attributes {
            if let Some((class, size_bytes)) = kind {
                counts::add(&mut self.found.attributes.datatypes, class, 1);
                self.note_size(path, &name, size_bytes);
            }
            if let Some(error) = error {
                self.found.errors.note(error, || self.paths.text(path), Some(&name));
            }
        }
    }

    fn note_size(&mut self, path: PathId, name: &[u8], size_bytes: u64) {
        let largest = &mut self.found.attributes.largest;
        if largest.as_ref().is_none_or(|largest| size_bytes > largest.size) {
            let path = self.paths.text(path);
            *largest = Some(LargestAttribute { path, name: lossy(name), size: size_bytes });
        }
    }
}

async fn read(open: &OpenFile, met: &Met) -> h5range::Result<Read> {
    let object = open.object(met.address).await?;
    let attributes = open.file.attributes(&object).await?;
    let read = attributes.items.iter().map(|entry| read_attribute(open, &object, entry));
    Ok(Read {
        compact: object.compact_attribute_count(),
        attributes: join_all(read).await,
        errors: attributes.errors,
    })
}

async fn read_attribute(open: &OpenFile, object: &Object, entry: &AttributeEntry) -> ReadAttribute {
    let name = entry.name.clone();
    let attribute = match open.file.attribute(entry).await {
        Ok(attribute) => attribute,
        Err(error) => return ReadAttribute { name, kind: None, error: Some(error) },
    };
    let kind = Some((counts::class_name(&attribute.datatype), attribute.data.len() as u64));
    if attribute.dataspace == Dataspace::Null {
        return ReadAttribute { name, kind, error: None };
    }
    let elements = Elements {
        datatype: &attribute.datatype,
        data: &attribute.data,
        address: object.address,
        count: attribute.dataspace.element_count().unwrap_or(u64::MAX),
    };
    let error = open.file.read_values(&elements, None).await.err();
    ReadAttribute { name, kind, error }
}
