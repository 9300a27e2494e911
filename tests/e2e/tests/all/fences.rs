//! Files that name files which they must not reach: outside of the source, in another source, at a
//! URL. Nobody is told of these, not even whether they are there, and nobody opens them.
//!
//! `make_fences.py` writes them with the Python that `H5SCOUT_TEST_PYTHON` names; without one the
//! tests are skipped.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use serde_json::Value;
use tempfile::TempDir;

use crate::range_server::RangeServer;
use crate::server::Server;

/// What every canary holds.
const SECRET: &str = "TWEET";

/// A length that only canaries have.
const LENGTH: &str = "31337";

const FILES: [&str; 3] = ["links", "virtual", "storage"];

/// The folder that `make_fences.py` describes, and a port that nobody may ask.
struct Aviary {
    roof: TempDir,
    trap: TcpListener,
}

impl Aviary {
    fn new() -> Option<Self> {
        let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON").filter(|path| !path.is_empty())
        else {
            eprintln!("fences: skipped, there is no Python (H5SCOUT_TEST_PYTHON)");
            return None;
        };
        let roof = TempDir::new().expect("a folder");
        let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
        trap.set_nonblocking(true).expect("a port that does not wait");
        let port = trap.local_addr().expect("its address").port().to_string();
        let made = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/make_fences.py"))
            .arg(roof.path())
            .arg(port)
            .status();
        assert!(made.expect("Python runs").success());
        Some(Self { roof, trap })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.roof.path().join(path)
    }

    /// Both sources, served with everything in the environment that libhdf5 looks at.
    fn serve(&self, lab: &str, archive: &str, environment: &[(&str, &str)]) -> Server {
        let outside = self.path("outside").display().to_string();
        let prefixes = ["HDF5_EXT_PREFIX", "HDF5_VDS_PREFIX", "HDF5_EXTFILE_PREFIX", "HOME"];
        let mut variables: Vec<_> = prefixes.map(|name| (name, outside.as_str())).into();
        variables.extend(environment);
        Server::over_with(format!("archive={archive}"), &[&format!("lab={lab}")], &variables)
    }

    /// Takes the links of the file system away: buckets have none.
    fn without_links(&self) {
        for entry in std::fs::read_dir(self.path("bucket-a/runs/deep")).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_symlink() {
                std::fs::remove_file(path).expect("removed");
            }
        }
    }

    fn nobody_asked_at_the_url(&self) {
        let asked = self.trap.accept();
        assert_eq!(asked.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// Sees files being opened: those of some folders, also where they are opened and not read.
struct Watch(OwnedFd);

impl Watch {
    fn over(folders: &[PathBuf]) -> Self {
        let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        for folder in folders {
            inotify::add_watch(&watch, folder, WatchFlags::OPEN | WatchFlags::ACCESS).unwrap();
        }
        Self(watch)
    }

    /// Names of what was opened since the last look.
    fn opened(&self) -> Vec<String> {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        let mut names = Vec::new();
        while let Ok(event) = events.next() {
            let name = event.file_name().map(|name| name.to_string_lossy().into_owned());
            names.push(name.unwrap_or_else(|| "the folder".to_owned()));
        }
        names
    }
}

/// Everything that can be asked about the files in `lab/deep`, with the answers.
async fn ask_everything(server: &Server) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    for file in FILES {
        let file = format!("/files/lab/deep/{file}.h5");
        for resolve in ["soft", "external"] {
            let target = format!("{file}/children?path=/&resolve={resolve}");
            let answer = text(server, &target).await;
            let children: Value = serde_json::from_str(&answer).expect("JSON");
            let children = children["children"].as_array().expect("the file is read").clone();
            answers.push((target, answer));
            for child in children {
                let path = child["path"].as_str().expect("a path");
                for question in ["children", "meta", "attribute", "data", "preview"] {
                    let name = if question == "attribute" { "&name=secret" } else { "" };
                    let target = format!("{file}/{question}?path={path}{name}");
                    answers.push((target.clone(), text(server, &target).await));
                }
            }
        }
    }
    for key in [
        "link_to_canary.h5",
        "linked_folder/canary.h5",
        "closed_canary.h5",
        "../../canary.h5",
        "../../../bucket-b/canary.h5",
        "../../../archive/canary.h5",
        "%2e%2e/%2e%2e/canary.h5",
        "%2Fetc%2Fpasswd",
    ] {
        for key in [key.to_owned(), key.replace("canary", "nobody")] {
            let target = format!("/children?key=lab/deep/{key}");
            answers.push((target.clone(), text(server, &target).await));
        }
    }
    answers
}

/// What can be listed of `lab`, and of what is not in it.
async fn list_everything(server: &Server) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    for prefix in ["", "deep/linked_folder/", "../archive/", "deep/../../../", "/", "../"] {
        for delimiter in ["", "/"] {
            let target = format!("/files?prefix=lab/{prefix}&delimiter={delimiter}");
            answers.push((target.clone(), text(server, &target).await));
        }
    }
    answers
}

async fn text(server: &Server, target: &str) -> String {
    let response = server.get(target).await;
    assert!(response.status().as_u16() < 500, "{target}: {}", response.status());
    response.text().await.expect("a body")
}

/// Whether an answer has what only canaries have. Among the digits of request ids and ETags their
/// length stands now and then as well, but not alone.
fn tells_of_a_canary(answer: &str) -> bool {
    let mut words = answer.split(|c: char| !c.is_ascii_alphanumeric());
    answer.contains(SECRET) || words.any(|word| word == LENGTH)
}

