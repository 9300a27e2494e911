//! From a path to an object: link by link, through soft and external links.
//!
//! A link is looked up by its name; groups on the way are not read whole. A soft link is followed
//! where it stands, an external link by opening the file that it names, which must be an object of
//! the same source.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use futures::FutureExt;
use futures::future::BoxFuture;
use h5range::Error;
use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;
use h5range::walk::{Object, ObjectKind};

use crate::error::{ErrorCode, ExplorerError, Result};
use crate::path::{self, lossy};
use crate::queries::Place;
use crate::session::{OpenFile, Session};

/// Soft and external links that may be followed on one path, in all files together: what libhdf5
/// follows by default.
const HOPS_MAX: u64 = 16;

/// Where a place led to.
pub(crate) struct Located {
    /// The file that the object is in.
    pub(crate) file: OpenFile,
    pub(crate) object: Arc<Object>,
    /// The objects at each level of the path, the root first and the object itself last. Empty
    /// when the path leads through another file, or when there was none.
    pub(crate) trail: Vec<Address>,
    /// Whether another file was opened.
    pub(crate) other_file: bool,
}

/// Links followed so far on one path.
#[derive(Debug, Default)]
pub(crate) struct Hops(AtomicU64);

/// Where a walk within one file ended.
pub(crate) enum End {
    Object { object: Arc<Object>, trail: Vec<Address> },
    External(ExternalStep),
}

/// The way on into another file.
pub(crate) struct ExternalStep {
    /// The path of the link, for errors.
    link: String,
    /// The name of the file, as the link gives it.
    file: Vec<u8>,
    /// From the root of that file: what the link names, and what was left of the path.
    segments: Vec<Vec<u8>>,
}

impl ExternalStep {
    /// The step that the external link at the path `link` is.
    pub(crate) fn new(link: String, file: &[u8], path: &[u8]) -> Self {
        let segments = path::segments(path).map(<[u8]>::to_vec).collect();
        Self { link, file: file.to_vec(), segments }
    }

    fn unresolved(&self, reason: &str) -> Error {
        let segments: Vec<String> = self.segments.iter().map(|segment| lossy(segment)).collect();
        let target = format!("{}:/{}", lossy(&self.file), segments.join("/"));
        Error::LinkUnresolved { link: self.link.clone(), target, reason: reason.to_owned() }
    }
}

impl Hops {
    /// Counts one more; an error when it is one too many.
    fn follow(&self, link: &str, target: &[u8]) -> h5range::Result<()> {
        if self.0.fetch_add(1, Relaxed) < HOPS_MAX {
            return Ok(());
        }
        Err(Error::LinkUnresolved {
            link: link.to_owned(),
            target: lossy(target),
            reason: format!("but no more than {HOPS_MAX} links are followed"),
        })
    }
}

impl Session {
    /// Opens the file and finds the object at `place`.
    pub(crate) async fn locate(&self, place: &Place) -> Result<Located> {
        let file = self.open_file().await?;
        match place {
            Place::Address(address) => {
                let object = file.object(Address::new(*address));
                let object =
                    file.drive(object).await.map_err(|error| no_object(error, *address))?;
                Ok(Located { file, object, trail: Vec::new(), other_file: false })
            }
            Place::Path(path) => {
                let segments = path.segments().iter().map(|s| s.clone().into_bytes()).collect();
                let hops = Hops::default();
                match file.drive(file.walk_from_root(segments, &hops)).await? {
                    End::Object { object, trail } => {
                        Ok(Located { file, object, trail, other_file: false })
                    }
                    End::External(step) => self.follow(step, &hops).await,
                }
            }
        }
    }

    /// Goes on in the file that `step` names, and in the next one, until an object is reached.
    pub(crate) async fn follow(&self, mut step: ExternalStep, hops: &Hops) -> Result<Located> {
        let mut from = self.clone();
        loop {
            hops.follow(&step.link, &step.file)
                .map_err(|error| ExplorerError::from_file(from.key(), error))?;
            let (session, file) = from.open_target(&step).await?;
            let end = file.drive(file.walk_from_root(step.segments.clone(), hops)).await;
            match end.map_err(|error| self.through(&step, error))? {
                End::Object { object, .. } => {
                    return Ok(Located { file, object, trail: Vec::new(), other_file: true });
                }
                End::External(next) => (from, step) = (session, next),
            }
        }
    }

    /// Opens the file that an external link in this file names.
    async fn open_target(&self, step: &ExternalStep) -> Result<(Self, OpenFile)> {
        let Some(key) = self.sibling_key(&step.file) else {
            let reason = "which is outside of what is served here";
            return Err(ExplorerError::from_file(self.key(), step.unresolved(reason)));
        };
        let opened = async {
            let session = self.open_other(&key).await?;
            let file = session.open_file().await?;
            Ok((session, file))
        };
        opened.await.map_err(|error| self.through(step, error))
    }

    /// The key of the file that a link or a virtual dataset in this file names; `None` where it
    /// would leave the source.
    pub(crate) fn sibling_key(&self, file: &[u8]) -> Option<String> {
        let (source, local) = self.place();
        Some(source.key(&sibling_key(local, file)?).into_owned())
    }

    /// An error behind an external link: that there is nothing is the link's fault.
    fn through(&self, step: &ExternalStep, error: ExplorerError) -> ExplorerError {
        let reason = match error.code {
            ErrorCode::FileNotFound => "but there is no such file here",
            ErrorCode::Forbidden => "but that file may not be read",
            ErrorCode::NotHdf5 => "which is not an HDF5 file",
            ErrorCode::PathNotFound => "but that file has no such path",
            _ => return error,
        };
        ExplorerError::from_file(self.key(), step.unresolved(reason))
    }
}

