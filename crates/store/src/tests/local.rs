//! What a folder has that buckets do not: links, pipes, folders, times.

use std::fs;
use std::os::unix::fs::symlink;

use byte_source::ByteSource;

use super::*;

struct Folders {
    _holding: tempfile::TempDir,
    root: std::path::PathBuf,
    store: Arc<Store>,
}

/// `outside/secret` beside `root`, which is the store's.
fn folders() -> Folders {
    let holding = tempfile::tempdir().unwrap();
    let root = holding.path().join("root");
    fs::create_dir_all(root.join("sub")).unwrap();
    fs::create_dir(holding.path().join("outside")).unwrap();
    fs::write(holding.path().join("outside/secret"), "secret").unwrap();
    fs::write(root.join("sub/file"), "bytes").unwrap();
    let store = Store::open(&root.display().to_string(), config()).unwrap();
    Folders { _holding: holding, root, store }
}

#[tokio::test]
async fn keys_and_links_never_leave_the_root() {
    let Folders { root, store, .. } = &folders();
    symlink("../outside/secret", root.join("file-out")).unwrap();
    symlink("../outside", root.join("folder-out")).unwrap();
    symlink(root.parent().unwrap().join("outside/secret"), root.join("absolute-out")).unwrap();
    // What this process may not look into is not told from what is not there either.
    symlink("/no/such/place", root.join("closed-out")).unwrap();
    symlink("/proc/1/cwd/none", root.join("sub/closed-out")).unwrap();
    let absolute = root.parent().unwrap().join("outside/secret").display().to_string();
    for key in [
        "../outside/secret",
        "sub/../../outside/secret",
        "file-out",
        "absolute-out",
        "folder-out/secret",
        "closed-out",
        "sub/closed-out",
        "sub/closed-out/below",
        "/etc/passwd",
        &absolute,
    ] {
        assert_eq!(open_error(store, key).await, SourceErrorKind::NotFound, "{key}");
    }
}

#[tokio::test]
async fn links_below_the_root_are_followed() {
    let Folders { root, store, .. } = &folders();
    symlink("sub", root.join("link")).unwrap();
    symlink("link/file", root.join("link-to-link")).unwrap();
    for key in ["link/file", "link-to-link", "sub/file"] {
        let object = open(store, key).await;
        assert_eq!(object.read_many(&[0..5]).await.unwrap(), [&b"bytes"[..]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_replaced_all_the_time_is_there_all_the_time() {
    let Folders { root, store, .. } = &folders();
    let (over, is_over) = std::sync::mpsc::channel::<()>();
    let (new, old) = (root.join("new"), root.join("sub/file"));
    let writer = std::thread::spawn(move || {
        while is_over.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            fs::write(&new, "other bytes").unwrap();
            fs::rename(&new, &old).unwrap();
        }
    });
    for _ in 0..2000 {
        match store.version("sub/file", Freshness::Ask, &Arc::new(Meter::new())).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind, SourceErrorKind::Changed),
        }
    }
    drop(over);
    writer.join().unwrap();
}

#[tokio::test]
async fn what_is_no_file_is_not_found() {
    let Folders { root, store, .. } = &folders();
    // A socket; to open a pipe for reading would wait for ever in the same way.
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    symlink("round", root.join("round")).unwrap();
    for key in ["sub", "socket", "sub/file/none", "none", &"long".repeat(100)] {
        assert_eq!(open_error(store, key).await, SourceErrorKind::NotFound, "{key}");
    }
    assert_eq!(open_error(store, "round").await, SourceErrorKind::NotFound);
}

#[tokio::test]
async fn a_file_is_looked_at_for_every_question() {
    let Folders { root, store, .. } = &folders();
    let cold = meter();
    store.object("sub/file", Freshness::Trust, cold.clone()).await.unwrap();
    assert_eq!(cold.requests(), 1, "one opening gives the version and the bytes");
    fs::write(root.join("sub/file"), "other bytes").unwrap();
    let meter = meter();
    let object = store.object("sub/file", Freshness::Trust, meter.clone()).await.unwrap();
    assert_eq!((object.size_bytes(), meter.requests()), (11, 1));
}

#[tokio::test]
async fn a_file_that_was_replaced_is_changed() {
    let Folders { root, store, .. } = &folders();
    fs::write(root.join("data"), bytes(5000)).unwrap();
    let object = open(store, "data").await;
    let written = fs::metadata(root.join("data")).unwrap().modified().unwrap();
    fs::write(root.join("new"), bytes(5000)).unwrap();
    fs::File::options().write(true).open(root.join("new")).unwrap().set_modified(written).unwrap();
    fs::rename(root.join("new"), root.join("data")).unwrap();
    let error = object.read_many(&[3000..3010]).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Changed, "same size, same time, other inode");
}

#[tokio::test]
async fn details_name_the_key_and_not_the_disk() {
    let Folders { root, store, .. } = &folders();
    let error = store.object("sub/none", Freshness::Trust, meter()).await.unwrap_err();
    assert!(error.detail.contains("sub/none"));
    assert!(!error.detail.contains(&root.display().to_string()));
}
