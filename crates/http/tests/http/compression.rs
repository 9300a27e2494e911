//! Compressed bodies.

use std::time::Duration;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::support::Server;

const WIDE: &str = "/files/a.h5/children?path=/wide";

async fn decoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    let mut decoder: Box<dyn AsyncRead + Unpin> = match encoding {
        "gzip" => Box::new(GzipDecoder::new(body)),
        "br" => Box::new(BrotliDecoder::new(body)),
        "zstd" => Box::new(ZstdDecoder::new(body)),
        other => panic!("nobody asked for {other}"),
    };
    let mut plain = Vec::new();
    decoder.read_to_end(&mut plain).await.unwrap();
    plain
}

#[tokio::test]
async fn first_and_kept_answers_are_compressed_as_asked() {
    for encoding in ["gzip", "br", "zstd"] {
        let server = Server::new();
        server.put("a.h5", "groups/wide_latest.h5");
        let accept = [("accept-encoding", encoding)];
        let first = server.get_with(WIDE, &accept).await;
        let second = server.get_with(WIDE, &accept).await;
        let third = server.get_with(WIDE, &accept).await;
        let plain = server.get(WIDE).await;
        assert_eq!((first.header("x-cache"), second.header("x-cache")), ("miss", "hit"));
        for answer in [&first, &second, &third] {
            assert_eq!(answer.header("content-encoding"), encoding);
            assert_eq!(answer.header("vary"), "accept-encoding");
            assert_eq!(answer.header("etag"), plain.header("etag"));
            assert!(answer.body.len() < plain.body.len() / 4, "{encoding}");
        }
        assert!(!plain.headers.contains_key("content-encoding"));
        assert_eq!(decoded(encoding, &second.body).await, plain.body);
        assert_eq!(second.body.as_ptr(), third.body.as_ptr(), "a kept body is not copied");
        let first = String::from_utf8(decoded(encoding, &first.body).await).unwrap();
        assert_eq!(first.replacen("\"cached\":false", "\"cached\":true", 1).as_bytes(), plain.body);
    }
}

#[tokio::test]
async fn a_kept_listing_says_its_age_in_every_encoding() {
    let server = Server::new();
    for number in 0..20 {
        server.put(&format!("{number}.h5"), "ordinary/latest.h5");
    }
    let first = server.get("/files").await;
    assert_eq!(first.json()["cached"], false);
    for encoding in ["gzip", "zstd", "br"] {
        let mut ages = Vec::new();
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let answer = server.get_with("/files", &[("accept-encoding", encoding)]).await;
            assert_eq!(answer.header("content-encoding"), encoding);
            assert_eq!(answer.header("x-cache"), "hit");
            assert_eq!(answer.header("etag"), first.header("etag"));
            let length: usize = answer.header("content-length").parse().unwrap();
            assert_eq!(length, answer.body.len());
            let plain = decoded(encoding, &answer.body).await;
            let mut listing: Value = serde_json::from_slice(&plain).unwrap();
            ages.push(listing["age_ms"].as_u64().unwrap());
            listing["cached"] = false.into();
            listing["age_ms"] = first.json()["age_ms"].clone();
            assert_eq!(listing, first.json());
        }
        assert!(ages[0] < ages[1], "{ages:?}");
    }
}

#[tokio::test]
async fn small_bodies_are_sent_plain() {
    let server = Server::with_a_file();
    let answer = server.get_with("/health", &[("accept-encoding", "gzip, br, zstd")]).await;
    assert!(!answer.headers.contains_key("content-encoding"));
    assert_eq!(answer.json()["status"], "ok");
}

#[tokio::test]
async fn everything_large_is_compressed() {
    let server = Server::new();
    for number in 0..20 {
        server.put(&format!("{number}.h5"), "ordinary/latest.h5");
    }
    for uri in ["/assets/style.css", "/openapi.json", "/assets/docs.js", "/files"] {
        let plain = server.get(uri).await;
        let answer = server.get_with(uri, &[("accept-encoding", "gzip;q=0.5, br;q=0.4")]).await;
        assert_eq!(answer.header("content-encoding"), "gzip", "{uri}");
        assert_eq!(answer.header("etag"), plain.header("etag"), "{uri}");
        assert!(answer.body.len() < plain.body.len(), "{uri}");
    }
}
