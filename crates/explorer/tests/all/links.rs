//! Soft and external links: shown, followed, and refused.

use std::sync::Arc;

use explorer::{ChildrenQuery, Freshness, Meter, Resolve, Scope, Session};
use serde_json::json;
use tempfile::TempDir;

use crate::{all, child, children, meta, said};

const SOFT: &str = "links/soft_latest.h5";
const EXTERNAL: &str = "links/external_latest.h5";

#[tokio::test]
async fn a_soft_link_is_shown_as_its_target() {
    let answer = children(SOFT, all("/entry")).await.unwrap();
    let shortcut = child(&answer, "shortcut");
    let target = children(SOFT, all("/entry/data")).await.unwrap();
    assert_eq!((&shortcut["link"], &shortcut["target"]), (&json!("soft"), &json!("/entry/data/x")));
    assert_eq!(shortcut["path"], "/entry/shortcut");
    for field in ["type", "address", "shape", "dtype", "num_attributes"] {
        assert_eq!(shortcut[field], child(&target, "x")[field], "{field}");
    }
}

#[tokio::test]
async fn a_dangling_link_is_a_child_with_an_error() {
    let answer = children(SOFT, all("/entry")).await.unwrap();
    let gone = child(&answer, "gone");
    assert_eq!((&gone["type"], &gone["target"]), (&json!("unresolved"), &json!("/no/such/object")));
    assert_eq!(gone["error"]["code"], "link_unresolved");
}

#[tokio::test]
async fn sixteen_links_are_followed_and_no_more() {
    let answer = children(SOFT, all("/links")).await.unwrap();
    assert_eq!(child(&answer, "chain_05")["type"], "group");
    assert_eq!(child(&answer, "chain_04")["error"]["code"], "link_unresolved");
    children(SOFT, all("/links/chain_05")).await.unwrap();
    assert_eq!(said(children(SOFT, all("/links/chain_04")).await).0, "link_unresolved");
}

#[tokio::test]
async fn a_path_goes_on_behind_a_soft_link() {
    let answer = meta(SOFT, explorer::MetaQuery::new(crate::at("/links/chain_10/data/x"))).await;
    assert_eq!(answer.unwrap()["path"], "/links/chain_10/data/x");
    let (code, detail) = said(children(SOFT, all("/entry/gone/below")).await);
    assert_eq!(code, "link_unresolved");
    assert!(detail.contains("/entry/gone") && detail.contains("/no/such/object"), "{detail}");
}

#[tokio::test]
async fn external_links_are_shown_and_not_opened() {
    let answer = children(EXTERNAL, all("/")).await.unwrap();
    let there = child(&answer, "there");
    assert_eq!(
        *there,
        json!({"name": "there", "path": "/there", "link": "external", "type": "unresolved",
               "target_file": "external_target.h5", "target": "/thing"})
    );
}

#[tokio::test]
async fn external_links_are_opened_when_asked_for_within_the_store() {
    let query = all("/").with_resolve(Resolve::External);
    let answer = children(EXTERNAL, query).await.unwrap();
    assert_eq!(child(&answer, "there")["type"], "group");
    assert_eq!(child(&answer, "there_dataset")["shape"], json!([3]));
    assert_eq!(child(&answer, "self")["type"], "group");
    for (name, reason) in [
        ("missing_file", "no such file"),
        ("missing_object", "no such path"),
        ("not_hdf5", "not an HDF5 file"),
        ("out_of_the_root", "outside of what is served"),
        ("absolute_path", "no such file"),
        ("loop", "no more than 16 links"),
    ] {
        let error = &child(&answer, name)["error"];
        assert_eq!(error["code"], "link_unresolved", "{name}");
        assert!(error["detail"].as_str().unwrap().contains(reason), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_path_leads_through_external_links() {
    let answer = children(EXTERNAL, all("/there")).await.unwrap();
    assert_eq!(answer["key"], EXTERNAL);
    assert_eq!(child(&answer, "data")["path"], "/there/data");
    let (code, detail) = said(children(EXTERNAL, all("/missing_file")).await);
    assert_eq!(code, "link_unresolved");
    assert!(detail.contains("/missing_file") && detail.contains("nope.h5"), "{detail}");
}

#[tokio::test]
async fn what_depends_on_other_files_says_so() {
    let explorer = crate::explorer();
    for (query, expected) in
        [(all("/"), false), (all("/there"), true), (all("/").with_resolve(Resolve::External), true)]
    {
        let meter = Arc::new(Meter::new());
        let query: ChildrenQuery = query;
        let answer = explorer.children(EXTERNAL, &query, Default::default(), &meter).await.unwrap();
        assert_eq!(answer.from_other_files, expected);
    }
}

#[tokio::test]
async fn a_link_out_of_the_scope_says_the_same_whether_its_file_is_there_or_not() {
    let (alone, beside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let put = |folder: &TempDir, fixture: &str| {
        let file = crate::fixtures().join("links").join(fixture);
        std::fs::copy(file, folder.path().join(fixture)).unwrap();
    };
    put(&alone, "external_latest.h5");
    put(&beside, "external_latest.h5");
    put(&beside, "external_target.h5");
    let ask = async |folder: &TempDir, query: ChildrenQuery| {
        let scope = Scope::below(["external_l".to_owned()]);
        let (explorer, meter) = (crate::explorer_of(folder.path()), Arc::new(Meter::new()));
        let ask = async |session: Session| session.within(scope.clone()).children(&query).await;
        let answer = explorer.ask("external_latest.h5", Freshness::Trust, &meter, ask).await;
        answer.map(|answer| serde_json::to_value(answer).unwrap()["children"].take())
    };
    let external = || all("/").with_resolve(Resolve::External);
    let children = ask(&beside, external()).await.unwrap();
    assert_eq!(children, ask(&alone, external()).await.unwrap());
    let children = json!({"children": children});
    assert_eq!(child(&children, "self")["type"], "group", "the file itself is within");
    for name in ["there", "missing_file"] {
        let detail = child(&children, name)["error"]["detail"].as_str().unwrap();
        assert!(detail.ends_with("but that file may not be read"), "{name}: {detail}");
    }
    let refused = said(ask(&beside, all("/there")).await);
    assert_eq!(refused, said(ask(&alone, all("/there")).await));
    assert_eq!(refused.0, "link_unresolved");
}
