//! What the built server is told before it serves: by flags, variables and a file; and what it says
//! when it is asked whether it would work.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::range_server::RangeServer;
use crate::server::{Server, binary};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");

/// `h5scout serve` with these arguments and variables, to its end.
fn serve(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary());
    command.arg("serve").args(arguments).env_clear().envs(variables.iter().copied());
    command.output().expect("the binary runs")
}

/// Exit status and findings of `serve --check --json`.
fn checked(arguments: &[&str], variables: &[(&str, &str)]) -> (i32, Value) {
    let check = ["--check", "--json", "--listen", "127.0.0.1:0"];
    let output = serve(&[&check, arguments].concat(), variables);
    let report = serde_json::from_slice(&output.stdout);
    (output.status.code().expect("a status"), report.expect("JSON"))
}

/// Outcome and advice of the finding that is called `check`.
fn finding<'a>(report: &'a Value, check: &str) -> (&'a str, &'a str) {
    let findings = report["checks"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {check}: {report}"));
    (found["outcome"].as_str().expect("text"), found["advice"].as_str().unwrap_or_default())
}

#[test]
fn check_says_that_all_is_well() {
    let ordinary = format!("{FIXTURES}/ordinary");
    let (status, report) = checked(&[&ordinary], &[]);
    assert_eq!((status, &report["success"]), (0, &json!(true)), "{report}");
    for check in ["source", "source: list", "source: read", "listen 127.0.0.1:0"] {
        assert_eq!(finding(&report, check), ("ok", ""), "{check}");
    }
    let output = serve(&["--check", "--listen", "127.0.0.1:0", &ordinary], &[]);
    let lines = String::from_utf8(output.stdout).expect("text");
    assert_eq!(lines.lines().filter(|line| line.starts_with("ok      ")).count(), 4, "{lines}");
}

#[test]
fn check_says_of_each_source_what_is_wrong_and_what_to_do() {
    let empty = TempDir::new().expect("a folder");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let refused = format!("http://{}", nobody.local_addr().expect("its address"));
    drop(nobody);
    let sources = [
        format!("fine={FIXTURES}/ordinary"),
        format!("empty={}", empty.path().display()),
        format!("none={FIXTURES}/make"),
        "gone=/no/such/folder".to_owned(),
        "refused=s3://bucket".to_owned(),
        "unknown=s3://bucket".to_owned(),
    ];
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let variables = [
        ("H5SCOUT_REFUSED_S3_ENDPOINT", refused.as_str()),
        ("H5SCOUT_UNKNOWN_S3_ENDPOINT", "http://no-such-host.invalid"),
    ];
    let (status, report) =
        checked(&[&sources[..], &["--store-timeout", "3s"]].concat(), &variables);
    assert_eq!((status, &report["success"]), (1, &json!(false)));
    let begins = |check: &str, outcome: &str, advice: &str| {
        let found = finding(&report, check);
        assert!(found.0 == outcome && found.1.starts_with(advice), "{check}: {found:?} {report}");
    };
    begins("source fine: read", "ok", "");
    begins("source empty: list", "warning", "check the bucket");
    begins("source none: read", "warning", "");
    begins("source gone", "failed", "there is no such folder");
    begins("source refused", "ok", "");
    begins("source refused: list", "failed", "nothing listens there");
    begins("source unknown: list", "failed", "the host of the URL is not known");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_source_asks_its_own_endpoint() {
    let buckets = TempDir::new().expect("a folder");
    for bucket in ["one", "other"] {
        std::fs::create_dir(buckets.path().join(bucket)).expect("a folder");
        let fixture = Path::new(FIXTURES).join("ordinary/latest.h5");
        let place = buckets.path().join(bucket).join(format!("{bucket}.h5"));
        std::fs::copy(fixture, place).expect("copied");
    }
    let start = || RangeServer::start(buckets.path(), Duration::ZERO);
    let (general, by_variable, by_file) = (start().await, start().await, start().await);
    let url = |server: &RangeServer| format!("http://{}", server.address);
    let config = buckets.path().join("h5scout.toml");
    let text = format!(
        "[sources.b]\nurl = 's3://other'\nendpoint = '{}'\n\n[sources.c]\nurl = 's3://one'\n",
        url(&by_file)
    );
    std::fs::write(&config, text).expect("written");

    let variables = [
        ("S3_ENDPOINT", url(&general)),
        ("AWS_SKIP_SIGNATURE", "true".to_owned()),
        ("H5SCOUT_A_1_S3_ENDPOINT", url(&by_variable)),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let config = config.display().to_string();
    let sources = ["--config", &config, "a-1=s3://one", "b=s3://other"];
    let server = Server::over_with("c=s3://one", &sources, &variables);
    for key in ["a-1/one.h5", "b/other.h5", "c/one.h5"] {
        let answer = server.get(&format!("/files/{key}/children")).await;
        assert_eq!(answer.status(), 200, "{key}: {}", server.log());
    }
    assert_eq!(by_variable.paths(), ["/one/one.h5"]);
    assert_eq!(by_file.paths(), ["/other/other.h5"]);
    assert_eq!(general.paths(), ["/one/one.h5"]);
}

#[tokio::test]
async fn a_flag_wins_over_its_variable_and_that_over_the_file() {
    let folder = TempDir::new().expect("a folder");
    let config = folder.path().join("h5scout.toml");
    std::fs::write(&config, "base-path = '/of-file'\n").expect("written");
    let config = config.display().to_string();
    let (by_variable, by_flag) =
        ([("H5SCOUT_BASE_PATH", "/of-variable")], ["--base-path=/of-flag"]);
    let file = ["--config", config.as_str()];
    for (flags, variables, expected) in [
        (&file[..], &[][..], "/of-file"),
        (&file, &by_variable, "/of-variable"),
        (&[&file[..], &by_flag].concat(), &by_variable, "/of-flag"),
    ] {
        let server = Server::over_with(folder.path(), flags, variables);
        assert!(server.address().ends_with(expected), "{}: {expected}", server.address());
        assert_eq!(server.get("/files").await.status(), 200, "{expected}");
    }
    let named = [("H5SCOUT_CONFIG", config.as_str())];
    let server = Server::over_with(folder.path(), &[], &named);
    assert!(server.address().ends_with("/of-file"));
}

#[test]
fn a_wrong_file_ends_the_start_with_its_line() {
    let folder = TempDir::new().expect("a folder");
    let config = folder.path().join("h5scout.toml");
    std::fs::write(&config, "listen = '127.0.0.1:0'\n\nblok-cache = '1GiB'\n").expect("written");
    let config = config.display().to_string();
    let output = serve(&["--config", &config], &[]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).expect("text");
    let expected = format!("{config}:3: there is no `blok-cache`; did you mean `block-cache`?");
    assert!(stderr.contains(&expected), "{stderr}");
    assert_eq!(serve(&["a=.", "a=."], &[]).status.code(), Some(2));
    assert_eq!(serve(&[".", "."], &[]).status.code(), Some(2));
}
