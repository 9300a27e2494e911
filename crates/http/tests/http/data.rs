//! `data`: formats, kept and streamed answers, ranges, errors. That the elements are right is compared
//! with h5py elsewhere; here they are the numbers from 0 on, as `layouts/` has them.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use h5scout_http::HttpConfig;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Answer, Server};

/// 20 × 10 numbers of 4 bytes, in chunks.
const SMALL: &str = "/files/a.h5/data?path=/fixed_array_deflated";

/// 4,000,000 bytes of a huge dataset of which two numbers were written.
const LARGE: &str = "/files/a.h5/data?path=/sparse&selection=0:1000,0:1000";
const LARGE_BYTES: usize = 4_000_000;

fn server() -> Server {
    let server = Server::new();
    server.put("a.h5", "layouts/latest.h5");
    server
}

/// The same where the first chunk is said to be behind the end of the file.
fn damaged() -> Server {
    const CHUNK: [u8; 8] = 50528_u64.to_le_bytes();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/layouts/earliest.h5");
    let mut file = std::fs::read(fixture).unwrap();
    let address = file.windows(8).position(|bytes| bytes == CHUNK).unwrap();
    file[address..address + 8].copy_from_slice(&(1_u64 << 40).to_le_bytes());
    let server = Server::new();
    server.write("a.h5", &file);
    server
}

fn integers(bytes: &[u8]) -> Vec<i32> {
    bytes.chunks(4).map(|number| i32::from_le_bytes(number.try_into().unwrap())).collect()
}

fn length(answer: &Answer) -> usize {
    answer.header("content-length").parse().unwrap()
}

#[tokio::test]
async fn a_selection_comes_in_each_format() {
    let server = server();
    let get = async |format: &str| {
        server.get(&format!("{SMALL}&selection=6:10:3,4:8:2&format={format}")).await
    };
    let json = get("json").await.json();
    assert_eq!(json["data"], json!([[64, 66], [94, 96]]));
    assert_eq!((&json["shape"], &json["selection"]), (&json!([2, 2]), &json!("6:10:3,4:8:2")));
    assert_eq!((&json["path"], &json["dtype"]), (&json!("/fixed_array_deflated"), &json!("int32")));
    let bin = get("bin").await;
    assert_eq!(bin.header("content-type"), "application/octet-stream");
    assert_eq!(integers(&bin.body), [64, 66, 94, 96]);
    let npy = get("npy").await;
    assert_eq!(npy.header("content-type"), "application/x-npy");
    let (head, elements) = npy.body.split_at(128);
    let head = String::from_utf8_lossy(head);
    assert!(head.contains("'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }"), "{head}");
    assert_eq!(integers(elements), [64, 66, 94, 96]);
    let csv = get("csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.body, "64,66\r\n94,96\r\n");
    let arrow = get("arrow").await;
    assert_eq!(arrow.header("content-type"), "application/vnd.apache.arrow.stream");
    let (mark, end) = (&[0xff; 4][..], &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0][..]);
    assert!(arrow.body.starts_with(mark) && arrow.body.ends_with(end), "{:?}", arrow.body);
}

#[tokio::test]
async fn one_index_takes_its_dimension_away() {
    let server = server();
    for (selection, data) in [
        ("3,4", json!(34)),
        ("-1,:3", json!([190, 191, 192])),
        ("5,...", json!([50, 51, 52, 53, 54, 55, 56, 57, 58, 59])),
        (":2,...,1", json!([1, 11])),
        ("5:5", json!([])),
        ("5:7,3:3", json!([[], []])),
    ] {
        let answer = server.get(&format!("{SMALL}&selection={selection}")).await.json();
        assert_eq!(answer["data"], data, "{selection}");
    }
}

