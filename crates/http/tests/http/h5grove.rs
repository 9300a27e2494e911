//! The routes of h5grove: where they are, what is around their answers, and the errors that clients
//! look at. That the answers are h5grove's own is compared with a live one elsewhere.

use h5scout_http::HttpConfig;
use serde_json::{Value, json};

use crate::support::{Answer, Server};

/// A question of each route.
const QUESTIONS: [(&str, &str); 5] = [
    ("attr", "path=/entry/data"),
    ("data", "path=/entry/data/counts"),
    ("meta", "path=/entry/data"),
    ("paths", "path=/entry/data"),
    ("stats", "path=/entry/data/counts"),
];

async fn ask(server: &Server, route: &str, query: &str) -> Answer {
    server.get(&format!("/h5grove/{route}?file=a.h5&{query}")).await
}

/// Status and body of an error.
#[track_caller]
fn refusal(answer: &Answer) -> (u16, Value) {
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
}

#[tokio::test]
async fn each_route_is_there_with_and_without_a_slash_at_its_end() {
    let server = Server::with_a_file();
    for (route, query) in QUESTIONS {
        let without = ask(&server, route, query).await.json();
        assert_eq!(ask(&server, &format!("{route}/"), query).await.json(), without, "{route}");
    }
    for ping in ["/h5grove", "/h5grove/"] {
        let answer = server.get(ping).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"ok"[..]), "{ping}");
    }
}

#[tokio::test]
async fn each_route_is_below_the_base_path() {
    let config = HttpConfig { base_path: "/below".parse().unwrap(), ..HttpConfig::default() };
    let server = Server::with(config);
    server.put("a.h5", "ordinary/latest.h5");
    for (route, query) in QUESTIONS {
        let target = format!("/below/h5grove/{route}?file=a.h5&{query}");
        assert_eq!(server.get(&target).await.status, 200, "{target}");
        assert_eq!(ask(&server, route, query).await.status, 404, "{target}");
    }
}

#[tokio::test]
async fn answers_have_the_tags_of_all_others() {
    let server = Server::with_a_file();
    for (route, query) in QUESTIONS {
        let first = ask(&server, route, query).await;
        let tag = first.header("etag");
        let target = format!("/h5grove/{route}?file=a.h5&{query}");
        let again = server.get_with(&target, &[("if-none-match", tag)]).await;
        assert_eq!((again.status.as_u16(), again.header("x-cache")), (304, "hit"), "{target}");
    }
}

#[tokio::test]
async fn files_to_be_saved_say_what_they_are_called() {
    let server = Server::with_a_file();
    for (format, content_type, file) in [
        ("npy", "application/octet-stream", Some("data.npy")),
        ("csv", "text/csv", Some("data.csv")),
        ("tiff", "image/tiff", Some("data.tiff")),
        ("bin", "application/octet-stream", None),
    ] {
        let query = format!("path=/entry/data/counts&format={format}");
        let answer = ask(&server, "data", &query).await;
        assert_eq!(answer.header("content-type"), content_type, "{format}");
        let disposition = answer.headers.get("content-disposition");
        let expected = file.map(|name| format!("attachment; filename=\"{name}\""));
        assert_eq!(disposition.map(|header| header.to_str().unwrap().to_owned()), expected);
    }
}

#[tokio::test]
async fn errors_have_the_statuses_and_words_that_clients_look_for() {
    let server = Server::with_a_file();
    for (route, query, status, message) in [
        ("meta", "file=nope.h5", 404, "File not found!"),
        ("attr", "path=/nope", 404, "/nope is not a valid path in a.h5"),
        ("attr", "path=/entry/data&attr_keys=nope", 404, "there is no attribute \"nope\""),
        ("data", "path=/entry/name&format=csv", 422, "Unsupported encoding csv for"),
        ("data", "path=/entry/data/x&format=arrow", 422, "Unsupported encoding arrow"),
        ("data", "path=/entry/data/x&selection=nope", 422, ""),
        ("meta", "resolve_links=nope", 422, "nope is not a valid value for link resolution"),
        ("stats", "path=/entry/data", 409, ""),
    ] {
        let (found, body) = refusal(&ask(&server, route, query).await);
        let text = body["message"].as_str().unwrap_or_default();
        assert_eq!(found, status, "{route} {query}: {body}");
        assert!(!text.is_empty() && text.starts_with(message), "{route} {query}: {body}");
    }
}

#[tokio::test]
async fn parameters_that_fastapi_refuses_are_refused_in_its_form() {
    let server = Server::with_a_file();
    let (status, body) = refusal(&server.get("/h5grove/data?flatten=maybe").await);
    let missing = json!({"type": "missing", "loc": ["query", "file"], "msg": "Field required", "input": null});
    assert_eq!((status, &body["detail"][0]), (422, &missing));
    assert_eq!(body["detail"][1]["loc"], json!(["query", "flatten"]));
}

#[tokio::test]
async fn tokens_fence_keys_and_links() {
    let tokens = "all-of-it-0123456789\nnarrow-0123456789 links/external_latest.h5";
    let server = Server::with_tokens(tokens, HttpConfig::default());
    server.put("links/external_latest.h5", "links/external_latest.h5");
    server.put("links/external_target.h5", "links/external_target.h5");
    let ask = async |token: &str, route: &str, key: &str, path: &str| {
        let target = format!("/h5grove/{route}?file=links/external_{key}.h5&path={path}");
        server.get_with(&target, &[("authorization", &format!("Bearer {token}"))]).await
    };
    for (route, _) in QUESTIONS {
        let unknown = ask("wrong-0123456789", route, "latest", "/").await;
        assert_eq!(refusal(&unknown).0, 401, "{route}");
        let elsewhere = refusal(&ask("narrow-0123456789", route, "target", "/thing/data").await);
        let denied = json!({"message": "Cannot read file: Permission denied!"});
        assert_eq!(elsewhere, (403, denied), "{route}");
    }
    for (token, status) in [("all-of-it-0123456789", 200), ("narrow-0123456789", 404)] {
        // Nobody is given what was made for somebody else.
        for _ in 0..2 {
            let answer = ask(token, "data", "latest", "/there_dataset").await;
            assert_eq!(answer.status, status, "{token}: {answer:?}");
        }
        let shown = ask(token, "meta", "latest", "/there_dataset").await.json();
        let expected = if status == 200 { "dataset" } else { "external_link" };
        assert_eq!(shown["kind"], expected, "{token}");
    }
}
