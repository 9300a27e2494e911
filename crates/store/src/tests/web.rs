//! A plain server that answers as it is told: what we make of answers, good and bad.

use byte_source::ByteSource;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// Gives `answers` to the requests, in order, each on a connection of its own.
async fn server(answers: &[&str]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/data", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let answers: Vec<String> = answers.iter().map(|answer| answer.replace('\n', "\r\n")).collect();
    let seen = requests.clone();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            seen.lock().unwrap().push(String::from_utf8(request).unwrap().to_lowercase());
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    Server { url, requests }
}

impl Server {
    fn store(&self) -> Arc<Store> {
        let config = StoreConfig { whole_file_bytes: 8, head_bytes: 4, ..config() };
        Store::open(&self.url, config).unwrap()
    }

    /// The lines of request `at`.
    fn request(&self, at: usize) -> Vec<String> {
        self.requests.lock().unwrap()[at].lines().map(str::to_owned).collect()
    }
}

const WHOLE: &str = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-4/5\nContent-Length: 5\n\
                     ETag: \"one\"\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\n\nbytes";
const HEAD_OF_LARGE: &str = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-7/20\n\
                             Content-Length: 8\nETag: \"one\"\n\n01234567";

#[tokio::test]
async fn one_answer_gives_version_and_bytes() {
    let server = server(&[WHOLE]).await;
    let object = open(&server.store(), "a b/ü?#.h5").await;
    assert_eq!(object.read_many(&[0..5]).await.unwrap(), [&b"bytes"[..]]);
    assert_eq!(object.version().etag, "one");
    assert_eq!(object.version().last_modified.to_string(), "2026-01-02T03:04:05Z");
    let request = server.request(0);
    assert_eq!(request[0], "get /data/a%20b/%c3%bc%3f%23.h5 http/1.1");
    assert!(request.contains(&"range: bytes=0-7".to_owned()));
    assert!(request.contains(&"accept-encoding: identity".to_owned()));
}

#[tokio::test]
async fn later_reads_are_conditional_on_the_tag() {
    let changed = "HTTP/1.1 412 Precondition Failed\nContent-Length: 0\n\n";
    let server = server(&[HEAD_OF_LARGE, changed]).await;
    let object = open(&server.store(), "k").await;
    let error = object.read_many(&[10..15]).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Changed);
    let request = server.request(1);
    assert!(request.contains(&"if-match: \"one\"".to_owned()), "{request:?}");
    assert!(request.contains(&"range: bytes=10-14".to_owned()));
}

#[tokio::test]
async fn a_weak_tag_is_compared_and_not_sent() {
    let weak = HEAD_OF_LARGE.replace("\"one\"", "W/\"one\"");
    let part = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 10-11/20\nContent-Length: 2\n";
    let same = format!("{part}ETag: W/\"one\"\n\nxy");
    let other = format!("{part}ETag: W/\"two\"\n\nxy");
    let server = server(&[&weak, &same, &other.replace("10-11", "12-13")]).await;
    let object = open(&server.store(), "k").await;
    assert_eq!(object.read_many(&[10..12]).await.unwrap(), [&b"xy"[..]]);
    let error = object.read_many(&[12..14]).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Changed);
    assert!(!server.request(1).iter().any(|line| line.starts_with("if-")));
}

#[tokio::test]
async fn without_a_tag_the_time_is_the_version() {
    let at = |second: u8, head: &str| {
        let date = format!("Last-Modified: Fri, 02 Jan 2026 03:04:{second:02} GMT");
        head.replace("ETag: \"one\"", &date)
    };
    let part = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 10-11/20\nContent-Length: 2\n\
                ETag: \"one\"\n\nxy";
    let other = part.replace("10-11", "12-13");
    let server = server(&[&at(5, HEAD_OF_LARGE), &at(5, part), &at(6, &other)]).await;
    let object = open(&server.store(), "k").await;
    assert_eq!(object.read_many(&[10..12]).await.unwrap(), [&b"xy"[..]]);
    let date = "if-unmodified-since: fri, 02 jan 2026 03:04:05 gmt".to_owned();
    assert!(server.request(1).contains(&date), "{:?}", server.request(1));
    let error = object.read_many(&[12..14]).await.unwrap_err();
    assert_eq!(error.kind, SourceErrorKind::Changed);
}

