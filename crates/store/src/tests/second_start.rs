//! The disk tier: what a question costs after the process was started again.

use std::ops::Range;
use std::path::Path;

use byte_source::ByteSource;

use super::*;
use crate::fake::{Call, Fake, Mishap};
use crate::{DiskConfig, ListQuery};

const SIZE: usize = 16 << 20;

/// A way through the file: each step is known only after the one before.
const WAY: [Range<u64>; 4] =
    [0..1000, 3_000_000..3_000_500, 5_242_780..5_242_980, 9_000_000..9_000_100];

fn with_disk(folder: &Path) -> StoreConfig {
    let disk = DiskConfig { folder: folder.to_owned(), size_bytes: 64 << 20 };
    StoreConfig { disk: Some(disk), ..config() }
}

/// What a question cost: rounds, requests and bytes.
type Cost = (u64, u64, u64);

/// Goes the way through `k`, whose bytes must be `expected`.
async fn ask(store: &Store, expected: &[u8]) -> Cost {
    let meter = meter();
    let object = store.object("k", Freshness::Trust, meter.clone()).await.unwrap();
    for step in &WAY {
        let answers = object.read_many(std::slice::from_ref(step)).await.unwrap();
        assert!(answers[0] == expected[step.start as usize..step.end as usize], "{step:?}");
    }
    (meter.rounds(), meter.requests(), meter.bytes())
}

/// Starts a store, asks, and stops it.
async fn ask_once(fake: &Fake, folder: &Path, expected: &[u8]) -> Cost {
    let store = fake.store(&with_disk(folder));
    let cost = ask(&store, expected).await;
    store.close().await;
    cost
}

/// What the first question costs: the start, and each step.
const COLD: Cost = (5, 5, 1800);

/// A look at the version.
const LOOK: Cost = (1, 1, 0);

#[tokio::test]
async fn after_a_restart_the_same_question_takes_one_look_at_the_version() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, COLD);
    fake.calls();
    assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, LOOK);
    assert_eq!(fake.calls(), [Call::Head("k".to_owned())]);
}

#[tokio::test]
async fn with_the_version_from_a_listing_it_takes_nothing() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    ask_once(&fake, folder.path(), &bytes(SIZE)).await;
    let store = fake.store(&with_disk(folder.path()));
    let all = ListQuery { limit: 10, ..Default::default() };
    store.list(&all, false, &meter()).await.unwrap();
    assert_eq!(ask(&store, &bytes(SIZE)).await, (0, 0, 0));
}

#[tokio::test]
async fn after_an_eviction_the_disk_answers() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    let store = fake.store(&StoreConfig { block_cache_bytes: 0, ..with_disk(folder.path()) });
    ask(&store, &bytes(SIZE)).await;
    store.close().await;
    let store = fake.store(&StoreConfig { block_cache_bytes: 0, ..with_disk(folder.path()) });
    assert_eq!(ask(&store, &bytes(SIZE)).await, LOOK);
    assert_eq!(ask(&store, &bytes(SIZE)).await, (0, 0, 0));
}

#[tokio::test]
async fn an_object_that_changed_meanwhile_is_read_anew() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    ask_once(&fake, folder.path(), &bytes(SIZE)).await;
    let changed = vec![7; SIZE];
    fake.put("k", &changed);
    assert_eq!(ask_once(&fake, folder.path(), &changed).await.0, COLD.0);
    assert_eq!(ask_once(&fake, folder.path(), &changed).await, LOOK);
}

#[tokio::test]
async fn of_what_went_wrong_nothing_is_kept() {
    for mishap in [Mishap::Short, Mishap::Long] {
        let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
        let store = fake.store(&with_disk(folder.path()));
        let object = open(&store, "k").await;
        fake.mishaps(&[mishap; 4]);
        let error = object.read_many(std::slice::from_ref(&WAY[1])).await.unwrap_err();
        assert_eq!(error.kind, SourceErrorKind::Failed);
        store.close().await;
        let (rounds, requests, _) = ask_once(&fake, folder.path(), &bytes(SIZE)).await;
        assert_eq!((rounds, requests), (5, 5), "the look, and each step: {mishap:?}");
        assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, LOOK);
    }
}

#[tokio::test]
async fn an_object_that_is_gone_is_gone() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    ask_once(&fake, folder.path(), &bytes(SIZE)).await;
    fake.delete("k");
    let store = fake.store(&with_disk(folder.path()));
    assert_eq!(open_error(&store, "k").await, SourceErrorKind::NotFound);
}

#[tokio::test]
async fn stores_do_not_see_each_others_objects() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Fake::with(&[("k", &bytes(SIZE))]), Fake::with(&[("k", &[9; SIZE])]));
    ask_once(&one, folder.path(), &bytes(SIZE)).await;
    let config = with_disk(folder.path());
    let store = Store::over(Box::new(other.clone()), "another".to_owned(), &config);
    assert_eq!(ask(&store, &[9; SIZE]).await, COLD);
}

