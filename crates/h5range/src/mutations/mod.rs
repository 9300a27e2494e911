//! Every number of the fixtures' metadata, replaced by those that do most harm.
//!
//! The fields are found by reading the fixtures ([`fields`]), so a new structure is here as soon as
//! a fixture has one. Each field is set to 0, 1, the greatest number, the address of its own
//! structure and of the parent's, with the checksums over it made right again; where there is one,
//! once also with a wrong one. Whatever is asked of such a file gets an answer or an error, for no
//! more than the budget, in under a second, with bounded memory.
//!
//! A run takes a sample of fields, the same each time; with `H5SCOUT_MUTATIONS=all` it takes all.

mod fields;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::mutations::fields::{Place, Subject};
use crate::testing::ask_within_limits;

/// Fields of one name that are tried, over all fixtures.
const SAMPLE: usize = 6;
const TIME_MAX: Duration = Duration::from_secs(1);
/// The tight limits let 8 MiB be decoded; values take some times the bytes that they are made of.
const MEMORY_BYTES_MAX: u64 = 32 << 20;

#[test]
fn a_hostile_number_costs_no_more_than_an_error() {
    let subjects: Vec<(PathBuf, Subject)> = fixtures()
        .into_iter()
        .map(|path| (path.clone(), Subject::new(std::fs::read(path).unwrap())))
        .collect();
    let chosen = choose(&subjects);
    assert!(chosen.len() > 1000, "only {} fields", chosen.len());
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((subject, field)) = chosen.get(next.fetch_add(1, Relaxed)) {
                    let (path, subject) = &subjects[*subject];
                    for mutant in mutants(subject, field) {
                        let name = format!("{}: {mutant} of {field:?}", path.display());
                        tally.lock().unwrap().count(name, mutant.ask());
                    }
                }
            });
        }
    });
    let Tally { tried, slowest, largest, failures } = tally.into_inner().unwrap();
    println!("{tried} mutants of {} fields", chosen.len());
    println!("the slowest took {:?}: {}", slowest.0, slowest.1);
    println!("the largest took {} bytes: {}", largest.0, largest.1);
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_fields_of_all_structures_are_found() {
    let folder = fixtures_folder();
    let names = |path: &str| {
        let subject = Subject::new(std::fs::read(folder.join(path)).unwrap());
        let names = subject.fields.iter().map(|field| (field.structure, field.name.clone()));
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let old = names("layouts/earliest.h5");
    for field in [
        ("superblock", "size of offsets"),
        ("object header", "object header size"),
        ("version 1 B-tree node", "entries used"),
        ("local heap", "data segment size"),
        ("data layout message", "dimensionality"),
    ] {
        assert!(old.contains(&(field.0, field.1.to_owned())), "{field:?} of {old:#?}");
    }
}

#[test]
fn a_damage_reaches_what_is_behind_the_checksum() {
    let path = fixtures_folder().join("groups/dense_many_blocks.h5");
    let subject = Subject::new(std::fs::read(path).unwrap());
    let is_depth = |field: &&Place| field.name == "depth" && subject.is_sealed(field);
    let depth = subject.fields.iter().find(is_depth).expect("the depth of a version 2 B-tree");
    let mut bytes = subject.with(depth, &[0xff; 2]);
    let errors = |bytes: &[u8]| format!("{:?}", ask_within_limits(bytes.to_vec()).unwrap());
    assert!(errors(&bytes).contains("checksum"));
    subject.seal(&mut bytes, depth);
    assert!(!errors(&bytes).contains("checksum"));
    assert!(errors(&bytes).contains("Depth"));
}

/// A file with one hostile number.
struct Mutant {
    bytes: Vec<u8>,
    value: Vec<u8>,
    sealed: bool,
}

/// What came of all mutants.
#[derive(Default)]
struct Tally {
    tried: usize,
    slowest: (Duration, String),
    largest: (u64, String),
    failures: Vec<String>,
}

impl Tally {
    fn count(&mut self, name: String, outcome: Result<(Duration, u64), String>) {
        self.tried += 1;
        match outcome {
            Ok((time, memory_bytes)) => {
                if time > self.slowest.0 {
                    self.slowest = (time, name.clone());
                }
                if memory_bytes > self.largest.0 {
                    self.largest = (memory_bytes, name);
                }
            }
            Err(failure) => self.failures.push(format!("{name}: {failure}")),
        }
    }
}

impl Mutant {
    /// Asks everything of it: the time and the memory that it took, or what is wrong with that.
    fn ask(&self) -> Result<(Duration, u64), String> {
        let mut went = self.try_once()?;
        if went.0 > TIME_MAX {
            // A busy machine has one more chance.
            went = self.try_once()?;
        }
        match went {
            (time, _) if time > TIME_MAX => Err(format!("took {time:?}")),
            (_, bytes) if bytes > MEMORY_BYTES_MAX => Err(format!("took {bytes} bytes")),
            went => Ok(went),
        }
    }

    fn try_once(&self) -> Result<(Duration, u64), String> {
        let (bytes, started) = (self.bytes.clone(), Instant::now());
        let mut outcome = Ok(());
        let memory = allocation_counter::measure(|| {
            outcome = catch_unwind(|| drop(ask_within_limits(bytes)));
        });
        outcome.map_err(|_| "panicked")?;
        Ok((started.elapsed(), memory.bytes_max))
    }
}

impl std::fmt::Display for Mutant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let checksum = if self.sealed { "right" } else { "wrong or no" };
        write!(f, "{:02x?} with {checksum} checksum in place", self.value)
    }
}

fn mutants(subject: &Subject, field: &Place) -> Vec<Mutant> {
    let is_sealed = subject.is_sealed(field);
    let values = field.hostile_values(&subject.bytes[field.bytes.clone()]);
    let mut mutants: Vec<Mutant> = values
        .iter()
        .map(|value| {
            let mut bytes = subject.with(field, value);
            subject.seal(&mut bytes, field);
            Mutant { bytes, value: value.clone(), sealed: is_sealed }
        })
        .collect();
    if let Some(value) = values.into_iter().next_back().filter(|_| is_sealed) {
        mutants.push(Mutant { bytes: subject.with(field, &value), value, sealed: false });
    }
    mutants
}

/// The fields to try, each with the number of its fixture: of those with one name so many, from
/// one end of the list to the other.
fn choose(subjects: &[(PathBuf, Subject)]) -> Vec<(usize, &Place)> {
    let mut by_name = BTreeMap::<_, Vec<_>>::new();
    for (index, (_, subject)) in subjects.iter().enumerate() {
        for field in &subject.fields {
            let name = (field.structure, &field.name, field.bytes.len());
            by_name.entry(name).or_default().push((index, field));
        }
    }
    let all = std::env::var("H5SCOUT_MUTATIONS").is_ok_and(|mutations| mutations == "all");
    let mut chosen = Vec::new();
    for fields in by_name.into_values() {
        let step = if all { 1 } else { fields.len().div_ceil(SAMPLE) };
        chosen.extend(fields.into_iter().step_by(step));
    }
    chosen
}

fn fixtures_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// All HDF5 files of the fixtures, sorted.
fn fixtures() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![fixtures_folder()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let suffix = path.extension().unwrap_or_default().to_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if ["h5", "nc", "nxs"].iter().any(|of| suffix == *of) => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files
}
