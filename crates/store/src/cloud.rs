//! Stores that `object_store` reaches: Google Cloud Storage, Azure, and what is listed by WebDAV.
//!
//! Keys that its paths cannot express (empty segments, `.`, `..`) are not found here, and a listing
//! that meets one fails. Its own retries are off: ours count and have a deadline.

use std::sync::Arc;

use byte_source::SourceErrorKind;
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{
    Error, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig,
};

use crate::Version;
use crate::backend::{Backend, Fault, Part, Span};
use crate::list::{Entry, ListQuery, Page};
use crate::ranges::length;
use crate::wire::bare_tag;

/// A bucket or container, or what is below a prefix of it.
#[derive(Debug)]
pub(crate) struct Cloud {
    store: Arc<dyn ObjectStore>,
    /// Empty, or ends with `/`.
    prefix: String,
}

/// One attempt at a time: see [`Cloud`].
pub(crate) fn no_retries() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

impl Cloud {
    /// `prefix` is empty or ends with `/`.
    pub(crate) fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        Self { store, prefix: prefix.to_owned() }
    }

    fn path(&self, key: &str) -> Result<Path, Fault> {
        let full = format!("{}{key}", self.prefix);
        let path = Path::parse(&full).ok().filter(|path| path.as_ref() == full);
        path.filter(|_| !key.is_empty()).ok_or_else(|| Fault::not_found(key))
    }

    async fn read(&self, key: &str, span: Span, bound: Option<&Version>) -> Result<Part, Fault> {
        let range = match &span {
            Span::Exact(range) => range.clone(),
            Span::Start(start) => start.asked(),
        };
        let quoted = |bound: &Version| format!("\"{}\"", bound.etag);
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: bound.filter(|bound| !bound.etag.starts_with("W/")).map(quoted),
            ..GetOptions::default()
        };
        let path = self.path(key)?;
        let answer = match self.store.get_opts(&path, options).await {
            Ok(answer) => answer,
            // Maybe an empty object, of which no range can be read. The error does not say.
            Err(error @ Error::Generic { .. }) if matches!(span, Span::Start(_)) => {
                let version = self.look(key).await?;
                let is_empty = version.size_bytes == 0;
                return if is_empty {
                    Ok(Part { version, bytes: Bytes::new() })
                } else {
                    Err(fault(&error))
                };
            }
            Err(error) => return Err(fault(&error)),
        };
        let version = version(&answer.meta);
        let wanted = length(&span.taken(version.size_bytes));
        let bytes = take(answer.into_stream(), wanted).await?;
        Ok(Part { version, bytes })
    }

    async fn look(&self, key: &str) -> Result<Version, Fault> {
        let meta = self.store.head(&self.path(key)?).await.map_err(|error| fault(&error))?;
        Ok(version(&meta))
    }

    /// `object_store` lists by whole segments: what does not fit the rest of the prefix is left out
    /// here.
    async fn page(&self, query: &ListQuery) -> Result<Page, Fault> {
        let folder_end = query.prefix.rfind('/').map_or(0, |at| at.saturating_add(1));
        let (folder, _) = query.prefix.split_at(folder_end);
        let folder = format!("{}{folder}", self.prefix);
        let root = folder.strip_suffix('/').unwrap_or(&folder);
        let Some(path) = Path::parse(root).ok().filter(|path| path.as_ref() == root) else {
            return Ok(Page::default());
        };
        let path = (!root.is_empty()).then_some(path);
        if query.folders {
            self.folder_page(path.as_ref(), query).await
        } else {
            self.flat_page(path.as_ref(), query).await
        }
    }

    async fn flat_page(&self, path: Option<&Path>, query: &ListQuery) -> Result<Page, Fault> {
        let after = query.after.as_ref().map(|after| format!("{}{after}", self.prefix));
        let offset = after.and_then(|after| Path::parse(after).ok());
        let listed = match &offset {
            Some(offset) => self.store.list_with_offset(path, offset),
            None => self.store.list(path),
        };
        // One more than fits tells whether there is a next page.
        let objects: Vec<ObjectMeta> = listed
            .try_filter(|meta| std::future::ready(self.is_on_page(meta, query)))
            .take(query.limit.saturating_add(1))
            .try_collect()
            .await
            .map_err(|error| fault(&error))?;
        Ok(self.cut(objects, Vec::new(), query))
    }

    async fn folder_page(&self, path: Option<&Path>, query: &ListQuery) -> Result<Page, Fault> {
        let listed = self.store.list_with_delimiter(path).await.map_err(|error| fault(&error))?;
        let objects = listed.objects.into_iter().filter(|meta| self.is_on_page(meta, query));
        let folder = |folder: Path| {
            let relative = format!("{folder}/").strip_prefix(&self.prefix)?.to_owned();
            let after = query.after.as_deref().unwrap_or_default();
            (relative.starts_with(&query.prefix) && relative.as_str() > after).then_some(relative)
        };
        let folders = listed.common_prefixes.into_iter().filter_map(folder).collect();
        Ok(self.cut(objects.collect(), folders, query))
    }

    fn is_on_page(&self, meta: &ObjectMeta, query: &ListQuery) -> bool {
        let after = query.after.as_deref().unwrap_or_default();
        self.relative(meta).is_some_and(|key| {
            key.starts_with(&query.prefix) && key > after && !Page::is_marker(key, meta.size)
        })
    }

    fn relative<'a>(&self, meta: &'a ObjectMeta) -> Option<&'a str> {
        meta.location.as_ref().strip_prefix(&self.prefix)
    }

    /// The first names of both, in order, as many as the page may have.
    fn cut(&self, objects: Vec<ObjectMeta>, mut folders: Vec<String>, query: &ListQuery) -> Page {
        let mut entries: Vec<_> = objects.iter().filter_map(|meta| self.entry(meta)).collect();
        entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        folders.sort_unstable();
        let mut names: Vec<_> =
            entries.iter().map(|entry| &entry.key).chain(&folders).cloned().collect();
        names.sort_unstable();
        let mut page = Page { entries, folders, ..Page::default() };
        let last = query.limit.checked_sub(1).and_then(|last| names.get(last));
        if let (Some(last), true) = (last, names.len() > query.limit) {
            page.entries.retain(|entry| entry.key <= *last);
            page.folders.retain(|folder| folder <= last);
            page.next = Some(last.clone());
        }
        page
    }

    fn entry(&self, meta: &ObjectMeta) -> Option<Entry> {
        let Version { etag, size_bytes, last_modified } = version(meta);
        let etag = meta.e_tag.is_some().then_some(etag);
        Some(Entry { key: self.relative(meta)?.to_owned(), size_bytes, last_modified, etag })
    }
}