impl OpenFile {
    /// Follows `segments` from the root group.
    pub(crate) async fn walk_from_root(
        &self,
        segments: Vec<Vec<u8>>,
        hops: &Hops,
    ) -> h5range::Result<End> {
        let root = self.object(self.file.root()).await?;
        self.walk(root, String::new(), segments, hops).await
    }

    /// Follows a soft link that stands in `group`, whose path is `group_path` ("" for the root).
    pub(crate) async fn follow_soft(
        &self,
        group: Arc<Object>,
        group_path: &str,
        name: &[u8],
        target: &[u8],
        hops: &Hops,
    ) -> h5range::Result<End> {
        let link = format!("{group_path}/{}", lossy(name));
        hops.follow(&link, target)?;
        let unresolved = |reason: String| Error::LinkUnresolved {
            link: link.clone(),
            target: lossy(target),
            reason,
        };
        // An empty target is the group itself, as for libhdf5.
        let segments = path::segments(target).map(<[u8]>::to_vec).collect();
        let end = if target.starts_with(b"/") {
            self.walk_from_root(segments, hops).await
        } else {
            self.walk(group, group_path.to_owned(), segments, hops).await
        };
        end.map_err(|error| match error {
            Error::PathNotFound { segment, parent } => {
                unresolved(format!("but there is no {segment:?} in {parent:?}"))
            }
            error => error,
        })
    }

    /// Follows `segments` from `start`, whose path is `path` ("" for the root). Boxed, because a
    /// soft link on the way is another walk; their number is bounded by `hops`.
    fn walk<'a>(
        &'a self,
        start: Arc<Object>,
        mut path: String,
        segments: Vec<Vec<u8>>,
        hops: &'a Hops,
    ) -> BoxFuture<'a, h5range::Result<End>> {
        async move {
            let mut trail = vec![start.address];
            let mut object = start;
            let mut rest = segments.into_iter();
            while let Some(name) = rest.next() {
                let not_found = || Error::PathNotFound {
                    segment: lossy(&name),
                    parent: if path.is_empty() { "/".to_owned() } else { path.clone() },
                };
                if object.kind != ObjectKind::Group {
                    return Err(not_found());
                }
                let link = self.find_link(&object, &name).await?.ok_or_else(not_found)?;
                let child = format!("{path}/{}", lossy(&name));
                object = match &link.target {
                    LinkTarget::Hard { address } => self.object(*address).await?,
                    LinkTarget::Nowhere => return Err(link.leads_nowhere(object.address)),
                    LinkTarget::Soft { path: target } => {
                        match self.follow_soft(object, &path, &name, target, hops).await? {
                            End::Object { object, .. } => object,
                            End::External(mut step) => {
                                step.segments.extend(rest);
                                return Ok(End::External(step));
                            }
                        }
                    }
                    LinkTarget::External { file, path: target } => {
                        let mut step = ExternalStep::new(child, file, target);
                        step.segments.extend(rest);
                        return Ok(End::External(step));
                    }
                    LinkTarget::UserDefined { class, .. } => {
                        return Err(Error::LinkUnresolved {
                            link: child,
                            target: format!("a link of the user-defined class {class}"),
                            reason: "which only its application can follow".to_owned(),
                        });
                    }
                };
                trail.push(object.address);
                path = child;
            }
            Ok(End::Object { object, trail })
        }
        .boxed()
    }
}

/// The key of the file that an external link in `key` names, as libhdf5 looks for it: relative to
/// the folder of the file with the link. Of an absolute name, which says where the file was on
/// another machine, only the last part counts. `None` where it would leave the store.
fn sibling_key(key: &str, file: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(file).ok()?;
    let name = if name.starts_with('/') { name.rsplit('/').next()? } else { name };
    let mut parts: Vec<&str> = key.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let key = parts.join("/");
    (!key.is_empty() && !name.is_empty()).then_some(key)
}

/// What is wrong at an address that was asked for is wrong with the question, unless the object
/// there was found to be something.
fn no_object(error: ExplorerError, address: u64) -> ExplorerError {
    if error.code == ErrorCode::MalformedFile && error.address == Some(address) {
        let detail = format!("there is no object at address {address}");
        return ExplorerError::new(ErrorCode::PathNotFound, detail);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_link_names_a_file_beside_its_own() {
        let key = |key, file: &str| sibling_key(key, file.as_bytes());
        assert_eq!(key("a.h5", "b.h5").as_deref(), Some("b.h5"));
        assert_eq!(key("runs/1/a.h5", "b.h5").as_deref(), Some("runs/1/b.h5"));
        assert_eq!(key("runs/1/a.h5", "./x/../b.h5").as_deref(), Some("runs/1/b.h5"));
        assert_eq!(key("runs/1/a.h5", "../2/b.h5").as_deref(), Some("runs/2/b.h5"));
        assert_eq!(key("runs/a.h5", "/home/me/b.h5").as_deref(), Some("runs/b.h5"));
    }

    #[test]
    fn it_never_leads_out_of_the_store() {
        for file in ["../b.h5", "x/../../b.h5", "..", "", "/", "."] {
            assert_eq!(sibling_key("a.h5", file.as_bytes()), None, "{file:?}");
        }
        assert_eq!(sibling_key("a.h5", b"\xff.h5"), None);
    }
}
