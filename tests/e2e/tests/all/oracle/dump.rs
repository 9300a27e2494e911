//! Reads the dumps of our fixtures, which already are in the words of the API.

use serde_json::{Map, Value};

use super::atoms::flatten;
use super::expected::{Attribute, Child, Expected, Object, name_key};

/// The expectation that a dump tells.
///
/// # Panics
///
/// When the dump is not what `fixtures/make/dump.py` writes.
pub fn read_dump(dump: &Value) -> Expected {
    if let Some(code) = dump["refused"].as_str() {
        return if code == "any" { Expected::Unknown } else { Expected::Refused(code.to_owned()) };
    }
    let Some(objects) = dump["objects"].as_array() else { return Expected::Unknown };
    Expected::Objects {
        base_address: 0,
        file: members(&dump["file"]),
        objects: objects.iter().map(object).collect(),
    }
}

fn object(entry: &Value) -> Object {
    let metadata = &entry["metadata"];
    let mut known = members(metadata);
    known.remove("attributes");
    let fill_value = known.remove("fill_value").filter(|value| !value.is_null()).map(|value| {
        flatten(&value, &metadata["datatype"], &Value::Array(Vec::new()), true).expect("fill value")
    });
    let attributes = metadata["attributes"].as_array().expect("attributes");
    let children = entry["children"].as_array();
    Object {
        path: entry["path"].as_str().expect("path").to_owned(),
        only_by_address: entry["only_by_address"].as_bool().and(metadata["address"].as_u64()),
        members: known,
        fill_value,
        attributes: Some(attributes.iter().map(attribute).collect()),
        children: children.map(|children| children.iter().map(child).collect()),
        creation_order: entry["creation_order"]
            .as_array()
            .map(|names| names.iter().map(name_key).collect()),
    }
}

fn attribute(entry: &Value) -> Attribute {
    let mut known = members(entry);
    let value = known.remove("value").map(|value| {
        let complete = entry["truncated"] != true;
        flatten(&value, &entry["datatype"], &entry["shape"], complete).expect("attribute value")
    });
    for member in ["name", "name_base64", "value_unknown", "truncated", "size"] {
        known.remove(member);
    }
    Attribute { name: name_key(entry), members: known, value }
}

fn child(entry: &Value) -> Child {
    let mut known = members(entry);
    let unreadable = entry.get("error").is_some() && entry["type"].is_null();
    for member in ["name", "name_base64"] {
        known.remove(member);
    }
    Child { name: name_key(entry), members: known, unreadable }
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}
