//! The table of errors.

use crate::support::Server;

#[tokio::test]
async fn every_error_has_its_status_and_code() {
    let server = Server::with_a_file();
    server.put("not_hdf5.h5", "hostile/not_hdf5.h5");
    server.put("empty.h5", "hostile/zero_bytes.h5");
    server.put("damaged.h5", "hostile/superblock_checksum.h5");
    server.put("future.h5", "hostile/superblock_of_the_future.h5");
    for (uri, status, code) in [
        ("/nothing", 404, "not_found"),
        ("/files/", 404, "not_found"),
        ("/files/a.h5", 404, "not_found"),
        ("/files/a.h5/", 404, "not_found"),
        ("/files/a.h5/child", 404, "not_found"),
        ("/files/a.h5/children/", 404, "not_found"),
        ("/files/children", 404, "not_found"),
        ("/files//children", 400, "bad_request"),
        ("/assets/nothing.js", 404, "not_found"),
        ("/assets/..%2Findex.html", 404, "not_found"),
        ("/assets/%ff", 404, "not_found"),
        ("/children", 400, "bad_request"),
        ("/children?key=", 400, "bad_request"),
        ("/files/a.h5/children?limit=0", 400, "bad_request"),
        ("/files/a.h5/children?limit=100001", 400, "bad_request"),
        ("/files/a.h5/children?limit=ten", 400, "bad_request"),
        ("/files/a.h5/children?after=nonsense", 400, "bad_request"),
        ("/files/a.h5/children?order=size", 400, "bad_request"),
        ("/files/a.h5/children?detail=all", 400, "bad_request"),
        ("/files/a.h5/children?resolve=hard", 400, "bad_request"),
        ("/files/a.h5/children?limt=5", 400, "bad_request"),
        ("/files/a.h5/children?q=a&q=b", 400, "bad_request"),
        ("/files/a.h5/children?key=b.h5", 400, "bad_request"),
        ("/files/a.h5/children?path=/&address=48", 400, "bad_request"),
        ("/files/a.h5/children?address=-1", 400, "bad_request"),
        ("/files/a.h5/children?address=18446744073709551616", 400, "bad_request"),
        ("/files/a.h5/children?path=%ff", 400, "bad_request"),
        ("/files/a.h5/meta", 400, "bad_request"),
        ("/files/a.h5/meta?path=/&max_elements=-1", 400, "bad_request"),
        ("/files/a.h5/meta?path=/&storage=maybe", 400, "bad_request"),
        ("/files/a.h5/attribute?path=/", 400, "bad_request"),
        ("/files/a.h5/attribute?name=title", 400, "bad_request"),
        ("/files?limit=50001", 400, "bad_request"),
        ("/files?delimiter=:", 400, "bad_request"),
        ("/files?refresh=1", 400, "bad_request"),
        ("/health?verbose", 400, "bad_request"),
        ("/files/b.h5/children", 404, "file_not_found"),
        ("/files/a.h5/x/children", 404, "file_not_found"),
        ("/files/a.h5/children?path=/entry/nothing", 404, "path_not_found"),
        ("/files/a.h5/meta?path=/nothing/at/all", 404, "path_not_found"),
        ("/files/a.h5/attribute?path=/&name=nothing", 404, "attribute_not_found"),
        ("/files/a.h5/attribute?path=/&name=", 404, "attribute_not_found"),
        ("/files/a.h5/children?path=/entry/gone", 404, "link_unresolved"),
        ("/files/a.h5/children?path=/entry/elsewhere", 404, "link_unresolved"),
        ("/files/a.h5/children?path=/entry/name", 409, "not_a_group"),
        ("/files/not_hdf5.h5/children", 422, "not_hdf5"),
        ("/files/empty.h5/children", 422, "not_hdf5"),
        ("/files/damaged.h5/children", 422, "malformed_file"),
        ("/files/future.h5/children", 422, "unsupported"),
    ] {
        let (answered, name, problem) = server.get(uri).await.problem();
        assert_eq!((answered, name.as_str()), (status, code), "{uri}: {problem}");
    }
}

#[tokio::test]
async fn a_damaged_file_says_what_is_damaged_and_where() {
    let server = Server::new();
    server.put("damaged.h5", "hostile/superblock_checksum.h5");
    let (_, _, problem) = server.get("/files/damaged.h5/children").await.problem();
    assert_eq!(problem["structure"], "superblock");
    assert_eq!(problem["address"], 0);
}

#[tokio::test]
async fn a_missing_path_names_the_first_missing_segment() {
    let server = Server::with_a_file();
    let (_, _, problem) = server.get("/files/a.h5/children?path=/entry/no/way").await.problem();
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("\"no\"") && !detail.contains("way"), "{detail}");
}

#[tokio::test]
async fn an_error_tells_nothing_of_the_server() {
    let server = Server::with_a_file();
    for uri in ["/files/b.h5/children", "/files/a.h5/children?path=/entry/elsewhere"] {
        let answer = server.get(uri).await;
        let body = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(!body.contains("/tmp") && !body.contains("os error"), "{body}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = Server::with_a_file();
    for (method, uri, allow) in [
        ("POST", "/files", "GET,HEAD"),
        ("GET", "/files/refresh", "POST"),
        ("HEAD", "/files/refresh", "POST"),
        ("DELETE", "/files/a.h5/children", "GET,HEAD"),
        ("PUT", "/files/x/y/a.h5/meta", "GET,HEAD"),
        ("OPTIONS", "/", "GET,HEAD"),
        ("BREW", "/health", "GET,HEAD"),
    ] {
        let answer = server.call(method, uri, &[]).await;
        assert_eq!(answer.header("allow"), allow, "{method} {uri}");
        assert_eq!(answer.status, 405, "{method} {uri}");
        if method != "HEAD" {
            assert_eq!(answer.problem().1, "method_not_allowed", "{method} {uri}");
        }
    }
}
