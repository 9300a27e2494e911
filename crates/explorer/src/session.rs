//! A file at one version, and the reading of it for one question.

use std::sync::Arc;

use futures::future::FutureExt;
use h5range::decode::Address;
use h5range::walk::{AttributeEntry, Attributes, File, Object};
use h5range::{Error, Limits, Link, Links};
use store::{ByteSource, Freshness, Meter, StoredObject, Version};

use crate::caches::{Caches, FileVersion};
use crate::error::{ExplorerError, Result};
use crate::explorer::Explorer;

/// One file at one version, for one question. Every answer it gives is about that version.
#[derive(Clone)]
pub struct Session {
    pub(crate) explorer: Arc<Explorer>,
    source: Arc<StoredObject>,
    freshness: Freshness,
    meter: Arc<Meter>,
    limits: Limits,
}

impl Session {
    pub(crate) fn new(
        explorer: Arc<Explorer>,
        source: Arc<StoredObject>,
        freshness: Freshness,
        meter: Arc<Meter>,
    ) -> Self {
        let limits = explorer.limits;
        Self { explorer, source, freshness, meter, limits }
    }

    /// The key of the file.
    pub fn key(&self) -> &str {
        self.source.key()
    }

    /// The version that all answers are about.
    pub fn version(&self) -> &Version {
        self.source.version()
    }

    /// Another file for the same question, with the same limits.
    pub(crate) async fn open_other(&self, key: &str) -> Result<Self> {
        let session = self.explorer.open(key, self.freshness, &self.meter).await?;
        Ok(Self { limits: self.limits, ..session })
    }

    /// The same file with a `parts`-th of the limits: for what one question does many times.
    pub(crate) fn with_share(&self, parts: u64) -> Self {
        let Limits { fetched_bytes, ranges, waves, nodes, decoded_bytes } = self.limits;
        let share = |limit: u64| limit.div_ceil(parts);
        let limits = Limits {
            fetched_bytes: share(fetched_bytes),
            ranges: share(ranges),
            waves: share(waves),
            nodes: share(nodes),
            decoded_bytes: share(decoded_bytes),
        };
        Self { limits, ..self.clone() }
    }

    /// The bytes of the file.
    pub(crate) fn source(&self) -> Arc<dyn ByteSource> {
        self.source.clone()
    }

    /// What one question may spend in the file.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// What the question cost so far.
    pub(crate) fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The file at its version, in the keys of caches.
    pub(crate) fn file_version(&self) -> FileVersion {
        FileVersion { key: self.key().to_owned(), etag: self.version().etag.clone() }
    }

    /// The superblock, read or remembered, with a budget of its own.
    pub(crate) async fn open_file(&self) -> Result<OpenFile> {
        let caches = self.explorer.caches.clone();
        let opened = OpenFile::open(self.source(), self.file_version(), caches, self.limits).await;
        opened.map_err(|error| ExplorerError::from_file(self.key(), error))
    }
}

/// A file whose superblock is known, and what was parsed of it before. Its methods but
/// [`OpenFile::drive`] are for use within a drive, where only asks may be awaited.
pub(crate) struct OpenFile {
    pub(crate) file: File,
    version: Arc<FileVersion>,
    caches: Caches,
}

impl OpenFile {
    /// The key of the file.
    pub(crate) fn key(&self) -> &str {
        &self.version.key
    }

    /// The file behind `source`: its superblock is read, unless `caches` have it.
    pub(crate) async fn open(
        source: Arc<dyn ByteSource>,
        version: FileVersion,
        caches: Caches,
        limits: Limits,
    ) -> h5range::Result<Self> {
        let version = Arc::new(version);
        let file = match caches.header(&version) {
            Some(header) => File::with_header(source, header, limits),
            None => {
                let file = File::open(source, limits).await?;
                caches.keep_header(&version, file.header().clone());
                file
            }
        };
        Ok(Self { file, version, caches })
    }

    /// Runs `question`; all that is read in it side by side shares its waves.
    pub(crate) async fn drive<T>(
        &self,
        question: impl Future<Output = h5range::Result<T>>,
    ) -> Result<T> {
        let answer = self.file.drive(question).await;
        answer.map_err(|error| ExplorerError::from_file(&self.version.key, error))
    }

    /// The object whose header is at `address`.
    pub(crate) async fn object(&self, address: Address) -> h5range::Result<Arc<Object>> {
        if let Some(object) = self.caches.object(&self.version, address) {
            return Ok(object);
        }
        let object = self.file.object(address).await?;
        self.caches.keep_object(&self.version, object.clone());
        Ok(object)
    }

    /// All links of a group.
    pub(crate) async fn links(&self, group: &Object) -> h5range::Result<Arc<Links>> {
        if let Some(links) = self.caches.links(&self.version, group.address) {
            return Ok(links);
        }
        let links = Arc::new(self.file.links(group).await?);
        self.caches.keep_links(&self.version, group.address, links.clone());
        Ok(links)
    }

    /// One link of a group, without reading the others; where damage is in the way of that, out of
    /// all that can be read.
    ///
    /// # Errors
    ///
    /// Damage behind which the link may be, and what ends the question.
    pub(crate) async fn find_link(
        &self,
        group: &Object,
        name: &[u8],
    ) -> h5range::Result<Option<Link>> {
        if let Some(links) = self.caches.links(&self.version, group.address) {
            let mut named = links.named(name);
            // Of a name that is there twice, where the link is stored says which one counts.
            if let (Some(link), None) = (named.next(), named.next()) {
                return Ok(Some(link.to_owned()));
            }
        }
        match self.file.find_link(group, name).boxed().await {
            Err(Error::Malformed { .. } | Error::Unsupported(_)) => {
                let links = self.links(group).boxed().await?;
                links.pick(name)
            }
            found => found,
        }
    }

    /// One attribute of an object, in the same ways.
    ///
    /// # Errors
    ///
    /// Damage behind which the attribute may be, and what ends the question.
    pub(crate) async fn find_attribute(
        &self,
        object: &Object,
        name: &[u8],
    ) -> h5range::Result<Option<AttributeEntry>> {
        match self.file.find_attribute(object, name).await {
            Err(Error::Malformed { .. } | Error::Unsupported(_)) => {
                let attributes = self.attributes(object).await?;
                Ok(attributes.pick(|entry| entry.name == name)?.cloned())
            }
            found => found,
        }
    }

    /// All attributes of an object, without what they refer to.
    pub(crate) async fn attributes(&self, object: &Object) -> h5range::Result<Arc<Attributes>> {
        if let Some(attributes) = self.caches.attributes(&self.version, object.address) {
            return Ok(attributes);
        }
        let attributes = Arc::new(self.file.attributes(object).await?);
        self.caches.keep_attributes(&self.version, object.address, attributes.clone());
        Ok(attributes)
    }
}
