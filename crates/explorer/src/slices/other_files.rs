//! The files that the elements of a dataset lie in, beside its own: sources of virtual datasets and
//! external storage. They are found as the targets of external links are, within the same source.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use byte_source::{ByteSource, SourceError, SourceErrorKind};
use futures::future::{BoxFuture, FutureExt};
use h5range::walk::{File, Object, ObjectKind};
use h5range::{Error, OtherFiles, SourceDataset};

use crate::error::{ErrorCode, ExplorerError, Result};
use crate::locate::{End, ExternalStep, Hops, Located};
use crate::path;
use crate::session::{OpenFile, Session};
use crate::virtual_extent::OpenedSources;

/// What part of a question's budget finding one of them gets; reading it is paid by the question.
const FINDING_SHARE: u64 = 100;

/// What the files of one question share.
pub(crate) struct Question {
    /// Whose budget pays for what is read.
    asker: Arc<File>,
    opened: OpenedSources,
    /// What went wrong in another file: a reader of elements has no words for it.
    failure: Mutex<Option<ExplorerError>>,
}

impl Question {
    pub(crate) fn new(asker: Arc<File>) -> Self {
        Self { asker, opened: OpenedSources::default(), failure: Mutex::default() }
    }

    /// What an error of the reader, in the file `key`, is for whoever asked.
    pub(crate) fn error(&self, key: &str, error: Error) -> ExplorerError {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (failure, error) {
            (Some(failure), Error::Source(_)) => failure,
            (_, error) => ExplorerError::from_file(key, error),
        }
    }

    /// What was found; `None` where there is nothing, or nothing that may be read.
    fn found<T>(&self, found: Result<T>) -> h5range::Result<Option<T>> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error) => match error.code {
                ErrorCode::FileNotFound
                | ErrorCode::Forbidden
                | ErrorCode::NotHdf5
                | ErrorCode::PathNotFound
                | ErrorCode::LinkUnresolved => Ok(None),
                _ => {
                    let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                    failure.get_or_insert(error);
                    let stands_for_it = "another file failed";
                    Err(SourceError::new(SourceErrorKind::Failed, stands_for_it).into())
                }
            },
        }
    }
}

/// The files that one file names.
pub(crate) struct NamedFiles {
    session: Session,
    file: OpenFile,
    question: Arc<Question>,
    /// What was looked for already: each block of a dataset asks again.
    known: Mutex<HashMap<Name, Option<Arc<Found>>>>,
}

/// The name of a file and a path in it.
type Name = (Vec<u8>, Vec<u8>);

/// A dataset in one of them.
struct Found {
    file: OpenFile,
    object: Arc<Object>,
    extent: Option<Vec<u64>>,
    other_files: Arc<NamedFiles>,
}

impl NamedFiles {
    /// The files that `file` names, which is that of `session`.
    pub(crate) fn new(session: Session, file: OpenFile, question: Arc<Question>) -> Self {
        Self { session, file, question, known: Mutex::default() }
    }

    async fn find(&self, name: &[u8], dataset: &[u8]) -> h5range::Result<Option<Arc<Found>>> {
        let place = (name.to_vec(), dataset.to_vec());
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found =
            self.question.found(self.look_for(name, dataset).await)?.flatten().map(Arc::new);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(place, found.clone());
        Ok(found)
    }

    /// The dataset at a path in one of the files; `None` where another object is there.
    async fn look_for(&self, name: &[u8], dataset: &[u8]) -> Result<Option<Found>> {
        self.question.opened.open()?;
        let frugal = self.session.with_share(FINDING_SHARE);
        let located = frugal.source_at(&self.file, name, dataset).await?;
        let Located { file, object, .. } = located;
        if object.kind != ObjectKind::Dataset {
            return Ok(None);
        }
        let session = self.session.open_other(file.key()).await?;
        let extent = session.grown_extent(&file, &object, &self.question.opened).await?;
        let question = self.question.clone();
        let other_files = Arc::new(Self::new(session, file.clone(), question));
        Ok(Some(Found { file, object, extent, other_files }))
    }

    async fn raw(&self, name: &[u8]) -> Result<Arc<dyn ByteSource>> {
        self.question.opened.open()?;
        let key = self.session.sibling_key(name).ok_or_else(|| {
            ExplorerError::new(ErrorCode::FileNotFound, "a file outside of what is served here")
        })?;
        Ok(self.session.open_other(&key).await?.source())
    }
}

impl OtherFiles for NamedFiles {
    fn dataset<'a>(
        &'a self,
        file: &'a [u8],
        path: &'a [u8],
    ) -> BoxFuture<'a, h5range::Result<Option<SourceDataset>>> {
        async move {
            let found = self.find(file, path).await?;
            Ok(found.map(|found| SourceDataset {
                file: found.file.beside(&self.question.asker),
                object: found.object.clone(),
                extent: found.extent.clone(),
                other_files: found.other_files.clone(),
            }))
        }
        .boxed()
    }

    fn raw_file<'a>(
        &'a self,
        file: &'a [u8],
    ) -> BoxFuture<'a, h5range::Result<Option<Arc<dyn ByteSource>>>> {
        async move { self.question.found(self.raw(file).await) }.boxed()
    }
}

impl Session {
    /// The object at a path in the file `name` that `file` names; `.` is `file` itself.
    async fn source_at(&self, file: &OpenFile, name: &[u8], path: &[u8]) -> Result<Located> {
        let hops = Hops::default();
        if name != b"." {
            let step = ExternalStep::new("a virtual dataset".to_owned(), name, path);
            return self.follow(step, &hops).await;
        }
        let file = file.anew(self.limits());
        let segments = path::segments(path).map(<[u8]>::to_vec).collect();
        match file.drive(file.walk_from_root(segments, &hops)).await? {
            End::Object { object, .. } => {
                Ok(Located { file, object, trail: Vec::new(), other_file: false })
            }
            End::External(step) => self.follow(step, &hops).await,
        }
    }
}
