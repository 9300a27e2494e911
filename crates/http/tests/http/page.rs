//! The page, the documentation and what they load.

use h5scout_http::{HttpConfig, Origins};

use crate::support::Server;

/// What we write by hand; the page at `/` is built, and tried in a browser by the tests of `web/`.
const PAGES: [(&str, &str); 3] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/assets/style.css", "text/css; charset=utf-8"),
    ("/assets/docs.js", "text/javascript; charset=utf-8"),
];

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_write_no_markup() {
    let server = Server::new();
    for (uri, content_type) in PAGES {
        let answer = server.get(uri).await;
        assert_eq!(answer.header("content-type"), content_type);
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        for forbidden in ["http://", "https://", "innerHTML", "insertAdjacentHTML", "eval("] {
            assert!(!text.contains(forbidden), "{uri}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn all_that_a_page_refers_to_is_there() {
    let server = Server::new();
    for page in ["/", "/docs"] {
        let answer = server.get(page).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        let references = text.split(['"', ' ']).collect::<Vec<_>>();
        let targets = references
            .windows(2)
            .filter(|pair| pair[0].ends_with("href=") || pair[0].ends_with("src="));
        let targets: Vec<_> = targets.map(|pair| pair[1]).collect();
        assert!(targets.len() >= 3, "{targets:?}");
        for target in targets {
            let uri = format!("/{}", target.trim_start_matches("./"));
            assert_eq!(server.get(&uri).await.status, 200, "{page} refers to {target}");
        }
    }
}

#[tokio::test]
async fn all_that_a_script_reaches_for_is_on_its_page() {
    let server = Server::new();
    for (page, script) in [("/docs", "/assets/docs.js")] {
        let text = async |uri| String::from_utf8(server.get(uri).await.body.to_vec()).unwrap();
        let (page, script) = (text(page).await, text(script).await);
        let names: Vec<_> = script.split("byId(\"").skip(1).collect();
        let by_id = script.split("getElementById(\"").skip(1);
        for name in names.into_iter().chain(by_id).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!(" id=\"{name}\"")), "{name}");
        }
    }
}

#[tokio::test]
async fn browsers_are_told_to_be_careful() {
    let server = Server::new();
    for uri in ["/", "/files", "/nothing"] {
        let answer = server.get(uri).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn only_a_frame_of_those_who_may_shows_the_page_and_only_at_embed() {
    let ancestors = async |server: &Server, uri| {
        let answer = server.get(uri).await;
        let policy = answer.header("content-security-policy").to_owned();
        let options = answer.headers.contains_key("x-frame-options");
        (policy.split("frame-ancestors ").nth(1).unwrap().to_owned(), options)
    };
    let server = Server::new();
    assert_eq!(ancestors(&server, "/").await, ("'none'".to_owned(), true));
    assert_eq!(ancestors(&server, "/embed?key=a.h5").await, ("'self'".to_owned(), false));
    let embedders = Origins::of(&["https://wiki.example".to_owned()]).unwrap();
    let server = Server::with(HttpConfig { embedders, ..HttpConfig::default() });
    let framed = ("'self' https://wiki.example".to_owned(), false);
    assert_eq!(ancestors(&server, "/embed").await, framed);
    assert_eq!(ancestors(&server, "/").await, ("'none'".to_owned(), true));
    let embedded = server.get("/embed").await;
    assert_eq!(embedded.body, server.get("/").await.body);
}

#[tokio::test]
async fn what_the_built_page_loads_is_kept_for_a_year_and_the_page_itself_asked_for_anew() {
    let server = Server::new();
    let page = server.get("/").await;
    assert_eq!(page.header("cache-control"), "private, no-cache");
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    // In a binary that was built without the page it loads a style sheet that has no hash.
    let loaded = text.split('"').filter(|part| part.starts_with("./assets/"));
    for asset in loaded.map(|path| path.trim_start_matches('.')) {
        let answer = server.get(asset).await;
        assert_eq!(answer.status, 200, "{asset}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    }
}
