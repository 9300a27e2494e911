//! Keys with whatever the server takes: each is listed as it was written, and opened by it.

use serde_json::Value;
use store::testing::S3Bucket;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Kind, S3, fixture, s3};
use crate::server::Server;

/// What a server does with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    Refused,
    /// Held under another name.
    As(&'static str),
}
use Fate::{As, Held, Refused};

/// A key, and its fate at MinIO and at moto. All of them are keys at Amazon.
const KEYS: [(&str, Fate, Fate); 41] = [
    ("plain.h5", Held, Held),
    ("a//b.h5", Refused, Held),
    ("/leading.h5", As("leading.h5"), Held),
    ("//two leading.h5", As("two leading.h5"), Held),
    ("a b.h5", Held, Held),
    (" leading space.h5", Held, Held),
    ("trailing space ", Held, Held),
    ("a+b.h5", Held, Held),
    ("a%2Fb.h5", Held, Held),
    ("a%b.h5", Held, Held),
    ("a?b.h5", Held, Held),
    ("a#b.h5", Held, Held),
    ("a&b.h5", Held, Held),
    ("a;b.h5", Held, Held),
    ("a=b.h5", Held, Held),
    ("a:b.h5", Held, Held),
    ("a,b.h5", Held, Held),
    ("a@b.h5", Held, Held),
    ("a!$'()*b.h5", Held, Held),
    ("~a.h5", Held, Held),
    ("a\"b.h5", Held, Held),
    ("a'b.h5", Held, Held),
    ("a\\b.h5", Held, Held),
    ("a|^`{}[]<>b.h5", Held, Held),
    ("ä/日本.h5", Held, Held),
    ("😀.h5", Held, Held),
    // The same letter, written in two ways: two keys.
    ("é.h5", Held, Held),
    ("e\u{301}.h5", Held, Held),
    ("a\u{2028}b.h5", Held, Held),
    ("a\u{1}b.h5", Held, Held),
    ("a\u{7f}b.h5", Held, Held),
    ("a\tb.h5", Held, Held),
    ("a\nb.h5", Held, Refused),
    ("a\r\nb.h5", Held, Refused),
    ("ending/children", Held, Held),
    ("ending/meta", Held, Held),
    ("files/refresh", Held, Held),
    ("...", Held, Held),
    ("a/.../b.h5", Held, Held),
    (".hidden", Held, Held),
    ("-", Held, Held),
];

/// Keys that no URL of a client library can name: what they resolve to is another key.
const DOTTED: [&str; 5] = ["a/../b.h5", "a/./b.h5", "./b.h5", "../b.h5", "a/.."];

#[tokio::test(flavor = "multi_thread")]
async fn odd_keys_are_listed_and_opened() {
    let Some(s3) = s3("odd_keys_are_listed_and_opened") else { return };
    let bucket = s3.bucket("h5scout-odd-keys").await;
    let server = s3.serve("s3://h5scout-odd-keys", &[]);
    let file = fixture("ordinary/latest.h5");
    let mut rows = Vec::new();
    for (key, at_minio, at_moto) in
        KEYS.map(|(key, a, b)| (key.to_owned(), a, b)).into_iter().chain(long())
    {
        let fate = fate(&bucket, &server, &key, &file).await;
        match s3.kind {
            Kind::Minio => assert_eq!(fate, at_minio, "{key:?}"),
            Kind::Moto => assert_eq!(fate, at_moto, "{key:?}"),
            Kind::Other => {}
        }
        rows.push((key, fate));
    }
    println!("{} keys at {:?}:", rows.len(), s3.kind);
    for (key, fate) in rows.iter().filter(|(_, fate)| *fate != Held) {
        let (start, length) = (key.chars().take(30).collect::<String>(), key.len());
        println!("  {start:?} of {length} bytes: {fate:?}");
    }
}

/// 1,024 bytes, the most that S3 allows: in segments that a file system can hold, and in one.
fn long() -> [(String, Fate, Fate); 2] {
    let segments = vec!["s".repeat(204); 5].join("/");
    assert_eq!(segments.len(), 1024);
    [(segments, Held, Held), ("s".repeat(1024), Refused, Held)]
}

/// Puts `file` under `key`, and finds and opens it as the server names it, in all spellings.
async fn fate(bucket: &S3Bucket, server: &Server, key: &str, file: &[u8]) -> Fate {
    if bucket.try_put(key, file).await.is_err() {
        assert_eq!(problem(server, key).await["code"], "file_not_found", "{key:?}");
        return Refused;
    }
    let stripped = KEYS.iter().find_map(|(_, fate, _)| match fate {
        As(name) if *name == key.trim_start_matches('/') => Some(*name),
        _ => None,
    });
    let listing = server.json("/files?refresh=true").await;
    let listed: Vec<_> = listing["files"].as_array().unwrap().iter().collect();
    let is_listed = |name: &str| listed.iter().any(|file| file["key"] == name);
    for target in spellings(key) {
        assert_eq!(server.json(&target).await["total"], 1, "{key:?} as {target}");
    }
    match stripped {
        Some(name) if !is_listed(key) && is_listed(name) => As(name),
        _ => {
            assert!(is_listed(key), "{key:?} is not listed");
            Held
        }
    }
}

/// In one segment, in several, and in the query.
fn spellings(key: &str) -> [String; 3] {
    let folded = encoded(key);
    let unfolded = folded.replace("%2F", "/");
    [
        format!("/files/{folded}/children"),
        format!("/files/{unfolded}/children"),
        format!("/children?key={folded}"),
    ]
}

/// Every byte but letters and digits in hexadecimal digits.
fn encoded(key: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    key.bytes().map(byte).collect()
}

/// The error that opening `key` ends with.
async fn problem(server: &Server, key: &str) -> Value {
    let answer = server.get(&format!("/children?key={}", encoded(key))).await;
    assert!(answer.status().is_client_error(), "{key:?}: {}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_no_url_can_name_are_listed_and_say_so() {
    let Some(s3) = s3("keys_that_no_url_can_name_are_listed_and_say_so") else { return };
    let bucket = s3.bucket("h5scout-dotted-keys").await;
    bucket.try_put("b.h5", &fixture("ordinary/latest.h5")).await.unwrap();
    let server = s3.serve("s3://h5scout-dotted-keys", &[]);
    for key in DOTTED {
        let target = format!("/h5scout-dotted-keys/{key}");
        let status = send_raw(&s3, "PUT", &target).await;
        let is_held = status.starts_with("HTTP/1.1 200");
        assert_eq!(is_held, s3.kind == Kind::Moto, "{key:?}: {status}");
        let listing = server.json("/files?refresh=true").await;
        let mut listed = listing["files"].as_array().unwrap().iter();
        assert_eq!(listed.any(|file| file["key"] == key), is_held, "{key:?}");
        // And not `b.h5`, which they would resolve to.
        let problem = problem(&server, key).await;
        assert_eq!(problem["code"], "file_not_found", "{key:?}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.ends_with("a key with a \".\" or \"..\" segment cannot be opened"),
            "{detail}"
        );
        send_raw(&s3, "DELETE", &target).await;
    }
}

/// Sends a request whose path nobody has resolved, and not signed. Returns the status line.
async fn send_raw(s3: &S3, method: &str, target: &str) -> String {
    let address = s3.endpoint.strip_prefix("http://").expect("plain HTTP");
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 1\r\n\
         connection: close\r\n\r\nx"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}
