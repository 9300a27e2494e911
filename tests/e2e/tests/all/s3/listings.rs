//! Listings of more than the store gives at once, by the store and over HTTP.

use futures::future::join_all;
use store::testing::{S3Bucket, Writer};
use store::{ListQuery, Store};

use super::{meter, s3, source};
use crate::server::Server;

/// More than two of the store's pages, which have 1,000 keys.
const KEYS: usize = 2500;

#[tokio::test(flavor = "multi_thread")]
async fn lists_more_than_a_page_and_no_markers() {
    let Some(s3) = s3("lists_more_than_a_page_and_no_markers") else { return };
    let prefix = "pages/";
    fill(&s3.below(prefix).await).await;
    all_are_listed(&s3.store(prefix)).await;
    folders_are_shown(&s3.store(prefix)).await;
    let server = s3.serve(&source(prefix), &[]);
    for limit in [1, 999, 1000, 1001, 2501, 10_000] {
        pages_follow_each_other(&server, limit).await;
    }
    folders_and_filters(&server).await;
}

/// Writes `dir/0000.h5` and so on, `empty.h5`, and the markers of two folders.
async fn fill(bucket: &S3Bucket) {
    let keys: Vec<_> = (0..KEYS).map(key).collect();
    for keys in keys.chunks(50) {
        join_all(keys.iter().map(|key| bucket.put(key, b"x"))).await;
    }
    for key in ["dir/", "empty/", "empty.h5"] {
        bucket.put(key, b"").await;
    }
}

fn key(number: usize) -> String {
    format!("dir/{number:04}.h5")
}

async fn all_are_listed(store: &Store) {
    let mut listed = Vec::new();
    let mut query = ListQuery { limit: 50_000, ..ListQuery::default() };
    loop {
        let page = store.list(&query, false, &meter()).await.unwrap().page;
        listed.extend(page.entries.iter().map(|entry| entry.key.clone()));
        query.after = page.next.clone();
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(listed.len(), KEYS + 1);
    assert!(listed.is_sorted() && listed.contains(&"empty.h5".to_owned()));
}

async fn folders_are_shown(store: &Store) {
    let folders = ListQuery { folders: true, limit: 1, ..ListQuery::default() };
    let first = store.list(&folders, false, &meter()).await.unwrap().page;
    assert_eq!((first.folders.as_slice(), first.entries.len()), (&["dir/".to_owned()][..], 0));
    let second = ListQuery { after: first.next.clone(), limit: 10, ..folders };
    let second = store.list(&second, false, &meter()).await.unwrap().page;
    assert_eq!(
        (second.folders.as_slice(), second.next.as_deref()),
        (&["empty/".to_owned()][..], None)
    );
    assert_eq!(second.entries[0].key, "empty.h5");
}

/// Pages of `limit` keys, each but the last one full, hold every key once and in order.
async fn pages_follow_each_other(server: &Server, limit: usize) {
    let (mut found, mut after) = (0, String::new());
    loop {
        let page = server.json(&format!("/files?prefix=dir/&limit={limit}&after={after}")).await;
        let files = page["files"].as_array().unwrap();
        for file in files {
            assert_eq!(file["key"], key(found), "pages of {limit}");
            found += 1;
        }
        let is_last = page["next"].is_null();
        assert_eq!(page["truncated"], !is_last);
        assert!(is_last || files.len() == limit, "{} of {limit}", files.len());
        // With pages of one, some are enough.
        if is_last || (limit == 1 && found == 3) {
            break;
        }
        after = page["next"].as_str().unwrap().to_owned();
    }
    assert!(found == KEYS || limit == 1, "{found} of {KEYS} in pages of {limit}");
}

async fn folders_and_filters(server: &Server) {
    let root = server.json("/files?delimiter=/").await;
    assert_eq!(root["folders"], serde_json::json!(["dir/", "empty/"]));
    assert_eq!((root["count"].as_u64(), &root["files"][0]["key"]), (Some(1), &"empty.h5".into()));
    let empty = server.json("/files?prefix=empty/&delimiter=/").await;
    assert_eq!((empty["count"].as_u64(), empty["folders"].as_array().unwrap().len()), (Some(0), 0));
    // The last keys of the third page of the store.
    let few = server.json("/files?q=249&suffix=.h5").await;
    assert_eq!(few["count"], 13, "0249, 1249, 2249, and 2490 to 2499");
    let part = server.json("/files?prefix=dir/24&limit=10000").await;
    assert_eq!((part["count"].as_u64(), part["truncated"].as_bool()), (Some(100), Some(false)));
}
