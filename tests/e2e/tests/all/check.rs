//! `check` against what h5py says: it counts what h5py counts, and calls sound what h5py reads.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use explorer::answers::{CheckAnswer, Verdict};
use explorer::{ErrorCode, Explorer, ExplorerError, Freshness};
use futures::StreamExt as _;
use serde_json::Value;

use crate::conformance::{FILES_AT_ONCE, corpus, show};
use crate::house_rules::{files_below, repository};
use crate::oracle::{Expected, explorer_of, read_dump, read_truth};

/// Fixtures with damage that leaves the file to be opened, beside those in `damaged/`.
const DAMAGED: [&str; 10] = [
    "hostile/attribute_without_heap.h5",
    "hostile/child_without_header_earliest.h5",
    "hostile/child_without_header_latest.h5",
    "hostile/cut_in_half_earliest.h5",
    "hostile/cut_in_half_latest.h5",
    "hostile/header_continues_in_itself.h5",
    "hostile/heap_size_of_all_bits.h5",
    "hostile/tree_that_is_its_own_child.h5",
    "links/patched_name_empty.h5",
    "links/patched_name_twice.h5",
];

/// Fixtures with something that is not read: an integer of 128 bits.
const PARTIAL: [&str; 1] = ["datatypes/odd_numbers.h5"];

/// Fixtures with an object of which h5py reads nothing, and we a part.
const READ_IN_PART: [&str; 1] = ["hostile/header_continues_in_itself.h5"];

/// Fixtures with names by which h5py reaches another object, or none.
const NAMED_ODDLY: [&str; 2] = ["links/patched_name_dot.h5", "links/patched_name_slash.h5"];

/// What is counted, by its name.
type Numbers = BTreeMap<&'static str, u64>;

#[tokio::test(flavor = "multi_thread")]
async fn fixtures_are_checked_as_h5py_reads_them() {
    let folder = repository().join("fixtures");
    let dumps = files_below(&folder.join("dumps"));
    assert!(dumps.len() > 100, "the dumps are there");
    let explorer = explorer_of(&folder);
    let mut different = Vec::new();
    for dump in dumps {
        let key = key_of(&folder.join("dumps"), &dump);
        let expected = read_dump(&json_of(&dump));
        let answer = check(&explorer, &key).await;
        if let Err(difference) = compare_fixture(&key, &expected, answer) {
            different.push(format!("{key}: {difference}"));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_is_checked_as_h5py_reads_it() {
    let Some(corpus) = corpus() else {
        show("check: skipped, there is no corpus (H5SCOUT_CORPUS)");
        return;
    };
    let (explorer, truths) = (explorer_of(&corpus.join("files")), corpus.join("truth"));
    let mut files = futures::stream::iter(files_below(&truths))
        .map(|truth| {
            let (explorer, key) = (explorer.clone(), key_of(&truths, &truth));
            tokio::spawn(async move {
                let difference = compare_with_truth(&explorer, &key, &json_of(&truth)).await;
                (key, difference)
            })
        })
        .buffer_unordered(FILES_AT_ONCE);
    let (mut same, mut unknown, mut different) = (0, 0, Vec::new());
    while let Some(file) = files.next().await {
        match file.expect("a check does not panic") {
            (_, Some(Ok(()))) => same += 1,
            (_, None) => unknown += 1,
            (key, Some(Err(difference))) => different.push(format!("{key}: {difference}")),
        }
    }
    different.sort();
    show(&format!("check: {same} files of the corpus as h5py reads them, {unknown} without truth"));
    for difference in &different {
        show(&format!("check: {difference}"));
    }
    assert!(different.is_empty(), "{different:#?}");
}

async fn check(explorer: &Arc<Explorer>, key: &str) -> Result<CheckAnswer, ExplorerError> {
    explorer.check(key, Freshness::Trust, &|_| ()).await
}

fn compare_fixture(
    key: &str,
    expected: &Expected,
    answer: Result<CheckAnswer, ExplorerError>,
) -> Result<(), String> {
    if let Expected::Refused(code) = expected
        && code != ErrorCode::MalformedFile.as_str()
    {
        let refused = answer.map(|answer| answer.verdict).map_err(|error| error.code.as_str());
        return same("refusal", &Err(code.as_str()), &refused);
    }
    let verdict = match expected {
        Expected::Refused(_) => Verdict::Damaged,
        _ if DAMAGED.contains(&key) || key.starts_with("damaged/") => Verdict::Damaged,
        _ if PARTIAL.contains(&key) => Verdict::Partial,
        _ => Verdict::Sound,
    };
    let is_comparable = !NAMED_ODDLY.contains(&key) && !READ_IN_PART.contains(&key);
    let numbers = counted(expected).filter(|_| is_comparable);
    let answer = answer.map_err(|error| error.detail)?;
    same("verdict", &verdict, &answer.verdict)
        .map_err(|text| format!("{text}: {:?} {:?}", answer.damage, answer.unsupported))?;
    numbers.map_or(Ok(()), |numbers| same("numbers", &numbers, &numbers_of(&answer)))
}

/// Nothing where h5py does not open the file, or could not read all of it either.
async fn compare_with_truth(
    explorer: &Arc<Explorer>,
    key: &str,
    truth: &Value,
) -> Option<Result<(), String>> {
    let expected = read_truth(truth);
    let numbers = counted(&expected)?;
    if !truth["capped"].is_null() || has_error(&truth["objects"]) {
        return None;
    }
    Some(match check(explorer, key).await {
        Err(error) => Err(error.detail),
        Ok(answer) if answer.verdict != Verdict::Sound => {
            Err(format!("{:?}, {:?}, {:?}", answer.verdict, answer.partial, answer.damage))
        }
        Ok(answer) => same("numbers", &numbers, &numbers_of(&answer)),
    })
}

/// Whether the truth says of anything that h5py could not read it.
fn has_error(truth: &Value) -> bool {
    match truth {
        Value::Array(items) => items.iter().any(has_error),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| (name.ends_with("error") && !value.is_null()) || has_error(value)),
        _ => false,
    }
}

/// What h5py counts; nothing where it does not say everything.
fn counted(expected: &Expected) -> Option<Numbers> {
    let Expected::Objects { objects, .. } = expected else { return None };
    let mut numbers = Numbers::from(NAMES.map(|name| (name, 0)));
    for object in objects {
        let name = match object.members["type"].as_str()? {
            "group" => "groups",
            "dataset" => "datasets",
            _ => "committed datatypes",
        };
        *numbers.get_mut(name)? += 1;
        *numbers.get_mut("attributes")? += object.attributes.as_ref()?.len() as u64;
        *numbers.get_mut("links")? += object.children.as_ref().map_or(0, Vec::len) as u64;
    }
    Some(numbers)
}

const NAMES: [&str; 5] = ["groups", "datasets", "committed datatypes", "attributes", "links"];

fn numbers_of(answer: &CheckAnswer) -> Numbers {
    Numbers::from([
        ("groups", answer.groups.count),
        ("datasets", answer.datasets.count),
        ("committed datatypes", answer.committed_datatypes),
        ("attributes", answer.attributes.count),
        ("links", answer.links.count),
    ])
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

fn key_of(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder).expect("a file of the folder");
    let key = below.to_str().expect("UTF-8");
    key.strip_suffix(".json").expect("JSON").to_owned()
}

fn json_of(file: &Path) -> Value {
    let text = std::fs::read(file).expect("a file");
    serde_json::from_slice(&text).expect("JSON")
}
