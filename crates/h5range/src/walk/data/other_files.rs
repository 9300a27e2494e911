//! The way to other files that a dataset refers to. A reader of values never opens one by itself:
//! who calls it says which files there are, and which names may lead to them.

use std::sync::Arc;

use byte_source::ByteSource;
use futures::future::{BoxFuture, FutureExt};

use crate::error::Result;
use crate::walk::{File, Object};

/// Finds what a file names.
pub trait OtherFiles: Send + Sync {
    /// The dataset at `path` in the HDF5 file of that name; `.` is the file itself. `None` where
    /// there is no such file or dataset: a virtual dataset has its fill value there.
    fn dataset<'a>(
        &'a self,
        file: &'a [u8],
        path: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<SourceDataset>>>;

    /// The raw file of that name, with elements of a dataset with external storage; `None` where
    /// there is none.
    fn raw_file<'a>(&'a self, file: &'a [u8])
    -> BoxFuture<'a, Result<Option<Arc<dyn ByteSource>>>>;
}

/// A dataset that holds elements of a virtual one.
pub struct SourceDataset {
    /// A question of its own to the file that it is in.
    pub file: File,
    /// The dataset.
    pub object: Arc<Object>,
    /// Its shape, where it is a virtual dataset that has grown; see [`Dataset::with_extent`].
    ///
    /// [`Dataset::with_extent`]: crate::Dataset::with_extent
    pub extent: Option<Vec<u64>>,
    /// The way from there.
    pub other_files: Arc<dyn OtherFiles>,
}

/// There are none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOtherFiles;

impl OtherFiles for NoOtherFiles {
    fn dataset<'a>(
        &'a self,
        _: &'a [u8],
        _: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<SourceDataset>>> {
        async { Ok(None) }.boxed()
    }

    fn raw_file<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Option<Arc<dyn ByteSource>>>> {
        async { Ok(None) }.boxed()
    }
}
