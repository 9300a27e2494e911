//! The description of the API, held against the API.

use std::collections::BTreeSet;

use h5scout_http::BasePath;
use serde_json::Value;

use crate::support::Server;

fn document() -> Value {
    serde_json::to_value(h5scout_http::openapi_document(&BasePath::default())).unwrap()
}

/// Path, method and operation of every route.
fn operations(document: &Value) -> Vec<(&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path, method, operation))
        })
        .collect()
}

#[test]
fn the_description_is_as_reviewed() {
    insta::assert_json_snapshot!(document());
}

#[tokio::test]
async fn it_is_what_the_server_serves() {
    let answer = Server::new().get("/openapi.json").await.json();
    assert_eq!(answer["openapi"], "3.1.0");
    assert_eq!(answer, document());
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(elements) => elements.iter().for_each(|one| references(one, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

#[tokio::test]
async fn every_described_route_is_there_and_knows_its_parameters() {
    let server = Server::with_all_routes();
    for (path, method, operation) in operations(&document()) {
        assert!(operation["responses"]["200"].is_object(), "{method} {path}");
        let answer = ask(&server, path, method, "").await;
        for missing in ["\"code\":\"not_found\"", "\"code\":\"method_not_allowed\""] {
            assert!(!answer.contains(missing), "{method} {path}");
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            if parameter["in"] == "query" {
                let name = parameter["name"].as_str().unwrap();
                let answer = ask(&server, path, method, &format!("{name}=")).await;
                assert!(!answer.contains("does not know it"), "{method} {path}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn bounds_and_words_are_those_of_the_server() {
    let server = Server::with_all_routes();
    for (path, method, operation) in operations(&document()) {
        for parameter in operation["parameters"].as_array().unwrap() {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            for (bound, step) in [("minimum", -1), ("maximum", 1)] {
                let Some(inside) = schema[bound].as_u64().map(i128::from) else { continue };
                for (value, is_inside) in [(inside, true), (inside + step, false)] {
                    let answer = ask(&server, path, method, &format!("{name}={value}")).await;
                    let refused = answer.contains("is not a whole number from");
                    assert_eq!(refused, !is_inside, "{path} {name}={value}: {answer}");
                }
            }
            for word in schema["enum"].as_array().into_iter().flatten() {
                let word = word.as_str().unwrap();
                let answer = ask(&server, path, method, &format!("{name}={word}")).await;
                assert!(!answer.contains("is not one of"), "{path} {name}={word}: {answer}");
            }
        }
    }
}

/// The body that a described route answers with when `parameter` is added to what it needs.
async fn ask(server: &Server, path: &str, method: &str, parameter: &str) -> String {
    let mut query = vec![parameter];
    if ["/children", "/meta", "/attribute", "/data", "/preview"].contains(&path) {
        query.push("key=a.h5");
    }
    if ["/meta", "/attribute", "/data", "/preview"].iter().any(|verb| path.ends_with(verb)) {
        let has_place = parameter.starts_with("path=") || parameter.starts_with("address=");
        query.push(if has_place { "" } else { "path=/" });
    }
    let uri = format!("{}?{}", path.replace("{key}", "a.h5"), query.join("&"));
    let answer = server.call(&method.to_uppercase(), &uri, &[]).await;
    String::from_utf8_lossy(&answer.body).into_owned()
}
