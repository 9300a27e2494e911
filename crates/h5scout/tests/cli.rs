//! The built binary: what it prints, where, and with which exit status.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_h5scout");
const ORDINARY: &str = "ordinary/earliest.h5";

/// The binary in the folder of the fixtures, with nothing of this environment.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures"))
        .env_clear();
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// What a question that succeeds prints.
fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    text(&output.stdout).to_owned()
}

/// Exit status and stderr of a question that fails.
fn failed(arguments: &[&str]) -> (i32, String) {
    let output = run(arguments);
    (output.status.code().unwrap(), text(&output.stderr).to_owned())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The line that contains `part`, its blanks folded.
fn line(text: &str, part: &str) -> String {
    let line = text.lines().find(|line| line.contains(part));
    let line = line.unwrap_or_else(|| panic!("no {part:?} in:\n{text}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn ls_lists_files() {
    let listing = said(&["ls", "ordinary"]);
    assert!(line(&listing, "earliest.h5").starts_with("file "), "{listing}");
    let listing = said(&["ls", "."]);
    assert_eq!(line(&listing, "ordinary/"), "folder ordinary/");
    assert!(said(&["ls", "-R", "."]).contains("ordinary/earliest.h5"));
}

#[test]
fn ls_lists_a_group_in_long_form() {
    let listing = said(&["ls", ORDINARY, "/entry/data"]);
    assert_eq!(line(&listing, "counts"), "dataset counts 6 × 10 int32 chunks 3 × 5 gzip 4");
    let listing = said(&["ls", ORDINARY, "entry"]);
    assert_eq!(line(&listing, "data/"), "group data/");
    assert!(line(&listing, "shortcut").starts_with("dataset shortcut -> /entry/data/x 10"));
    assert!(line(&listing, "gone").starts_with("link gone -> /no/such/object !"));
}

#[test]
fn a_path_may_follow_the_file_after_a_slash() {
    let with_slash = said(&["ls", "ordinary/earliest.h5/entry/data"]);
    assert_eq!(with_slash, said(&["ls", ORDINARY, "/entry/data"]));
}

#[test]
fn ls_lists_the_tree_once_even_where_it_has_cycles() {
    let tree = said(&["ls", "-R", "groups/cycles_latest.h5"]);
    assert_eq!(tree.lines().count(), 7, "{tree}");
    assert_eq!(line(&tree, "/a/self/"), "group /a/self/ (leads back) (listed as /a)");
}

#[test]
fn json_is_the_answer_of_the_api() {
    let children: Value = serde_json::from_str(&said(&["ls", "--json", ORDINARY])).unwrap();
    assert_eq!((&children["success"], &children["path"]), (&true.into(), &"/".into()));
    let files: Value = serde_json::from_str(&said(&["ls", "--json", "ordinary"])).unwrap();
    assert_eq!(files["files"][0]["type"], "file");
    let meta = said(&["show", "--json", ORDINARY, "/entry/data/counts"]);
    let meta: Value = serde_json::from_str(&meta).unwrap();
    assert_eq!(meta["metadata"]["dtype"], "int32");
    let tree = said(&["ls", "-R", "--json", ORDINARY]);
    let groups = tree.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(groups.count() > 2);
}

#[test]
fn show_shows_metadata_and_attributes() {
    let dataset = said(&["show", ORDINARY, "/entry/data/counts"]);
    assert_eq!(line(&dataset, "  shape"), "shape 6 × 10");
    assert_eq!(line(&dataset, "  filters"), "filters gzip 4");
    assert_eq!(line(&dataset, "  fill value"), "fill value 0 (default)");
    let root = said(&["show", "demo/nexus_scan.nxs"]);
    assert_eq!(line(&root, "NX_class"), r#"NX_class string "NXroot""#);
    assert_eq!(line(&root, "superblock"), "superblock version 0");
}

#[test]
fn names_cannot_act_on_the_terminal() {
    let listing = said(&["ls", "links/odd_names_latest.h5"]);
    assert!(listing.contains("new\\nline/") && listing.contains("\\u{7f}/"), "{listing}");
    assert!(listing.chars().all(|character| character == '\n' || !character.is_control()));
}

#[test]
fn a_failed_question_says_why_on_stderr_and_exits_with_1() {
    for (arguments, expected) in [
        (&["ls", ORDINARY, "/entry/nope"][..], r#"there is no "nope" in "/entry""#),
        (&["ls", ORDINARY, "/entry/data/counts"], "/entry/data/counts is not a group"),
        (&["show", "ordinary"], "this is a folder"),
        (&["check", "ordinary"], "only a whole file can be checked"),
        (&["check", "hostile/not_hdf5.h5"], "not an HDF5 file"),
        (&["ls", "nope.h5"], "there is no such file or folder"),
        (&["ls", "hostile/not_hdf5.h5"], "not an HDF5 file"),
        (&["show", "hostile/superblock_checksum.h5"], "damaged file: superblock"),
        (&["ls", ORDINARY, "/entry", "--max-nodes", "1"], "--max-nodes"),
        (&["serve", "no/such/folder", "--listen", "127.0.0.1:0"], "no/such/folder"),
    ] {
        let (status, stderr) = failed(arguments);
        assert_eq!(status, 1, "{arguments:?}");
        assert!(stderr.starts_with("error: ") && stderr.contains(expected), "{stderr}");
    }
    let output = run(&["ls", "nope.h5"]);
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn check_of_a_sound_file_says_what_is_in_it_and_how_it_suits_object_storage() {
    let report = said(&["check", "links/soft_latest.h5"]);
    assert!(report.starts_with("soft_latest.h5: sound\n"), "{report}");
    assert_eq!(line(&report, "links  "), "links 52: 2 external, 10 hard, 40 soft");
    assert_eq!(line(&report, "listing the tree"), "listing the tree 1 1 11 KiB 23");
    assert_eq!(line(&report, "object storage"), "object storage: good");
    let dangling = line(&report, "/entry/gone");
    assert_eq!(dangling, "/entry/gone -> /no/such/object, but there is no \"no\" in \"/\"");
    assert!(report.lines().all(|line| line.chars().count() <= 80), "{report}");
}

#[test]
fn check_of_a_damaged_file_says_what_and_where_and_exits_with_1() {
    for (file, expected) in [
        ("hostile/child_without_header_latest.h5", "/broken: object header at address 448"),
        ("hostile/tree_that_is_its_own_child.h5", "/g: version 1 B-tree node at address 840"),
        ("hostile/cut_in_half_latest.h5", "/: superblock at address 0: 10248 bytes are missing"),
        ("hostile/superblock_checksum.h5", "/: superblock at address 0: the checksum is"),
    ] {
        let output = run(&["check", file]);
        assert_eq!(output.status.code(), Some(1), "{file}");
        let report = text(&output.stdout);
        assert!(report.contains(": damaged\n") && report.contains(expected), "{report}");
        assert_eq!(text(&output.stderr), "", "{file}");
    }
}

#[test]
fn check_gives_one_json_document() {
    let output = run(&["check", "--json", "hostile/tree_that_is_its_own_child.h5"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["verdict"]), (Some(1), &"damaged".into()));
    let flaw = &report["damage"]["listed"][0];
    assert_eq!((&flaw["path"], &flaw["address"]), (&"/g".into(), &840.into()));
    assert_eq!(flaw["structure"], "version 1 B-tree node");
    assert_eq!(report["suitability"]["rating"], "good");
}

#[test]
fn check_exits_with_3_when_it_could_not_read_everything() {
    let limited = ["check", ORDINARY, "--max-nodes", "8"];
    for (arguments, expected) in [
        (&limited[..], "--max-nodes"),
        (&["check", "datatypes/odd_numbers.h5"], "not supported: 1\n  / attribute i128: "),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        let report = text(&output.stdout);
        assert!(report.contains("not damaged as far as it was read"), "{report}");
        assert!(report.contains(expected), "{report}");
    }
}

#[test]
fn what_is_left_of_a_damaged_file_is_shown_and_the_question_still_failed() {
    for (arguments, expected) in [
        (&["ls", "damaged/symbol_table_node.h5", "/wide"][..], "n39"),
        (&["ls", "-R", "damaged/symbol_table_node.h5"], "/wide/n39"),
        (&["ls", "-R", "damaged/symbol_table_node.h5"], "group /wide/ ! not all is here: damaged"),
        (&["show", "damaged/attribute_index_leaf.h5", "/d"], "some attributes"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let shown = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{arguments:?}: {shown}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains("not all could be read: damaged file"), "{stderr}");
    }
    let tree = run(&["ls", "-R", "--json", "damaged/symbol_table_node.h5"]);
    for line in text(&tree.stdout).lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
    assert!(said(&["ls", "damaged/name_index_of_two.h5", "/wide"]).contains("n39"));
}

#[test]
fn wrong_usage_exits_with_2() {
    for arguments in [
        &["ls"][..],
        &["frobnicate"],
        &["ls", ORDINARY, "--max-fetch", "lots"],
        &["serve", "--version-ttl", "5"],
        &["serve", "--log-format", "xml"],
    ] {
        assert_eq!(failed(arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn data_writes_elements() {
    const COUNTS: [&str; 3] = ["data", ORDINARY, "/entry/data/counts"];
    let with = |more: &[&'static str]| said(&[&COUNTS[..], more].concat());
    let answer: Value = serde_json::from_str(&with(&["-1,:3"])).unwrap();
    assert_eq!((&answer["shape"], &answer["dtype"]), (&serde_json::json!([3]), &"int32".into()));
    let rows = with(&["--format", "csv"]);
    assert_eq!((rows.lines().count(), rows.lines().next().unwrap().split(',').count()), (6, 10));
    let last: Vec<String> =
        answer["data"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert!(rows.lines().last().unwrap().starts_with(&last.join(",")), "{rows}");
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("counts.npy");
    let arguments = ["--format", "npy", "--output", file.to_str().unwrap()];
    let output = run(&[&COUNTS[..], &arguments].concat());
    assert!(output.status.success() && output.stdout.is_empty());
    let npy = std::fs::read(&file).unwrap();
    assert_eq!((&npy[..6], npy.len()), (&b"\x93NUMPY"[..], 128 + 6 * 10 * 4));
    let (status, complaint) = failed(&[&COUNTS[..], &["6"], &arguments].concat());
    assert_eq!(status, 1);
    assert_eq!(std::fs::read(&file).unwrap(), npy, "a question without an answer costs no file");
    assert!(complaint.contains("index 6 is out of range along dimension 0; the shape is [6, 10]"));
    let (_, complaint) = failed(&["data", ORDINARY, "/entry"]);
    assert!(complaint.contains("/entry is not a dataset") && complaint.contains("hint: "));
}

#[test]
fn help_has_examples() {
    for command in ["serve", "ls", "show", "data", "check"] {
        let help = said(&[command, "--help"]);
        assert!(
            help.contains("Examples:") && help.contains(&format!("h5scout {command}")),
            "{help}"
        );
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let mut child = command(&["ls", "-R", "--json", "groups/wide_latest.h5"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn serve_prints_its_address_answers_and_stops_when_told_to() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["serve", ".", "--listen", "127.0.0.1:0"]);
        let answer = server.get("/files/ordinary/earliest.h5/children?path=/entry/data");
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("counts"), "{answer}");
        server.tell(signal);
        assert!(server.process.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn serve_logs_json_when_asked_to() {
    let arguments = ["serve", ".", "--listen", "127.0.0.1:0", "--log-format", "json"];
    let server = Server::start(&arguments);
    server.get("/files/ordinary/earliest.h5/meta?path=/");
    let log = server.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["status"] == 200), "{log}");
}

#[cfg(not(feature = "otel"))]
#[test]
fn serve_without_the_feature_otel_says_that_a_collector_gets_nothing() {
    let mut command = command(&["serve", ".", "--listen", "127.0.0.1:0"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let log = Server::run(&mut command).log();
    assert!(log.contains("WARN") && log.contains("without the feature otel"), "{log}");
}

/// A server that was started, and where it listens.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        Self::run(&mut command(arguments))
    }

    fn run(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().rsplit_once("http://").unwrap().1.to_owned();
        Self { process, address }
    }

    fn get(&self, path: &str) -> String {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    fn tell(&self, signal: &str) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(told.success());
    }

    /// What it logs until it is told to stop.
    fn log(mut self) -> String {
        self.tell("TERM");
        self.process.wait().unwrap();
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed midway must not leave its server behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
