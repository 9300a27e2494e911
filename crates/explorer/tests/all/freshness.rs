//! Files that change.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use explorer::{ErrorCode, ExplorerError, Freshness, Meter, RefreshQuery, Session};

use crate::{all, explorer, explorer_of, fixtures, said};

/// Puts a fixture into `folder` as `a.h5`, the way careful writers do: beside it, then over it.
fn put(folder: &tempfile::TempDir, fixture: &str) {
    let beside = folder.path().join("new");
    std::fs::copy(fixtures().join(fixture), &beside).unwrap();
    std::fs::rename(beside, folder.path().join("a.h5")).unwrap();
}

#[tokio::test]
async fn a_file_that_was_replaced_is_seen_anew() {
    let folder = tempfile::tempdir().unwrap();
    let explorer = explorer_of(folder.path());
    let mut etags = Vec::new();
    for (fixture, first_child) in
        [("ordinary/earliest.h5", "entry"), ("links/external_target.h5", "thing")]
    {
        put(&folder, fixture);
        let meter = Arc::new(Meter::new());
        let answer = explorer.children("a.h5", &all("/"), Freshness::Trust, &meter).await.unwrap();
        assert_eq!(answer.children[0].name, first_child);
        etags.push(answer.etag);
    }
    assert_ne!(etags[0], etags[1]);
}

#[tokio::test]
async fn a_question_starts_over_once_when_the_file_changes_under_it() {
    let explorer = explorer();
    let changed = || ExplorerError::new(ErrorCode::FileChanged, "changed");
    for (changes, answer) in [(0, Ok(1)), (1, Ok(2)), (2, Err(changed()))] {
        let asked = AtomicU32::new(0);
        let question = async |_: Session| {
            let times = asked.fetch_add(1, Relaxed) + 1;
            if times <= changes { Err(changed()) } else { Ok(times) }
        };
        let meter = Arc::new(Meter::new());
        let key = "ordinary/earliest.h5";
        assert_eq!(explorer.ask(key, Freshness::Trust, &meter, question).await, answer);
    }
}

#[tokio::test]
async fn a_file_that_is_forgotten_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "ordinary/earliest.h5");
    let explorer = explorer_of(folder.path());
    let forget = RefreshQuery::new(None, Some("a.h5")).unwrap();
    assert_eq!(explorer.refresh(&forget).cleared.objects, 0);
    let meter = Arc::new(Meter::new());
    explorer.children("a.h5", &all("/"), Freshness::Trust, &meter).await.unwrap();
    assert_eq!(explorer.refresh(&forget).cleared.objects, 1);
}

#[tokio::test]
async fn a_file_that_went_away_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "ordinary/earliest.h5");
    let explorer = explorer_of(folder.path());
    let meter = Arc::new(Meter::new());
    explorer.children("a.h5", &all("/"), Freshness::Trust, &meter).await.unwrap();
    std::fs::remove_file(folder.path().join("a.h5")).unwrap();
    let answer = explorer.children("a.h5", &all("/"), Freshness::Trust, &meter).await;
    assert_eq!(said(answer), ("file_not_found", r#"there is no "a.h5""#.to_owned()));
}