impl Backend for Cloud {
    fn get<'a>(
        &'a self,
        key: &'a str,
        span: Span,
        bound: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Part, Fault>> {
        self.read(key, span, bound).boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Version, Fault>> {
        self.look(key).boxed()
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> BoxFuture<'a, Result<Page, Fault>> {
        self.page(query).boxed()
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            let one = ListQuery { limit: 1, ..ListQuery::default() };
            self.page(&one).await.map(|_| ())
        }
        .boxed()
    }
}

async fn take(
    mut stream: BoxStream<'static, object_store::Result<Bytes>>,
    wanted: u64,
) -> Result<Bytes, Fault> {
    let too_long = |error: std::num::TryFromIntError| {
        Fault::lasting(SourceErrorKind::Failed, error.to_string())
    };
    let wanted = usize::try_from(wanted).map_err(too_long)?;
    let mut bytes = BytesMut::with_capacity(wanted);
    while bytes.len() < wanted
        && let Some(chunk) = stream.next().await
    {
        let chunk = chunk.map_err(|error| fault(&error))?;
        let left = wanted.saturating_sub(bytes.len());
        bytes.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
    }
    Ok(bytes.freeze())
}

fn version(meta: &ObjectMeta) -> Version {
    let nanos = i32::try_from(meta.last_modified.timestamp_subsec_nanos()).unwrap_or(0);
    let last_modified = Timestamp::new(meta.last_modified.timestamp(), nanos);
    let last_modified = last_modified.unwrap_or(Timestamp::UNIX_EPOCH);
    let no_tag = || format!("modified {} size {}", last_modified.as_second(), meta.size);
    let etag = meta.e_tag.as_deref().map_or_else(no_tag, bare_tag);
    Version { etag, size_bytes: meta.size, last_modified }
}

fn fault(error: &Error) -> Fault {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |e| e.source());
    if let Some(fault) = causes.filter_map(|cause| cause.downcast_ref::<Fault>()).next() {
        return fault.clone().unconditional();
    }
    let detail = error.to_string();
    match error {
        Error::NotFound { .. } => Fault::lasting(SourceErrorKind::NotFound, detail),
        Error::Precondition { .. } => Fault::lasting(SourceErrorKind::Changed, detail),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            Fault::lasting(SourceErrorKind::Forbidden, detail)
        }
        Error::Generic { .. } => Fault::passing(SourceErrorKind::Failed, detail),
        _ => Fault::lasting(SourceErrorKind::Failed, detail),
    }
}
