//! The routes of h5grove: what the built server answers, against what h5grove 4.0.0 itself does over
//! the same folder, and what a group of a thousand groups costs that H5Web expands.
//!
//! h5grove and h5py are asked of the Python that `H5SCOUT_TEST_PYTHON` names; without one nothing is
//! compared.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::StatusCode;
use tempfile::TempDir;

use crate::conformance::show;
use crate::house_rules::{files_below, repository};
use crate::range_server::RangeServer;
use crate::server::Server;

/// The folders of fixtures that libhdf5 survives.
const FIXTURES: [&str; 13] = [
    "alternating",
    "attributes",
    "dataspaces",
    "datatypes",
    "demo",
    "fill_values",
    "filters",
    "groups",
    "layouts",
    "links",
    "ordinary",
    "shared_messages",
    "superblocks",
];

const GROUPS: usize = 1_000;

/// Browsers keep so many connections to one server.
const CONNECTIONS: usize = 6;

fn python() -> Option<OsString> {
    std::env::var_os("H5SCOUT_TEST_PYTHON")
}

fn run(python: &OsString, script: &str, arguments: &[&str]) -> String {
    let script = repository().join("tests/e2e/h5grove").join(script);
    let output = Command::new(python).arg(script).args(arguments).output().expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    said
}

/// A folder of files with every kind of value and link; `None` without a Python.
pub(crate) fn make_sample() -> Option<TempDir> {
    let folder = TempDir::new().expect("a folder");
    run(&python()?, "make_sample.py", &[folder.path().to_str().expect("text")]);
    Some(folder)
}

#[tokio::test]
async fn every_request_is_answered_as_h5grove_answers_it() {
    let (Some(python), Some(folder)) = (python(), make_sample()) else { return };
    let path = folder.path().to_str().expect("text");
    for family in FIXTURES {
        let source = repository().join("fixtures").join(family);
        let target = folder.path().join("fixtures").join(family);
        std::fs::create_dir_all(&target).expect("a folder");
        for file in files_below(&source) {
            let name = file.file_name().expect("a name");
            std::fs::copy(&file, target.join(name)).expect("the fixture is copied");
        }
    }
    let server = Server::over(folder.path(), &[]);
    let table = run(&python, "compare.py", &[&format!("http://{}", server.address()), path]);
    show(&table);
    assert!(table.lines().count() >= 6, "{table}");
}

/// A group of so many groups, each with attributes and a dataset, as NeXus files have them.
const MAKE: &str = "
import sys, h5py
with h5py.File(sys.argv[1] + '/many.h5', 'w') as file:
    for number in range(int(sys.argv[2])):
        group = file.create_group(f'/scans/{number:04d}')
        group.attrs['NX_class'] = 'NXentry'
        group['title'] = 'scan'
";

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_groups_are_expanded_without_another_request_to_the_store() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().expect("a folder");
    make_many(&python, folder.path());
    let store = RangeServer::start(folder.path(), Duration::ZERO).await;
    // Whether the file is still the same is not asked meanwhile, however slow this build is.
    let url = format!("http://{}/", store.address);
    let server = Server::over(url, &["--version-ttl", "1h", "--log", "warn"]);
    server.json("/h5grove/meta?file=many.h5&path=/scans").await;
    let listed = store.requests();
    for look in ["first", "second"] {
        let started = Instant::now();
        let askers = (0..CONNECTIONS).map(|first| expand(&server, first));
        let answered: usize = join_all(askers).await.into_iter().sum();
        let elapsed = started.elapsed();
        show(&format!("{GROUPS} groups, {look} look: {answered} answers in {elapsed:?}"));
        assert_eq!(answered, 2 * GROUPS);
        assert_eq!(store.requests(), listed, "{look}: listing them has read all that is asked for");
    }
}

fn make_many(python: &OsString, folder: &Path) {
    let made = Command::new(python).args(["-c", MAKE]).arg(folder).arg(GROUPS.to_string()).status();
    assert!(made.expect("Python runs").success());
}

/// Asks for every sixth group, one request after the other; returns how many were answered.
async fn expand(server: &Server, first: usize) -> usize {
    let mut answered = 0;
    for number in (first..GROUPS).step_by(CONNECTIONS) {
        for route in ["meta", "attr"] {
            let target = format!("/h5grove/{route}?file=many.h5&path=%2Fscans%2F{number:04}");
            let answer = server.get(&target).await;
            assert_eq!(answer.status(), StatusCode::OK, "{target}");
            answer.bytes().await.expect("a body");
            answered += 1;
        }
    }
    answered
}
