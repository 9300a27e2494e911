//! Several sources in one server: keys, listings, and the fence between them.

use std::sync::Arc;
use std::time::Duration;

use explorer::answers::FilesAnswer;
use explorer::{Explorer, ExplorerConfig, FilesQuery, Freshness, Meter, RefreshQuery, Sources};
use serde_json::json;
use store::{Store, StoreCaches, StoreConfig};
use tempfile::TempDir;

use crate::{all, child, fixtures, said};

/// Folders under one roof, each a source.
struct Lab {
    roof: TempDir,
    explorer: Arc<Explorer>,
}

impl Lab {
    fn with(sources: &[(&str, &[&str])]) -> Self {
        Self::spending(ExplorerConfig::default(), sources)
    }

    fn spending(spent: ExplorerConfig, sources: &[(&str, &[&str])]) -> Self {
        let roof = tempfile::tempdir().unwrap();
        let config = StoreConfig::default();
        let caches = StoreCaches::new(&config);
        let open = |(name, keys): &(&str, &[&str])| {
            let folder = roof.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            for key in *keys {
                let path = folder.join(key);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::copy(fixtures().join("ordinary/latest.h5"), path).unwrap();
            }
            let store = Store::open_sharing(folder.to_str().unwrap(), &config, &caches).unwrap();
            (name.parse().unwrap(), store)
        };
        let sources = Sources::named(sources.iter().map(open).collect());
        Self { roof, explorer: Explorer::over(sources, spent) }
    }

    async fn list(&self, query: FilesQuery) -> FilesAnswer {
        self.explorer.files(&query, &Arc::new(Meter::new())).await.unwrap()
    }

    /// All pages of a listing, `limit` at a time: folders and files in their order.
    async fn pages(&self, query: FilesQuery, limit: u64) -> Vec<String> {
        let (mut query, mut found) = (query.with_limit(limit).unwrap(), Vec::new());
        loop {
            let page = self.list(query.clone()).await;
            assert!(page.files.len() + page.folders.len() <= limit as usize);
            assert_eq!(page.truncated, page.next.is_some());
            found.extend(page.folders);
            found.extend(page.files.into_iter().map(|file| file.key));
            let Some(next) = page.next else { return found };
            query = query.with_after(&next);
        }
    }
}

const SOURCES: [(&str, &[&str]); 5] = [
    ("lab", &["a.h5", "runs/1.h5", "runs/2.nc"]),
    ("archive", &["a.h5", "z.h5"]),
    ("archive-2", &[]),
    ("empty", &[]),
    ("x", &["x.h5"]),
];

fn lab() -> Lab {
    Lab::with(&SOURCES)
}

const ALL: [&str; 6] =
    ["archive/a.h5", "archive/z.h5", "lab/a.h5", "lab/runs/1.h5", "lab/runs/2.nc", "x/x.h5"];

#[tokio::test]
async fn who_looks_for_long_is_told_what_is_found_and_where_to_go_on() {
    let spent = ExplorerConfig { looking_time: Duration::ZERO, ..ExplorerConfig::default() };
    let lab = Lab::spending(spent, &SOURCES);
    let query = FilesQuery::default().with_q("a.h5");
    let first = lab.list(query.clone()).await;
    // The first of the sources has no file at all.
    assert_eq!((first.count, first.next.as_deref()), (0, Some("archive/")));
    assert_eq!(lab.pages(query, 10).await, ["archive/a.h5", "lab/a.h5"]);
}

#[tokio::test]
async fn keys_begin_with_the_name_of_their_source() {
    let lab = lab();
    let meter = Arc::new(Meter::new());
    let ask =
        async |key: &str| lab.explorer.children(key, &all("/"), Freshness::Trust, &meter).await;
    for key in ALL {
        assert_eq!(ask(key).await.unwrap().key, key);
    }
    for key in ["a.h5", "archive/1.h5", "lab", "lab/", "lab/../archive/a.h5", "other/a.h5"] {
        let (code, detail) = said(ask(key).await);
        assert_eq!(code, "file_not_found");
        assert!(detail.starts_with(&format!("there is no {key:?}")), "{detail}");
    }
}

#[tokio::test]
async fn at_the_root_the_sources_are_the_folders() {
    let lab = lab();
    let folders = FilesQuery::default().with_delimiter("/").unwrap();
    let root = lab.list(folders.clone()).await;
    assert_eq!(root.folders, ["archive-2/", "archive/", "empty/", "lab/", "x/"]);
    assert_eq!((root.files.len(), root.count, root.truncated), (0, 0, false));
    for limit in 1..6 {
        assert_eq!(lab.pages(folders.clone(), limit).await, root.folders, "{limit}");
    }
    let some = lab.list(folders.clone().with_prefix("ar")).await;
    assert_eq!(some.folders, ["archive-2/", "archive/"]);
    assert_eq!(lab.list(folders.clone().with_q("LAB")).await.folders, ["lab/"]);

    let inside = lab.list(folders.with_prefix("lab/")).await;
    assert_eq!((inside.folders.as_slice(), inside.count), (&["lab/runs/".to_owned()][..], 1));
    assert_eq!(inside.files[0].key, "lab/a.h5");
}

