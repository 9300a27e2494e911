//! The folder of the disk tier: for the eyes of its user only, and for one process at a time.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::DiskError;

/// Below the folder that was given, which may be shared and then keeps its permissions.
const NAME: &str = "h5scout";
const LOCK_NAME: &str = "lock";

/// A folder that is locked until this is dropped.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder below `parent` if need be, and takes it.
    pub(super) fn take(parent: &Path) -> Result<Self, DiskError> {
        let path = parent.join(NAME);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        if path.symlink_metadata()?.is_symlink() {
            return Err(DiskError::Symlink);
        }
        let path = path.canonicalize()?;
        // Fails if the folder is somebody else's.
        fs::set_permissions(&path, Permissions::from_mode(0o700))?;
        let lock = private().open(path.join(LOCK_NAME))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DiskError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The path of a file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes sure that there is a file which only its user can read, and nothing else of its name.
    pub(super) fn make_file(&self, name: &str) -> io::Result<()> {
        let path = self.file(name);
        match path.symlink_metadata() {
            Ok(found) if found.is_file() => {}
            Ok(_) => fs::remove_file(&path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        private().open(path).map(drop)
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
}
