//! Previews over HTTP: what the built server makes of numbers of many types, with signs, missing
//! numbers, valid ranges and parts of complex numbers, against what NumPy makes of them.

use std::process::Command;

use tempfile::TempDir;

use crate::house_rules::repository;
use crate::server::Server;

#[test]
fn numbers_are_those_that_numpy_counts() {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else { return };
    let folder = TempDir::new().expect("a folder");
    let server = Server::over(folder.path(), &[]);
    let script = repository().join("tests/e2e/compare_previews.py");
    let output = Command::new(python).arg(script).arg(server.address()).arg(folder.path()).output();
    let output = output.expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    let count = said.split(' ').next().and_then(|count| count.parse::<u64>().ok());
    assert!(count > Some(200), "{said}");
}
