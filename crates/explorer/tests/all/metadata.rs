//! Metadata and attributes: pages, cuts, references, errors.

use std::sync::Arc;

use explorer::{AttributeQuery, Freshness, MetaQuery, Meter};
use serde_json::{Value, json};

use crate::{at, explorer, meta, said};

const KINDS: &str = "attributes/kinds_latest.h5";

fn whole(path: &str) -> MetaQuery {
    MetaQuery::new(at(path))
}

fn attribute<'a>(metadata: &'a Value, name: &str) -> &'a Value {
    let attributes = metadata["attributes"].as_array().unwrap();
    attributes.iter().find(|attribute| attribute["name"] == name).unwrap()
}

#[tokio::test]
async fn the_root_tells_of_the_file() {
    let root = meta("demo/weather.nc", whole("/")).await.unwrap();
    assert_eq!(
        (&root["name"], &root["type"], &root["kind"]),
        (&json!("/"), &json!("group"), &json!("group"))
    );
    let file = &root["file"];
    assert_eq!(file["superblock_version"], 2);
    assert_eq!((&file["offset_size"], &file["consistency_flags"]), (&json!(8), &json!(0)));
    assert!(meta("demo/weather.nc", whole("/tas")).await.unwrap().get("file").is_none());
    let member = meta("superblocks/family_member.h5", whole("/")).await.unwrap();
    assert_eq!(member["file"]["driver"], "NCSAfami");
}

#[tokio::test]
async fn a_dataset_tells_how_it_is_stored() {
    let counts = meta("ordinary/earliest.h5", whole("/entry/data/counts")).await.unwrap();
    assert_eq!(
        (&counts["layout"], &counts["chunk_index"]),
        (&json!("chunked"), &json!("btree_v1"))
    );
    assert_eq!((&counts["compression"], &counts["compression_opts"]), (&json!("gzip"), &json!(4)));
    assert_eq!(counts["storage_size"], json!(null));
    let query = whole("/entry/data/counts").with_storage(true);
    let counts = meta("ordinary/earliest.h5", query).await.unwrap();
    assert!(counts["storage_size"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn sources_outside_the_file_are_named() {
    let file = meta("layouts/external_storage.h5", whole("/")).await.unwrap();
    assert_eq!(file["type"], "group");
    let root = crate::children("layouts/virtual.h5", crate::all("/")).await.unwrap();
    let mut sources = 0;
    for child in root["children"].as_array().unwrap() {
        if child["type"] == "dataset" {
            let path = child["path"].as_str().unwrap();
            let dataset = meta("layouts/virtual.h5", whole(path)).await.unwrap();
            if dataset["layout"] == "virtual" {
                sources += dataset["layout_sources"].as_array().unwrap().len();
            }
        }
    }
    assert!(sources > 2, "{sources}");
}

#[tokio::test]
async fn long_values_are_cut_and_say_so() {
    let query = whole("/").with_max_elements(2).unwrap().with_max_string(5).unwrap();
    let root = meta(KINDS, query).await.unwrap();
    let matrix = attribute(&root, "matrix");
    assert_eq!(matrix["value"], json!([[0.0, 1.0]]));
    assert_eq!((&matrix["truncated"], &matrix["size"]), (&json!(true), &json!(6)));
    assert_eq!(attribute(&root, "rewritten")["value"], "a muc");
    assert_eq!(attribute(&root, "texts")["value"], json!(["a", ""]));
    let text = attribute(&root, "text");
    assert_eq!((&text["value"], &text["truncated"]), (&json!("café"), &Value::Null));
    let flag = attribute(&root, "flag");
    assert!(flag.get("truncated").is_none() && flag.get("size").is_none());
}

#[tokio::test]
async fn text_is_cut_between_characters() {
    let query = whole("/").with_max_string(4).unwrap();
    let root = meta(KINDS, query).await.unwrap();
    assert_eq!(attribute(&root, "text")["value"], "caf");
    assert_eq!(attribute(&root, "texts")["value"], json!(["a", "", "測"]));
}

#[tokio::test]
async fn attributes_come_in_pages() {
    let all = meta(KINDS, whole("/")).await.unwrap();
    let mut query = whole("/").with_attributes_limit(5).unwrap();
    let mut pieces = Vec::new();
    loop {
        let page = meta(KINDS, query.clone()).await.unwrap();
        assert_eq!(page["num_attributes"], all["num_attributes"]);
        pieces.extend(page["attributes"].as_array().unwrap().clone());
        let Some(next) = page["attributes_next"].as_str() else { break };
        query = query.with_attributes_after(next).unwrap();
    }
    assert_eq!(Value::Array(pieces), all["attributes"]);
}

/// Beside the root and the objects on the way: dimension scales stand beside the datasets that refer
/// to them.
#[tokio::test]
async fn references_say_the_path_of_what_is_near() {
    let image = meta("datatypes/references.h5", whole("/group/image")).await.unwrap();
    let scales = &attribute(&image, "DIMENSION_LIST")["value"];
    let path = |at: usize| scales[at][0]["path"].as_str().unwrap();
    assert_eq!((path(0), path(1)), ("/group/x", "/group/y"));

    let query = AttributeQuery::new(at("/group/x"), "REFERENCE_LIST");
    let meter = Arc::new(Meter::new());
    let file = "datatypes/references.h5";
    let list = explorer().attribute(file, &query, Freshness::Trust, &meter).await.unwrap();
    let list = serde_json::to_value(list).unwrap();
    assert_eq!(list["attribute"]["value"][0]["dataset"]["path"], "/group/image");

    let root = meta(KINDS, whole("/")).await.unwrap();
    assert_eq!(attribute(&root, "reference")["value"]["path"], "/");
    let root = meta("datatypes/references.h5", whole("/")).await.unwrap();
    assert_eq!(attribute(&root, "to_unlinked")["value"]["path"], Value::Null);
}

#[tokio::test]
async fn one_attribute_is_given_whole() {
    let explorer = explorer();
    let ask = async |name| {
        let query = AttributeQuery::new(at("/"), name);
        let meter = Arc::new(Meter::new());
        let answer = explorer.attribute(KINDS, &query, Freshness::Trust, &meter).await?;
        Ok(serde_json::to_value(answer).unwrap())
    };
    let matrix = ask("matrix").await.unwrap();
    assert_eq!(
        matrix["attribute"],
        json!({"name": "matrix", "shape": [2, 3], "dtype": ">f4",
               "datatype": {"class": "float", "size": 4, "order": "big"},
               "value": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]})
    );
    let nope = ask("nope").await;
    assert_eq!(said(nope), ("attribute_not_found", r#"there is no attribute "nope""#.to_owned()));
}

#[tokio::test]
async fn one_bad_attribute_does_not_fail_the_rest() {
    let damaged = meta("hostile/attribute_without_heap.h5", whole("/d")).await.unwrap();
    assert_eq!((&damaged["type"], &damaged["shape"]), (&json!("dataset"), &json!([])));
    let attributes = damaged["attributes"].as_array().unwrap();
    assert!(attributes.iter().any(|attribute| attribute.get("error").is_some()), "{damaged}");
}
