//! Asks the explorer about everything that is expected of a file.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use explorer::{
    ChildrenQuery, ErrorCode, Explorer, ExplorerConfig, ExplorerError, MetaQuery, ObjectPath,
    Order, Place as ObjectPlace,
};
use futures::FutureExt as _;
use serde::Serialize;
use serde_json::Value;
use store::{Freshness, Meter, Store, StoreConfig};

use super::compare::{self, Answer, Place};
use super::expected::{Expected, Object};
use super::tally::{Outcome, Tally};

/// Small pages, so that paging is part of what is compared.
const PAGE: u64 = 500;

/// An explorer of a folder.
pub fn explorer_of(folder: &Path) -> Arc<Explorer> {
    let folder = folder.to_str().expect("a folder that is UTF-8");
    let store = Store::open(folder, StoreConfig::default()).expect("a store over a folder");
    Explorer::new(store, ExplorerConfig::default())
}

/// Compares all answers about the file `key` with what is expected.
pub async fn compare_file(explorer: Arc<Explorer>, key: String, expected: Expected) -> Tally {
    let asked = AssertUnwindSafe(compare(&explorer, &key, &expected)).catch_unwind().await;
    let mut tally = asked.unwrap_or_else(|_| {
        let mut tally = Tally::default();
        tally.failures.push(format!("{key}: panic"));
        tally
    });
    if matches!(expected, Expected::Objects { .. }) {
        let is_tree = |feature: &str| !feature.starts_with("attributes");
        for (feature, right) in [
            ("files: tree and types", tally.all_right(is_tree)),
            ("files: everything", tally.all_right(|_| true)),
        ] {
            let some = || Outcome::Wrong("some difference".to_owned(), "see there".to_owned());
            tally.count(feature, &key, if right { Outcome::Right } else { some() });
        }
    }
    tally
}

async fn compare(explorer: &Arc<Explorer>, key: &str, expected: &Expected) -> Tally {
    let mut tally = Tally::default();
    let root = ObjectPlace::Path(ObjectPath::parse("/"));
    match expected {
        Expected::Unknown => {
            let answers = [
                metadata(explorer, key, root.clone(), &mut tally).await,
                children(explorer, key, root, Order::Name, &mut tally).await,
            ];
            let feature = match answers.iter().all(Result::is_ok) {
                true => "files without truth: answered",
                false => "files without truth: refused",
            };
            tally.count(feature, key, Outcome::Right);
        }
        Expected::Refused(code) => {
            let outcome = match children(explorer, key, root, Order::Name, &mut tally).await {
                Err((answered, _)) if answered == *code => Outcome::Right,
                other => Outcome::Wrong(format!("not {code}"), format!("{other:?}")),
            };
            tally.count("files: refusal", key, outcome);
        }
        Expected::Objects { base_address, file, objects } => {
            let place = Place { key, base_address: *base_address };
            for (index, object) in objects.iter().enumerate() {
                let answer = compare_object(explorer, object, &place, &mut tally).await;
                if index == 0
                    && let Ok(root) = answer
                {
                    let feature = "files: superblock";
                    compare::all_members(feature, file, &root["file"], &place, &mut tally);
                }
            }
        }
    }
    tally
}

async fn compare_object(
    explorer: &Arc<Explorer>,
    expected: &Object,
    place: &Place<'_>,
    tally: &mut Tally,
) -> Answer {
    let asked = match expected.only_by_address {
        Some(address) => ObjectPlace::Address(address),
        None => ObjectPlace::Path(ObjectPath::parse(&expected.path)),
    };
    let answer = metadata(explorer, place.key, asked.clone(), tally).await;
    compare::metadata(expected, &answer, place, tally);
    let at = format!("{}:{}", place.key, expected.path);
    if let Some(wanted) = &expected.children {
        let answer = children(explorer, place.key, asked.clone(), Order::Name, tally).await;
        compare::children(wanted, &at, &answer, place, tally);
    }
    if let Some(wanted) = &expected.creation_order {
        let answer = children(explorer, place.key, asked, Order::Creation, tally).await;
        compare::creation_order(wanted, &at, &answer, tally);
    }
    answer
}

/// `metadata` with the attributes of all pages.
async fn metadata(
    explorer: &Arc<Explorer>,
    key: &str,
    place: ObjectPlace,
    tally: &mut Tally,
) -> Answer {
    let meter = Arc::new(Meter::new());
    let first = MetaQuery::new(place).with_attributes_limit(PAGE).expect("a page");
    let mut query = first.clone();
    let mut whole: Option<Value> = None;
    loop {
        let answer = explorer.meta(key, &query, Freshness::Trust, &meter).await;
        let mut answer = json(answer, key, tally)?;
        let mut page = answer["metadata"].take();
        let next = page["attributes_next"].take();
        match &mut whole {
            None => whole = Some(page),
            Some(whole) => append(&mut whole["attributes"], page["attributes"].take()),
        }
        match next.as_str() {
            Some(next) => query = first.clone().with_attributes_after(next).expect("our cursor"),
            None => return Ok(whole.unwrap_or_default()),
        }
    }
}

/// The children of all pages.
async fn children(
    explorer: &Arc<Explorer>,
    key: &str,
    place: ObjectPlace,
    order: Order,
    tally: &mut Tally,
) -> Answer {
    let meter = Arc::new(Meter::new());
    let first = ChildrenQuery::new(place).with_limit(PAGE).expect("a page").with_order(order);
    let mut query = first.clone();
    let mut all = Value::Array(Vec::new());
    loop {
        let answer = explorer.children(key, &query, Freshness::Trust, &meter).await;
        let mut answer = json(answer, key, tally)?;
        append(&mut all, answer["children"].take());
        match answer["next"].as_str() {
            Some(next) => query = first.clone().with_after(next).expect("our cursor"),
            None => return Ok(all),
        }
    }
}

fn append(all: &mut Value, page: Value) {
    if let (Value::Array(all), Value::Array(page)) = (all, page) {
        all.extend(page);
    }
}

fn json<T: Serialize>(
    answer: Result<T, ExplorerError>,
    key: &str,
    tally: &mut Tally,
) -> Result<Value, (String, String)> {
    match answer {
        Ok(answer) => Ok(serde_json::to_value(answer).expect("an answer is JSON")),
        Err(error) => {
            if error.code.is_of_the_store() || error.code == ErrorCode::BadRequest {
                tally.failures.push(format!("{key}: {error:?}"));
            }
            Err((error.code.as_str().to_owned(), error.detail))
        }
    }
}
