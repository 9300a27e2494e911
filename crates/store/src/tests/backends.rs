//! The suite of [`crate::testing`] over the backends that need no server.

use std::path::PathBuf;

use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::*;
use crate::cloud::Cloud;
use crate::testing::{Subject, Writer, conformance};

struct Folder(PathBuf);

impl Writer for Folder {
    fn put<'a>(&'a self, key: &'a str, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        let path = self.0.join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        std::future::ready(()).boxed()
    }

    /// As in a bucket, a folder without keys is gone.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()> {
        let path = self.0.join(key);
        std::fs::remove_file(&path).unwrap();
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.0) {
            let _ = std::fs::remove_dir(folder);
        }
        std::future::ready(()).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn local_folder() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().display().to_string();
    let writer = Arc::new(Folder(folder.path().to_owned()));
    conformance(Subject {
        open: Box::new(move |config| Store::open(&source, config).unwrap()),
        writer,
        lists: true,
        odd_keys: vec![
            "a b.h5",
            "a%2Fb.h5",
            "a+b.h5",
            "a?b.h5",
            "a#b.h5",
            "ä/ö.h5",
            "a\\b.h5",
            "a\nb.h5",
            "x/children",
        ],
    })
    .await;
}

struct Memory(Arc<InMemory>);

impl Writer for Memory {
    fn put<'a>(&'a self, key: &'a str, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        let payload = bytes.to_vec().into();
        async move {
            let path = Path::parse(format!("root/{key}")).unwrap();
            self.0.put(&path, payload).await.unwrap();
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()> {
        async move {
            let path = Path::parse(format!("root/{key}")).unwrap();
            self.0.delete(&path).await.unwrap();
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clouds_of_the_library() {
    let memory = Arc::new(InMemory::new());
    let writer = Arc::new(Memory(memory.clone()));
    let open = move |config: StoreConfig| {
        let store: Arc<dyn ObjectStore> = memory.clone();
        Arc::new(Store::over(Box::new(Cloud::new(store, "root/")), "memory".to_owned(), &config))
    };
    conformance(Subject {
        open: Box::new(open),
        writer,
        lists: true,
        odd_keys: vec!["a b.h5", "a%2Fb.h5", "a+b.h5", "a?b.h5", "a#b.h5", "ä/ö.h5", "x/children"],
    })
    .await;
}
