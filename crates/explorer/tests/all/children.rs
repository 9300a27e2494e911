//! Children: their form, pages, order, filters, cycles, errors, and what they cost.

use std::sync::Arc;

use explorer::{ChildrenQuery, Detail, Freshness, Meter, Order, Place};
use serde_json::json;

use crate::{all, at, child, children, explorer, fixtures, names, said};

const ORDINARY: &str = "ordinary/earliest.h5";

#[tokio::test]
async fn a_dataset_says_what_the_api_says_it_says() {
    let answer = children(ORDINARY, all("entry//data/")).await.unwrap();
    assert_eq!(answer["path"], "/entry/data");
    assert_eq!(answer["total"], 2);
    assert_eq!((&answer["truncated"], &answer["next"]), (&json!(false), &json!(null)));
    let mut counts = child(&answer, "counts").clone();
    assert!(counts["address"].take().as_u64().unwrap() > 0);
    assert_eq!(
        counts,
        json!({
            "name": "counts", "path": "/entry/data/counts", "link": "hard", "type": "dataset",
            "address": null, "shape": [6, 10], "maxshape": [6, 10], "ndim": 2, "size": 60,
            "dtype": "int32", "chunks": [3, 5], "compression": "gzip",
            "filters": [{"id": 1, "name": "deflate", "options": [4]}], "num_attributes": 0
        })
    );
}

/// In a local folder the second question still costs one look at the file: is it the same one?
#[tokio::test]
async fn a_small_file_costs_one_request_and_then_no_bytes() {
    let explorer = explorer();
    let size = std::fs::metadata(fixtures().join(ORDINARY)).unwrap().len();
    for expected_bytes in [size, 0] {
        let meter = Arc::new(Meter::new());
        let query = all("/entry/data");
        explorer.children(ORDINARY, &query, Freshness::Trust, &meter).await.unwrap();
        assert_eq!((meter.requests(), meter.rounds(), meter.bytes()), (1, 1, expected_bytes));
    }
}

#[tokio::test]
async fn groups_count_their_children_where_their_header_does() {
    let new = children("ordinary/latest.h5", all("/entry")).await.unwrap();
    assert_eq!(child(&new, "data")["num_children"], 2);
    let old = children(ORDINARY, all("/entry")).await.unwrap();
    assert_eq!(child(&old, "data")["num_children"], json!(null));
}

