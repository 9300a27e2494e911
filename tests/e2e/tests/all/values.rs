//! The values run: every dataset of a corpus of real files, whole or in part, against what libhdf5
//! reads, byte for byte.
//!
//! The corpus is that of the conformance run. What libhdf5 reads is asked of the Python that
//! `H5SCOUT_TEST_PYTHON` names, with h5py and hdf5plugin; without one the run is skipped. The table
//! goes by layout, filters and class; `conformance.json` has the shares.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use byte_source::MemorySource;
use futures::StreamExt as _;
use h5range::decode::Address;
use h5range::testing::FolderFiles;
use h5range::{Dataset, Error, File, Hyperslab, Limits, Span, Value};
use serde::Deserialize;

use crate::conformance::{FILES_AT_ONCE, check_shares, corpus, name_of, show};
use crate::house_rules::repository;
use crate::oracle::Counts;

/// What libhdf5 reads of one file.
#[derive(Deserialize)]
struct Expected {
    file: String,
    readings: Vec<Reading>,
}

/// What it reads of one dataset.
#[derive(Deserialize)]
struct Reading {
    path: String,
    address: u64,
    layout: String,
    filters: Vec<u32>,
    class: String,
    form: Form,
    shape: Vec<u64>,
    selection: Vec<[u64; 3]>,
    bytes: Option<u64>,
    crc32: Option<u32>,
    error: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// The bytes of the elements.
    Raw,
    /// What elements refer to, spelt out as in `fixtures/make/readings.py`.
    Values,
}

#[derive(Default)]
struct Table {
    /// By layout, filters and class.
    rows: BTreeMap<[String; 3], Counts>,
    /// What libhdf5 itself could not read.
    unknown: u64,
    problems: Vec<String>,
}

