//! What the server does around every request.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::Duration;

use h5scout_http::HttpConfig;
use tokio::runtime::Builder;

use crate::support::Server;

#[tokio::test]
async fn every_answer_has_the_request_id() {
    let server = Server::with_a_file();
    for uri in ["/files", "/nothing", "/files/b.h5/children"] {
        let given = [("x-request-id", "trace-0190163d")];
        assert_eq!(server.get_with(uri, &given).await.header("x-request-id"), "trace-0190163d");
        let odd = server.get_with(uri, &[("x-request-id", "a b\"c")]).await;
        assert_eq!(odd.header("x-request-id").len(), 16);
    }
    let first = server.get("/health").await;
    assert_ne!(first.header("x-request-id"), server.get("/health").await.header("x-request-id"));
}

#[test]
fn questions_run_in_the_runtime_that_is_theirs() {
    let runtime = || Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (serving, questions) = (runtime(), runtime());
    let busy = || questions.metrics().worker_total_busy_duration(0);
    serving.block_on(async {
        let server = Server::with_questions_in(questions.handle().clone());
        assert_eq!(server.get("/health").await.status, 200);
        // Its start alone takes less than a microsecond.
        assert!(busy() < Duration::from_micros(50));
        assert_eq!(server.get("/files/a.h5/children").await.status, 200);
    });
    assert!(busy() > Duration::from_micros(50));
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::with_a_file();
    for uri in ["/files", "/files/a.h5/children", "/health", "/", "/openapi.json"] {
        server.get(uri).await;
        let get = server.get(uri).await;
        let head = server.call("HEAD", uri, &[]).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{uri}");
        for name in ["etag", "content-type", "x-cache", "vary"] {
            assert_eq!(head.header(name), get.header(name), "{uri}");
        }
        let length: usize = head.header("content-length").parse().unwrap();
        // The listing's age may have grown a digit meanwhile.
        assert!(length.abs_diff(get.body.len()) <= 3, "{uri}");
    }
}

#[tokio::test]
async fn a_full_server_sends_questions_away_but_stays_observable() {
    let server = Server::with(HttpConfig { concurrent_requests: 0, ..HttpConfig::default() });
    for uri in ["/files", "/files/a.h5/children", "/ready"] {
        let answer = server.get(uri).await;
        assert_eq!(answer.header("retry-after"), "1");
        let (status, code, problem) = answer.problem();
        assert_eq!((status, code.as_str()), (429, "too_many_requests"));
        assert!(problem["detail"].as_str().unwrap().contains("--concurrent-requests"));
    }
    for uri in ["/health", "/metrics", "/"] {
        assert_eq!(server.get(uri).await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn a_store_that_hangs_is_not_waited_for() {
    // Connections are made, by the system, and nobody answers them.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = format!("http://{}/", nobody.local_addr().unwrap());
    let soon = Duration::from_millis(50);

    let config = HttpConfig { request_timeout: soon, ..Default::default() };
    let server = Server::over(&store, config);
    let (status, code, problem) = server.get("/files/a.h5/children").await.problem();
    assert_eq!((status, code.as_str()), (504, "store_timeout"));
    assert!(problem["detail"].as_str().unwrap().contains("--request-timeout"), "{problem}");

    let config = HttpConfig { ready_timeout: soon, ..Default::default() };
    let server = Server::over(&store, config);
    let (status, code, problem) = server.get("/ready").await.problem();
    assert_eq!((status, code.as_str()), (503, "not_ready"));
    assert!(problem["detail"].as_str().unwrap().starts_with("store: "), "{problem}");
    assert_eq!(server.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let server = Server::new();
    let small = [("content-length", "2")];
    assert_eq!(server.call("POST", "/files/refresh", &small).await.status, 200);
    for length in ["65537", "99999999999999999999"] {
        let answer = server.call("POST", "/files/refresh", &[("content-length", length)]).await;
        assert_eq!(answer.problem().1, "payload_too_large");
    }
}

#[tokio::test]
async fn a_server_whose_store_answers_is_ready() {
    assert_eq!(Server::new().get("/ready").await.json()["status"], "ready");
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_status() {
    let server = Server::with_a_file();
    server.get("/files/a.h5/meta?path=/").await.json();
    server.get("/files/nothing.h5/meta?path=/").await.problem();
    let answer = server.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    let metrics = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        "h5scout_http_requests_total{route=\"/files/{key}/meta\",status=\"200\"} ",
        "h5scout_http_requests_total{route=\"/files/{key}/meta\",status=\"404\"} ",
        "h5scout_http_request_duration_seconds_bucket{route=\"/files/{key}/meta\",le=\"0.1\"} ",
        // How many, others of these tests decide as well.
        "h5scout_http_requests_in_flight ",
        "h5scout_cache_lookups_total{cache=\"response\",outcome=\"miss\"} ",
        "h5scout_cache_bytes{cache=\"response\"} ",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn nobody_can_make_more_series_than_there_are_routes() {
    let server = Server::with_a_file();
    for number in 0..50 {
        server.get(&format!("/files/odd{number}.h5/meta?path=/odd{number}")).await;
        server.get(&format!("/odd{number}/odd?odd={number}")).await;
        server.call(&format!("ODD{number}"), "/files", &[("x-request-id", "a")]).await;
    }
    let metrics = String::from_utf8(server.get("/metrics").await.body.to_vec()).unwrap();
    let routes = metrics.lines().filter_map(|line| {
        let (_, route) = line.split_once("{route=\"")?;
        Some(route.split_once('"')?.0)
    });
    let routes: BTreeSet<_> = routes.collect();
    let is_named = routes.iter().any(|route| route.to_ascii_lowercase().contains("odd"));
    assert!(routes.contains("none") && !is_named, "{routes:?}");
}