#[tokio::test]
async fn small_answers_are_kept() {
    let server = server();
    let first = server.get(SMALL).await;
    let second = server.get(SMALL).await;
    assert_eq!((first.header("x-cache"), second.header("x-cache")), ("miss", "hit"));
    assert_eq!((&first.json()["cached"], &second.json()["cached"]), (&json!(false), &json!(true)));
    let tag = first.header("etag");
    assert_eq!(tag, second.header("etag"));
    let known = server.get_with(SMALL, &[("if-none-match", tag)]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let same = server.get("/data?key=a.h5&path=fixed_array_deflated&selection=...").await;
    assert_eq!(same.header("x-cache"), "hit", "the same question in other words");
    let zipped = server.get_with(SMALL, &[("accept-encoding", "gzip")]).await;
    assert!(zipped.headers.get("content-encoding").is_none(), "too small");
    for format in ["bin", "npy", "arrow"] {
        let uri = format!("{SMALL}&format={format}");
        assert_eq!(server.get(&uri).await.header("x-cache"), "miss");
        let kept = server.get_with(&uri, &[("accept-encoding", "gzip")]).await;
        assert_eq!(kept.header("x-cache"), "hit");
        assert!(kept.header("etag").starts_with('"'), "the bytes have one form only");
    }
}

#[tokio::test]
async fn ranges_of_bytes_are_given_of_small_and_of_large_answers() {
    let server = server();
    for (uri, size) in [(SMALL, 800), (LARGE, LARGE_BYTES)] {
        let uri = format!("{uri}&format=bin");
        let whole = server.get(&uri).await;
        assert_eq!((whole.status.as_u16(), length(&whole)), (200, size));
        assert_eq!((whole.body.len(), whole.header("accept-ranges")), (size, "bytes"));
        let tag = whole.header("etag");
        for (range, part) in [
            ("bytes=0-0".to_owned(), 0..1),
            ("bytes=37-50".to_owned(), 37..51),
            (format!("bytes={}-", size - 5), size - 5..size),
            ("bytes=-3".to_owned(), size - 3..size),
            (format!("bytes=1-{}", size - 2), 1..size - 1),
        ] {
            let answer = server.get_with(&uri, &[("range", &range), ("if-range", tag)]).await;
            assert_eq!(answer.status.as_u16(), 206, "{range}");
            assert_eq!(answer.body, whole.body.slice(part.clone()), "{range}");
            let expected = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            assert_eq!(answer.header("content-range"), expected);
            assert_eq!(answer.header("etag"), tag);
        }
        let other = [("range", "bytes=0-1"), ("if-range", "\"another\"")];
        assert_eq!(server.get_with(&uri, &other).await.status.as_u16(), 200);
        let behind = server.get_with(&uri, &[("range", "bytes=4000000-")]).await;
        assert_eq!(behind.header("content-range"), format!("bytes */{size}"));
        let (status, code, _) = behind.problem();
        assert_eq!((status, code.as_str()), (416, "range_not_satisfiable"));
    }
    let json = server.get_with(SMALL, &[("range", "bytes=0-1")]).await;
    assert_eq!(json.status.as_u16(), 200, "what has no ranges ignores them");
}

#[tokio::test]
async fn large_answers_are_sent_as_they_are_read() {
    let server = server();
    let bin = server.get(&format!("{LARGE}&format=bin")).await;
    assert_eq!((length(&bin), bin.body.len()), (LARGE_BYTES, LARGE_BYTES));
    let numbers = integers(&bin.body);
    assert_eq!((numbers[5 * 1000 + 5], numbers.iter().sum::<i32>()), (1, 1));
    let npy = server.get(&format!("{LARGE}&format=npy")).await;
    assert_eq!(length(&npy), LARGE_BYTES + 128);
    assert_eq!(npy.body.slice(128..), bin.body);
    let json: Value = server.get(LARGE).await.json();
    assert_eq!((&json["cached"], &json["shape"]), (&json!(false), &json!([1000, 1000])));
    assert_eq!((&json["data"][5][5], json["data"].as_array().unwrap().len()), (&json!(1), 1000));
    let csv = server.get(&format!("{LARGE}&format=csv")).await;
    assert_eq!(csv.body.iter().filter(|byte| **byte == b'\n').count(), 1000);
    let arrow = server.get(&format!("{LARGE}&format=arrow")).await;
    assert!(arrow.headers.get("content-length").is_none(), "nobody knows it before");
    assert!((LARGE_BYTES..LARGE_BYTES + 4096).contains(&arrow.body.len()), "{}", arrow.body.len());
    for format in ["json", "bin", "npy", "csv", "arrow"] {
        let uri = format!("{LARGE}&format={format}");
        let first = server.get(&uri).await;
        assert_eq!(first.header("x-cache"), "miss", "they are not kept");
        let known = server.get_with(&uri, &[("if-none-match", first.header("etag"))]).await;
        assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    }
}

#[tokio::test]
async fn who_takes_nothing_of_a_large_answer_is_left() {
    let request_timeout = Duration::from_secs(2);
    let config = HttpConfig { concurrent_requests: 1, request_timeout, ..HttpConfig::default() };
    let server = Server::with(config);
    server.put("a.h5", "layouts/latest.h5");
    let uri = "/files/a.h5/data?path=/sparse&selection=0:10000,0:10000&format=bin";
    let request = Request::get(uri).body(Body::empty()).unwrap();
    let response = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let (_, code, _) = server.get("/files/a.h5/children").await.problem();
    assert_eq!(code, "too_many_requests", "its place is taken as long as it is sent");
    tokio::time::sleep(2 * request_timeout).await;
    let taken = response.into_body().collect().await;
    assert!(taken.is_err(), "a part is not taken for all");
    assert_eq!(server.get("/files/a.h5/children").await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let server = server();
    server.put("strings.h5", "datatypes/strings.h5");
    for (uri, code, detail) in [
        ("a.h5/data?path=/", "not_a_dataset", "/ is not a dataset"),
        ("a.h5/data", "bad_request", "parameter path: it is required"),
        (
            "a.h5/data?path=/fixed_array_deflated&selection=20",
            "bad_request",
            "parameter selection: index 20 is out of range along dimension 0; the shape is [20, 10]",
        ),
        (
            "a.h5/data?path=/fixed_array_deflated&selection=a",
            "bad_request",
            "parameter selection: ",
        ),
        ("a.h5/data?path=/fixed_array_deflated&format=xls", "bad_request", "parameter format: "),
        ("a.h5/data?path=/nope", "path_not_found", "there is no \"nope\""),
        (
            "a.h5/data?path=/sparse",
            "limit_reached",
            "one answer at most 536870912: 134217728 elements of this dataset",
        ),
        (
            "strings.h5/data?path=/variable_utf8&format=bin",
            "bad_request",
            "parameter format: bin has no form for elements of variable length",
        ),
    ] {
        let (_, found, problem) = server.get(&format!("/files/{uri}")).await.problem();
        assert_eq!(found, code, "{uri}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{uri}: {problem}");
    }
}

#[tokio::test]
async fn a_null_dataspace_has_no_elements() {
    let server = Server::new();
    server.put("a.h5", "dataspaces/latest.h5");
    let children = server.get("/files/a.h5/children").await.json();
    let children = children["children"].as_array().unwrap();
    let null = children.iter().find(|child| child["type"] == "dataset" && child["shape"].is_null());
    let uri = format!("/files/a.h5/data?path={}", null.unwrap()["path"].as_str().unwrap());
    let json = server.get(&uri).await.json();
    assert_eq!((&json["shape"], &json["data"]), (&Value::Null, &Value::Null));
    assert_eq!(server.get(&format!("{uri}&format=bin")).await.body, "");
}

#[tokio::test]
async fn large_elements_that_cannot_be_read_are_an_error_in_every_format() {
    let server = damaged();
    for format in ["json", "bin", "npy", "csv", "arrow"] {
        let answer = server.get(&format!("{LARGE}&format={format}")).await;
        let (status, code, _) = answer.problem();
        assert_eq!((status, code.as_str()), (422, "malformed_file"), "{format}");
    }
}