#[tokio::test]
async fn a_second_process_goes_without() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    let first = fake.store(&with_disk(folder.path()));
    ask(&first, &bytes(SIZE)).await;
    assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, COLD);
    first.close().await;
    assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, LOOK);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_done_without() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    assert_eq!(ask_once(&fake, &file, &bytes(SIZE)).await, COLD);
    std::os::unix::fs::symlink("/", folder.path().join("h5scout")).unwrap();
    assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, COLD);
}

#[tokio::test]
async fn a_local_folder_does_without() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("k"), bytes(SIZE)).unwrap();
    let source = folder.path().display().to_string();
    let store = Store::open(&source, with_disk(cache.path())).unwrap();
    ask(&store, &bytes(SIZE)).await;
    store.close().await;
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    ask_once(&fake, folder.path(), &bytes(SIZE)).await;
    let own = folder.path().join("h5scout");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&own), 0o700);
    let files: Vec<_> = std::fs::read_dir(&own).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(files.len() >= 2 && files.iter().all(|file| mode(&file.path()) == 0o600), "{files:?}");
}

#[tokio::test]
async fn it_stays_within_its_size() {
    let limit = 4 << 20;
    let keys: Vec<_> = (0..40).map(|n| format!("{n}")).collect();
    let object = bytes(1 << 20);
    let objects: Vec<_> = keys.iter().map(|key| (key.as_str(), object.as_slice())).collect();
    let (fake, folder) = (Fake::with(&objects), tempfile::tempdir().unwrap());
    let disk = DiskConfig { folder: folder.path().to_owned(), size_bytes: limit };
    let config = StoreConfig { disk: Some(disk), whole_file_bytes: 1 << 20, ..config() };
    for keys in keys.chunks(8) {
        let store = fake.store(&config);
        for key in keys {
            open(&store, key).await;
        }
        store.close().await;
        assert!(size_of_folder(folder.path()) <= limit);
    }
    let store = fake.store(&config);
    let newest = meter();
    let object = store.object("39", Freshness::Trust, newest.clone()).await.unwrap();
    object.read_many(&[0..1 << 20]).await.unwrap();
    assert_eq!(newest.bytes(), 0, "what was read last is still there");
    store.close().await;
    let config = StoreConfig {
        disk: config.disk.map(|disk| DiskConfig { size_bytes: 1 << 20, ..disk }),
        ..config
    };
    drop(fake.store(&config));
    assert!(size_of_folder(folder.path()) <= 1 << 20, "a smaller size begins anew");
}

/// Damage of all kinds to the file: every answer is right, whatever of it can still be used.
#[tokio::test]
async fn damaged_files_never_answer() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    ask_once(&fake, folder.path(), &bytes(SIZE)).await;
    let path = database(folder.path());
    let sound = std::fs::read(&path).unwrap();
    let object = bytes(SIZE);
    let mut served = 0;
    let mut ask_with = async |damaged: Vec<u8>| {
        std::fs::write(&path, damaged).unwrap();
        let cost = ask_once(&fake, folder.path(), &object).await;
        served += u64::from(cost == LOOK);
        ask_once(&fake, folder.path(), &object).await;
        assert_eq!(ask_once(&fake, folder.path(), &object).await, LOOK, "it is whole again");
    };
    for at in (0..sound.len()).step_by(sound.len() / 30) {
        let mut damaged = sound.clone();
        damaged[at..].iter_mut().step_by(701).for_each(|byte| *byte ^= 0x55);
        ask_with(damaged).await;
    }
    for at in (0..100).step_by(3).chain((100..sound.len()).step_by(4001)) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0xff;
        ask_with(damaged).await;
    }
    for length in [0, 1, 15, 100, 4096, PAGE, 2 * PAGE, 3 * PAGE + 1, sound.len() - 1] {
        ask_with(sound[..length].to_vec()).await;
    }
    for garbage in [&b"garbage"[..], &[0; 100_000], &[0xff; 100_000]] {
        ask_with(garbage.to_vec()).await;
    }
    assert!(served > 10, "{served}: what is not damaged is used");
}

const PAGE: usize = 16 << 10;

#[tokio::test]
async fn files_of_others_are_replaced() {
    let (fake, folder) = (Fake::with(&[("k", &bytes(SIZE))]), tempfile::tempdir().unwrap());
    for change in [
        "PRAGMA user_version = 2",
        "PRAGMA application_id = 0",
        "CREATE TABLE other (a)",
        "CREATE TRIGGER evil AFTER UPDATE ON version BEGIN DELETE FROM piece; END",
        "DROP TABLE piece; CREATE VIEW piece AS SELECT 1 AS id",
        "DROP TABLE piece; DROP TABLE version",
    ] {
        ask_once(&fake, folder.path(), &bytes(SIZE)).await;
        let file = rusqlite::Connection::open(database(folder.path())).unwrap();
        file.execute_batch(change).unwrap();
        drop(file);
        assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, COLD, "{change}");
        assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, LOOK, "{change}");
    }
    std::fs::remove_dir_all(folder.path().join("h5scout")).unwrap();
    assert_eq!(ask_once(&fake, folder.path(), &bytes(SIZE)).await, COLD);
}

fn database(folder: &Path) -> std::path::PathBuf {
    folder.join("h5scout/pieces.sqlite")
}

fn size_of_folder(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder.join("h5scout")).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}
