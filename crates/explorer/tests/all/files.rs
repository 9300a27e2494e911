//! Listings.

use std::sync::Arc;

use explorer::answers::FilesAnswer;
use explorer::{FilesQuery, Meter, RefreshQuery};

use crate::explorer_of;

/// A folder with these files, each of one byte.
fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"x").unwrap();
    }
    folder
}

fn keys(answer: &FilesAnswer) -> Vec<&str> {
    answer.files.iter().map(|file| file.key.as_str()).collect()
}

#[tokio::test]
async fn files_are_listed_by_key_with_size_time_and_version() {
    let folder = folder(&["b.h5", "a/z.h5", "a.h5"]);
    let answer = ask(&folder, FilesQuery::default()).await;
    assert_eq!(keys(&answer), ["a.h5", "a/z.h5", "b.h5"]);
    let first = serde_json::to_value(&answer.files[0]).unwrap();
    assert_eq!((&first["type"], &first["size"]), (&"file".into(), &1.into()));
    assert!(first["last_modified"].as_str().unwrap().ends_with('Z'));
    assert!(!first["etag"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn the_folder_view_shows_one_level() {
    let folder = folder(&["runs/1/a.h5", "runs/2/a.h5", "runs/b.h5", "c.h5"]);
    let query = FilesQuery::default().with_delimiter("/").unwrap().with_prefix("runs/");
    let answer = ask(&folder, query).await;
    assert_eq!(
        (answer.folders.as_slice(), keys(&answer)),
        (&["runs/1/".to_owned(), "runs/2/".to_owned()][..], vec!["runs/b.h5"])
    );
    assert_eq!(answer.count, 1);
}

#[tokio::test]
async fn filters_leave_what_they_say() {
    let folder = folder(&["a.h5", "a.txt", "Run.nc", "z/run.h5"]);
    let suffix = ask(&folder, FilesQuery::default().with_suffix(".h5,.nc")).await;
    assert_eq!(keys(&suffix), ["Run.nc", "a.h5", "z/run.h5"]);
    let q = ask(&folder, FilesQuery::default().with_q("RUN")).await;
    assert_eq!(keys(&q), ["Run.nc", "z/run.h5"]);
}

#[tokio::test]
async fn pages_follow_each_other_with_and_without_filters() {
    let names: Vec<String> = (0..25).map(|i| format!("f{i:02}.{}", ["h5", "txt"][i % 2])).collect();
    let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for query in [FilesQuery::default(), FilesQuery::default().with_suffix(".h5")] {
        let whole = ask(&folder, query.clone()).await;
        let mut query = query.with_limit(4).unwrap();
        let mut pieces = Vec::new();
        loop {
            let page = ask(&folder, query.clone()).await;
            assert!(page.files.len() <= 4);
            assert_eq!(page.truncated, page.next.is_some());
            pieces.extend(page.files);
            let Some(next) = page.next else { break };
            query = query.with_after(&next);
        }
        assert_eq!(pieces, whole.files);
    }
}

#[tokio::test]
async fn a_filter_looks_at_as_many_keys_at_once_as_the_store_gives() {
    let names: Vec<String> = (0..50).map(|i| format!("f{i:02}.h5")).collect();
    let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let meter = Arc::new(Meter::new());
    let query = FilesQuery::default().with_q("f49").with_limit(1).unwrap();
    let answer = explorer_of(folder.path()).files(&query, &meter).await.unwrap();
    assert_eq!((keys(&answer), meter.requests()), (vec!["f49.h5"], 1));
}

#[tokio::test]
async fn a_listing_is_kept_until_it_is_refreshed() {
    let folder = folder(&["a.h5"]);
    let explorer = explorer_of(folder.path());
    let list =
        async |query: FilesQuery| explorer.files(&query, &Arc::new(Meter::new())).await.unwrap();
    assert!(!list(FilesQuery::default()).await.cached);
    std::fs::write(folder.path().join("b.h5"), b"x").unwrap();
    let kept = list(FilesQuery::default()).await;
    assert_eq!((kept.cached, kept.count), (true, 1));
    let asked = list(FilesQuery::default().with_refresh(true)).await;
    assert_eq!((asked.cached, asked.count), (false, 2));

    let cleared = explorer.refresh(&RefreshQuery::new(None, None).unwrap()).cleared;
    assert_eq!((cleared.listings, cleared.objects), (1, 0));
    assert!(!list(FilesQuery::default()).await.cached);
}

async fn ask(folder: &tempfile::TempDir, query: FilesQuery) -> FilesAnswer {
    explorer_of(folder.path()).files(&query, &Arc::new(Meter::new())).await.unwrap()
}
