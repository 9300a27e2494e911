//! A thousand damaged files, sixty questions about each, to one server: it answers all of them, in
//! time and within its memory, and lists what libhdf5 still lists.
//!
//! What libhdf5 lists is asked of the Python that `H5SCOUT_TEST_PYTHON` names, with h5py. Without
//! one the answers are not compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;

use crate::conformance::show;
use crate::house_rules::{files_below, repository};
use crate::server::Server;

const FILES: usize = 1_000;
const QUESTIONS: usize = 60;
const ANSWER_MAX: Duration = Duration::from_secs(3);
const MEMORY_MAX_KIB: u64 = 512 << 10;
const LISTED_SHARE_MIN: f64 = 0.95;
const CLIENTS: usize = 4;

/// What libhdf5 lists in one file.
#[derive(Deserialize)]
struct Listed {
    file: String,
    groups: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
struct Group {
    names: Vec<String>,
    is_whole: bool,
}

#[derive(Default)]
struct Findings {
    questions: usize,
    slowest: Duration,
    groups: usize,
    listed: usize,
    problems: Vec<String>,
    unlisted: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_are_answered_and_listed() {
    let folder = tempfile::TempDir::new().expect("a folder");
    damage_files(folder.path());
    let listed = what_libhdf5_lists(folder.path());
    let server = Server::over(folder.path(), &[]);
    let files = futures::stream::iter(0..FILES).map(|index| {
        let listed = listed.iter().find(|listed| listed.file == name_of(index));
        ask_about(&server, index, listed)
    });
    let findings = files.buffer_unordered(CLIENTS).collect::<Vec<_>>().await;
    let findings = findings.into_iter().fold(Findings::default(), Findings::with);
    let memory_kib = server.peak_memory_kib();
    show(&format!(
        "damaged files: {FILES}, {} questions, slowest {:?}, {} MiB at most; \
         {} of {} groups that libhdf5 lists are listed",
        findings.questions,
        findings.slowest,
        memory_kib >> 10,
        findings.listed,
        findings.groups,
    ));
    for group in &findings.unlisted {
        show(&format!("damaged files: not listed: {group}"));
    }
    assert!(findings.problems.is_empty(), "{:#?}", findings.problems);
    assert!(findings.slowest < ANSWER_MAX, "{:?}", findings.slowest);
    assert!(memory_kib < MEMORY_MAX_KIB, "{memory_kib} KiB");
    assert!(findings.listed as f64 >= LISTED_SHARE_MIN * findings.groups as f64);
}

/// Asks all questions about one file, and for the groups that libhdf5 lists in it.
async fn ask_about(server: &Server, index: usize, listed: Option<&Listed>) -> Findings {
    let mut findings = Findings::default();
    let name = name_of(index);
    let no_groups = BTreeMap::new();
    let groups = listed.map_or(&no_groups, |listed| &listed.groups);
    for (path, group) in groups.iter().filter(|(_, g)| g.is_whole || !g.names.is_empty()) {
        let target = format!("/files/{name}/children?path={}", encoded(path));
        let body = findings.ask(server, &target).await;
        findings.compare(&name, path, group, &body);
    }
    for target in questions(index, &name, groups) {
        findings.ask(server, &target).await;
    }
    findings
}

impl Findings {
    async fn ask(&mut self, server: &Server, target: &str) -> Value {
        let start = Instant::now();
        let answer = server.get(target).await;
        let status = answer.status();
        let body = answer.text().await.unwrap_or_default();
        self.slowest = self.slowest.max(start.elapsed());
        self.questions += 1;
        if status.is_server_error() {
            self.problems.push(format!("{target}: {status}: {body}"));
        }
        serde_json::from_str(&body).unwrap_or_default()
    }

