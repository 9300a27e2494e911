//! Tokens: who may ask, and about what.

use futures::future::join_all;
use h5scout_http::HttpConfig;
use serde_json::Value;

use crate::support::{Answer, Server};

const ALL: &str = "all-of-it-0123456789";
const BEAMLINE: &str = "beamline-0123456789";
const TOKENS: &str = "all-of-it-0123456789\nbeamline-0123456789 links/,runs/2026-";

/// What needs a token, of the routes.
const GUARDED: [(&str, &str); 15] = [
    ("GET", "/files"),
    ("GET", "/files?limit=nonsense"),
    ("POST", "/files/refresh"),
    ("GET", "/files/links/external_latest.h5/children"),
    ("GET", "/files/links/external_latest.h5/meta?path=/"),
    ("GET", "/files/links/external_latest.h5/attribute?path=/&name=x"),
    ("GET", "/children?key=links/external_latest.h5"),
    ("GET", "/meta?key=links/external_latest.h5&path=/"),
    ("GET", "/attribute?key=links/external_latest.h5&path=/&name=x"),
    ("GET", "/files/links/external_latest.h5/data?path=/there_dataset"),
    ("GET", "/files/links/external_latest.h5/preview?path=/there_dataset"),
    ("GET", "/data?key=links/external_latest.h5&path=/there_dataset&format=npy"),
    ("GET", "/preview?key=links/external_latest.h5&path=/there_dataset"),
    ("HEAD", "/children?key=links/external_latest.h5"),
    ("GET", "/metrics"),
];

/// A file with external links, beside two that it leads to: one that `BEAMLINE` may read.
fn server() -> Server {
    let server = Server::with_tokens(TOKENS, HttpConfig::default());
    server.put("links/external_latest.h5", "links/external_latest.h5");
    server.put("links/external_target.h5", "links/external_target.h5");
    server.put("secret/a.h5", "ordinary/latest.h5");
    server
}

async fn ask(server: &Server, token: &str, method: &str, uri: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    server.call(method, uri, &[("authorization", &authorization)]).await
}

async fn get(server: &Server, token: &str, uri: &str) -> Answer {
    ask(server, token, "GET", uri).await
}

#[tokio::test]
async fn nothing_of_the_store_is_told_without_a_token() {
    let server = server();
    for (method, uri) in GUARDED {
        // Kept answers, and those whose tag is known, are no way around it.
        let tag = ask(&server, ALL, method, uri).await.headers.get("etag").cloned();
        let tag = tag.as_ref().map_or("*", |tag| tag.to_str().unwrap());
        for authorization in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some("Bearer wrong-0123456789"),
            Some("Bearer all-of-it-012345678"),
            Some("Bearer all-of-it-0123456789x"),
            Some("Basic YWxsLW9mLWl0LTAxMjM0NTY3ODk="),
            Some(ALL),
        ] {
            let mut headers = vec![("if-none-match", tag)];
            headers.extend(authorization.map(|value| ("authorization", value)));
            let answer = server.call(method, uri, &headers).await;
            assert_eq!(answer.status, 401, "{method} {uri} {authorization:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert!(!answer.headers.contains_key("etag"));
            if method != "HEAD" {
                assert_eq!(answer.problem().1, "unauthorized");
            }
        }
    }
    let two = [("authorization", "Bearer all-of-it-0123456789"); 2];
    assert_eq!(server.call("GET", "/files", &two).await.status, 401, "which of the two counts?");
}

