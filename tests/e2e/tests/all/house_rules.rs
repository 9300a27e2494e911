//! The house rules that a program can check.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates may know which others. Nothing points back.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("byte-source", &[]),
    ("cache", &[]),
    ("h5range", &["byte-source"]),
    ("store", &["byte-source", "cache"]),
    ("explorer", &["byte-source", "cache", "h5range", "store"]),
    ("h5scout-http", &["byte-source", "cache", "explorer", "store"]),
    ("h5scout", &["byte-source", "cache", "explorer", "h5range", "h5scout-http", "store"]),
    ("h5scout-benches", &["byte-source", "h5range", "store"]),
    ("h5scout-tests", &[]),
];

const TRACKED_FILE_BYTES_MAX: u64 = 1 << 20;
const FIXTURE_BYTES_MAX: u64 = 100 << 10;
const FIXTURES_BYTES_MAX: u64 = 5 << 19;

#[test]
fn crates_depend_only_on_those_below_them() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo metadata");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert_eq!(ours.len(), ALLOWED.len(), "{ours:?}: a new crate needs a line here");
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let (_, allowed) = ALLOWED.iter().find(|(of, _)| *of == name).expect("a line for it");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let other = dependency["name"].as_str().expect("a name");
            // Tests may use what they like: that cannot become a cycle.
            let counts = dependency["kind"] != "dev" && ours.contains(&other);
            assert!(!counts || allowed.contains(&other), "{name} must not know {other}");
        }
    }
}

#[test]
fn decoders_never_wait() {
    for file in tracked("crates/h5range/src/decode") {
        let text = std::fs::read_to_string(&file).expect("source text");
        for word in ["async", ".await"] {
            let found = code_lines(&text).find(|line| line.contains(word));
            assert_eq!(found, None, "{}: decoding is synchronous", file.display());
        }
    }
}

#[test]
fn exceptions_from_lints_give_a_reason() {
    for file in tracked_with_suffix("rs") {
        let text = std::fs::read_to_string(&file).expect("source text");
        let allows: Vec<_> = text
            .split("#[")
            .chain(text.split("#!["))
            .filter(|attribute| {
                let plain = attribute.starts_with(concat!("all", "ow("));
                let expected = attribute.starts_with("expect(");
                let attribute = attribute.split(']').next().unwrap_or_default();
                plain || (expected && !attribute.contains("reason"))
            })
            .collect();
        assert_eq!(allows.len(), 0, "{}: use expect(…, reason = …)", file.display());
    }
}

#[test]
fn nothing_unfinished_is_left_lying() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[ign", "ore")];
    for file in ["rs", "py", "sh", "ts"].into_iter().flat_map(tracked_with_suffix) {
        let text = std::fs::read_to_string(&file).expect("source text");
        for word in words {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn tracked_files_are_small_and_name_no_machine() {
    // Put together here, so that this file does not find itself.
    let paths = [concat!("/ro", "ot/"), concat!("/wo", "rk/")];
    for file in tracked(".") {
        let size = std::fs::metadata(&file).expect("a tracked file").len();
        assert!(size <= TRACKED_FILE_BYTES_MAX, "{}: {size} bytes", file.display());
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for path in paths {
            assert!(!text.contains(path), "{}: a path of a machine", file.display());
        }
    }
}

#[test]
fn every_fixture_is_small_and_has_a_dump() {
    let folder = repository().join("fixtures");
    let dumps = folder.join("dumps");
    let mut total = 0;
    for file in files_below(&folder) {
        let below = file.strip_prefix(&folder).expect("a fixture").to_owned();
        let family = below.iter().next().and_then(|name| name.to_str()).unwrap_or_default();
        let is_fixture = below.components().count() > 1 && !["make", "dumps"].contains(&family);
        if !is_fixture {
            continue;
        }
        let size = std::fs::metadata(&file).expect("a fixture").len();
        assert!(size <= FIXTURE_BYTES_MAX, "{}: {size} bytes", below.display());
        total += size;
        let dump = dumps.join(format!("{}.json", below.display()));
        let is_raw = below.extension().is_some_and(|suffix| suffix == "raw");
        assert!(is_raw || dump.is_file(), "{}: no dump", below.display());
    }
    assert!(total <= FIXTURES_BYTES_MAX, "{total} bytes of fixtures");
}

#[test]
fn the_format_coverage_names_files_that_are_there() {
    let coverage = repository().join("docs/format-coverage.md");
    let text = std::fs::read_to_string(coverage).expect("the coverage");
    let roots = ["crates/h5range/src", "fixtures", ""].map(|root| repository().join(root));
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let paths: Vec<&str> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|quoted| quoted.contains('/'))
        .collect();
    assert!(paths.len() > 100, "{paths:?}");
    for path in paths {
        assert!(roots.iter().any(|root| is_there(root, path)), "{path} is not there");
    }
}

/// Whether a file is there by that name, in which one `*` may stand for any part of the last one.
fn is_there(root: &Path, path: &str) -> bool {
    let Some((start, end)) = path.split_once('*') else { return root.join(path).exists() };
    let (folder, start) = start.rsplit_once('/').unwrap_or(("", start));
    let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| name.starts_with(start) && name.ends_with(end))
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// All files below a folder, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry").path();
            if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
        }
    }
    files.sort();
    files
}

fn tracked_with_suffix(suffix: &str) -> Vec<PathBuf> {
    let mut files = tracked(".");
    files.retain(|file| file.extension().is_some_and(|of| of == suffix));
    files
}

/// Files of the repository below `folder`, as Git lists them.
fn tracked(folder: &str) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--", folder])
        .current_dir(repository())
        .output()
        .expect("git");
    let listed = String::from_utf8(listed.stdout).expect("names that are UTF-8");
    let names = listed.split('\0').filter(|name| !name.is_empty());
    let files: Vec<_> =
        names.map(|name| repository().join(name)).filter(|file| file.is_file()).collect();
    assert!(!files.is_empty(), "Git knows no file in {folder}");
    files
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}
