//! What is kept is sent as it is: the memory that an answer takes does not depend on its length.

use allocation_counter::measure;
use axum::body::{Body, HttpBody};
use axum::http::Request;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::support::Server;

/// Much more than headers and futures take, and much less than the bodies here.
const ALLOCATED_BYTES_MAX: u64 = 64 * 1024;

const CHILDREN: &str = "/files/a.h5/children?path=/wide";
const LISTING: &str = "/files?limit=2000&q=many";

/// A server with a large group and a long listing.
fn server() -> Server {
    let server = Server::new();
    server.put("a.h5", "groups/wide_latest.h5");
    for number in 0..2000 {
        server.write(&format!("many/{number}.h5"), b"x");
    }
    server
}

/// Status, length and the bytes that were allocated until the answer could be sent.
fn answered(
    runtime: &Runtime,
    server: &Server,
    method: &str,
    uri: &str,
    header: (&str, &str),
) -> (u16, Option<u64>, u64) {
    let request = Request::builder().method(method).uri(uri).header(header.0, header.1);
    let request = request.body(Body::empty()).unwrap();
    let router = server.router.clone();
    let mut answer = None;
    let allocated = measure(|| answer = Some(runtime.block_on(router.oneshot(request)).unwrap()));
    let answer = answer.unwrap();
    (answer.status().as_u16(), answer.body().size_hint().exact(), allocated.bytes_total)
}

#[test]
fn a_kept_answer_takes_the_same_little_memory_whatever_its_length() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(async { server() });
    for uri in [CHILDREN, LISTING] {
        for header in [("accept", "*/*"), ("accept-encoding", "gzip"), ("accept-encoding", "zstd")]
        {
            let get = |method| answered(&runtime, &server, method, uri, header);
            // Twice: the first answer about a file is not the one that is kept.
            get("GET");
            let (status, length, _) = get("GET");
            assert_eq!(status, 200);
            let (status, kept_length, allocated_bytes) = get("GET");
            assert_eq!(status, 200);
            assert!(kept_length.unwrap().abs_diff(length.unwrap()) <= 3, "but for the age");
            assert!(allocated_bytes < ALLOCATED_BYTES_MAX, "{uri} {header:?}: {allocated_bytes}");
            let (status, _, allocated_bytes) = get("HEAD");
            assert_eq!(status, 200);
            assert!(allocated_bytes < ALLOCATED_BYTES_MAX, "{uri} {header:?}: {allocated_bytes}");
        }
        let (_, length, _) = answered(&runtime, &server, "GET", uri, ("accept", "*/*"));
        assert!(length.unwrap() > 3 * ALLOCATED_BYTES_MAX, "{uri}: {length:?}");
    }
}

#[test]
fn who_has_the_answer_already_makes_no_form_of_it() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(async { server() });
    for uri in [CHILDREN, LISTING] {
        answered(&runtime, &server, "GET", uri, ("accept", "*/*"));
        let known = ("if-none-match", "*");
        let (status, length, allocated_bytes) = answered(&runtime, &server, "GET", uri, known);
        assert_eq!((status, length), (304, Some(0)));
        assert!(allocated_bytes < ALLOCATED_BYTES_MAX, "{uri}: {allocated_bytes}");
    }
}