#[tokio::test]
async fn pages_are_the_whole_in_pieces() {
    for (key, order) in [
        ("groups/wide_earliest.h5", Order::Name),
        ("groups/wide_latest.h5", Order::Name),
        ("groups/compact_links.h5", Order::Creation),
    ] {
        let path = if key.contains("wide") { "/" } else { "/ordered" };
        let query = all(path).with_order(order);
        let whole = children(key, query.clone()).await.unwrap();
        let mut query = query.with_limit(3).unwrap();
        let mut pieces = Vec::new();
        loop {
            let page = children(key, query.clone()).await.unwrap();
            assert_eq!(page["total"], whole["total"]);
            pieces.extend(names(&page).into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            query = query.with_after(next).unwrap();
        }
        assert_eq!(pieces, names(&whole), "{key}");
    }
}

#[tokio::test]
async fn order_is_by_creation_where_the_group_tracks_it() {
    let query = |path| all(path).with_order(Order::Creation);
    let tracked = children("groups/compact_links.h5", query("/ordered")).await.unwrap();
    assert_eq!(tracked["order"], "creation");
    assert_ne!(
        names(&tracked),
        names(&children("groups/compact_links.h5", all("/ordered")).await.unwrap())
    );
    let plain = children("groups/compact_links.h5", query("/plain")).await.unwrap();
    assert_eq!(plain["order"], "name");
}

#[tokio::test]
async fn a_filter_leaves_names_whatever_their_case() {
    let answer = children("ordinary/earliest.h5", all("/entry/data").with_q("CoUn")).await.unwrap();
    assert_eq!((names(&answer), &answer["total"]), (vec!["counts"], &json!(1)));
}

#[tokio::test]
async fn names_alone_read_no_header() {
    let names_only = all("/").with_detail(Detail::Names);
    let answer = children("hostile/child_without_header_latest.h5", names_only).await.unwrap();
    let broken = child(&answer, "broken");
    assert!(broken.get("type").is_none() && broken.get("error").is_none(), "{broken}");
    assert!(broken["address"].is_u64());
}

#[tokio::test]
async fn one_bad_child_does_not_fail_the_others() {
    let answer = children("hostile/child_without_header_earliest.h5", all("/")).await.unwrap();
    assert_eq!(names(&answer), ["before", "broken", "later"]);
    assert_eq!(child(&answer, "broken")["type"], "unresolved");
    assert_eq!(child(&answer, "broken")["error"]["code"], "malformed_file");
    assert_eq!(child(&answer, "later")["shape"], json!([3]));
}

#[tokio::test]
async fn a_link_back_to_an_ancestor_is_a_cycle() {
    let answer = children("groups/cycles_latest.h5", all("/also_b/c")).await.unwrap();
    assert_eq!(child(&answer, "to_root")["cycle"], true);
    let answer = children("groups/cycles_latest.h5", all("/a/b/c")).await.unwrap();
    assert_eq!(child(&answer, "to_a")["cycle"], true);
    let answer = children("groups/cycles_latest.h5", all("/")).await.unwrap();
    assert!(child(&answer, "a").get("cycle").is_none());
}

#[tokio::test]
async fn what_a_path_cannot_name_is_asked_for_by_its_address() {
    let group = children("links/patched_name_slash.h5", all("/g")).await.unwrap();
    let odd = child(&group, "AA/AAAAA");
    assert_eq!(odd["path"], json!(null));

    let root = children(ORDINARY, all("/")).await.unwrap();
    let address = child(&root, "entry")["address"].as_u64();
    let place = Place::new(None, address).unwrap();
    let by_address = children(ORDINARY, ChildrenQuery::new(place)).await.unwrap();
    let by_path = children(ORDINARY, all("/entry")).await.unwrap();
    assert_eq!(names(&by_address), names(&by_path));
    assert_eq!((&by_address["path"], &by_address["address"]), (&json!(null), &by_path["address"]));
}

#[tokio::test]
async fn a_name_that_is_not_text_is_given_exactly_too() {
    let group = children("links/patched_name_not_utf8.h5", all("/g")).await.unwrap();
    let odd = &group["children"][0];
    assert!(odd["name"].as_str().unwrap().contains('\u{fffd}'));
    assert!(odd["name_base64"].is_string());
    assert_eq!(odd["path"], json!(null));
}

#[tokio::test]
async fn errors_name_what_is_wrong() {
    let ask = |path| children(ORDINARY, all(path));
    assert_eq!(
        said(ask("/entry/nope/deeper").await),
        ("path_not_found", r#"there is no "nope" in "/entry""#.to_owned())
    );
    assert_eq!(
        said(ask("/entry/data/counts/below").await),
        ("path_not_found", r#"there is no "below" in "/entry/data/counts""#.to_owned())
    );
    assert_eq!(
        said(ask("/entry/data/counts").await),
        ("not_a_group", "/entry/data/counts is not a group".to_owned())
    );
    let nowhere = ChildrenQuery::new(Place::new(None, Some(u64::MAX - 1)).unwrap());
    assert_eq!(
        said(children(ORDINARY, nowhere).await),
        ("path_not_found", format!("there is no object at address {}", u64::MAX - 1))
    );
    assert_eq!(said(children("nope.h5", all("/")).await).0, "file_not_found");
    assert_eq!(said(children("hostile/not_hdf5.h5", all("/")).await).0, "not_hdf5");
    assert_eq!(said(children("hostile/zero_bytes.h5", all("/")).await).0, "not_hdf5");
}

#[tokio::test]
async fn a_damaged_group_is_not_an_empty_one() {
    let error = children("damaged/local_heap.h5", all("/g")).await.unwrap_err();
    assert_eq!(error.code.as_str(), "malformed_file");
    assert_eq!((error.structure, error.address.is_some()), (Some("local heap"), true));
}

#[tokio::test]
async fn a_spent_budget_is_said_with_its_flag() {
    let store = store::Store::open(fixtures().to_str().unwrap(), Default::default()).unwrap();
    let limits = h5range::Limits { nodes: 2, ..h5range::Limits::default() };
    let config = explorer::ExplorerConfig { limits, ..explorer::ExplorerConfig::default() };
    let explorer = explorer::Explorer::new(store, config);
    let meter = Arc::new(Meter::new());
    let query = ChildrenQuery::new(at("/entry"));
    let (code, detail) = said(explorer.children(ORDINARY, &query, Freshness::Trust, &meter).await);
    assert_eq!(code, "limit_reached");
    assert!(detail.contains("2 nodes visited") && detail.contains("--max-nodes"), "{detail}");
}
