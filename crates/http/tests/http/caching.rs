//! ETag and 304, X-Cache, Server-Timing, freshness, single flight.

use axum::http::StatusCode;
use futures::future::join_all;

use crate::support::{Answer, Server};

const CHILDREN: &str = "/files/a.h5/children?path=/entry";

/// `rounds`, `requests` and `bytes` of `Server-Timing`.
fn cost(answer: &Answer) -> [u64; 3] {
    let timing = answer.header("server-timing");
    let (store, duration_ms) = timing.split_once("\";dur=").unwrap();
    assert!(duration_ms.parse::<f64>().unwrap() >= 0.0, "{timing}");
    let numbers = store.strip_prefix("store;desc=\"").unwrap().split(' ');
    let of = |(text, name): (&str, &str)| {
        text.strip_prefix(name).unwrap().strip_prefix('=').unwrap().parse().unwrap()
    };
    let costs: Vec<u64> = numbers.zip(["rounds", "requests", "bytes"]).map(of).collect();
    costs.try_into().unwrap()
}

#[tokio::test]
async fn every_200_says_how_it_came_about() {
    let server = Server::with_a_file();
    for uri in [
        "/files",
        "/files/a.h5/children",
        "/files/a.h5/meta?path=/",
        "/files/a.h5/attribute?path=/&name=title",
        "/health",
        "/ready",
        "/metrics",
        "/openapi.json",
        "/",
        "/docs",
        "/assets/style.css",
    ] {
        let answer = server.get(uri).await;
        assert_eq!(answer.status, StatusCode::OK, "{uri}: {:?}", answer.body);
        assert!(answer.header("etag").starts_with("W/\""), "{uri}");
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{uri}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{uri}");
        assert!(["hit", "miss"].contains(&answer.header("x-cache")), "{uri}");
        cost(&answer);
    }
}

#[tokio::test]
async fn the_second_look_costs_nothing() {
    let server = Server::with_a_file();
    let first = server.get(CHILDREN).await;
    let second = server.get(CHILDREN).await;
    assert_eq!((first.header("x-cache"), second.header("x-cache")), ("miss", "hit"));
    assert_eq!(first.json()["cached"], false);
    assert_eq!(second.json()["cached"], true);
    assert_eq!(first.header("etag"), second.header("etag"));

    let [rounds, requests, bytes] = cost(&first);
    assert_eq!((rounds, requests), (1, 1), "a small file is one request");
    assert!(bytes > 0);
    let [_, _, bytes] = cost(&second);
    assert_eq!(bytes, 0);

    let mut told = first.json();
    told["cached"] = true.into();
    assert_eq!(told, second.json(), "nothing but `cached` differs");
}

#[tokio::test]
async fn the_same_question_in_other_words_is_a_hit() {
    let server = Server::with_a_file();
    server.get("/files/a.h5/children?path=/entry&limit=10000").await.json();
    for uri in [
        "/files/a.h5/children?path=entry//",
        "/children?key=a.h5&path=/./entry",
        "/files/a.h5/children?order=name&detail=full&path=%2Fentry&q=",
    ] {
        assert_eq!(server.get(uri).await.header("x-cache"), "hit", "{uri}");
    }
    for uri in ["/files/a.h5/children", "/files/a.h5/children?path=/entry&limit=5"] {
        assert_eq!(server.get(uri).await.header("x-cache"), "miss", "{uri}");
    }
}

#[tokio::test]
async fn a_known_tag_is_answered_without_a_body() {
    let server = Server::with_a_file();
    for uri in [CHILDREN, "/files", "/openapi.json", "/"] {
        let tag = server.get(uri).await.header("etag").to_owned();
        let strong = tag.trim_start_matches("W/");
        let list = format!("\"other\", {tag}");
        for known in [&tag, strong, &list, "*"] {
            let answer = server.get_with(uri, &[("if-none-match", known)]).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{uri} {known}");
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), tag);
            assert!(!answer.headers.contains_key("content-type"));
            assert!(!answer.headers.contains_key("content-encoding"));
        }
        let answer = server.get_with(uri, &[("if-none-match", "W/\"other\"")]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_error_is_never_a_304() {
    let server = Server::with_a_file();
    let answer = server.get_with("/files/b.h5/children", &[("if-none-match", "*")]).await;
    assert_eq!(answer.problem().1, "file_not_found");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn another_version_is_another_answer() {
    let server = Server::with_a_file();
    let old = server.get("/files/a.h5/children").await;
    server.put("a.h5", "ordinary/empty_latest.h5");
    let known = old.header("etag");
    let no_cache = [("cache-control", "max-age=0, No-Cache"), ("if-none-match", known)];
    let new = server.get_with("/files/a.h5/children", &no_cache).await;
    assert_eq!(new.header("x-cache"), "miss");
    assert_eq!(new.json()["total"], 0);
    assert_ne!(new.json()["etag"], old.json()["etag"]);
    assert_ne!(new.header("etag"), known);
}

#[tokio::test]
async fn an_answer_from_other_files_is_not_kept() {
    let server = Server::new();
    server.put("external_latest.h5", "links/external_latest.h5");
    server.put("external_target.h5", "links/external_target.h5");
    let uri = "/files/external_latest.h5/children?resolve=external";
    for _ in 0..2 {
        let answer = server.get(uri).await;
        assert_eq!(
            (answer.json()["cached"].as_bool(), answer.header("x-cache")),
            (Some(false), "miss")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_the_same_cost_one_question() {
    let server = Server::new();
    server.put("a.h5", "groups/wide_earliest.h5");
    let answers = join_all((0..64).map(|_| server.get("/files/a.h5/children?path=/wide"))).await;
    let misses = answers.iter().filter(|answer| answer.header("x-cache") == "miss").count();
    assert_eq!(misses, 1);
    let bytes: u64 = answers.iter().map(|answer| cost(answer)[2]).sum();
    assert_eq!(bytes, 88_432, "the file was read once");
    for answer in &answers {
        assert_eq!(answer.header("etag"), answers[0].header("etag"));
        assert_eq!(answer.json()["children"].as_array().unwrap().len(), 1200);
        assert_eq!(answer.json()["cached"], answer.header("x-cache") != "miss");
    }
}

#[tokio::test]
async fn a_refreshed_file_is_read_again() {
    let server = Server::with_a_file();
    server.get(CHILDREN).await.json();
    let cleared = server.call("POST", "/files/refresh?key=a.h5", &[]).await.json();
    assert_eq!(cleared["cleared"]["objects"], 1);
    let again = server.get(CHILDREN).await;
    assert_eq!(again.header("x-cache"), "miss");
    assert!(cost(&again)[2] > 0);
}
