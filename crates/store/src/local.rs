//! A folder of this machine. Our own, because a folder has no ETag: ours is made of inode, size, and
//! the time in nanoseconds at which the inode was changed last. It is compared before and after
//! reading through one descriptor. That time cannot be set, unlike the time of modification. Kernels
//! before Linux 6.13 take it from a clock that ticks every 1 to 10 ms: changes within one tick look
//! like one.
//!
//! A key is a path below the root. Symbolic links are followed while they stay below it.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use byte_source::SourceErrorKind;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::backend::{Backend, Fault, Part, Span};
use crate::error::StoreError;
use crate::list::{ListQuery, Page};
use crate::ranges::length;
use crate::{Version, local_list};

/// More than a bucket's page: a folder is read and sorted whole for every page of it.
const PAGE_LIMIT: usize = 10_000;

/// Only a writer that replaces a file hundreds of times a second meets this.
const OPENINGS_MAX: usize = 8;

/// A folder.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    root: Arc<Path>,
}

impl Local {
    /// Checks that `path` is a folder that can be read.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let refuse =
            |reason: String| StoreError::Folder { path: path.display().to_string(), reason };
        let root = path.canonicalize().map_err(|error| refuse(error.to_string()))?;
        root.read_dir().map_err(|error| refuse(error.to_string()))?;
        Ok(Self { root: root.into() })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Runs blocking file work where it may block.
    fn run<T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Path, &str) -> Result<T, Fault> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, Fault>> {
        let (root, key) = (self.root.clone(), key.to_owned());
        let task = tokio::task::spawn_blocking(move || work(&root, &key));
        async move { task.await? }.boxed()
    }
}

impl Backend for Local {
    fn get<'a>(
        &'a self,
        key: &'a str,
        span: Span,
        bound: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Part, Fault>> {
        let bound = bound.cloned();
        self.run(key, move |root, key| read(root, key, &span, bound.as_ref()))
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Version, Fault>> {
        self.run(key, |root, key| Ok(version(&open(root, key)?.1)))
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> BoxFuture<'a, Result<Page, Fault>> {
        let query = query.clone();
        self.run("", move |root, _| local_list::page(root, &query))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.run("", |root, _| match root.read_dir() {
            Ok(_) => Ok(()),
            Err(error) => Err(fault("", &error)),
        })
    }

    fn looks_are_free(&self) -> bool {
        true
    }

    fn page_limit(&self) -> usize {
        PAGE_LIMIT
    }
}

/// The version of the file that `metadata` is of.
pub(crate) fn version(metadata: &Metadata) -> Version {
    let (seconds, nanos) = (metadata.ctime(), metadata.ctime_nsec());
    let size_bytes = metadata.size();
    let last_modified = i32::try_from(metadata.mtime_nsec())
        .ok()
        .and_then(|nanos| Timestamp::new(metadata.mtime(), nanos).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let etag = format!("{:x}-{seconds:x}.{nanos:09}-{size_bytes:x}", metadata.ino());
    Version { etag, size_bytes, last_modified }
}

/// Whether `canonical` is `root` or below it.
pub(crate) fn is_below(root: &Path, canonical: &Path) -> bool {
    canonical.starts_with(root)
}

/// The path of `key`, if a file can have that key: no empty segments, none that lead elsewhere.
pub(crate) fn path_of(root: &Path, key: &str) -> Option<PathBuf> {
    let is_name = |segment: &str| !matches!(segment, "" | "." | "..") && !segment.contains('\0');
    key.split('/').all(is_name).then(|| root.join(key))
}

/// Opens the file of `key`, which must lie below the root. Nothing outside is opened, or told from
/// what is not there. One that another file replaces meanwhile is opened once more.
fn open(root: &Path, key: &str) -> Result<(File, Metadata), Fault> {
    let path = path_of(root, key).ok_or_else(|| Fault::not_found(key))?;
    for _ in 0..OPENINGS_MAX {
        if let Some(opened) = open_once(root, key, &path)? {
            return Ok(opened);
        }
    }
    Err(Fault::changed(key))
}

/// A second look makes sure that what is open lies where the first look saw it: `None` if something
/// else was put there between the two.
fn open_once(root: &Path, key: &str, path: &Path) -> Result<Option<(File, Metadata)>, Fault> {
    let on_error = |error: io::Error| fault(key, &error);
    let resolved = resolve(root, key, path)?;
    // A look before the opening: to open a pipe would wait for someone who writes to it.
    if !resolved.metadata().map_err(on_error)?.is_file() {
        return Err(Fault::not_found(key));
    }
    let file = File::open(&resolved).map_err(on_error)?;
    let opened = file.metadata().map_err(on_error)?;
    let named = resolve(root, key, path)?.symlink_metadata().map_err(on_error)?;
    let is_same = (named.dev(), named.ino()) == (opened.dev(), opened.ino());
    Ok((is_same && opened.is_file()).then_some((file, opened)))
}

/// `path` without symbolic links. One that leads to where this process may not look could lead out.
fn resolve(root: &Path, key: &str, path: &Path) -> Result<PathBuf, Fault> {
    match path.canonicalize() {
        Ok(canonical) if is_below(root, &canonical) => Ok(canonical),
        Ok(_) => Err(leads_out(key)),
        Err(_) if passes_a_link(root, path) => Err(leads_out(key)),
        Err(error) => Err(fault(key, &error)),
    }
}

/// Whether a symbolic link is between `root` and the end of `path`.
fn passes_a_link(root: &Path, path: &Path) -> bool {
    path.ancestors().take_while(|path| *path != root).any(Path::is_symlink)
}

fn leads_out(key: &str) -> Fault {
    Fault::lasting(SourceErrorKind::NotFound, format!("{key:?} leads out of the root, or nowhere"))
}

fn read(root: &Path, key: &str, span: &Span, bound: Option<&Version>) -> Result<Part, Fault> {
    let (file, metadata) = open(root, key)?;
    let version = version(&metadata);
    if bound.is_some_and(|bound| !bound.is_same(&version)) {
        return Err(Fault::changed(key));
    }
    let bytes = read_range(&file, &span.taken(version.size_bytes)).map_err(|error| {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Fault::changed(key)
        } else {
            fault(key, &error)
        }
    })?;
    let after = file.metadata().map_err(|error| fault(key, &error))?;
    if !self::version(&after).is_same(&version) {
        return Err(Fault::changed(key));
    }
    Ok(Part { version, bytes })
}

fn read_range(file: &File, range: &Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(length(range)).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}

/// Maps what the system says. Nothing on this machine's disk gets better by trying again.
pub(crate) fn fault(key: &str, error: &io::Error) -> Fault {
    let kind = match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename => SourceErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => SourceErrorKind::Forbidden,
        io::ErrorKind::TimedOut => SourceErrorKind::Timeout,
        _ => SourceErrorKind::Failed,
    };
    Fault::lasting(kind, format!("{key:?}: {error}"))
}
