//! Compares one object's answers with what is expected of them. Pure: JSON on both sides.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::atoms::{self, Flat};
use super::expected::{Attribute, Child, Object, name_key};
use super::tally::{Outcome, Tally};

/// An answer, or the code and text of an error.
pub type Answer = Result<Value, (String, String)>;

/// Where something stands, for messages, and where addresses count from.
#[derive(Debug)]
pub struct Place<'a> {
    /// Key of the file.
    pub key: &'a str,
    /// See [`super::Expected::Objects`].
    pub base_address: u64,
}

/// Compares the `metadata` of an object, its attributes included.
pub fn metadata(expected: &Object, answer: &Answer, place: &Place<'_>, tally: &mut Tally) {
    let at = format!("{}:{}", place.key, expected.path);
    let metadata = match answer {
        Ok(metadata) => {
            tally.count("objects", &at, Outcome::Right);
            metadata
        }
        Err((code, detail)) => {
            let refused = || Outcome::Refused(code.clone(), detail.clone());
            tally.count("objects", &at, refused());
            for _ in expected.attributes.iter().flatten() {
                tally.count("attributes: value", &at, refused());
            }
            return;
        }
    };
    for (name, wanted) in &expected.members {
        if let Some(feature) = object_feature(name) {
            tally.count(feature, &at, member(name, wanted, metadata, place));
        }
    }
    if let Some(wanted) = &expected.fill_value {
        let shape = Value::Array(Vec::new());
        let complete = metadata["fill_truncated"] != true;
        let answered =
            atoms::flatten(&metadata["fill_value"], &metadata["datatype"], &shape, complete);
        let outcome = values(wanted, answered, place, &metadata["datatype"]);
        tally.count("datasets: fill value", &at, outcome);
    }
    if let Some(wanted) = &expected.attributes {
        attributes(wanted, &metadata["attributes"], &at, place, tally);
    }
}

/// Compares the children of a group.
pub fn children(
    expected: &[Child],
    at: &str,
    answer: &Answer,
    place: &Place<'_>,
    tally: &mut Tally,
) {
    let answered = match answer {
        Ok(answered) => by_name(answered),
        Err((code, detail)) => {
            tally.count("groups: names", at, Outcome::Refused(code.clone(), detail.clone()));
            return;
        }
    };
    let names = expected.iter().map(|child| child.name.as_str());
    tally.count("groups: names", at, names_agree(names, &answered));
    for child in expected {
        // Damaged groups may hold a name twice.
        let of_name = answered.get(&child.name).map_or(&[][..], Vec::as_slice);
        let wanted = child.members.get("address").unwrap_or(&Value::Null);
        let is_it = |entry: &&&Value| entry["address"] == *wanted;
        let Some(found) = of_name.iter().find(is_it).or(of_name.first()) else { continue };
        let at = format!("{at} child {:?}", child.name);
        if child.unreadable {
            continue;
        }
        if expected_to_resolve(child) {
            tally.count("children: readable", &at, readable(found));
        }
        for (name, wanted) in &child.members {
            if let Some(feature) = child_feature(name) {
                tally.count(feature, &at, member(name, wanted, found, place));
            }
        }
    }
}

/// Compares the order of a group's children with that of their creation.
pub fn creation_order(expected: &[String], at: &str, answer: &Answer, tally: &mut Tally) {
    let outcome = match answer {
        Err((code, detail)) => Outcome::Refused(code.clone(), detail.clone()),
        Ok(children) => {
            let names: Vec<_> = children.as_array().into_iter().flatten().map(name_key).collect();
            if names == expected {
                Outcome::Right
            } else {
                Outcome::Wrong("differs".to_owned(), format!("{names:?} instead of {expected:?}"))
            }
        }
    };
    tally.count("groups: creation order", at, outcome);
}

/// Compares a whole JSON object, member by member, under one feature.
pub fn all_members(
    feature: &'static str,
    expected: &Map<String, Value>,
    answered: &Value,
    place: &Place<'_>,
    tally: &mut Tally,
) {
    for (name, wanted) in expected {
        tally.count(feature, place.key, member(name, wanted, answered, place));
    }
}

fn attributes(
    expected: &[Attribute],
    answered: &Value,
    at: &str,
    place: &Place<'_>,
    tally: &mut Tally,
) {
    let answered = by_name(answered);
    let names = expected.iter().map(|attribute| attribute.name.as_str());
    tally.count("attributes: names", at, names_agree(names, &answered));
    for attribute in expected {
        let at = format!("{at}@{}", attribute.name);
        let Some(found) = answered.get(&attribute.name).and_then(|found| found.first()) else {
            let missing = Outcome::Wrong("missing".to_owned(), "no such attribute".to_owned());
            tally.count("attributes: value", &at, missing);
            continue;
        };
        for (name, wanted) in &attribute.members {
            if let Some(feature) = attribute_feature(name) {
                tally.count(feature, &at, member(name, wanted, found, place));
            }
        }
        if let Some(wanted) = &attribute.value {
            tally.count("attributes: value", &at, attribute_value(wanted, found, place));
        }
    }
}

