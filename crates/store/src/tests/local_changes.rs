//! Files of a folder that others write to: each change is seen, and no answer is of two versions.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use byte_source::ByteSource;

use super::*;

const SIZE: usize = 50_000;

/// Older kernels stamp changes with a clock that ticks so slowly at most.
const TICK: Duration = Duration::from_millis(10);

/// Writes in place, without changing the size.
fn write_in_place(path: &Path, bytes: &[u8]) {
    OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, 0).unwrap();
}

/// Replaces the file by another one, as careful writers do.
fn replace(path: &Path, bytes: &[u8]) {
    let new = path.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, path).unwrap();
}

/// Empties the file and writes it again, as careless writers do.
fn write_anew(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn set_modified_to_that_of(path: &Path, before: &fs::Metadata) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
}

#[tokio::test]
async fn every_way_to_change_a_file_is_seen() {
    type Change = fn(&Path, &fs::Metadata);
    let changes: [(&str, Change); 7] = [
        ("written in place", |path, _| write_in_place(path, &[1; SIZE])),
        ("replaced", |path, _| replace(path, &[1; SIZE])),
        ("truncated", |path, _| {
            File::options().write(true).open(path).unwrap().set_len(40_000).unwrap();
        }),
        ("written anew", |path, _| write_anew(path, &[1; SIZE])),
        ("appended to", |path, _| {
            use std::io::Write;
            OpenOptions::new().append(true).open(path).unwrap().write_all(&[1; 10]).unwrap();
        }),
        ("written in place, with its old time", |path, before| {
            write_in_place(path, &[1; SIZE]);
            set_modified_to_that_of(path, before);
        }),
        ("replaced, with its old time", |path, before| {
            replace(path, &[1; SIZE]);
            set_modified_to_that_of(path, before);
        }),
    ];
    for (name, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        fs::write(&path, [0; SIZE]).unwrap();
        let before = path.metadata().unwrap();
        let store = Store::open(&folder.path().display().to_string(), config()).unwrap();
        let old = open(&store, "k").await;
        old.read_many(&[20_000..20_100]).await.unwrap();
        thread::sleep(TICK);
        change(&path, &before);
        let error = old.read_many(&[30_000..30_100]).await.unwrap_err();
        assert_eq!(error.kind, SourceErrorKind::Changed, "{name}");
        let new = open(&store, "k").await;
        assert_ne!(new.version().etag, old.version().etag, "{name}");
        let now = fs::read(&path).unwrap();
        let answers = new.read_many(&[0..100, 30_000..30_100]).await.unwrap();
        assert_eq!(answers, [&now[..100], &now[30_000..30_100]], "{name}");
    }
}

/// Changes a file until it is dropped.
struct WriterOfVersions {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl WriterOfVersions {
    /// Each version consists of one byte, over and over.
    fn start(path: &Path, write: fn(&Path, &[u8])) -> Self {
        let (stop, path) = (Arc::new(AtomicBool::new(false)), path.to_owned());
        let stopped = stop.clone();
        let writing = move || {
            for version in (0..=u8::MAX).cycle().take_while(|_| !stopped.load(SeqCst)) {
                write(&path, &[version; SIZE]);
                // Now and then there is more time to read.
                thread::sleep(TICK * u32::from(1 + version % 4));
            }
        };
        Self { stop, thread: Some(thread::spawn(writing)) }
    }
}

impl Drop for WriterOfVersions {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        self.thread.take().map(thread::JoinHandle::join);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_answer_is_of_two_versions() {
    for write in [write_in_place, replace, write_anew] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        fs::write(&path, [0; SIZE]).unwrap();
        let source = folder.path().display().to_string();
        let writer = WriterOfVersions::start(&path, write);
        let readers = (0..8).map(|_| tokio::spawn(read_again_and_again(source.clone())));
        let read: usize =
            futures::future::join_all(readers).await.into_iter().map(Result::unwrap).sum();
        drop(writer);
        assert!(read > 20, "{read} of 320");
    }
}

/// Reads a file that changes, a piece in each wave. Returns how often it was read.
async fn read_again_and_again(source: String) -> usize {
    let store = Store::open(&source, config()).unwrap();
    let mut read = 0;
    for _ in 0..40 {
        match read_in_pieces(&store).await {
            Ok(bytes) => {
                assert!(bytes.iter().all(|byte| *byte == bytes[0]), "of two versions");
                read += 1;
            }
            Err(error) => assert_eq!(error.kind, SourceErrorKind::Changed, "{error}"),
        }
    }
    read
}

async fn read_in_pieces(store: &Store) -> Result<Vec<u8>, crate::SourceError> {
    let object = store.object("k", Freshness::Trust, meter()).await?;
    let mut bytes = Vec::new();
    for range in [0..100, 20_000..20_100, 49_900..50_000] {
        if range.end > object.size_bytes() {
            break;
        }
        bytes.extend_from_slice(&object.read_many(&[range]).await?[0]);
    }
    if bytes.is_empty() {
        bytes.push(0)
    }
    Ok(bytes)
}
