//! File space info message (0x0017), of the superblock extension: how the writer manages free
//! space. Section IV.A.2.x of the specification, versions 0 and 1.
//!
//! The addresses of the free-space managers are not read: they matter to writers.

use crate::decode::Cursor;
use crate::error::Result;

/// How the writer manages free space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSpaceInfo {
    /// By which means.
    pub strategy: FileSpaceStrategy,
    /// Whether free space is remembered in the file.
    pub persists_free_space: bool,
    /// The smallest free section that is remembered.
    pub threshold_bytes: u64,
    /// Size of a page, of use with [`FileSpaceStrategy::Page`] only.
    pub page_bytes: u64,
}

/// By which means free space is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileSpaceStrategy {
    /// Free-space managers and aggregators (`H5F_FSPACE_STRATEGY_FSM_AGGR`): the default.
    FreeSpaceManagers,
    /// Free-space managers in pages (`H5F_FSPACE_STRATEGY_PAGE`).
    Page,
    /// Aggregators only (`H5F_FSPACE_STRATEGY_AGGR`).
    Aggregators,
    /// None: the file grows (`H5F_FSPACE_STRATEGY_NONE`).
    None,
}

/// The page size of files that do not tell it.
const PAGE_BYTES_DEFAULT: u64 = 4096;

impl FileSpaceInfo {
    /// Takes the body of the message.
    ///
    /// # Errors
    ///
    /// When the version is unknown or the body breaks the format.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let version = cursor.u8("version")?;
        match cursor.known_version(version, &[0, 1])? {
            0 => Self::decode_version_0(cursor),
            _ => Self::decode_version_1(cursor),
        }
    }

    /// Version 0 numbers other strategies, which the library maps to those of version 1 like this.
    fn decode_version_0(cursor: &mut Cursor<'_>) -> Result<Self> {
        let (strategy, persists_free_space) = match cursor.u8("strategy")? {
            1 => (FileSpaceStrategy::FreeSpaceManagers, true),
            2 => (FileSpaceStrategy::FreeSpaceManagers, false),
            3 => (FileSpaceStrategy::Aggregators, false),
            4 => (FileSpaceStrategy::None, false),
            other => return Err(cursor.malformed(format!("file space strategy {other}"))),
        };
        let threshold_bytes = cursor.length("threshold")?;
        let page_bytes = PAGE_BYTES_DEFAULT;
        Ok(Self { strategy, persists_free_space, threshold_bytes, page_bytes })
    }

    fn decode_version_1(cursor: &mut Cursor<'_>) -> Result<Self> {
        let strategy = match cursor.u8("strategy")? {
            0 => FileSpaceStrategy::FreeSpaceManagers,
            1 => FileSpaceStrategy::Page,
            2 => FileSpaceStrategy::Aggregators,
            3 => FileSpaceStrategy::None,
            other => return Err(cursor.malformed(format!("file space strategy {other}"))),
        };
        Ok(Self {
            strategy,
            persists_free_space: cursor.u8("persisting free-space")? != 0,
            threshold_bytes: cursor.length("free-space section threshold")?,
            // The specification's layout table draws it as four bytes; the library writes a length.
            page_bytes: cursor.length("file space page size")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::{cursor, hex, never_panics};

    fn decode(text: &str) -> Result<FileSpaceInfo> {
        FileSpaceInfo::decode(&mut cursor(&hex(text)))
    }

    const PAGED: &str = "01 01 01 0100000000000000 0002000000000000 0000 ffffffffffffffff";

    #[test]
    fn both_versions() {
        let paged = FileSpaceInfo {
            strategy: FileSpaceStrategy::Page,
            persists_free_space: true,
            threshold_bytes: 1,
            page_bytes: 512,
        };
        assert_eq!(decode(PAGED), Ok(paged));
        let old = decode("00 03 0100000000000000").unwrap();
        assert_eq!((old.strategy, old.page_bytes), (FileSpaceStrategy::Aggregators, 4096));
        assert!(decode("01 04 01").is_err());
    }

    #[test]
    fn no_input_panics() {
        never_panics(&hex(PAGED), FileSpaceInfo::decode);
    }
}