fn attribute_value(expected: &Flat, found: &Value, place: &Place<'_>) -> Outcome {
    if let refused @ Outcome::Refused(..) = readable(found) {
        return refused;
    }
    let complete = found["truncated"] != true;
    let answered = atoms::flatten(&found["value"], &found["datatype"], &found["shape"], complete);
    values(expected, answered, place, &found["datatype"])
}

/// Whether a child or an attribute was answered without an error of its own.
fn readable(found: &Value) -> Outcome {
    match found.get("error") {
        None => Outcome::Right,
        Some(error) => {
            let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            Outcome::Refused(text("code"), text("detail"))
        }
    }
}

fn values(
    expected: &Flat,
    answered: Result<Flat, String>,
    place: &Place<'_>,
    datatype: &Value,
) -> Outcome {
    let kind = datatype["class"].as_str().unwrap_or("unknown").to_owned();
    let compared = answered.and_then(|mut answered| {
        answered.align_references(expected, place.base_address);
        atoms::compare(expected, &answered)
    });
    match compared {
        Ok(()) => Outcome::Right,
        Err(difference) => Outcome::Wrong(kind, difference),
    }
}

impl Flat {
    /// Counts addresses from where `expected` counts them, if that makes them equal.
    fn align_references(&mut self, expected: &Self, base_address: u64) {
        use atoms::Atom::Reference;
        for (ours, theirs) in self.atoms.iter_mut().zip(&expected.atoms) {
            if let (Reference(Some(Some(ours))), Reference(Some(Some(theirs)))) = (ours, theirs)
                && ours.checked_add(base_address) == Some(*theirs)
            {
                *ours = *theirs;
            }
        }
    }
}

/// Compares one member, unless the answer may leave it open.
fn member(name: &str, expected: &Value, answered: &Value, place: &Place<'_>) -> Outcome {
    let found = answered.get(name).unwrap_or(&Value::Null);
    let may_be_unknown = ["num_children", "storage_size"].contains(&name);
    if found.is_null() && may_be_unknown {
        return Outcome::Right;
    }
    if name == "address" && is_same_address(expected, found, place.base_address) {
        return Outcome::Right;
    }
    match contains(expected, found) {
        Ok(()) => Outcome::Right,
        Err(difference) => Outcome::Wrong(format!("{name} differs"), difference),
    }
}

fn is_same_address(expected: &Value, found: &Value, base_address: u64) -> bool {
    match (expected.as_u64(), found.as_u64()) {
        (Some(expected), Some(found)) => {
            expected == found || found.checked_add(base_address) == Some(expected)
        }
        _ => false,
    }
}

/// Whether everything that is expected is in the answer, which may say more.
fn contains(expected: &Value, found: &Value) -> Result<(), String> {
    match (expected, found) {
        (Value::Object(wanted), Value::Object(members)) => {
            wanted.iter().try_for_each(|(name, v)| {
                let found = members.get(name).unwrap_or(&Value::Null);
                contains(v, found).map_err(|difference| format!("{name}: {difference}"))
            })
        }
        (Value::Array(wanted), Value::Array(elements)) if wanted.len() == elements.len() => {
            wanted.iter().zip(elements).try_for_each(|(wanted, found)| contains(wanted, found))
        }
        _ if expected == found => Ok(()),
        _ => Err(format!("{found} instead of {expected}")),
    }
}

fn names_agree<'a>(
    expected: impl Iterator<Item = &'a str>,
    answered: &BTreeMap<String, Vec<&Value>>,
) -> Outcome {
    let mut wanted = BTreeMap::<&str, usize>::new();
    expected.for_each(|name| *wanted.entry(name).or_default() += 1);
    let missing: Vec<_> = wanted
        .iter()
        .filter(|(name, count)| answered.get(**name).map_or(0, Vec::len) < **count)
        .map(|(name, _)| *name)
        .collect();
    let unexpected: Vec<_> = answered
        .iter()
        .filter(|(name, found)| wanted.get(name.as_str()).copied().unwrap_or(0) < found.len())
        .map(|(name, _)| name.as_str())
        .collect();
    match (missing.is_empty(), unexpected.is_empty()) {
        (true, true) => Outcome::Right,
        (false, _) => {
            let detail =
                format!("{} missing: {:.5?}, unexpected: {unexpected:?}", missing.len(), missing);
            Outcome::Wrong("missing".to_owned(), detail)
        }
        (true, false) => Outcome::Wrong("unexpected".to_owned(), format!("{unexpected:?}")),
    }
}