#[tokio::test]
async fn without_a_delimiter_a_listing_goes_through_all_sources() {
    let lab = lab();
    let every = FilesQuery::default();
    for limit in 1..8 {
        assert_eq!(lab.pages(every.clone(), limit).await, ALL, "{limit}");
        let suffix = every.clone().with_suffix(".nc,z.h5");
        assert_eq!(lab.pages(suffix, limit).await, ["archive/z.h5", "lab/runs/2.nc"], "{limit}");
        let q = every.clone().with_q("LAB/");
        assert_eq!(lab.pages(q, limit).await, ALL[2..5], "{limit}");
        let prefix = every.clone().with_prefix("lab/r");
        assert_eq!(lab.pages(prefix, limit).await, ALL[3..5], "{limit}");
    }
    assert!(lab.pages(every.clone().with_prefix("la/"), 9).await.is_empty());
    // Any text is a place to go on from, as for a bucket.
    for (after, left) in [("archive/a.h5", 5), ("archive/zz", 4), ("b", 4), ("lab/", 4), ("y", 0)] {
        let page = lab.list(every.clone().with_after(after)).await;
        assert_eq!(page.count, left, "{after}");
    }
}

#[tokio::test]
async fn a_listing_of_several_sources_is_refreshed_by_source() {
    let lab = lab();
    let listing = FilesQuery::default();
    lab.list(listing.clone()).await;
    std::fs::copy(fixtures().join("ordinary/latest.h5"), lab.roof.path().join("x/y.h5")).unwrap();
    assert_eq!(lab.list(listing.clone()).await.count, 6);
    let refresh = |prefix| {
        lab.explorer.refresh(&RefreshQuery::new(Some(prefix), None).unwrap()).cleared.listings
    };
    assert_eq!((refresh("lab/runs/"), refresh("nobody/")), (1, 0));
    assert_eq!(lab.list(listing.clone()).await.count, 6);
    assert_eq!(refresh("x"), 1);
    assert_eq!(lab.list(listing).await.count, 7);
    let forget =
        |key| lab.explorer.refresh(&RefreshQuery::new(None, Some(key)).unwrap()).cleared.objects;
    assert_eq!((forget("x/y.h5"), forget("lab/y.h5"), forget("y.h5")), (1, 0, 0));
}

#[tokio::test]
async fn one_source_with_a_name_has_it_in_its_keys() {
    let lab = Lab::with(&[("lab", &["a.h5"])]);
    assert_eq!(lab.pages(FilesQuery::default(), 5).await, ["lab/a.h5"]);
    let folders = FilesQuery::default().with_delimiter("/").unwrap();
    assert_eq!(lab.pages(folders, 5).await, ["lab/"]);
}

#[tokio::test]
async fn a_source_that_fails_is_named() {
    let lab = lab();
    std::fs::remove_dir_all(lab.roof.path().join("lab")).unwrap();
    let listing = lab.explorer.files(&FilesQuery::default(), &Arc::new(Meter::new())).await;
    assert!(said(listing).1.starts_with("source lab: "));
    let mut ready = Vec::new();
    for source in lab.explorer.sources() {
        ready.push((source.name().unwrap(), source.ready().await.is_ok()));
    }
    let expected = [("archive-2", true), ("archive", true), ("empty", true), ("lab", false)];
    assert_eq!(ready[..4], expected);
    assert_eq!(
        lab.list(FilesQuery::default().with_prefix("x/")).await.count,
        1,
        "the others go on"
    );
}

#[tokio::test]
async fn links_are_followed_within_their_source_and_not_into_another() {
    let lab = Lab::with(&[("lab", &[]), ("other", &[])]);
    let place = |name: &str, to: &str| {
        let to = lab.roof.path().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(fixtures().join("links").join(name), to).unwrap();
    };
    // It links to `external_target.h5` beside it, and to `../../external_target.h5`.
    place("external_latest.h5", "lab/deep/er/external_latest.h5");
    place("external_latest.h5", "lab/external_latest.h5");
    place("external_target.h5", "lab/external_target.h5");
    place("external_target.h5", "other/external_target.h5");
    let external = all("/").with_resolve(explorer::Resolve::External);
    let ask = async |key: &str| {
        let meter = Arc::new(Meter::new());
        let answer = lab.explorer.children(key, &external, Freshness::Trust, &meter).await.unwrap();
        serde_json::to_value(answer).unwrap()
    };
    let answer = ask("lab/external_latest.h5").await;
    assert_eq!(answer["key"], "lab/external_latest.h5");
    assert_eq!(child(&answer, "there")["type"], "group");
    let out = &child(&answer, "out_of_the_root")["error"]["detail"];
    assert!(out.as_str().unwrap().contains("outside of what is served"), "{out}");

    let deep = ask("lab/deep/er/external_latest.h5").await;
    assert_eq!(child(&deep, "there")["error"]["code"], json!("link_unresolved"), "not beside it");
}
