//! Pages of other origins.

use h5scout_http::{HttpConfig, Origins};

use crate::support::Server;

const PAGE: (&str, &str) = ("origin", "https://viewer.example");

fn server(origins: &[&str]) -> Server {
    let texts: Vec<_> = origins.iter().map(ToString::to_string).collect();
    let origins = Origins::of(&texts).unwrap();
    let server = Server::with(HttpConfig { origins, ..HttpConfig::default() });
    server.put("a.h5", "ordinary/latest.h5");
    server
}

#[tokio::test]
async fn without_the_flag_no_other_page_is_told_anything() {
    let server = server(&[]);
    for method in ["GET", "OPTIONS"] {
        let headers = [PAGE, ("access-control-request-method", "GET")];
        let answer = server.call(method, "/files/a.h5/children", &headers).await;
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
    }
    let vary = server.get("/files/a.h5/children").await;
    assert_eq!(vary.header("vary"), "accept-encoding");
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read_every_answer() {
    let server = server(&["https://other.example", "https://viewer.example"]);
    let target = "/files/a.h5/children";
    server.get(target).await;
    let tag = server.get_with(target, &[PAGE]).await.header("etag").to_owned();
    for (uri, tag, status) in
        [(target, "x", 200), (target, tag.as_str(), 304), ("/nothing", "x", 404)]
    {
        let answer = server.get_with(uri, &[PAGE, ("if-none-match", tag)]).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), PAGE.1);
        let shown = answer.header("access-control-expose-headers");
        for name in ["etag", "server-timing", "x-request-id", "retry-after", "age"] {
            assert!(shown.split(", ").any(|shown| shown == name), "{name}: {shown}");
        }
        let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
        assert!(vary.iter().any(|vary| *vary == "origin"), "{vary:?}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn other_pages_may_not_and_what_is_kept_says_that_it_depends() {
    let server = server(&["https://viewer.example"]);
    for origin in
        ["https://viewer.example.evil.example", "http://viewer.example", "null", "", "https://"]
    {
        server.get_with("/files/a.h5/children", &[PAGE]).await;
        let answer = server.get_with("/files/a.h5/children", &[("origin", origin)]).await;
        assert_eq!(answer.status, 200, "tokens keep somebody out, origins do not");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{origin}");
        assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "origin"));
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_may_be_sent() {
    let server = server(&["*"]);
    let asks = [
        PAGE,
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization,if-none-match"),
    ];
    let answer = server.call("OPTIONS", "/files/a.h5/children", &asks).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, POST");
    assert!(answer.header("access-control-allow-headers").contains("authorization"));
    assert!(answer.header("access-control-allow-headers").contains("if-none-match"));
    answer.header("x-request-id");
    // Without that question OPTIONS is a method like any other that no route knows.
    assert_eq!(server.call("OPTIONS", "/files", &[PAGE]).await.status, 405);
}