    fn compare(&mut self, file: &str, path: &str, group: &Group, body: &Value) {
        self.groups += 1;
        let ours: Vec<_> = body["children"].as_array().into_iter().flatten().collect();
        let missing = |name: &&String| !ours.iter().any(|child| child["name"] == ***name);
        match group.names.iter().find(missing) {
            None if body["success"] == true => self.listed += 1,
            missing => {
                let why = [&body["error"], &body["incomplete"]["detail"]];
                let missing = missing.map(|name| name.chars().take(40).collect::<String>());
                self.unlisted.push(format!("{file} {path}: {missing:?} {why:?}"));
            }
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.questions += other.questions;
        self.slowest = self.slowest.max(other.slowest);
        self.groups += other.groups;
        self.listed += other.listed;
        self.problems.extend(other.problems);
        self.unlisted.extend(other.unlisted);
        self
    }
}

/// Sixty questions: what the file is, its objects by path and by any address, odd parameters.
fn questions(index: usize, name: &str, groups: &BTreeMap<String, Group>) -> Vec<String> {
    let mut random = Random(index as u64 + 7);
    let mut paths: Vec<String> = groups
        .iter()
        .flat_map(|(path, group)| {
            let below = group.names.iter().map(move |name| format!("{path}/{name}"));
            std::iter::once(path.clone()).chain(below)
        })
        .collect();
    paths.extend(["/", "/entry", "/no/such/path", "//./"].map(str::to_owned));
    let file = format!("/files/{name}");
    let question = |at: usize| {
        let path = encoded(&paths[random.below(paths.len())]);
        let address = random.next() >> random.below(64);
        match at % 10 {
            0 => format!("{file}/children?path={path}"),
            1 => format!("{file}/meta?path={path}"),
            2 => format!("{file}/meta?path={path}&storage=true"),
            3 => format!("{file}/attribute?path={path}&name=title"),
            4 => format!("{file}/children?path={path}&order=creation&limit=2"),
            5 => format!("{file}/children?path={path}&detail=names&resolve=external"),
            6 => format!("{file}/children?address={address}"),
            7 => format!("{file}/meta?address={}", address & 0xffff),
            8 => format!("{file}/children?path={path}&q=a&limit={}", address & 0xff),
            _ => format!("/files?prefix={name}&limit=1"),
        }
    };
    (0..QUESTIONS).map(question).collect()
}

/// Writes damaged copies of the fixtures, the same ones each time.
fn damage_files(folder: &Path) {
    let fixtures = files_below(&repository().join("fixtures"));
    let sound = |path: &&PathBuf| {
        let is_hdf5 =
            path.extension().is_some_and(|e| ["h5", "nc", "nxs", "mat"].iter().any(|x| e == *x));
        is_hdf5
            && !path.components().any(|c| c.as_os_str() == "hostile" || c.as_os_str() == "damaged")
    };
    let fixtures: Vec<&PathBuf> = fixtures.iter().filter(sound).collect();
    for index in 0..FILES {
        let mut bytes = std::fs::read(fixtures[index % fixtures.len()]).expect("a fixture");
        damage(&mut bytes, &mut Random(index as u64 + 1));
        std::fs::write(folder.join(name_of(index)), bytes).expect("written");
    }
}

/// Damages some of the bytes that are not zero: what is zero is mostly not in use.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let used: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] != 0).collect();
    let at = used[random.below(used.len())];
    let end = bytes.len().min(at + 8);
    match random.below(8) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.next() as u8,
        2 => bytes[at..end].fill(0xff),
        3 => bytes[at..end].fill(0),
        4 => {
            let address = (random.next() % (2 * bytes.len() as u64)).to_le_bytes();
            bytes[at..end].copy_from_slice(&address[..end - at]);
        }
        5 => {
            let end = bytes.len().min(at + 64);
            bytes[at..end].fill(0xee);
        }
        6 if random.below(4) == 0 => bytes.truncate(at),
        _ => {
            for _ in 0..8 {
                bytes[used[random.below(used.len())]] ^= 1 << random.below(8);
            }
        }
    }
}

fn what_libhdf5_lists(folder: &Path) -> Vec<Listed> {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else {
        show("damaged files: not compared, there is no h5py (H5SCOUT_TEST_PYTHON)");
        return Vec::new();
    };
    let script = repository().join("tests/e2e/oracle/list_groups.py");
    let output = Command::new(python).arg(script).arg(folder).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn name_of(index: usize) -> String {
    format!("damaged_{index:04}.h5")
}

fn encoded(path: &str) -> String {
    path.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A sequence of numbers that is the same for the same seed (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
