//! What a soak test takes place on: a bucket with the corpus in it and objects that get
//! overwritten, and two folders with the same files, each with one version of those objects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use store::{Freshness, Meter, Store};
use tempfile::TempDir;

use crate::Result;
use crate::s3::S3;

/// The bucket of the soak test.
pub(super) const BUCKET: &str = "h5scout-soak";

/// The folder of the objects that get overwritten: no other file refers to any of them.
const FOLDER: &str = "written";

/// Pairs of files of the corpus that take turns under one key, and the largest of them.
const PAIRS: usize = 8;
const PAIRED_BYTES_MAX: u64 = 4 << 20;

/// A text in the attributes of the file that has a twin, and what the twin has in its place: of the
/// same length, so that bytes of the one fit into the other and no checksum tells them apart.
const TEXT: &[u8] = b"an ordinary file";
const TEXT_OF_TWIN: &[u8] = b"ANOTHER TWIN FIL";

/// What the twins have at their ends: they are too large to be read in one request.
const PADDING_BYTES: usize = 256 << 10;

/// Files that are uploaded at once.
const UPLOADS: usize = 16;

/// The folders, and what is written.
pub(super) struct Stage {
    folders: [TempDir; 2],
    pub(super) written: Arc<Written>,
}

/// The objects that get overwritten, by key.
pub(super) type Written = BTreeMap<String, [Contents; 2]>;

/// One version of an object.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) bytes: Bytes,
    /// As the server tags it.
    pub(super) etag: String,
}

impl Stage {
    /// Uploads the files of the folder `corpus`, and pairs of them to be overwritten. `twin` is a
    /// file without checksums whose attributes have the text of [`TEXT`].
    pub(super) async fn set(s3: &S3, corpus: &Path, twin: &Path) -> Result<Self> {
        let bucket = s3.bucket(BUCKET).await?;
        let files = files_of(corpus)?;
        let folders = [TempDir::new()?, TempDir::new()?];
        for (key, path) in &files {
            for folder in &folders {
                copy(path, &folder.path().join(key))?;
            }
        }
        let uploads = files.iter().map(|(key, path)| bucket.put_file(key, path));
        stream::iter(uploads).buffer_unordered(UPLOADS).try_collect::<()>().await?;
        let mut pairs = pairs_of(&files)?;
        pairs.push(twins(twin)?);

        let store = Store::open(&format!("s3://{BUCKET}"), s3.config(&s3.endpoint))?;
        let mut written = Written::new();
        for (number, pair) in pairs.into_iter().enumerate() {
            let key = format!("{FOLDER}/{number}.h5");
            let mut versions = Vec::new();
            // The first version is there when the soak test begins.
            for (bytes, folder) in pair.into_iter().zip(&folders).rev() {
                put(&folder.path().join(&key), &bytes)?;
                bucket.put(&key, &bytes).await;
                let meter = Arc::new(Meter::new());
                let etag = store.version(&key, Freshness::Ask, &meter).await?.etag;
                versions.push(Contents { bytes, etag });
            }
            versions.reverse();
            let versions = versions.try_into().map_err(|_| "a pair has two versions")?;
            written.insert(key, versions);
        }
        Ok(Self { folders, written: Arc::new(written) })
    }

    /// The folder with the first, or the second version of all that gets overwritten.
    pub(super) fn folder(&self, version: usize) -> Result<&str> {
        Ok(self.folders[version].path().to_str().ok_or("a folder whose name is not UTF-8")?)
    }
}

/// The files below a folder, by key.
fn files_of(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file()
                && let Some(key) = entry.path().strip_prefix(folder)?.to_str()
            {
                files.insert(key.to_owned(), entry.path());
            }
        }
    }
    Ok(files)
}

/// The largest files that are not too large, each with one of like size and other contents.
fn pairs_of(files: &BTreeMap<String, PathBuf>) -> Result<Vec<[Bytes; 2]>> {
    let is_hdf5 = |path: &&PathBuf| {
        path.extension().is_some_and(|suffix| ["h5", "hdf5", "nc"].iter().any(|s| suffix == *s))
    };
    let mut sized = Vec::new();
    for path in files.values().filter(is_hdf5) {
        let size_bytes = path.metadata()?.len();
        if size_bytes <= PAIRED_BYTES_MAX {
            sized.push((size_bytes, path));
        }
    }
    sized.sort_unstable_by(|left, right| right.cmp(left));
    let mut pairs = Vec::new();
    for pair in sized.chunks_exact(2).take(PAIRS) {
        let [first, second] = [pair[0].1, pair[1].1].map(std::fs::read);
        let (first, second) = (first?, second?);
        if first != second {
            pairs.push([first.into(), second.into()]);
        }
    }
    if pairs.is_empty() {
        return Err("the corpus has no two HDF5 files to be written in turn".into());
    }
    Ok(pairs)
}

/// The file, and the same with another text in it.
fn twins(file: &Path) -> Result<[Bytes; 2]> {
    let mut first = std::fs::read(file)?;
    let at = first.windows(TEXT.len()).position(|window| window == TEXT);
    let at = at.ok_or("the file of the twins has not the text that they differ in")?;
    first.resize(first.len() + PADDING_BYTES, 0);
    let mut second = first.clone();
    second[at..at + TEXT.len()].copy_from_slice(TEXT_OF_TWIN);
    Ok([first.into(), second.into()])
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    put(to, &std::fs::read(from)?)
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
    }

    #[test]
    fn twins_differ_in_a_text_and_in_nothing_else() {
        let [first, second] = twins(&fixtures().join("ordinary/earliest.h5")).unwrap();
        let differ: Vec<_> = (0..first.len()).filter(|at| first[*at] != second[*at]).collect();
        assert!(first.len() == second.len() && !differ.is_empty());
        assert!(differ.last().unwrap() - differ[0] < TEXT.len());
    }

    #[test]
    fn pairs_are_of_files_that_differ() {
        let pairs = pairs_of(&files_of(&fixtures()).unwrap()).unwrap();
        assert!(pairs.iter().all(|[first, second]| first != second));
    }
}
