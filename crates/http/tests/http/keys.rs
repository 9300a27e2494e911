//! Keys: any character, two spellings of a path, and the query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::support::Server;

/// What a client leaves alone that encodes a path segment by segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'+');

const KEYS: [&str; 14] = [
    "a.h5",
    "a/b.h5",
    "a b.h5",
    "a+b.h5",
    "a?b.h5",
    "a#b.h5",
    "a%2Fb.h5",
    "100%.h5",
    "a&key=b.h5",
    "Messung/Überlauf 測定.h5",
    "x/children",
    "children/meta",
    "refresh",
    "\"quoted\"\\.h5",
];

#[tokio::test]
async fn every_key_is_reached_in_every_spelling() {
    let server = Server::new();
    for key in KEYS {
        server.put(key, "ordinary/latest.h5");
    }
    for key in KEYS {
        let whole = utf8_percent_encode(key, NON_ALPHANUMERIC);
        let by_segment = utf8_percent_encode(key, SEGMENT);
        for uri in [
            format!("/files/{whole}/children"),
            format!("/files/{by_segment}/children"),
            format!("/children?key={whole}"),
        ] {
            assert_eq!(server.get(&uri).await.json()["key"], key, "{uri}");
        }
        for uri in [
            format!("/files/{whole}/meta?path=/"),
            format!("/meta?path=/&key={whole}"),
            format!("/files/{by_segment}/attribute?path=/&name=title"),
            format!("/attribute?path=/&name=title&key={whole}"),
            format!("/files/{whole}/data?path=/entry/data/x"),
            format!("/data?path=/entry/data/x&key={whole}"),
            format!("/files/{by_segment}/preview?path=/entry/data/x"),
            format!("/preview?path=/entry/data/x&key={whole}"),
        ] {
            assert_eq!(server.get(&uri).await.json()["key"], key, "{uri}");
        }
    }
}

#[tokio::test]
async fn slashes_of_a_key_are_not_folded() {
    let server = Server::new();
    server.put("a/b.h5", "ordinary/latest.h5");
    for (uri, key) in [
        ("/files/a//b.h5/children", "a//b.h5"),
        ("/files/a%2F%2Fb.h5/children", "a//b.h5"),
        ("/files//a/b.h5/children", "/a/b.h5"),
        ("/files/%2Fa%2Fb.h5/children", "/a/b.h5"),
        ("/files/a/b.h5//children", "a/b.h5/"),
        ("/files/a/./b.h5/children", "a/./b.h5"),
        ("/children?key=/a/b.h5", "/a/b.h5"),
        ("/children?key=../a/b.h5", "../a/b.h5"),
    ] {
        let (status, code, problem) = server.get(uri).await.problem();
        assert_eq!((status, code.as_str()), (404, "file_not_found"), "{uri}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("{key:?}")), "{uri}: {detail}");
    }
}

#[tokio::test]
async fn a_key_is_decoded_once() {
    let server = Server::new();
    server.put("a/b.h5", "ordinary/latest.h5");
    let twice = server.get("/files/a%252Fb.h5/children").await.problem();
    assert_eq!(twice.1, "file_not_found");
    assert!(twice.2["detail"].as_str().unwrap().contains("\"a%2Fb.h5\""));
}

#[tokio::test]
async fn a_key_that_is_not_text_is_refused() {
    let server = Server::new();
    for uri in [
        "/files/a%zz.h5/children",
        "/files/a%2.h5/children",
        "/files/%ff.h5/children",
        "/files/a/%c3/meta?path=/",
        "/children?key=%ff",
        "/children?key=%",
    ] {
        let (status, code, problem) = server.get(uri).await.problem();
        assert_eq!((status, code.as_str()), (400, "bad_request"), "{uri}");
        assert!(problem["detail"].as_str().unwrap().starts_with("parameter key: "), "{uri}");
    }
}
