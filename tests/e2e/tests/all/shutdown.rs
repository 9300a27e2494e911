//! How the built server ends: what it was doing when it was told to, and how long it may take.

use std::time::{Duration, Instant};

use reqwest::StatusCode;

use crate::house_rules::repository;
use crate::range_server::RangeServer;
use crate::server::{PATIENCE, Server};

const QUESTION: &str = "/files/ordinary/latest.h5/children";

/// A server whose store takes so long for an answer.
async fn server(latency: Duration, flags: &[&str]) -> (RangeServer, Server) {
    let store = RangeServer::start(&repository().join("fixtures"), latency).await;
    let server = Server::over(format!("http://{}/", store.address), flags);
    (store, server)
}

/// Waits until a question has reached the store.
async fn asked(store: &RangeServer) {
    while store.requests() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until the server says in its log that it is stopping.
async fn told(server: &Server) {
    while !server.log().contains("stopping at") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_under_way_is_answered() {
    let (store, mut server) = server(Duration::from_secs(2), &[]).await;
    let asking = tokio::spawn(server.asking(QUESTION));
    asked(&store).await;
    server.tell("TERM");
    assert!(server.end().success());
    assert_eq!(asking.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_little_runs_until_it_is_told_to_stop() {
    let (_store, mut server) = server(Duration::ZERO, &["--log", "error"]).await;
    assert_eq!(server.get(QUESTION).await.status(), StatusCode::OK);
    server.tell("TERM");
    assert!(server.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_takes_too_long_is_not_waited_for() {
    let (store, mut server) = server(PATIENCE, &["--shutdown-timeout", "300ms"]).await;
    let asking = tokio::spawn(server.asking(QUESTION));
    asked(&store).await;
    let started = Instant::now();
    server.tell("TERM");
    assert!(server.end().success());
    assert!(started.elapsed() < PATIENCE / 2, "{:?}", started.elapsed());
    assert!(asking.await.unwrap().is_err(), "its connection is gone");
    assert!(server.log().contains("stopped with requests under way"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let (store, mut server) = server(PATIENCE, &["--shutdown-timeout", "1h"]).await;
    let asking = tokio::spawn(server.asking(QUESTION));
    asked(&store).await;
    let started = Instant::now();
    server.tell("TERM");
    told(&server).await;
    server.tell("INT");
    assert_eq!(server.end().code(), Some(1));
    assert!(started.elapsed() < PATIENCE / 2, "{:?}", started.elapsed());
    assert!(asking.await.unwrap().is_err(), "its connection is gone");
}
