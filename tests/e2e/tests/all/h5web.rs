//! H5Web itself, in a browser, over what the built server answers below `/h5grove`: from a folder and
//! from a bucket.
//!
//! `H5SCOUT_H5WEB` names the folder in which `tests/e2e/h5web` was built, `H5SCOUT_CHROMIUM` a
//! browser, `H5SCOUT_TEST_PYTHON` a Python with h5py; `scripts/test.sh` sets them where there is Node
//! and a browser. Without them nothing is looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use store::testing::Writer;
use tempfile::TempDir;

use crate::conformance::show;
use crate::h5grove::make_sample;
use crate::s3::s3;
use crate::server::Server;

/// The page is of another origin than the server.
const FLAGS: [&str; 2] = ["--cors-origin", "*"];

const BUCKET: &str = "h5scout-h5web";

/// Where H5Web was built, and a folder of the files to look at.
fn prepared() -> Option<(PathBuf, TempDir)> {
    let page = std::env::var_os("H5SCOUT_H5WEB")?;
    Some((page.into(), make_sample()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn h5web_shows_what_is_in_a_folder() {
    let Some((page, files)) = prepared() else { return };
    look(&page, &Server::over(files.path(), &FLAGS));
}

#[tokio::test(flavor = "multi_thread")]
async fn h5web_shows_what_is_in_a_bucket() {
    let Some((page, files)) = prepared() else { return };
    let Some(s3) = s3("h5web_shows_what_is_in_a_bucket") else { return };
    let bucket = s3.bucket(BUCKET).await;
    for key in ["sample.h5", "other.h5"] {
        bucket.put(key, &std::fs::read(files.path().join(key)).expect("a file")).await;
    }
    look(&page, &s3.serve(&format!("s3://{BUCKET}"), &FLAGS));
}

/// Lets the browser look at everything.
fn look(page: &Path, server: &Server) {
    let output = Command::new("npx")
        .args(["playwright", "test"])
        .current_dir(page)
        .env("H5SCOUT_URL", format!("http://{}/h5grove", server.address()))
        .output()
        .expect("Node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    show(&said);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
