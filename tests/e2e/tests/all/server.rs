//! The built binary over HTTP: `h5scout serve` on a free port over a folder.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, its folder and its log. Killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    folder: TempDir,
    log: PathBuf,
    address: String,
    client: Client,
}

impl Server {
    /// Serves `a.h5` and `runs/b c.h5`, with `flags`.
    fn start(flags: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let served = folder.path().join("served");
        std::fs::create_dir_all(served.join("runs")).expect("a folder");
        put(&served, "a.h5", "ordinary/latest.h5");
        put(&served, "runs/b c.h5", "ordinary/earliest.h5");
        Self::serving(&served, folder, flags, &[])
    }

    /// Serves the files of `source`, a folder or a URL.
    pub(crate) fn over(source: impl AsRef<Path>, flags: &[&str]) -> Self {
        Self::over_with(source, flags, &[])
    }

    /// The same, with these environment variables more.
    pub(crate) fn over_with(
        source: impl AsRef<Path>,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self::serving(source.as_ref(), folder, flags, variables)
    }

    /// Serves `source`, with a log in `folder`.
    fn serving(source: &Path, folder: TempDir, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = folder.path().join("log.txt");
        let mut command = Command::new(binary());
        // Of those of this process none that says where a store is, or who asks.
        for (name, _) in std::env::vars() {
            if name.starts_with("S3_") || name.starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(flags)
            .arg(source)
            .env_remove("H5SCOUT_LOG")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the binary starts");
        let stdout = BufReader::new(process.stdout.take().expect("its output"));
        let line = stdout.lines().next().expect("a line").expect("text");
        let (_, address) = line.rsplit_once("://").expect("the line names the address");
        let address = address.trim().to_owned();
        Self { process, folder, log, address, client: Client::new() }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The most memory that the process has had, in KiB.
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).expect("the process's status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.split_whitespace().next());
        peak.and_then(|kib| kib.parse().ok()).expect("a number of KiB")
    }

    fn put(&self, key: &str, fixture: &str) {
        put(&self.folder.path().join("served"), key, fixture);
    }

    pub(crate) async fn get(&self, target: &str) -> Response {
        self.get_with(target, &[]).await
    }

    pub(crate) async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("http://{}{target}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.timeout(PATIENCE).send().await.expect("an answer")
    }

    pub(crate) async fn json(&self, target: &str) -> Value {
        let response = self.get(target).await;
        let (status, body) = (response.status(), response.text().await.expect("a body"));
        assert_eq!(status, StatusCode::OK, "{target}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Sends bytes as they are and reads until the server closes the connection.
    async fn raw(&self, request: &[u8]) -> String {
        let mut connection = TcpStream::connect(&self.address).await.expect("a connection");
        connection.write_all(request).await.expect("sent");
        let mut answer = Vec::new();
        let reading = connection.read_to_end(&mut answer);
        tokio::time::timeout(PATIENCE, reading).await.expect("in time").expect("read");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// Lets the process have no more than `count` files open.
    pub(crate) fn limit_files(&self, count: usize) {
        let (process, limit) = (self.process.id().to_string(), format!("--nofile={count}:{count}"));
        let told = Command::new("prlimit").args(["--pid", &process, &limit]).status();
        assert!(told.expect("prlimit runs").success());
    }

    /// Sends the process a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args([name, &id]).status().expect("kill runs");
        assert!(told.success());
    }

    /// Asks for `target`, for as long as it takes.
    pub(crate) fn asking(
        &self,
        target: &str,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send + 'static {
        self.client.get(format!("http://{}{target}", self.address)).send()
    }

    /// Asks the process to stop; returns whether it ended well, and when it has.
    pub(crate) fn stop(&mut self) -> bool {
        self.tell("TERM");
        self.end().success()
    }

    /// Sends a signal to the process.
    pub(crate) fn tell(&self, signal: &str) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-s", signal, &id]).status().expect("kill runs");
        assert!(told.success());
    }

    /// Waits until the process has ended.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().expect("its status") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary, built once: this package's tests cannot depend on another package's binary.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "h5scout"])
            .current_dir(REPOSITORY)
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the binary is built");
        // Tests are in TARGET/PROFILE/deps, binaries in TARGET/debug.
        let test = std::env::current_exe().expect("the path of this test");
        let target = test.ancestors().nth(3).expect("the target folder");
        target.join("debug/h5scout")
    })
}

fn put(folder: &Path, key: &str, fixture: &str) {
    let fixture = Path::new(REPOSITORY).join("fixtures").join(fixture);
    std::fs::copy(fixture, folder.join(key)).expect("the fixture is copied");
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().expect("text")
}

