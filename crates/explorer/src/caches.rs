//! The object cache: what was parsed of files, so that the next question need not.
//!
//! Every key carries the version of the file, so nothing here can be outdated, only unused. It
//! saves parsing, and it makes paging through a large group read the group once: a table of its
//! links is kept, from which pages, filters, orders and totals come. (Pages of large old groups that
//! are read alone are not kept here.) Of the objects that a question
//! reads only the first thousand are kept, so that one large page does not put out all else. Bytes
//! are kept elsewhere, by the store.

use std::sync::Arc;

use cache::{Cache, CacheOptions, LoadAborted};
use h5range::Links;
use h5range::decode::Address;
use h5range::walk::{Attributes, FileHeader, Object};

use crate::error::{ExplorerError, Result};

/// In logs and metrics.
const NAME: &str = "object";

/// One version of one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileVersion {
    pub(crate) key: String,
    pub(crate) etag: String,
}

/// What was parsed, of which file and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PartKey {
    Header(Arc<FileVersion>),
    Object(Arc<FileVersion>, Address),
    Links(Arc<FileVersion>, Address),
    Attributes(Arc<FileVersion>, Address),
}

#[derive(Debug, Clone)]
enum Part {
    Header(Arc<FileHeader>),
    Object(Arc<Object>),
    Links(Arc<Links>),
    Attributes(Arc<Attributes>),
}

/// Parsed parts of files, weighed in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Caches {
    parts: Cache<PartKey, Part, ExplorerError>,
}

impl Caches {
    /// Empty caches that hold up to `capacity_bytes`.
    pub(crate) fn new(capacity_bytes: u64) -> Self {
        let options = CacheOptions { name: NAME, capacity_bytes, time_to_live: None };
        Self { parts: Cache::new(options, |_: &PartKey, part: &Part| part.weight_bytes()) }
    }

    pub(crate) fn header(&self, file: &Arc<FileVersion>) -> Option<Arc<FileHeader>> {
        match self.parts.get(&PartKey::Header(file.clone()))? {
            Part::Header(header) => Some(header),
            _ => None,
        }
    }

    pub(crate) fn keep_header(&self, file: &Arc<FileVersion>, header: Arc<FileHeader>) {
        self.parts.insert(PartKey::Header(file.clone()), Part::Header(header));
    }

    pub(crate) fn object(&self, file: &Arc<FileVersion>, at: Address) -> Option<Arc<Object>> {
        match self.parts.get(&PartKey::Object(file.clone(), at))? {
            Part::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn keep_object(&self, file: &Arc<FileVersion>, object: Arc<Object>) {
        self.parts.insert(PartKey::Object(file.clone(), object.address), Part::Object(object));
    }

    pub(crate) fn links(&self, file: &Arc<FileVersion>, group: Address) -> Option<Arc<Links>> {
        match self.parts.get(&PartKey::Links(file.clone(), group))? {
            Part::Links(links) => Some(links),
            _ => None,
        }
    }

    /// The links of a group, read by `read` unless they are there or another question reads them.
    ///
    /// # Errors
    ///
    /// What `read` failed with, whoever it was that asked.
    pub(crate) async fn links_or_read<F>(
        &self,
        file: &Arc<FileVersion>,
        group: Address,
        read: impl FnOnce() -> F,
    ) -> Result<Arc<Links>>
    where
        F: Future<Output = Result<Arc<Links>>> + Send + 'static,
    {
        let read = || {
            let links = read();
            async move { links.await.map(Part::Links) }
        };
        match self.parts.get_or_load(PartKey::Links(file.clone(), group), read).await? {
            (Part::Links(links), _) => Ok(links),
            _ => Err(LoadAborted { cache: NAME }.into()),
        }
    }

    pub(crate) fn keep_links(&self, file: &Arc<FileVersion>, group: Address, links: Arc<Links>) {
        self.parts.insert(PartKey::Links(file.clone(), group), Part::Links(links));
    }

    pub(crate) fn attributes(
        &self,
        file: &Arc<FileVersion>,
        object: Address,
    ) -> Option<Arc<Attributes>> {
        match self.parts.get(&PartKey::Attributes(file.clone(), object))? {
            Part::Attributes(attributes) => Some(attributes),
            _ => None,
        }
    }

    pub(crate) fn keep_attributes(
        &self,
        file: &Arc<FileVersion>,
        object: Address,
        attributes: Arc<Attributes>,
    ) {
        let key = PartKey::Attributes(file.clone(), object);
        self.parts.insert(key, Part::Attributes(attributes));
    }

    /// Forgets all that was parsed of `key`, in whatever version. Returns how many parts went.
    pub(crate) fn forget(&self, key: &str) -> u64 {
        self.parts.remove_if(|part| part.file().key == key)
    }

    /// Sets the gauges of the cache.
    pub(crate) fn report(&self) {
        self.parts.report();
    }
}

impl PartKey {
    fn file(&self) -> &FileVersion {
        match self {
            Self::Header(file)
            | Self::Object(file, _)
            | Self::Links(file, _)
            | Self::Attributes(file, _) => file,
        }
    }
}

impl Part {
    fn weight_bytes(&self) -> u64 {
        let bytes = match self {
            Self::Header(header) => header.size_bytes(),
            Self::Object(object) => object.size_bytes(),
            Self::Links(links) => links.size_bytes(),
            Self::Attributes(attributes) => {
                attributes.items.iter().map(|entry| entry.size_bytes()).sum()
            }
        };
        bytes as u64
    }
}