/// The largest dataset that is read whole has 256 MiB.
const LIMITS: Limits = Limits {
    fetched_bytes: 1 << 30,
    ranges: 1_000_000,
    waves: 10_000,
    nodes: 500_000,
    decoded_bytes: 2 << 30,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_values_of_the_corpus_are_those_that_libhdf5_reads() {
    let (Some(corpus), Some(python)) = (corpus(), std::env::var_os("H5SCOUT_TEST_PYTHON")) else {
        show("values: skipped, there is no corpus (H5SCOUT_CORPUS) or no h5py");
        return;
    };
    let script = repository().join("fixtures/make/readings.py");
    let files = corpus.join("files");
    let output = Command::new(python).arg(script).arg(&files).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = compare(&files, &String::from_utf8(output.stdout).expect("UTF-8")).await;
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("values-report.txt");
    std::fs::write(&place, table.problems.join("\n")).expect("the report can be written");
    show(&format!("values of {}\n\n{}", corpus.display(), table.text()));
    show(&format!("what is not right: {}", place.display()));
    check_shares(&format!("{} values", name_of(&corpus)), &table.shares());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_values_of_the_fixtures_are_those_that_libhdf5_reads() {
    let fixtures = repository().join("fixtures");
    let expected = std::fs::read_to_string(fixtures.join("readings.jsonl"));
    let table = compare(&fixtures, &expected.expect("what libhdf5 reads")).await;
    let right: u64 = table.rows.values().map(|counts| counts.right).sum();
    assert!(right > 500, "{}", table.text());
    assert_eq!(table.problems, [""; 0], "{}", table.text());
}

/// Compares all files below `folder` that the lines of `expected` speak of.
async fn compare(folder: &Path, expected: &str) -> Table {
    let files = expected.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let tables = futures::stream::iter(files.collect::<Vec<Expected>>())
        .map(|file| tokio::spawn(compare_file(folder.to_owned(), file)))
        .buffer_unordered(FILES_AT_ONCE);
    let tables: Vec<_> = tables.collect().await;
    let tables = tables.into_iter().map(|table| table.expect("no panic"));
    tables.fold(Table::default(), Table::merged)
}

async fn compare_file(folder: PathBuf, expected: Expected) -> Table {
    let mut table = Table::default();
    let path = folder.join(&expected.file);
    for reading in &expected.readings {
        if reading.error.is_some() {
            table.unknown += 1;
            continue;
        }
        let found = read(&path, reading).await;
        let place = format!("{}:{} {:?}", expected.file, reading.path, reading.selection);
        table.count(reading, &place, found);
    }
    table
}

async fn read(path: &Path, reading: &Reading) -> Result<Vec<u8>, Error> {
    let bytes = std::fs::read(path).expect("a file of the corpus");
    let file = Arc::new(File::open(Arc::new(MemorySource::new(bytes)), LIMITS).await?);
    let object = file.drive(file.object(Address::new(reading.address))).await?;
    let others = FolderFiles::of(path, LIMITS);
    let dataset = Dataset::open(file, &object).await?.with_other_files(Arc::new(others));
    // Virtual datasets have grown since their shape was written, which is the caller's to know.
    let dataset = Arc::new(dataset.with_extent(reading.shape.clone()));
    let spans = reading.selection.iter().map(|&[start, step, count]| Span { start, step, count });
    let selection = Hyperslab::new(spans.collect(), &dataset.shape())
        .map_err(|error| Error::unsupported(format!("what libhdf5 could select: {error}")))?;
    let elements = dataset.read(&selection).await?;
    if reading.form == Form::Raw {
        return Ok(elements.to_vec());
    }
    let values = dataset.values(&elements, None).await?;
    let mut spelt = Vec::new();
    values.values.iter().for_each(|value| spell(value, &mut spelt));
    Ok(spelt)
}

fn spell(value: &Value, out: &mut Vec<u8>) {
    let length = |length: usize| u32::try_from(length).expect("a length").to_le_bytes();
    match value {
        Value::Signed(number) => out.extend(number.to_le_bytes()),
        Value::Unsigned(number) => out.extend(number.to_le_bytes()),
        Value::Float(number) => out.extend(number.to_le_bytes()),
        Value::Text(text) => {
            let end = text.iter().rposition(|byte| !b" \0".contains(byte));
            let text = &text[..end.map_or(0, |end| end + 1)];
            out.extend(length(text.len()));
            out.extend(text);
        }
        Value::Opaque(bytes) => out.extend(bytes),
        Value::Enumeration { value, .. } => spell(value, out),
        Value::Compound(members) => members.iter().for_each(|(_, member)| spell(member, out)),
        Value::Sequence(elements) => {
            out.extend(length(elements.len()));
            elements.iter().for_each(|element| spell(element, out));
        }
        Value::Complex(real, imaginary) => {
            out.extend(real.to_le_bytes());
            out.extend(imaginary.to_le_bytes());
        }
        Value::Reference(reference) => {
            out.extend(reference.address.map_or(u64::MAX, Address::get).to_le_bytes());
        }
    }
}

impl Table {
    fn count(&mut self, reading: &Reading, place: &str, found: Result<Vec<u8>, Error>) {
        let filters: Vec<String> = reading.filters.iter().map(u32::to_string).collect();
        let row = [reading.layout.clone(), filters.join(" "), reading.class.clone()];
        let counts = self.rows.entry(row).or_default();
        let problem = match found {
            Ok(bytes)
                if Some(bytes.len() as u64) == reading.bytes
                    && Some(crc32fast::hash(&bytes)) == reading.crc32 =>
            {
                counts.right += 1;
                return;
            }
            Ok(bytes) => {
                counts.wrong += 1;
                format!("wrong: {} bytes instead of {:?}", bytes.len(), reading.bytes)
            }
            Err(Error::Unsupported(what)) => {
                counts.refused += 1;
                format!("unsupported: {what}")
            }
            Err(error) => {
                counts.wrong += 1;
                format!("wrong: {error}")
            }
        };
        let [layout, filters, class] = [&reading.layout, &filters.join(" "), &reading.class];
        self.problems.push(format!("{problem} ({layout}, [{filters}], {class}) {place}"));
    }

    fn merged(mut self, other: Self) -> Self {
        for (row, counts) in other.rows {
            self.rows.entry(row).or_default().add(counts);
        }
        self.unknown += other.unknown;
        self.problems.extend(other.problems);
        self
    }

    /// Percent right, by layout, by filter and by class.
    fn shares(&self) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::<String, Counts>::new();
        for ([layout, filters, class], counts) in &self.rows {
            let filters = filters.split_whitespace().map(|filter| format!("filter: {filter}"));
            let names = [format!("layout: {layout}"), format!("class: {class}"), "all".to_owned()];
            for name in filters.chain(names) {
                sums.entry(name).or_default().add(*counts);
            }
        }
        sums.into_iter().map(|(name, counts)| (name, counts.share())).collect()
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{:<12} {:<18} {:<10} {:>7} {:>7} {:>11}\n",
            "layout", "filters", "class", "right", "wrong", "unsupported"
        );
        let mut all = Counts::default();
        for ([layout, filters, class], counts) in &self.rows {
            all.add(*counts);
            let Counts { right, wrong, refused } = counts;
            let _ = writeln!(
                text,
                "{layout:<12} {filters:<18} {class:<10} {right:>7} {wrong:>7} {refused:>11}"
            );
        }
        let Counts { right, wrong, refused } = all;
        let _ = writeln!(text, "{:<42} {right:>7} {wrong:>7} {refused:>11}", "all");
        let _ = writeln!(text, "not compared, as libhdf5 cannot read them: {}", self.unknown);
        text
    }
}
