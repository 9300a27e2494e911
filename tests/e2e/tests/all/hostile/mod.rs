//! The built server before clients that mean harm: thousands of requests over plain TCP, of which
//! none may end it, be answered by a mistake of ours, or show what is not served.

mod http2;
mod requests;
mod texts;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::requests::{Sent, requests};
use crate::server::{REPOSITORY, Server};

/// More than 2,000, some hundred of each kind.
const REQUESTS: usize = 2_800;

/// Change it to try others.
const SEED: u64 = 20_261_122;

const AT_ONCE: usize = 32;

/// Longer than any deadline of the server here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Deadlines that are soon over, for those who send half of something.
const FLAGS: [&str; 6] =
    ["--header-timeout", "500ms", "--idle-timeout", "1s", "--write-timeout", "2s"];

/// The content of a file beside what is served, and of a variable of the server's environment.
const SECRET: &str = "7f3a91c5-nobody-may-read-this";

/// The name of a file beside what is served that no request names.
const UNNAMED: &str = "unnamed-4be2d8";

/// A name in the file `canary.h5`, which is no path of any request.
const IN_THE_CANARY: &str = "forecast";

/// A folder to be served, with links out of it, and what lies beside it.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let root = TempDir::new().expect("a folder");
        let served = root.path().join("served");
        std::fs::create_dir_all(served.join("runs")).expect("a folder");
        let fixtures = Path::new(REPOSITORY).join("fixtures");
        let put = |fixture: &str, to: &str| {
            std::fs::copy(fixtures.join(fixture), root.path().join(to)).expect("a file");
        };
        put("ordinary/latest.h5", "served/a.h5");
        put("ordinary/earliest.h5", "served/runs/b c.h5");
        put("links/external_latest.h5", "served/pointers.h5");
        put("links/external_target.h5", "served/external_target.h5");
        put("demo/weather.nc", "canary.h5");
        put("demo/weather.nc", "outside.h5");
        for name in ["canary.txt", UNNAMED] {
            std::fs::write(root.path().join(name), SECRET).expect("a file");
        }
        for (name, target) in
            [("link_out.h5", "../canary.h5"), ("link_out.txt", "../canary.txt"), ("link_up", "..")]
        {
            std::os::unix::fs::symlink(target, served.join(name)).expect("a link");
        }
        Self { root }
    }

    fn serve(&self, flags: &[&str]) -> Server {
        let flags = [&FLAGS[..], flags].concat();
        let variables = [("H5SCOUT_TEST_CANARY", SECRET), ("AWS_SECRET_ACCESS_KEY", SECRET)];
        Server::over_with(self.root.path().join("served"), &flags, &variables)
    }

    /// What no answer may hold.
    fn secrets(&self) -> Vec<String> {
        let root = self.root.path().to_str().expect("text").to_owned();
        let texts =
            [SECRET, UNNAMED, IN_THE_CANARY, "root:x:0:", "panicked", ".rs:", "/etc/shadow"];
        [root].into_iter().chain(texts.map(str::to_owned)).collect()
    }
}

/// What came back on a connection until the server closed it.
async fn answered(address: &str, sent: &Sent) -> Vec<u8> {
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    let mut answer = Vec::new();
    let talk = async {
        // The server may close, or answer, before it has read everything.
        let _ = connection.write_all(&sent.bytes).await;
        let _ = connection.read_to_end(&mut answer).await;
    };
    timeout(PATIENCE, talk).await.expect("the server closes every connection in the end");
    answer
}

/// The statuses of the answers in `bytes`.
fn statuses(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes);
    let heads = text.split("HTTP/1.").skip(1);
    heads.filter_map(|head| head.get(2..5)?.parse().ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_a_mistake_of_ours_or_shows_what_is_not_served() {
    let place = Place::new();
    let secrets = place.secrets();
    let mut server = place.serve(&[]);
    let address = server.address().to_owned();
    let talks = requests(SEED).take(REQUESTS).map(|sent| {
        let address = address.clone();
        async move { (answered(&address, &sent).await, sent) }
    });
    let mut talks = stream::iter(talks).buffer_unordered(AT_ONCE);
    let mut counts = BTreeMap::<u16, usize>::new();
    let mut unanswered = 0;
    while let Some((answer, sent)) = talks.next().await {
        let request = sent.bytes.escape_ascii().to_string();
        let request = request.get(..2_000).unwrap_or(&request);
        let found = statuses(&answer);
        assert!(found.len() <= sent.answers_max, "{} answers to {request}", found.len());
        unanswered += usize::from(found.is_empty());
        for status in found {
            *counts.entry(status).or_default() += 1;
            let is_ours = status < 500 || [503, 504].contains(&status);
            assert!(is_ours, "{status} to {request}");
        }
        let text = String::from_utf8_lossy(&answer);
        let shown = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(shown, None, "{request} is answered {text}");
        assert!(!text.contains("\r\nx-injected:"), "{request}");
    }
    println!(
        "{REQUESTS} hostile requests, answers by status: {counts:?}; {unanswered} without any"
    );

    assert_eq!(server.get("/health").await.status(), 200);
    assert_eq!(server.json("/files/a.h5/children").await["total"], 1);
    assert!(server.peak_memory_kib() < 512 << 10, "{} KiB", server.peak_memory_kib());
    assert!(server.stop(), "it stops as ever");
    for line in server.log().lines() {
        let is_dated = line.starts_with("20") && line.get(10..11) == Some("T");
        assert!(is_dated, "no request writes a line of its own: {line:?}");
        assert!(!line.contains(|letter: char| letter.is_control()), "{line:?}");
        assert!(!line.contains(SECRET), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_logs_are_json_whatever_is_asked() {
    let mut server = Place::new().serve(&["--log-format", "json"]);
    let address = server.address().to_owned();
    let sent: Vec<_> = requests(SEED + 1).take(140).collect();
    join_all(sent.iter().map(|sent| answered(&address, sent))).await;
    assert!(server.stop());
    for line in server.log().lines() {
        let parsed = serde_json::from_str::<serde_json::Value>(line);
        assert!(parsed.is_ok_and(|line| line.is_object()), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_drip_keep_nobody_out() {
    let server = Place::new().serve(&["--connections", "8"]);
    let drip = async |address: String| {
        loop {
            let mut connection = TcpStream::connect(&address).await.expect("a connection");
            for byte in b"GET / HTTP/1.1\r\nx: ".iter().cycle() {
                if connection.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    // Twice as many as there are places, which come back whenever they are sent away.
    let drips: Vec<_> = (0..16).map(|_| tokio::spawn(drip(server.address().to_owned()))).collect();
    for _ in 0..3 {
        assert_eq!(server.get("/health").await.status(), 200);
    }
    drips.iter().for_each(tokio::task::JoinHandle::abort);
}