#[tokio::test]
async fn an_empty_object_refuses_ranges_and_can_be_opened() {
    let refusal =
        "HTTP/1.1 416 Range Not Satisfiable\nContent-Range: bytes */0\nContent-Length: 0\n\n";
    let look = "HTTP/1.1 200 OK\nContent-Length: 0\nETag: \"none\"\n\n";
    let server = server(&[refusal, look]).await;
    let object = open(&server.store(), "k").await;
    assert_eq!((object.size_bytes(), object.version().etag.as_str()), (0, "none"));
}

#[tokio::test]
async fn a_server_without_ranges_will_do_for_small_files_only() {
    let whole = "HTTP/1.1 200 OK\nContent-Length: 5\nETag: \"one\"\n\nbytes";
    let large = "HTTP/1.1 200 OK\nContent-Length: 20\nETag: \"one\"\n\n01234567890123456789";
    let server = server(&[whole, large]).await;
    let store = server.store();
    assert_eq!(open(&store, "small").await.read_many(&[0..5]).await.unwrap(), [&b"bytes"[..]]);
    assert_eq!(open_error(&store, "large").await, SourceErrorKind::Failed);
}

#[tokio::test]
async fn answers_that_do_not_fit_the_question_are_refused() {
    let answer = |range: &str, length: u8| {
        format!(
            "HTTP/1.1 206 Partial Content\nContent-Range: {range}\nContent-Length: {length}\n\
             ETag: \"one\"\n\n01234567"
        )
    };
    for wrong in [
        answer("bytes 1-7/20", 7),
        answer("bytes 0-3/20", 4),
        answer("bytes 0-7/*", 8),
        answer("items 0-7/20", 8),
        answer("bytes 0-18446744073709551615/20", 8),
        "HTTP/1.1 206 Partial Content\nContent-Length: 8\n\n01234567".to_owned(),
        "HTTP/1.1 204 No Content\n\n".to_owned(),
    ] {
        let server = server(&[&wrong]).await;
        assert_eq!(open_error(&server.store(), "k").await, SourceErrorKind::Failed, "{wrong}");
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_asked_for_again() {
    let cut = WHOLE.replace("\n\nbytes", "\n\nby");
    let server = server(&[&cut, WHOLE]).await;
    let object = open(&server.store(), "k").await;
    assert_eq!(object.read_many(&[0..5]).await.unwrap(), [&b"bytes"[..]]);
}

#[tokio::test]
async fn statuses_say_whose_fault_it_is() {
    for (status, kind) in [
        ("404 Not Found", SourceErrorKind::NotFound),
        ("410 Gone", SourceErrorKind::NotFound),
        ("401 Unauthorized", SourceErrorKind::Forbidden),
        ("403 Forbidden", SourceErrorKind::Forbidden),
        ("400 Bad Request", SourceErrorKind::Failed),
    ] {
        let server = server(&[&format!("HTTP/1.1 {status}\nContent-Length: 0\n\n")]).await;
        assert_eq!(open_error(&server.store(), "k").await, kind, "{status}");
    }
    let busy = "HTTP/1.1 503 Slow Down\nContent-Length: 0\n\n";
    let server = server(&[busy, busy, WHOLE]).await;
    open(&server.store(), "k").await;
}

#[tokio::test]
async fn keys_that_a_url_would_resolve_are_not_sent() {
    let server = server(&[]).await;
    for key in ["../secret", "a/../b", "./a", "a/.", "..", ""] {
        assert_eq!(open_error(&server.store(), key).await, SourceErrorKind::NotFound, "{key}");
    }
    assert!(server.requests.lock().unwrap().is_empty());
}
