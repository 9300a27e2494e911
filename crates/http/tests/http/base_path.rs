//! Below a path, where a proxy passes it on as it is.

use h5scout_http::HttpConfig;

use crate::support::Server;

fn below(path: &str) -> Server {
    let server =
        Server::with(HttpConfig { base_path: path.parse().unwrap(), ..HttpConfig::default() });
    server.put("runs/a.h5", "ordinary/latest.h5");
    server
}

#[tokio::test]
async fn everything_is_below_it() {
    let server = below("/data/h5scout");
    for path in
        ["/", "/docs", "/assets/style.css", "/openapi.json", "/metrics", "/health", "/ready"]
    {
        let answer = server.get(&format!("/data/h5scout{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    for key in ["runs/a.h5", "runs%2Fa.h5"] {
        let answer = server.get(&format!("/data/h5scout/files/{key}/children?path=/entry")).await;
        assert_eq!(answer.json()["key"], "runs/a.h5");
    }
    let files = server.get("/data/h5scout/files?prefix=runs/&limit=1").await.json();
    assert_eq!(files["files"][0]["key"], "runs/a.h5");
    let refreshed = server.call("POST", "/data/h5scout/files/refresh", &[]).await.json();
    assert_eq!(refreshed["cleared"]["listings"], 1);
}

#[tokio::test]
async fn nothing_is_beside_it_but_the_probes() {
    let server = below("/h5scout");
    for probe in ["/health", "/ready"] {
        assert_eq!(server.get(probe).await.status, 200, "{probe}");
    }
    for path in
        ["/", "/files", "/metrics", "/h5scoutx/files", "/children?key=runs/a.h5", "//h5scout/"]
    {
        let (status, code, problem) = server.get(path).await.problem();
        assert_eq!((status, code.as_str()), (404, "not_found"), "{path}");
        assert!(problem["detail"].as_str().unwrap().ends_with("/h5scout/docs lists all"));
    }
    let (status, code, _) = server.get("/h5scout/nope").await.problem();
    assert_eq!((status, code.as_str()), (404, "not_found"));
    let (status, code, _) = server.call("POST", "/health", &[]).await.problem();
    assert_eq!((status, code.as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn without_its_slash_it_leads_to_the_page() {
    let server = below("/h5scout");
    let answer = server.get("/h5scout?key=a.h5").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (308, "/h5scout/?key=a.h5"));
}

#[tokio::test]
async fn the_pages_name_nothing_by_a_path_from_the_root() {
    let server = below("/h5scout");
    for page in ["/", "/docs", "/assets/docs.js", "/assets/style.css"] {
        let answer = server.get(&format!("/h5scout{page}")).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        for from_the_root in ["href=\"/", "src=\"/", "fetch(\"/", "fetch(`/", "url(/", "ask(\"/"] {
            assert!(!text.contains(from_the_root), "{page}: {from_the_root}");
        }
    }
    let document = server.get("/h5scout/openapi.json").await.json();
    assert_eq!(document["servers"], serde_json::json!([{"url": "/h5scout"}]));
    let document = below("").get("/openapi.json").await.json();
    assert_eq!(document.get("servers"), None);
}
