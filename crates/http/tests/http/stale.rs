//! What is answered while the store cannot be asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use h5scout_http::HttpConfig;
use store::StoreConfig;

use crate::support::{Answer, Server};

const CHILDREN: &str = "/files/a.h5/children";
const META: &str = "/files/a.h5/meta?path=/entry";
const FILES: &str = "/files";
const MAX_STALE: &[(&str, &str)] = &[("cache-control", "max-stale")];

/// A bucket with one file, `a.h5`, whose server can be down.
struct Bucket {
    is_down: Arc<AtomicBool>,
    endpoint: String,
}

impl Bucket {
    async fn start() -> Self {
        let is_down = Arc::<AtomicBool>::default();
        let app = Router::new().fallback(answer).with_state(is_down.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { is_down, endpoint }
    }

    /// A server over it that trusts nothing that it saw before.
    fn serve(&self) -> Server {
        let config = StoreConfig {
            version_ttl: Duration::ZERO,
            list_ttl: Duration::ZERO,
            environment: [("S3_ENDPOINT", self.endpoint.as_str())].into_iter().collect(),
            ..StoreConfig::default()
        };
        Server::over_store("s3://bucket", config, HttpConfig::default())
    }

    fn is_down(&self, is_down: bool) {
        self.is_down.store(is_down, SeqCst);
    }
}

async fn answer(State(is_down): State<Arc<AtomicBool>>, request: Request) -> Response {
    if is_down.load(SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let bytes = include_bytes!("../../../../fixtures/ordinary/latest.h5");
    let size = bytes.len();
    match (request.method(), request.uri().path()) {
        (&Method::HEAD, "/bucket/a.h5") => {
            [(header::ETAG, "\"one\"".to_owned()), (header::CONTENT_LENGTH, size.to_string())]
                .into_response()
        }
        (_, "/bucket/a.h5") => {
            let range = format!("bytes 0-{}/{size}", size - 1);
            let headers = [(header::ETAG, "\"one\""), (header::CONTENT_RANGE, &range)];
            (StatusCode::PARTIAL_CONTENT, headers, bytes.as_slice()).into_response()
        }
        (_, "/bucket/") => format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a.h5</Key>\
             <LastModified>2026-01-02T03:04:05Z</LastModified><ETag>\"one\"</ETag>\
             <Size>{size}</Size></Contents></ListBucketResult>"
        )
        .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn is_stale(answer: &Answer) -> bool {
    let is_marked = answer.headers.contains_key("warning");
    assert_eq!(is_marked, answer.headers.contains_key("age"));
    if is_marked {
        assert_eq!(answer.header("warning"), "110 - \"Response is Stale\"");
        assert!(answer.header("age").parse::<u64>().unwrap() < 60);
    }
    is_marked
}

#[tokio::test]
async fn what_was_seen_last_is_answered_to_who_asks_for_it_and_marked() {
    let bucket = Bucket::start().await;
    let server = bucket.serve();
    let before = [server.get(CHILDREN).await, server.get(FILES).await];
    assert!(!before.iter().any(is_stale));

    bucket.is_down(true);
    for (uri, before) in [CHILDREN, FILES].into_iter().zip(&before) {
        let (status, code, _) = server.get(uri).await.problem();
        assert_eq!((status, code.as_str()), (502, "store_error"), "{uri}");

        let stale = server.get_with(uri, MAX_STALE).await;
        assert!(is_stale(&stale), "{uri}");
        assert_eq!(stale.header("etag"), before.header("etag"));
        assert_eq!(stale.header("x-cache"), "hit");
        assert_eq!(stale.json()["cached"], true);

        let known = [MAX_STALE[0], ("if-none-match", before.header("etag"))];
        let unchanged = server.get_with(uri, &known).await;
        assert!(unchanged.status == StatusCode::NOT_MODIFIED && is_stale(&unchanged));
    }
    // The bytes of the file are here; the answer was not made yet.
    let other = server.get_with(META, MAX_STALE).await;
    assert!(is_stale(&other) && other.json()["metadata"]["path"] == "/entry");

    bucket.is_down(false);
    assert_eq!(server.get("/ready").await.status, StatusCode::OK);
    for uri in [CHILDREN, META, FILES] {
        let answer = server.get_with(uri, MAX_STALE).await;
        answer.json();
        assert!(!is_stale(&answer), "the store can be asked: {uri}");
    }
}

#[tokio::test]
async fn what_is_too_old_or_not_there_is_an_error() {
    let bucket = Bucket::start().await;
    let server = bucket.serve();
    server.get(CHILDREN).await.json();
    server.get(FILES).await.json();
    bucket.is_down(true);
    tokio::time::sleep(Duration::from_millis(5)).await;
    for (uri, cache_control) in [
        (CHILDREN, "max-stale=0"),
        (FILES, "max-stale=0"),
        (CHILDREN, "max-stale, no-cache"),
        (CHILDREN, "max-age=100"),
        ("/files/b.h5/children", "max-stale"),
        ("/files?prefix=b", "max-stale"),
    ] {
        let answer = server.get_with(uri, &[("cache-control", cache_control)]).await;
        let (status, code, _) = answer.problem();
        assert!(matches!(status, 502 | 503), "{uri} {cache_control}: {code}");
        assert!(!is_stale(&answer));
    }
    // Forgotten is forgotten.
    server.call("POST", "/files/refresh?key=a.h5", &[]).await.json();
    assert!(server.get_with(CHILDREN, MAX_STALE).await.status.is_server_error());
}

#[tokio::test]
async fn a_store_that_is_left_alone_says_when_to_ask_again() {
    let bucket = Bucket::start().await;
    let server = bucket.serve();
    server.get(CHILDREN).await.json();
    bucket.is_down(true);
    let mut answer = server.get(CHILDREN).await;
    while answer.status == StatusCode::BAD_GATEWAY {
        answer = server.get(CHILDREN).await;
    }
    assert_eq!(answer.header("retry-after"), "1");
    let (status, code, problem) = answer.problem();
    assert_eq!((status, code.as_str()), (503, "store_unavailable"));
    assert!(!problem["detail"].as_str().unwrap().contains("127.0.0.1"));
    assert!(is_stale(&server.get_with(CHILDREN, MAX_STALE).await));
    bucket.is_down(false);
    assert_eq!(server.get("/ready").await.status, StatusCode::OK);
    assert_eq!(server.get(CHILDREN).await.status, StatusCode::OK);
}
