//! `POST /events`: who may say what has changed, and what is said.

use axum::body::Body;
use serde_json::{Value, json};

use crate::support::{Answer, EVENTS_TOKEN, Server};

fn notification(keys: &[&str]) -> Value {
    let record = |key: &&str| {
        json!({"eventName": "s3:ObjectCreated:Put",
               "s3": {"bucket": {"name": "data"}, "object": {"key": key}}})
    };
    json!({"Records": keys.iter().map(record).collect::<Vec<_>>()})
}

/// Sends `body` as the bucket would.
async fn tell(server: &Server, body: impl Into<Body>) -> Answer {
    let token = format!("Bearer {EVENTS_TOKEN}");
    server.send("POST", "/events", &[("authorization", &token)], body.into()).await
}

#[tokio::test]
async fn without_tokens_for_it_there_is_no_such_route() {
    let server = Server::new();
    for method in ["POST", "GET"] {
        let (status, code, _) = server.call(method, "/events", &[]).await.problem();
        assert_eq!((status, code.as_str()), (404, "not_found"));
    }
}

#[tokio::test]
async fn a_right_token_is_needed_before_anything_is_read() {
    let server = Server::with_events("s3://data", EVENTS_TOKEN);
    let wrong = format!("Bearer {EVENTS_TOKEN}x");
    for headers in
        [&[][..], &[("authorization", wrong.as_str())], &[("authorization", "Basic eDp5")]]
    {
        let answer = server.send("POST", "/events", headers, Body::from("no JSON")).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let (status, code, _) = answer.problem();
        assert_eq!((status, code.as_str()), (401, "unauthorized"));
    }
    let (status, code, _) = server.call("GET", "/events", &[]).await.problem();
    assert_eq!((status, code.as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn the_answer_counts_what_was_named_and_what_is_not_ours() {
    let server = Server::with_events("s3://data/runs", EVENTS_TOKEN);
    let body = notification(&["runs%2Fa.h5", "runs%2Fa.h5", "other%2Fa.h5"]);
    let answer = tell(&server, body.to_string()).await.json();
    let cleared = json!({"listings": 0, "objects": 0});
    assert_eq!(answer, json!({"success": true, "records": 3, "ignored": 1, "cleared": cleared}));
    let test = json!({"Event": "s3:TestEvent"});
    assert_eq!(tell(&server, test.to_string()).await.json()["records"], 0);
}

#[tokio::test]
async fn a_token_may_be_for_some_keys_only() {
    let server = Server::with_events("s3://data", &format!("{EVENTS_TOKEN} runs/"));
    let body = notification(&["runs%2Fa.h5", "other%2Fa.h5"]);
    assert_eq!(tell(&server, body.to_string()).await.json()["ignored"], 1);
}

#[tokio::test]
async fn a_body_has_bounds_and_a_shape() {
    let server = Server::with_events("s3://data", EVENTS_TOKEN);
    let large = format!("{{}}{}", " ".repeat((1 << 20) - 2));
    assert_eq!(tell(&server, large.clone()).await.problem().0, 400, "of the size that is allowed");
    let too_large = large + " ";
    let (status, code, _) = tell(&server, too_large.clone()).await.problem();
    assert_eq!((status, code.as_str()), (413, "payload_too_large"));
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(too_large)]);
    assert_eq!(
        tell(&server, Body::from_stream(chunks)).await.problem().0,
        413,
        "of no said length"
    );
    for body in ["", "{", "[]", "{}", "{\"Records\": 5}"] {
        let (status, code, problem) = tell(&server, body).await.problem();
        assert_eq!((status, code.as_str()), (400, "bad_request"));
        assert!(problem["detail"].as_str().unwrap().starts_with("the body is not a notification"));
    }
}
