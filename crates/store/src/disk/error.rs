//! Why the disk tier cannot be used.

use std::io;

use rusqlite::ErrorCode;

/// A failure of the disk tier. None of them concerns an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiskError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("a piece does not have its checksum")]
    Checksum,
    #[error("the file is of another program or format")]
    Foreign,
    #[error("the file is larger than it may be")]
    TooLarge,
    #[error("another process uses the folder")]
    InUse,
    #[error("the folder is a symbolic link")]
    Symlink,
}

impl DiskError {
    /// Whether an empty file would do better.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => !matches!(
                error.code,
                ErrorCode::DiskFull
                    | ErrorCode::ReadOnly
                    | ErrorCode::CannotOpen
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::PermissionDenied
                    | ErrorCode::OutOfMemory
            ),
            // A row is not what our statements put in.
            Self::Sqlite(_) | Self::Checksum | Self::Foreign => true,
            Self::Io(_) | Self::TooLarge | Self::InUse | Self::Symlink => false,
        }
    }
}