#[test]
fn a_length_among_other_digits_tells_nothing() {
    assert!(tells_of_a_canary(r#"{"shape":[31337]}"#));
    assert!(!tells_of_a_canary(r#"{"request_id":"0deb482c6c31337b"}"#));
}

/// Holds the answers against each other: a canary is as if it were not there.
fn nothing_is_told(answers: &[(String, String)]) {
    for (target, answer) in answers {
        assert!(!tells_of_a_canary(answer), "{target}: {answer}");
    }
    let mut compared = 0;
    for (target, answer) in answers {
        let twin = if target.contains("canary") {
            target.replace("canary", "nobody")
        } else {
            let Some((base, label, rest)) = label(target) else { continue };
            let (label, kind) = kind(label);
            format!("{base}path=/{label}_twin{kind}{rest}")
        };
        let Some((_, other)) = answers.iter().find(|(target, _)| *target == twin) else { continue };
        assert_eq!(anonymous(answer), anonymous(other), "{target}");
        compared += 1;
    }
    assert!(compared > 500, "{compared} pairs");
}

/// A target as what stands before the path, the label that the path is, and what stands behind.
fn label(target: &str) -> Option<(&str, &str, &str)> {
    let (base, rest) = target.split_once("path=/")?;
    let end = rest.find('&').unwrap_or(rest.len());
    let (label, rest) = rest.split_at(end);
    (!label.is_empty() && !label.contains("_twin")).then_some((base, label, rest))
}

/// A label without its ending, and the ending.
fn kind(label: &str) -> (&str, &str) {
    let endings = ["_data", "_soft", "_numbered"];
    let ending = endings.into_iter().find(|ending| label.ends_with(ending)).unwrap_or("");
    (label.trim_end_matches(ending), ending)
}

/// An answer without what must differ between twins.
fn anonymous(answer: &str) -> Value {
    let text = answer.replace("canary", "nobody").replace("_twin", "");
    let mut answer: Value = serde_json::from_str(&text).expect("JSON");
    for varying in ["/request_id", "/metadata/address", "/cached", "/address"] {
        if let Some(value) = answer.pointer_mut(varying) {
            *value = Value::Null;
        }
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_reaches_out_of_its_folder() {
    let Some(aviary) = Aviary::new() else { return };
    let (lab, archive) = (aviary.path("bucket-a/runs"), aviary.path("bucket-b"));
    let server = aviary.serve(&lab.display().to_string(), &archive.display().to_string(), &[]);
    let forbidden = ["", "outside", "outside/closed", "bucket-a", "bucket-b"];
    let watch = Watch::over(&forbidden.map(|folder| aviary.path(folder)));
    std::fs::File::open(aviary.path("outside/canary.h5")).expect("a file");
    assert_eq!(watch.opened(), ["canary.h5"], "the watch sees what is opened");

    let mut answers = ask_everything(&server).await;
    assert_eq!(watch.opened(), [""; 0], "nothing outside is opened");
    answers.extend(list_everything(&server).await);
    let listed = watch.opened();
    assert!(listed.iter().all(|name| name == "runs"), "{listed:?} beside the root");
    nothing_is_told(&answers);
    aviary.nobody_asked_at_the_url();

    let seen = text(&server, "/files/archive/canary.h5/attribute?path=/&name=secret").await;
    assert!(seen.contains(SECRET), "the other source is served, to who asks for it");
    assert!(!watch.opened().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_reaches_out_of_its_prefix_or_bucket() {
    let Some(aviary) = Aviary::new() else { return };
    aviary.without_links();
    let stores = RangeServer::start(aviary.roof.path(), std::time::Duration::ZERO).await;
    let endpoint = format!("http://{}", stores.address);
    let environment = [("S3_ENDPOINT", endpoint.as_str()), ("AWS_SKIP_SIGNATURE", "true")];
    let server = aviary.serve("s3://bucket-a/runs", "s3://bucket-b", &environment);

    let answers = ask_everything(&server).await;
    let paths = stores.paths();
    assert!(paths.iter().any(|path| path == "/bucket-a/runs/deep/virtual.h5"));
    let outside: Vec<_> =
        paths.iter().filter(|path| !path.starts_with("/bucket-a/runs/")).collect();
    assert!(outside.is_empty(), "{outside:#?}");
    nothing_is_told(&answers);
    aviary.nobody_asked_at_the_url();

    let seen = text(&server, "/files/archive/canary.h5/attribute?path=/&name=secret").await;
    assert!(seen.contains(SECRET), "the other source is served, to who asks for it");
}

#[test]
fn check_and_ls_reach_no_further() {
    let Some(aviary) = Aviary::new() else { return };
    let watch = Watch::over(&["", "outside", "bucket-a"].map(|folder| aviary.path(folder)));
    for file in FILES {
        let file = aviary.path(&format!("bucket-a/runs/deep/{file}.h5"));
        for arguments in [&["check", "--json"][..], &["ls", "-R", "--json"], &["show", "--json"]] {
            let answer = told(arguments, &file, &aviary.path("outside"));
            assert!(!tells_of_a_canary(&answer), "{answer}");
        }
    }
    assert_eq!(watch.opened(), [""; 0]);
    aviary.nobody_asked_at_the_url();
}

/// What a command prints about a file, with all that libhdf5 would look at in the environment.
fn told(arguments: &[&str], file: &Path, outside: &Path) -> String {
    let output = Command::new(crate::server::binary())
        .args(arguments)
        .arg(file)
        .env("HDF5_EXT_PREFIX", outside)
        .env("HDF5_VDS_PREFIX", outside)
        .output()
        .expect("the binary runs");
    let text = [output.stdout, output.stderr].concat();
    assert!(!text.is_empty(), "{arguments:?}");
    String::from_utf8_lossy(&text).into_owned()
}
