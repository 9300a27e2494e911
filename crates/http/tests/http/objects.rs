//! `children`, `meta` and `attribute`: parameters and pages. What is in the answers is the
//! explorer's matter and tested there.

use serde_json::{Value, json};

use crate::support::Server;

fn names(answer: &Value) -> Vec<&str> {
    let children = answer["children"].as_array().unwrap();
    children.iter().map(|child| child["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn children_by_path_and_by_address() {
    let server = Server::with_a_file();
    let root = server.get("/files/a.h5/children").await.json();
    assert_eq!((&root["path"], names(&root)), (&json!("/"), vec!["entry"]));
    let address = &root["children"][0]["address"];
    let by_path = server.get("/files/a.h5/children?path=entry/").await.json();
    let by_address = server.get(&format!("/files/a.h5/children?address={address}")).await.json();
    assert_eq!((&by_path["path"], &by_address["path"]), (&json!("/entry"), &Value::Null));
    let expected = vec!["data", "elsewhere", "gone", "name", "scalars", "shortcut"];
    assert_eq!(names(&by_path), expected);
    assert_eq!(names(&by_address), expected);
}

#[tokio::test]
async fn children_come_in_pages() {
    let server = Server::new();
    server.put("a.h5", "groups/wide_latest.h5");
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..3 {
        let uri = format!("/files/a.h5/children?path=/wide&limit=500&after={after}&detail=names");
        let page = server.get(&uri).await.json();
        assert_eq!(page["total"], 1200);
        found.extend(names(&page).into_iter().map(str::to_owned));
        after = page["next"].as_str().unwrap_or("").to_owned();
    }
    assert_eq!((found.len(), after.as_str()), (1200, ""));
    assert!(found.is_sorted());
}

#[tokio::test]
async fn children_are_filtered() {
    let server = Server::with_a_file();
    let answer = server.get("/files/a.h5/children?path=/entry&q=A&limit=2").await.json();
    assert_eq!((names(&answer), &answer["truncated"]), (vec!["data", "name"], &json!(true)));
}

#[tokio::test]
async fn meta_takes_its_limits() {
    let server = Server::with_a_file();
    let root = server.get("/files/a.h5/meta?path=/").await.json();
    assert_eq!(root["metadata"]["num_attributes"], 2);
    assert_eq!(root["metadata"]["file"]["superblock_version"], 3);
    let first = server.get("/files/a.h5/meta?path=/&attributes_limit=1").await.json();
    assert_eq!(first["metadata"]["attributes"][0]["name"], "title");
    let next = first["metadata"]["attributes_next"].as_str().unwrap();
    let uri = format!("/files/a.h5/meta?path=/&attributes_limit=1&attributes_after={next}");
    let second = server.get(&uri).await.json();
    assert_eq!(second["metadata"]["attributes"][0]["name"], "version");
    let cut = server.get("/files/a.h5/meta?path=/&max_string=2&storage=true").await.json();
    assert_eq!(cut["metadata"]["attributes"][0]["value"], "an");
}

#[tokio::test]
async fn an_attribute_is_whole() {
    let server = Server::with_a_file();
    let answer = server.get("/files/a.h5/attribute?path=/&name=title").await.json();
    assert_eq!((&answer["path"], &answer["cached"]), (&json!("/"), &json!(false)));
    assert_eq!(answer["attribute"]["value"], "an ordinary file");
}
