//! The published files of known vulnerabilities of HDF5, where the corpus has them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use h5range::testing::ask_within_limits;

use crate::conformance::corpus;
use crate::house_rules::{files_below, repository};

const TIME_MAX: Duration = Duration::from_secs(1);

#[test]
fn the_files_of_known_vulnerabilities_are_answered() {
    for file in files() {
        let bytes = std::fs::read(&file).expect("a file of the corpus");
        let took = |bytes: Vec<u8>| {
            let started = Instant::now();
            // An error is an answer; a panic or more than the limits is not.
            let _answers = ask_within_limits(bytes);
            started.elapsed()
        };
        // A busy machine has a second chance.
        let time = took(bytes.clone()).min(took(bytes));
        assert!(time < TIME_MAX, "{}: {time:?}", file.display());
    }
}

#[test]
fn every_vulnerability_of_the_corpus_is_accounted_for() {
    let told = std::fs::read_to_string(repository().join("SECURITY.md")).expect("SECURITY.md");
    for file in files() {
        let name = number(&file);
        assert!(told.contains(&name), "{name} is not in SECURITY.md");
    }
}

fn files() -> Vec<PathBuf> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let mut files = files_below(&corpus.join("files"));
    files.retain(|file| {
        file.file_stem().is_some_and(|name| name.as_encoded_bytes().starts_with(b"cve"))
    });
    files
}

/// "CVE-2024-32607" of "cve-2024-32607-1.h5".
fn number(file: &Path) -> String {
    let name = file.file_stem().and_then(|name| name.to_str()).expect("UTF-8");
    let parts: Vec<&str> = name.split(['-', '_']).take(3).collect();
    parts.join("-").to_uppercase()
}