#[tokio::test]
async fn the_page_and_the_probes_are_free() {
    let server = server();
    for uri in ["/", "/docs", "/openapi.json", "/assets/docs.js", "/health", "/ready"] {
        assert_eq!(server.get(uri).await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn a_token_without_prefixes_is_for_everything() {
    let server = server();
    for (method, uri) in GUARDED {
        let answer = ask(&server, ALL, method, uri).await;
        assert!(![401, 403].contains(&answer.status.as_u16()), "{method} {uri}");
    }
    assert_eq!(get(&server, ALL, "/files/secret/a.h5/children").await.status, 200);
    let spelled = [("authorization", "bEARER  all-of-it-0123456789 ")];
    assert_eq!(server.get_with("/files", &spelled).await.status, 200);
}

#[tokio::test]
async fn a_token_with_prefixes_is_for_these_keys_only() {
    let server = server();
    for uri in [
        "/files?prefix=links/",
        "/files?prefix=links/ex",
        "/files?prefix=runs/2026-",
        "/files/links/external_latest.h5/children",
        "/metrics",
    ] {
        assert_eq!(get(&server, BEAMLINE, uri).await.status, 200, "{uri}");
    }
    for uri in [
        "/files",
        "/files?prefix=",
        "/files?prefix=links",
        "/files?prefix=runs/2025-",
        "/files?prefix=links/../secret/",
        "/files?prefix=runs/&q=2026",
        "/files/secret/a.h5/children",
        "/files/secret/nothing.h5/children",
        "/files/secret%2Fa.h5/meta?path=/",
        "/attribute?key=secret/a.h5&path=/&name=title",
        "/files/secret/a.h5/data?path=/entry/data/x&format=bin",
        "/preview?key=secret/a.h5&path=/entry/data/x",
        "/files/links/../secret/a.h5/children",
        "/children?key=links/%2e%2e/secret/a.h5",
        "/children?key=/links/external_latest.h5",
        "/children?key=LINKS/external_latest.h5",
    ] {
        // Kept for somebody else, it is not for this one.
        get(&server, ALL, uri).await;
        let (status, code, problem) = get(&server, BEAMLINE, uri).await.problem();
        assert_eq!((status, code.as_str()), (403, "forbidden"), "{uri}");
        let detail = problem["detail"].as_str().unwrap();
        let names = "this token is for keys that start with \"links/\" or \"runs/2026-\": ";
        assert!(detail.starts_with(names), "{detail}");
    }
    for (query, status) in [
        ("", 403),
        ("?prefix=secret/", 403),
        ("?key=secret/a.h5", 403),
        ("?prefix=links/", 200),
        ("?key=links/external_latest.h5", 200),
    ] {
        let answer = ask(&server, BEAMLINE, "POST", &format!("/files/refresh{query}")).await;
        assert_eq!(answer.status, status, "{query:?}");
    }
}

#[tokio::test]
async fn a_forbidden_file_is_answered_the_same_whether_it_is_there_or_not() {
    let server = server();
    let there = get(&server, BEAMLINE, "/files/secret/a.h5/children").await.problem().2;
    let gone = get(&server, BEAMLINE, "/files/secret/b.h5/children").await.problem().2;
    let detail = |problem: &Value| problem["detail"].as_str().unwrap().replace("b.h5", "a.h5");
    assert_eq!(detail(&there), detail(&gone));
}

/// What is behind the external link of a listing.
async fn behind_the_link(server: &Server, token: &str) -> Value {
    let uri = "/files/links/external_latest.h5/children?resolve=external";
    let answer = get(server, token, uri).await.json();
    let children = answer["children"].as_array().unwrap();
    children.iter().find(|child| child["name"] == "there").unwrap()["type"].clone()
}

#[tokio::test]
async fn a_link_leads_as_far_as_the_token_of_who_follows_it() {
    let narrow = "narrow-0123456789";
    let tokens = format!("{ALL}\n{BEAMLINE} links/\n{narrow} links/external_latest.h5");
    let server = Server::with_tokens(&tokens, HttpConfig::default());
    server.put("links/external_latest.h5", "links/external_latest.h5");
    server.put("links/external_target.h5", "links/external_target.h5");
    // At the same time: nobody is given what was made for somebody else.
    for _ in 0..20 {
        let asked =
            [ALL, narrow, BEAMLINE, narrow, ALL].map(|token| behind_the_link(&server, token));
        let found = join_all(asked).await;
        assert_eq!(found, ["group", "unresolved", "group", "unresolved", "group"]);
        let through = "/files/links/external_latest.h5/children?path=/there";
        let asked = [ALL, narrow, BEAMLINE].map(|token| get(&server, token, through));
        let found: Vec<_> = join_all(asked).await.iter().map(|answer| answer.status).collect();
        assert_eq!(found, [200, 404, 200]);
        let elements = "/files/links/external_latest.h5/data?path=/there_dataset";
        let asked = [ALL, narrow, BEAMLINE].map(|token| get(&server, token, elements));
        let found: Vec<_> = join_all(asked).await.iter().map(|answer| answer.status).collect();
        assert_eq!(found, [200, 404, 200]);
    }
}
