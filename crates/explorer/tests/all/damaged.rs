//! Answers about files of which a part cannot be read.

use explorer::{AttributeQuery, ErrorCode, Freshness, MetaQuery, Meter};
use serde_json::{Value, json};

use crate::{all, at, child, children, explorer, meta, names, said};

async fn found(key: &str, path: &str) -> Value {
    children(&format!("damaged/{key}"), all(path)).await.unwrap()
}

#[tokio::test]
async fn an_incomplete_listing_says_why_and_where() {
    let answer = found("symbol_table_node.h5", "/wide").await;
    let count = names(&answer).len();
    assert!((32..40).contains(&count), "{count}");
    assert_eq!(answer["total"], count);
    let incomplete = &answer["incomplete"];
    assert_eq!(incomplete["code"], "malformed_file");
    let address = incomplete["address"].as_u64().unwrap().to_string();
    let detail = incomplete["detail"].as_str().unwrap();
    assert!(detail.contains("symbol table node") && detail.contains(&address), "{detail}");
    assert_eq!(answer["errors"][0]["detail"], incomplete["detail"]);
}

#[tokio::test]
async fn each_page_of_it_does() {
    let query = all("/wide").with_limit(20).unwrap();
    let mut next = None;
    for _ in 0..2 {
        let query =
            next.iter().fold(query.clone(), |q, after: &String| q.with_after(after).unwrap());
        let page = children("damaged/symbol_table_node.h5", query).await.unwrap();
        assert!(page["incomplete"].is_object(), "{page}");
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(next, None);
}

#[tokio::test]
async fn a_listing_that_was_completed_in_another_way_is_not_incomplete() {
    let answer = found("name_index_of_two.h5", "/wide").await;
    assert_eq!((&answer["total"], answer.get("incomplete")), (&json!(40), None));
    assert_eq!(answer["errors"][0]["code"], "malformed_file");
    let undamaged = children("ordinary/latest.h5", all("/")).await.unwrap();
    assert!(undamaged.get("incomplete").is_none() && undamaged.get("errors").is_none());
}

/// Only the size is wrong; the names are where they always were.
#[tokio::test]
async fn a_heap_that_says_it_is_larger_than_the_file_still_has_its_names() {
    let answer = children("hostile/heap_size_of_all_bits.h5", all("/g")).await.unwrap();
    assert_eq!((names(&answer), answer.get("incomplete")), (vec!["x"], None));
    assert!(answer["errors"][0]["detail"].as_str().unwrap().contains("local heap"), "{answer}");
}

#[tokio::test]
async fn a_path_into_the_damage_is_not_said_to_be_absent() {
    let listed = found("symbol_table_node.h5", "/wide").await;
    for i in 0..40 {
        let name = format!("n{i:02}");
        let path = format!("/wide/{name}");
        let answer = children("damaged/symbol_table_node.h5", all(&path)).await;
        if names(&listed).contains(&name.as_str()) {
            assert_eq!(answer.unwrap()["children"][0]["name"], "wide");
        } else {
            assert_eq!(said(answer).0, "malformed_file");
        }
    }
}

#[tokio::test]
async fn a_path_is_found_where_its_links_are_listed_in_another_way() {
    let key = "damaged/name_index_of_two.h5";
    assert_eq!(children(key, all("/wide/n07")).await.unwrap()["children"][0]["name"], "wide");
    assert_eq!(said(children(key, all("/wide/nope")).await).0, "path_not_found");
}

#[tokio::test]
async fn numbers_that_damage_hides_are_null() {
    let group = meta("damaged/symbol_table_node.h5", MetaQuery::new(at("/wide"))).await.unwrap();
    assert_eq!((&group["num_children"], &group["num_attributes"]), (&json!(null), &json!(0)));
    assert_eq!(group["errors"][0]["code"], "malformed_file");
    let root = found("continuation_latest.h5", "/").await;
    let group = child(&root, "g");
    assert_eq!((&group["num_children"], &group["num_attributes"]), (&json!(null), &json!(null)));
    assert_eq!(group["error"]["code"], "malformed_file");
}

#[tokio::test]
async fn attributes_that_are_left_are_shown_with_what_is_wrong() {
    for key in ["damaged/attribute_index_leaf.h5", "damaged/continuation_earliest.h5"] {
        let dataset = meta(key, MetaQuery::new(at("/d"))).await.unwrap();
        let attributes = dataset["attributes"].as_array().unwrap();
        assert!(!attributes.is_empty() && attributes.iter().all(|a| a["value"].is_number()));
        assert_eq!(dataset["num_attributes"], json!(null));
        assert_eq!(dataset["attributes_incomplete"]["code"], "malformed_file");
        assert!(dataset["attributes_incomplete"]["address"].is_u64());
        assert_eq!(dataset["errors"].as_array().unwrap().len(), 1, "{dataset}");
    }
    let undamaged = meta("ordinary/latest.h5", MetaQuery::new(at("/"))).await.unwrap();
    assert!(undamaged.get("attributes_incomplete").is_none());
}

#[tokio::test]
async fn an_attribute_behind_the_damage_is_not_said_to_be_absent() {
    let meter = std::sync::Arc::new(Meter::new());
    let query = AttributeQuery::new(at("/d"), "a11");
    let key = "damaged/continuation_earliest.h5";
    let error = explorer().attribute(key, &query, Freshness::Trust, &meter).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::MalformedFile);
}

/// What is in it is all that there is of the newest metadata.
#[tokio::test]
async fn a_metadata_cache_image_with_a_wrong_checksum_is_used_all_the_same() {
    assert_eq!(names(&found("cache_image.h5", "/").await), ["first", "second", "third"]);
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_listed_with_that_as_its_error() {
    let answer = found("link_to_nowhere.h5", "/g").await;
    assert_eq!((names(&answer), answer.get("incomplete")), (vec!["first", "lost", "third"], None));
    let lost = child(&answer, "lost");
    assert_eq!((&lost["link"], &lost["type"]), (&json!("hard"), &json!("unresolved")));
    assert_eq!(lost["error"]["code"], "malformed_file");
    let (code, detail) = said(children("damaged/link_to_nowhere.h5", all("/g/lost")).await);
    assert!(code == "malformed_file" && detail.contains("\"lost\" leads nowhere"), "{detail}");
}
