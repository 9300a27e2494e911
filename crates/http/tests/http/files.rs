//! `/files` and `/files/refresh`.

use serde_json::{Value, json};

use crate::support::Server;

fn keys(answer: &Value) -> Vec<&str> {
    let files = answer["files"].as_array().unwrap();
    files.iter().map(|file| file["key"].as_str().unwrap()).collect()
}

fn store() -> Server {
    let server = Server::new();
    for key in ["b.nc", "a.h5", "runs/2.h5", "runs/1.H5", "runs/old/0.h5", "Z.h5"] {
        server.put(key, "ordinary/empty_latest.h5");
    }
    server
}

#[tokio::test]
async fn a_listing_has_all_its_members() {
    let server = Server::new();
    server.put("a.h5", "ordinary/empty_latest.h5");
    let mut answer = server.get("/files").await.json();
    let file = answer["files"][0].take();
    assert_eq!(
        (&file["key"], &file["type"], &file["size"]),
        (&json!("a.h5"), &json!("file"), &json!(179))
    );
    let modified = file["last_modified"].as_str().unwrap();
    assert!(modified.contains('T') && modified.ends_with('Z'), "{modified}");
    assert!(!file["etag"].as_str().unwrap().contains('"'));
    assert!(answer["age_ms"].as_u64().unwrap() < 30_000);
    answer["age_ms"] = json!(0);
    let expected = json!({
        "success": true, "count": 1, "cached": false, "age_ms": 0, "ttl_ms": 30_000, "prefix": "",
        "truncated": false, "next": null, "folders": [], "files": [null],
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_listing_is_ordered_and_filtered() {
    let server = store();
    for (uri, expected) in [
        ("/files", vec!["Z.h5", "a.h5", "b.nc", "runs/1.H5", "runs/2.h5", "runs/old/0.h5"]),
        ("/files?prefix=runs/", vec!["runs/1.H5", "runs/2.h5", "runs/old/0.h5"]),
        ("/files?prefix=ru", vec!["runs/1.H5", "runs/2.h5", "runs/old/0.h5"]),
        ("/files?q=OLD", vec!["runs/old/0.h5"]),
        ("/files?suffix=.nc,.H5", vec!["b.nc", "runs/1.H5"]),
        ("/files?delimiter=/", vec!["Z.h5", "a.h5", "b.nc"]),
        ("/files?delimiter=/&prefix=runs/", vec!["runs/1.H5", "runs/2.h5"]),
        ("/files?prefix=nothing", vec![]),
    ] {
        assert_eq!(keys(&server.get(uri).await.json()), expected, "{uri}");
    }
    assert_eq!(server.get("/files?delimiter=/").await.json()["folders"], json!(["runs/"]));
}

#[tokio::test]
async fn pages_follow_one_another() {
    let server = store();
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..6 {
        let page = server.get(&format!("/files?limit=1&after={after}")).await.json();
        found.extend(keys(&page).into_iter().map(str::to_owned));
        assert_eq!(page["truncated"], page["next"].is_string());
        match page["next"].as_str() {
            Some(next) => after = next.replace('/', "%2F"),
            None => break,
        }
    }
    assert_eq!(found, ["Z.h5", "a.h5", "b.nc", "runs/1.H5", "runs/2.h5", "runs/old/0.h5"]);
}

#[tokio::test]
async fn a_listing_is_kept_until_it_is_refreshed() {
    let server = store();
    let first = server.get("/files?q=h5").await;
    server.put("new.h5", "ordinary/empty_latest.h5");
    let second = server.get("/files?q=h5").await;
    assert_eq!((first.header("x-cache"), second.header("x-cache")), ("miss", "hit"));
    assert_eq!((&first.json()["cached"], &second.json()["cached"]), (&json!(false), &json!(true)));
    assert_eq!(first.header("etag"), second.header("etag"), "age does not count");
    assert_eq!(keys(&second.json()).len(), 5);

    let refreshed = server.get("/files?q=h5&refresh=true").await.json();
    assert_eq!((refreshed["cached"].as_bool(), keys(&refreshed).len()), (Some(false), 6));
    server.put("newer.h5", "ordinary/empty_latest.h5");
    let asked = server.get_with("/files?q=h5", &[("cache-control", "no-cache")]).await.json();
    assert_eq!((asked["cached"].as_bool(), keys(&asked).len()), (Some(false), 7));
}

#[tokio::test]
async fn refresh_forgets_listings() {
    let server = store();
    server.get("/files").await.json();
    server.put("new.h5", "ordinary/empty_latest.h5");
    let answer = server.call("POST", "/files/refresh?prefix=", &[]).await.json();
    assert_eq!(answer["success"], true);
    assert!(answer["cleared"]["listings"].as_u64().unwrap() >= 1, "{answer}");
    assert_eq!(server.get("/files").await.json()["count"], 7);

    let both = server.call("POST", "/files/refresh?prefix=&key=a.h5", &[]).await;
    assert_eq!(both.problem().1, "bad_request");
    let neither = server.call("POST", "/files/refresh", &[]).await.json();
    assert!(neither["cleared"]["objects"].is_u64());
}