fn by_name(list: &Value) -> BTreeMap<String, Vec<&Value>> {
    let mut found = BTreeMap::<String, Vec<&Value>>::new();
    for entry in list.as_array().into_iter().flatten() {
        found.entry(name_key(entry)).or_default().push(entry);
    }
    found
}

fn expected_to_resolve(child: &Child) -> bool {
    child.members.get("type").is_some_and(|kind| kind != "unresolved")
}

/// The feature under which a member of `metadata` is counted; `None`: not compared.
fn object_feature(member: &str) -> Option<&'static str> {
    Some(match member {
        "type" | "address" | "modified" | "num_attributes" => "objects: identity",
        "shape" | "maxshape" | "ndim" | "size" => "datasets: shape",
        "dtype" => "datatypes: name",
        "datatype" => "datatypes: whole",
        "layout" => "datasets: layout",
        "chunks" | "chunk_index" => "datasets: chunks",
        "filters" | "compression" => "datasets: filters",
        "fill_defined" => "datasets: fill defined",
        "storage_size" => "datasets: storage size",
        "num_children" | "creation_order" | "link_storage" => "groups: storage",
        _ => return None,
    })
}

fn child_feature(member: &str) -> Option<&'static str> {
    Some(match member {
        "link" | "link_class" => "children: link",
        "target" | "target_file" => "children: target",
        "type" | "error" => "children: type",
        "address" | "path" => "children: address and path",
        "shape" | "maxshape" | "ndim" | "size" => "children: shape",
        "dtype" => "children: dtype",
        "chunks" | "filters" | "compression" => "children: chunks and filters",
        "num_children" | "num_attributes" => "children: counts",
        _ => return None,
    })
}

fn attribute_feature(member: &str) -> Option<&'static str> {
    Some(match member {
        "shape" => "attributes: shape",
        "dtype" | "datatype" => "attributes: type",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLACE: Place<'static> = Place { key: "a.h5", base_address: 512 };

    fn child(name: &str, members: Value) -> Child {
        let members = members.as_object().unwrap().clone();
        Child { name: name.to_owned(), members, unreadable: false }
    }

    fn share_of(feature: &str, expected: &[Child], answered: Value) -> f64 {
        let mut tally = Tally::default();
        children(expected, "a.h5:/", &Ok(answered), &PLACE, &mut tally);
        tally.shares()[feature]
    }

    #[test]
    fn an_address_counts_with_or_without_the_user_block() {
        let expected = [child("x", json!({"address": 1512}))];
        let feature = "children: address and path";
        assert_eq!(share_of(feature, &expected, json!([{"name": "x", "address": 1000}])), 100.0);
        assert_eq!(share_of(feature, &expected, json!([{"name": "x", "address": 1512}])), 100.0);
        assert_eq!(share_of(feature, &expected, json!([{"name": "x", "address": 1}])), 0.0);
    }

    #[test]
    fn missing_and_unexpected_children_are_wrong() {
        let expected = [child("x", json!({}))];
        assert_eq!(share_of("groups: names", &expected, json!([{"name": "x"}])), 100.0);
        assert_eq!(share_of("groups: names", &expected, json!([])), 0.0);
        assert_eq!(
            share_of("groups: names", &expected, json!([{"name": "x"}, {"name": "y"}])),
            0.0
        );
        assert_eq!(
            share_of("groups: names", &expected, json!([{"name": "x"}, {"name": "x"}])),
            0.0
        );
    }

    #[test]
    fn an_answer_may_say_more_but_not_less() {
        assert_eq!(contains(&json!({"a": [1]}), &json!({"a": [1], "b": 2})), Ok(()));
        let difference = contains(&json!({"a": {"b": 1}}), &json!({"a": {"b": 2}})).unwrap_err();
        assert_eq!(difference, "a: b: 2 instead of 1");
    }

    #[test]
    fn a_child_with_an_error_is_refused_where_h5py_reads_it() {
        let expected = [child("x", json!({"type": "dataset"}))];
        let answered = json!([{"name": "x", "error": {"code": "unsupported", "detail": "d"}}]);
        assert_eq!(share_of("children: readable", &expected, answered), 0.0);
    }

    #[test]
    fn an_error_of_the_object_counts_for_each_attribute() {
        let attribute =
            |name: &str| Attribute { name: name.to_owned(), members: Map::new(), value: None };
        let expected = Object {
            path: "/x".to_owned(),
            only_by_address: None,
            members: Map::new(),
            fill_value: None,
            attributes: Some(vec![attribute("a"), attribute("b")]),
            children: None,
            creation_order: None,
        };
        let mut tally = Tally::default();
        let answer = Err(("unsupported".to_owned(), "why".to_owned()));
        metadata(&expected, &answer, &PLACE, &mut tally);
        assert!(tally.table().contains("attributes: value                   0        0        2"));
    }
}
