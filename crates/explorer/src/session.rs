//! A file at one version, and the reading of it for one question.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use futures::future::FutureExt;
use h5range::decode::Address;
use h5range::walk::{AttributeEntry, Attributes, File, Object};
use h5range::{Error, Limits, Link, Links};
use store::{ByteSource, Freshness, Meter, StoredObject, Version};

use crate::caches::{Caches, FileVersion};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::explorer::Explorer;
use crate::scope::Scope;
use crate::sources::{self, Source};

/// One file at one version, for one question. Every answer it gives is about that version.
#[derive(Clone)]
pub struct Session {
    pub(crate) explorer: Arc<Explorer>,
    /// No question leaves the source of the file that it was asked about.
    source: Arc<Source>,
    key: Arc<str>,
    object: Arc<StoredObject>,
    freshness: Freshness,
    meter: Arc<Meter>,
    limits: Limits,
    scope: Scope,
}

impl Session {
    pub(crate) fn new(
        explorer: Arc<Explorer>,
        source: Arc<Source>,
        object: Arc<StoredObject>,
        freshness: Freshness,
        meter: Arc<Meter>,
    ) -> Self {
        let (limits, scope) = (explorer.limits, Scope::everything());
        let key = source.key(object.key()).into();
        Self { explorer, source, key, object, freshness, meter, limits, scope }
    }

    /// The same, for somebody who may read the files of `scope` only: links to others lead nowhere.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The key of the file.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The version that all answers are about.
    pub fn version(&self) -> &Version {
        self.object.version()
    }

    /// Another file of the same source for the same question, with the same limits.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Forbidden`] for a file outside of the scope, without asking whether it is there.
    pub(crate) async fn open_other(&self, key: &str) -> Result<Self> {
        if self.source.local(key).is_none() {
            return Err(sources::not_there(key));
        }
        if !self.scope.has_key(key) {
            let detail = format!("{key:?} may not be read with this token");
            return Err(ExplorerError::new(ErrorCode::Forbidden, detail));
        }
        let session = self.explorer.open(key, self.freshness, &self.meter).await?;
        Ok(Self { limits: self.limits, scope: self.scope.clone(), ..session })
    }

    /// The same file with a `parts`-th of the limits: for what one question does many times.
    pub(crate) fn with_share(&self, parts: u64) -> Self {
        let Limits { fetched_bytes, ranges, waves, nodes, decoded_bytes } = self.limits;
        let share = |limit: u64| limit.div_ceil(parts);
        self.with_limits(Limits {
            fetched_bytes: share(fetched_bytes),
            ranges: share(ranges),
            waves: share(waves),
            nodes: share(nodes),
            decoded_bytes: share(decoded_bytes),
        })
    }

    /// The same with other limits.
    pub(crate) fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// The bytes of the file.
    pub(crate) fn source(&self) -> Arc<dyn ByteSource> {
        self.object.clone()
    }

    /// Where the file is, and its key there.
    pub(crate) fn place(&self) -> (&Source, &str) {
        (&self.source, self.object.key())
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

/// Objects that one question keeps for later ones: the children of a page of ordinary size. A
/// listing of 100,000 would put all else out of the cache, for headers that hardly anybody asks for
/// again one by one.
const KEPT_OBJECTS_MAX: u64 = 1_000;

/// A file whose superblock is known, and what was parsed of it before, for one question. Clones
/// are the same question. Its methods but [`OpenFile::drive`] and [`OpenFile::links_once`] are for
/// use within a drive, where only asks may be awaited.
#[derive(Clone)]
pub(crate) struct OpenFile {
    pub(crate) file: Arc<File>,
    source: Arc<dyn ByteSource>,
    version: Arc<FileVersion>,
    caches: Caches,
    /// How many objects more may be kept.
    kept_objects_left: Arc<AtomicU64>,
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
            Some(header) => File::with_header(source.clone(), header, limits),
            None => {
                let file = File::open(source.clone(), limits).await?;
                caches.keep_header(&version, file.header().clone());
                file
            }
        };
        let kept_objects_left = Arc::new(KEPT_OBJECTS_MAX.into());
        Ok(Self { file: Arc::new(file), source, version, caches, kept_objects_left })
    }

    /// The same file for another part of the question that `asker` is: it may be driven beside it.
    pub(crate) fn beside(&self, asker: &File) -> File {
        let header = self.file.header().clone();
        File::with_header(self.source.clone(), header, Limits::default()).with_budget_of(asker)
    }

    /// The same file as a question of its own.
    pub(crate) fn anew(&self, limits: Limits) -> Self {
        let header = self.file.header().clone();
        let file = File::with_header(self.source.clone(), header, limits);
        Self { file: Arc::new(file), ..self.clone() }
    }

    /// The same, for somebody who comes back to every object: all of them are kept.
    pub(crate) fn keeping_all(self) -> Self {
        Self { kept_objects_left: Arc::new(u64::MAX.into()), ..self }
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
        if self.may_keep_object() {
            self.caches.keep_object(&self.version, object.clone());
        }
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

    /// The same, read once for all questions that ask for them at the same time. The budget is that
    /// of the one that came first; where it is spent, everybody reads for himself.
    ///
    /// # Errors
    ///
    /// When the group cannot be read.
    pub(crate) async fn links_once(&self, group: &Arc<Object>) -> Result<Arc<Links>> {
        let (open, group_read) = (self.clone(), group.clone());
        let read = || async move { open.drive(open.file.links(&group_read)).await.map(Arc::new) };
        match self.caches.links_or_read(&self.version, group.address, read).await {
            Err(error) if error.code == ErrorCode::LimitReached => {
                self.drive(self.links(group)).await
            }
            links => links,
        }
    }

    /// Whether all links of a group are known.
    pub(crate) fn knows_links(&self, group: &Object) -> bool {
        self.caches.links(&self.version, group.address).is_some()
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
        let links = self.caches.links(&self.version, group.address);
        // The answer must not depend on whether somebody has listed the group before.
        if let Some(links) = links.filter(|links| links.are_in_place()) {
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

    fn may_keep_object(&self) -> bool {
        let one_less = |left: u64| left.checked_sub(1);
        self.kept_objects_left.fetch_update(Relaxed, Relaxed, one_less).is_ok()
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

#[cfg(test)]
mod tests;
