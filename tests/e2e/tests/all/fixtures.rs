//! Every fixture against the dump that h5py made of it, and both against the scripts' claims.

use std::path::Path;

use futures::StreamExt as _;
use serde_json::Value;

use crate::house_rules::{files_below, repository};
use crate::oracle::{Tally, compare_file, explorer_of, read_dump};

#[tokio::test(flavor = "multi_thread")]
async fn fixtures_are_answered_as_h5py_reads_them() {
    let folder = repository().join("fixtures");
    let explorer = explorer_of(&folder);
    let dumps = files_below(&folder.join("dumps"));
    assert!(dumps.len() > 100, "the dumps are there");
    let mut files = futures::stream::iter(dumps)
        .map(|dump| {
            let key = key_of(&folder, &dump);
            let dump = std::fs::read(&dump).expect("a dump");
            let dump: Value = serde_json::from_slice(&dump).expect("JSON");
            tokio::spawn(compare_file(explorer.clone(), key, read_dump(&dump)))
        })
        .buffer_unordered(8);
    let mut tally = Tally::default();
    while let Some(file) = files.next().await {
        tally.merge(file.expect("a comparison does not panic"));
    }
    let report = format!("{}\n{}", tally.table(), tally.report(5));
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.all_right(|_| true), "{report}");
}

fn key_of(folder: &Path, dump: &Path) -> String {
    let below = dump.strip_prefix(folder.join("dumps")).expect("a dump");
    let key = below.to_str().expect("UTF-8");
    key.strip_suffix(".json").expect("a dump is JSON").to_owned()
}
