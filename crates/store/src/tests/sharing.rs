//! Several stores of one process: they share the memory and the disk, and nothing that is in them.

use std::path::Path;

use byte_source::ByteSource;

use super::*;
use crate::fake::{Call, Fake};
use crate::{DiskConfig, ListQuery, StoreCaches};

/// Two stores with an object of the same key and version, and other bytes.
fn two(config: &StoreConfig) -> ([Fake; 2], [Arc<Store>; 2]) {
    let caches = StoreCaches::new(config);
    let fakes = [Fake::with(&[("k", &[1; 5000])]), Fake::with(&[("k", &[2; 5000])])];
    let stores = ["one", "other"].into_iter().zip(&fakes).map(|(name, fake)| {
        let store = Store::over_sharing(Box::new(fake.clone()), name.to_owned(), config, &caches);
        Arc::new(store)
    });
    let stores = stores.collect::<Vec<_>>().try_into().unwrap();
    (fakes, stores)
}

/// The byte that `k` is full of.
async fn read(store: &Store) -> u8 {
    let object = open(store, "k").await;
    let bytes = object.read_many(&[3000..3100]).await.unwrap();
    assert!(bytes[0].iter().all(|byte| *byte == bytes[0][0]));
    bytes[0][0]
}

#[tokio::test]
async fn one_is_never_answered_with_what_was_read_of_the_other() {
    let (fakes, [one, other]) = two(&config());
    for _ in 0..2 {
        assert_eq!((read(&one).await, read(&other).await), (1, 2));
    }
    let expected = [Call::Start("k".to_owned()), Call::Get("k".to_owned(), 3000..3100)];
    for fake in fakes {
        assert_eq!(fake.calls(), expected);
    }
}

#[tokio::test]
async fn what_is_forgotten_of_one_is_kept_of_the_other() {
    let (fakes, [one, other]) = two(&config());
    let all = ListQuery { limit: 10, ..Default::default() };
    for store in [&one, &other] {
        store.list(&all, false, &meter()).await.unwrap();
    }
    assert_eq!(one.forget_listings(""), 1);
    assert!(one.forget("k") && !one.forget("k"));
    fakes.iter().for_each(|fake| drop(fake.calls()));
    assert!(one.listed(&all).is_none() && other.listed(&all).is_some());
    assert_eq!((read(&one).await, read(&other).await), (1, 2));
    let [first, second] = fakes;
    assert_eq!(first.calls()[0], Call::Start("k".to_owned()), "its version is asked for");
    assert_eq!(second.calls(), [Call::Get("k".to_owned(), 3000..3100)], "its version is known");
}

#[tokio::test]
async fn the_memory_of_blocks_is_that_of_all_together() {
    let config = StoreConfig { block_cache_bytes: 8000, ..config() };
    let (_, [one, other]) = two(&config);
    read(&one).await;
    read(&other).await;
    assert!(one.caches.blocks.stats().bytes <= 8000);
    let (_, [one, other]) = two(&StoreConfig { block_cache_bytes: 0, ..config });
    read(&one).await;
    read(&other).await;
    assert_eq!(one.caches.blocks.stats().bytes + other.caches.blocks.stats().bytes, 0);
}

#[tokio::test]
async fn they_keep_their_bytes_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let with_disk = |folder: &Path| {
        let disk = DiskConfig { folder: folder.to_owned(), size_bytes: 64 << 20 };
        StoreConfig { disk: Some(disk), ..config() }
    };
    let (_, [one, other]) = two(&with_disk(folder.path()));
    assert_eq!((read(&one).await, read(&other).await), (1, 2));
    one.close().await;

    let (fakes, [one, other]) = two(&with_disk(folder.path()));
    assert_eq!((read(&one).await, read(&other).await), (1, 2));
    for fake in fakes {
        assert_eq!(fake.calls(), [Call::Head("k".to_owned())], "a look at the version");
    }
    other.close().await;
}