#[tokio::test]
async fn files_are_listed_opened_and_described() {
    let server = Server::start(&[]);
    let files = server.json("/files").await;
    let keys: Vec<_> = files["files"].as_array().unwrap().iter().map(|file| &file["key"]).collect();
    assert_eq!(keys, ["a.h5", "runs/b c.h5"]);
    for file in ["/files/a.h5", "/files/runs/b%20c.h5", "/files/runs%2Fb%20c.h5"] {
        let entry = server.json(&format!("{file}/children?path=/entry")).await;
        assert_eq!(entry["children"][0]["name"], "data", "{file}");
        let root = server.json(&format!("{file}/meta?path=/")).await;
        assert_eq!(root["metadata"]["num_attributes"], 2, "{file}");
        let title = server.json(&format!("{file}/attribute?path=/&name=title")).await;
        assert_eq!(title["attribute"]["value"], "an ordinary file", "{file}");
    }
    for target in ["/", "/docs", "/openapi.json", "/health", "/ready", "/metrics"] {
        assert_eq!(server.get(target).await.status(), StatusCode::OK, "{target}");
    }
}

#[tokio::test]
async fn the_second_look_is_a_hit_and_the_log_says_so() {
    let mut server = Server::start(&[]);
    let target = "/files/a.h5/children?path=/entry";
    let first = server.get(target).await;
    let timing = header(&first, "server-timing");
    assert!(timing.starts_with("store;desc=\"rounds=1 requests=1 bytes=9264\";dur="), "{timing}");
    let second = server.get(target).await;
    assert_eq!((header(&first, "x-cache"), header(&second, "x-cache")), ("miss", "hit"));
    let known = [("if-none-match", header(&first, "etag"))];
    let third = server.get_with(target, &known).await;
    assert_eq!(third.status(), StatusCode::NOT_MODIFIED);
    assert!(third.bytes().await.expect("a body").is_empty());

    assert!(server.stop(), "it stops well when asked to");
    let log = server.log();
    for line in
        ["cache=children outcome=miss key=\"a.h5\"", "cache=children outcome=hit key=\"a.h5\""]
    {
        assert!(log.contains(line), "{line} is missing in\n{log}");
    }
    let requests = log.lines().filter(|line| line.contains("route=/files/{key}/children"));
    assert_eq!(requests.count(), 3, "{log}");
}

#[tokio::test]
async fn logs_are_json_when_asked() {
    let mut server = Server::start(&["--log-format", "json"]);
    server.get_with("/files/a.h5/meta?path=/", &[("x-request-id", "r1")]).await;
    server.stop();
    let log = server.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    let lookup = lines.iter().find(|line| line["cache"] == "meta").expect("the look-up");
    assert_eq!((&lookup["outcome"], &lookup["path"]), (&"miss".into(), &"/".into()));
    let request = lines.iter().find(|line| line["request_id"] == "r1").expect("the request");
    assert_eq!((&request["status"], &request["key"]), (&200.into(), &"a.h5".into()));
}

#[tokio::test]
async fn a_changed_file_is_seen_at_once() {
    let server = Server::start(&[]);
    assert_eq!(server.json("/files/a.h5/children").await["total"], 1);
    server.put("a.h5", "ordinary/empty_latest.h5");
    assert_eq!(server.json("/files/a.h5/children").await["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_ask_one_cold_question_once() {
    let server = Server::start(&[]);
    let answers = join_all((0..64).map(|_| server.get("/files/a.h5/children?path=/entry"))).await;
    let misses = answers.iter().filter(|answer| header(answer, "x-cache") == "miss").count();
    assert_eq!(misses, 1);
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::OK));
}

#[tokio::test]
async fn odd_requests_are_answered_and_none_ends_the_server() {
    let server = Server::start(&[]);
    for (request, expected) in [
        (&b"GET /files/runs//b%20c.h5/children HTTP/1.1"[..], "HTTP/1.1 404 "),
        (b"GET /files/../a.h5/children HTTP/1.1", "HTTP/1.1 404 "),
        (b"GET /files/%00/children HTTP/1.1", "HTTP/1.1 4"),
        (b"GET /files/%ff/children HTTP/1.1", "HTTP/1.1 400 "),
        (b"GET /files/a.h5/meta?path=/%2e%2e/%2e%2e HTTP/1.1", "HTTP/1.1 404 "),
        (b"GET http://elsewhere/files/a.h5/children HTTP/1.1", "HTTP/1.1 200 "),
        (b"HEAD /files/a.h5/children HTTP/1.1", "HTTP/1.1 200 "),
        (b"DELETE /files/a.h5/children HTTP/1.1", "HTTP/1.1 405 "),
        (b"GET /files/a b.h5/children HTTP/1.1", "HTTP/1.1 400 "),
        (b"\x16\x03\x01 HTTP/1.1", "HTTP/1.1 400 "),
    ] {
        let headers = b"\r\nhost: h\r\nconnection: close\r\n\r\n";
        let answer = server.raw(&[request, headers].concat()).await;
        let request = String::from_utf8_lossy(request);
        assert!(answer.starts_with(expected), "{request}: {answer}");
    }
    assert_eq!(server.get("/health").await.status(), StatusCode::OK);
}
