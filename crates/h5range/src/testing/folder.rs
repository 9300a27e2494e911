//! The files of a folder, as what their datasets refer to.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use byte_source::{ByteSource, MemorySource};
use futures::future::{BoxFuture, FutureExt};

use crate::Limits;
use crate::decode::message::link::LinkTarget;
use crate::error::Result;
use crate::walk::{File, Object, OtherFiles, SourceDataset};

/// Links that are followed on the way to a dataset.
const HOPS_MAX: usize = 16;

/// The files beside one file of a folder. Names do not lead out of the folder of that file.
#[derive(Debug, Clone)]
pub struct FolderFiles {
    folder: PathBuf,
    name: PathBuf,
    limits: Limits,
}

impl FolderFiles {
    /// What the file at `path` may refer to. Each file that is opened gets these `limits`.
    pub fn of(path: &Path, limits: Limits) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let name = path.file_name().map(PathBuf::from).unwrap_or_default();
        Self { folder, name, limits }
    }

    fn named(&self, name: &[u8]) -> PathBuf {
        let name = Path::new(std::str::from_utf8(name).unwrap_or_default());
        if name == Path::new(".") { self.name.clone() } else { name.to_owned() }
    }

    fn read(&self, name: &[u8]) -> Option<Vec<u8>> {
        let name = self.named(name);
        let is_below =
            |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        name.components().all(is_below).then(|| std::fs::read(self.folder.join(name)).ok())?
    }

    async fn find(&self, name: &[u8], path: &[u8]) -> Result<Option<SourceDataset>> {
        let Some(bytes) = self.read(name) else { return Ok(None) };
        let file = File::open(Arc::new(MemorySource::new(bytes)), self.limits).await?;
        let Some(object) = file.drive(find_object(&file, path)).await? else { return Ok(None) };
        let other_files = Arc::new(Self { name: self.named(name), ..self.clone() });
        Ok(Some(SourceDataset { file, object, extent: None, other_files }))
    }
}

impl OtherFiles for FolderFiles {
    fn dataset<'a>(
        &'a self,
        file: &'a [u8],
        path: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<SourceDataset>>> {
        self.find(file, path).boxed()
    }

    fn raw_file<'a>(
        &'a self,
        file: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<Arc<dyn ByteSource>>>> {
        let bytes = self.read(file);
        let source = bytes.map(|bytes| Arc::new(MemorySource::new(bytes)) as Arc<dyn ByteSource>);
        async { Ok(source) }.boxed()
    }
}

/// The object at `path`, by hard and soft links; `None` where a link is missing.
///
/// # Errors
///
/// When an object on the way cannot be read.
pub async fn find_object(file: &File, path: &[u8]) -> Result<Option<Arc<Object>>> {
    let (mut at, mut hops) = (file.root(), 0);
    let mut names: Vec<Vec<u8>> = names_of(path);
    while let Some(name) = names.pop() {
        let group = file.object(at).await?;
        match file.find_link(&group, &name).await?.map(|link| link.target) {
            Some(LinkTarget::Hard { address }) => at = address,
            Some(LinkTarget::Soft { path }) if hops < HOPS_MAX => {
                hops += 1;
                if path.first() == Some(&b'/') {
                    at = file.root();
                }
                names.extend(names_of(&path));
            }
            _ => return Ok(None),
        }
    }
    file.object(at).await.map(Some)
}

/// The names on a path, the last one first.
fn names_of(path: &[u8]) -> Vec<Vec<u8>> {
    let names = path.split(|&byte| byte == b'/').filter(|name| !name.is_empty() && *name != b".");
    names.rev().map(<[u8]>::to_vec).collect()
}
