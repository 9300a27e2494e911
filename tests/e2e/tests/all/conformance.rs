//! The conformance run: thousands of objects of a corpus of real files against what h5py says.
//!
//! The corpus is the folder that `H5SCOUT_CORPUS` names, by default `../shared/corpus` beside the
//! repository; without one the run is skipped. A corpus has two folders: `files`, and `truth` with
//! what h5py says of each file.
//!
//! `conformance.json` has the shares that were reached, by the name of the corpus's folder. They may
//! only go up: `H5SCOUT_CONFORMANCE_RECORD=1` raises them to what the run found. The whole report is
//! written to `conformance-report.txt` in the folder for test output of Cargo's target folder.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use futures::StreamExt as _;
use serde_json::Value;

use crate::house_rules::{files_below, repository};
use crate::oracle::{Tally, compare_file, explorer_of, read_truth};

/// Shares are recorded and compared to a hundredth of a percent.
const TOLERANCE: f64 = 0.005;
/// Files compared at once: enough to keep the cores busy while some wait for the disk.
pub const FILES_AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_is_answered_as_h5py_reads_it() {
    let Some(corpus) = corpus() else {
        show("conformance: skipped, there is no corpus (H5SCOUT_CORPUS)");
        return;
    };
    let tally = compare_corpus(&corpus).await;
    let report = format!("{}\n{}", tally.table(), tally.report(usize::MAX));
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-report.txt");
    std::fs::write(&place, report).expect("the report can be written");
    let (table, examples) = (tally.table(), tally.report(2));
    show(&format!("conformance with {}\n\n{table}\n{examples}", corpus.display()));
    show(&format!("whole report: {}", place.display()));
    assert!(tally.failures.is_empty(), "our own mistakes: {:#?}", tally.failures);
    check_shares(&name_of(&corpus), &tally.shares());
}

/// Prints past the test runner, which would keep the output of a test that passes to itself.
pub fn show(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("stderr can be written");
}

async fn compare_corpus(corpus: &Path) -> Tally {
    let explorer = explorer_of(&corpus.join("files"));
    let truths = corpus.join("truth");
    let mut files = futures::stream::iter(files_below(&truths))
        .map(|truth| {
            let below = truth.strip_prefix(&truths).expect("a truth");
            let key = below.to_str().expect("UTF-8").trim_end_matches(".json").to_owned();
            let explorer = explorer.clone();
            tokio::spawn(async move {
                let truth = std::fs::read(&truth).expect("a truth");
                let truth: Value = serde_json::from_slice(&truth).expect("JSON");
                compare_file(explorer, key, read_truth(&truth)).await
            })
        })
        .buffer_unordered(FILES_AT_ONCE);
    let mut tally = Tally::default();
    while let Some(file) = files.next().await {
        tally.merge(file.expect("a comparison does not panic"));
    }
    tally
}

/// The folder of the corpus, if there is one.
pub fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("H5SCOUT_CORPUS").map(PathBuf::from);
    let corpus = named.unwrap_or_else(|| repository().join("../shared/corpus"));
    corpus.join("truth").is_dir().then_some(corpus)
}

/// The name of the corpus's folder.
pub fn name_of(corpus: &Path) -> String {
    corpus.file_name().and_then(|name| name.to_str()).expect("a corpus has a name").to_owned()
}

/// Compares what was `found` with what is recorded under `name`.
pub fn check_shares(name: &str, found: &BTreeMap<String, f64>) {
    // Two comparisons may record at the same time.
    static RECORDING: Mutex<()> = Mutex::new(());
    let _recording = RECORDING.lock().unwrap_or_else(PoisonError::into_inner);
    let file = repository().join("tests/e2e/conformance.json");
    let all = std::fs::read_to_string(&file).expect("recorded shares");
    let mut all: BTreeMap<String, BTreeMap<String, f64>> =
        serde_json::from_str(&all).expect("shares by corpus");
    let recorded = all.entry(name.to_owned()).or_default();
    if std::env::var_os("H5SCOUT_CONFORMANCE_RECORD").is_some() {
        for (feature, share) in found {
            let floor = (share * 100.0).floor() / 100.0;
            let recorded = recorded.entry(feature.clone()).or_insert(floor);
            *recorded = recorded.max(floor);
        }
        let json = serde_json::to_string_pretty(&all).expect("JSON") + "\n";
        std::fs::write(&file, json).expect("the shares can be recorded");
    }
    let recorded = &all[name];
    if recorded.is_empty() {
        show(&format!("conformance: no shares are recorded for {name}"));
    }
    let fallen: Vec<_> = recorded
        .iter()
        .map(|(feature, share)| (feature, share, found.get(feature).copied().unwrap_or(0.0)))
        .filter(|(_, recorded, found)| *found < *recorded - TOLERANCE)
        .collect();
    assert!(fallen.is_empty(), "shares fell (feature, recorded, found): {fallen:#?}");
}
