//! Reads the truth files of a corpus: what h5py said of each of its files.

mod values;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::datatype;
use super::expected::{Attribute, Child, Expected, Object};
use values::{base64_of_hex, flatten};

/// The expectation that a truth file tells.
pub fn read_truth(truth: &Value) -> Expected {
    if truth["opens"] != true || !truth["root_error"].is_null() {
        return Expected::Unknown;
    }
    let offset_size = truth["file_props"]["sizes"][0].as_u64().unwrap_or(8);
    let objects = truth["objects"].as_object().into_iter().flatten();
    let mut objects: Vec<Object> = objects
        .filter(|(_, object)| object["open_error"].is_null())
        .map(|(path, truth)| object(path, truth, offset_size))
        .collect();
    objects.sort_by_key(|object| object.path != "/");
    summarise_children(&mut objects);
    excuse_unopened(&mut objects, truth);
    excuse_links_through_unreadable(&mut objects);
    let mut file = json!({
        "size": truth["size"],
        "superblock_version": truth["superblock_version"],
        "userblock": truth["superblock_offset"],
        "root_address": truth["root_addr"],
    });
    if let Some(sizes) = truth["file_props"]["sizes"].as_array() {
        file["offset_size"] = sizes[0].clone();
        file["length_size"] = sizes[1].clone();
    }
    Expected::Objects {
        base_address: truth["superblock_offset"].as_u64().unwrap_or(0),
        file: into_members(file),
        objects,
    }
}

fn object(path: &str, truth: &Value, offset_size: u64) -> Object {
    let mut members = Map::new();
    members.insert("type".to_owned(), truth["type"].clone());
    members.insert("address".to_owned(), truth["addr"].clone());
    let attributes = attributes(&truth["attrs"], offset_size);
    if truth["attrs"]["n"].is_u64() {
        members.insert("num_attributes".to_owned(), truth["attrs"]["n"].clone());
    }
    let mut fill_value = None;
    match truth["type"].as_str() {
        Some("dataset") => {
            members.extend(dataset(truth, offset_size));
            let fill = &truth["fill"];
            if fill["defined"] == "user" && !is_error(&fill["value"]) && !fill["value"].is_null() {
                fill_value = Some(flatten(&fill["value"], &truth["dtype"], false));
            }
        }
        Some("group") => members.extend(group(truth)),
        _ => {
            insert_datatype(&mut members, &truth["dtype"], offset_size);
            // That a datatype object is committed goes without saying.
            if let Some(Value::Object(datatype)) = members.get_mut("datatype") {
                datatype.remove("committed");
            }
        }
    }
    Object {
        path: path.to_owned(),
        only_by_address: if is_plain(path, truth) { None } else { truth["addr"].as_u64() },
        members,
        fill_value,
        attributes,
        children: children(truth),
        creation_order: creation_order(truth),
    }
}

/// Expects of hard-linked children what a listing shows of the objects that they lead to.
fn summarise_children(objects: &mut [Object]) {
    let shown = ["shape", "maxshape", "ndim", "dtype", "chunks", "filters", "num_attributes"];
    let summaries: HashMap<Option<u64>, Map<String, Value>> = objects
        .iter()
        .map(|object| {
            let members = object.members.iter();
            let members = members.filter(|(name, _)| shown.contains(&name.as_str()));
            (object.members["address"].as_u64(), members.map(owned).collect())
        })
        .collect();
    for child in objects.iter_mut().filter_map(|object| object.children.as_mut()).flatten() {
        let address = child.members.get("address").and_then(Value::as_u64);
        if let Some(summary) = summaries.get(&address).filter(|_| address.is_some()) {
            child.members.extend(summary.iter().map(owned));
        }
    }
}

/// Expects nothing of the headers of children that h5py could not open either.
fn excuse_unopened(objects: &mut [Object], truth: &Value) {
    let all = truth["objects"].as_object().into_iter().flatten();
    let unopened = all.filter(|(_, object)| !object["open_error"].is_null());
    let addresses: HashSet<u64> =
        unopened.filter_map(|(_, object)| object["addr"].as_u64()).collect();
    for child in objects.iter_mut().filter_map(|object| object.children.as_mut()).flatten() {
        let address = child.members.get("address").and_then(Value::as_u64);
        child.unreadable |= address.is_some_and(|address| addresses.contains(&address));
    }
}

/// Expects no end of a soft link where h5py could not read an object on its way: we may.
fn excuse_links_through_unreadable(objects: &mut [Object]) {
    let unreadable: HashSet<String> = objects
        .iter()
        .flat_map(|object| {
            let children = object.children.iter().flatten().filter(|child| child.unreadable);
            children.map(|child| joined(&object.path, &child.name))
        })
        .collect();
    for object in objects {
        for child in object.children.iter_mut().flatten() {
            let Some(target) = child.members.get("target").and_then(Value::as_str) else {
                continue;
            };
            let way = match target.starts_with('/') {
                true => target.to_owned(),
                false => joined(&object.path, target),
            };
            let ends = way.match_indices('/').map(|(at, _)| at).skip(1).chain([way.len()]);
            if ends.into_iter().any(|end| unreadable.contains(&way[..end])) {
                child.members.remove("type");
            }
        }
    }
}

fn joined(group: &str, name: &str) -> String {
    format!("{}/{name}", group.trim_end_matches('/'))
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Whether the object can be asked for by the path that the truth gives.
fn is_plain(path: &str, truth: &Value) -> bool {
    let segments = path.trim_start_matches('/').split('/');
    let nameable = path == "/" || segments.into_iter().all(|name| !matches!(name, "" | "."));
    truth["path_hex"].is_null() && nameable && !path.ends_with('\u{1}')
}

fn group(truth: &Value) -> Map<String, Value> {
    let mut members = json!({});
    if let Some(flags) = truth["link_creation_order"].as_u64() {
        members["creation_order"] = json!({"tracked": flags & 1 != 0, "indexed": flags & 2 != 0});
    }
    if truth["n_links"].is_u64() {
        members["num_children"] = truth["n_links"].clone();
    }
    into_members(members)
}

fn dataset(truth: &Value, offset_size: u64) -> Map<String, Value> {
    let mut members = Map::new();
    insert_space(&mut members, &truth["space"]);
    insert_datatype(&mut members, &truth["dtype"], offset_size);
    if truth["layout"].is_string() {
        members.insert("layout".to_owned(), truth["layout"].clone());
    }
    let chunks = truth.get("chunk").filter(|chunk| chunk.is_array());
    members.insert("chunks".to_owned(), chunks.cloned().unwrap_or(Value::Null));
    if let Some(filters) = truth["filters"].as_array() {
        members.insert("filters".to_owned(), filters.iter().map(filter).collect());
    }
    if truth["fill"]["defined"].is_string() {
        members.insert("fill_defined".to_owned(), truth["fill"]["defined"].clone());
    }
    if truth["storage_size"].is_u64() && truth["layout"] != "virtual" {
        members.insert("storage_size".to_owned(), truth["storage_size"].clone());
    }
    members
}

fn filter(truth: &Value) -> Value {
    if is_error(truth) {
        return json!({});
    }
    let mut filter = json!({"id": truth["id"], "options": truth["client"]});
    // The names of others are up to whoever registered them.
    let name = match truth["id"].as_u64() {
        Some(1) => "deflate",
        Some(2) => "shuffle",
        Some(3) => "fletcher32",
        Some(4) => "szip",
        Some(5) => "nbit",
        Some(6) => "scaleoffset",
        _ => return filter,
    };
    filter["name"] = json!(name);
    filter
}

fn insert_space(members: &mut Map<String, Value>, space: &Value) {
    if is_error(space) {
        return;
    }
    members.insert("shape".to_owned(), space["shape"].clone());
    members.insert("maxshape".to_owned(), space["maxshape"].clone());
    let rank = space["shape"].as_array().map_or(0, Vec::len);
    members.insert("ndim".to_owned(), json!(rank));
}

fn insert_datatype(members: &mut Map<String, Value>, truth: &Value, offset_size: u64) {
    members.insert("datatype".to_owned(), datatype::described(truth, offset_size));
    if let Some(name) = datatype::short_name(truth) {
        members.insert("dtype".to_owned(), json!(name));
    }
}

fn attributes(truth: &Value, offset_size: u64) -> Option<Vec<Attribute>> {
    if !truth["iterate_error"].is_null() {
        return None;
    }
    let list = truth["list"].as_array()?;
    Some(list.iter().map(|attribute| self::attribute(attribute, offset_size)).collect())
}

fn attribute(truth: &Value, offset_size: u64) -> Attribute {
    let mut members = Map::new();
    let mut value = None;
    if truth["detail"] != false && truth["error"].is_null() {
        insert_space(&mut members, &truth["space"]);
        members.remove("maxshape");
        members.remove("ndim");
        insert_datatype(&mut members, &truth["type"], offset_size);
        let is_array = truth["space"]["class"] == "simple";
        value = truth.get("value").map(|value| flatten(value, &truth["type"], is_array));
    }
    Attribute { name: key(truth), members, value }
}

fn children(truth: &Value) -> Option<Vec<Child>> {
    if !truth["iterate_error"].is_null() {
        return None;
    }
    let children = truth["children"].as_array()?;
    Some(children.iter().map(child).collect())
}

fn child(truth: &Value) -> Child {
    let link = truth["link"].as_str().unwrap_or_default();
    let mut members = json!({"link": link});
    match link {
        // Asked for ".", h5py opens the group itself.
        "hard" if truth["name"] == "." => {}
        "hard" => {
            for (name, of_truth) in [("type", "type"), ("address", "addr")] {
                if !truth[of_truth].is_null() {
                    members[name] = truth[of_truth].clone();
                }
            }
        }
        "soft" => {
            // Where h5py cannot read the target, it cannot say what is there either.
            if truth["target"].is_string() {
                let leads_to = truth["resolves_to"].as_str();
                members["type"] = json!(leads_to.unwrap_or("unresolved"));
                members["target"] = truth["target"].clone();
            }
        }
        "external" => {
            members["type"] = json!("unresolved");
            let target = &truth["target"];
            for (name, of_truth) in [("target_file", "file"), ("target", "path")] {
                if target[of_truth].is_string() {
                    members[name] = target[of_truth].clone();
                }
            }
        }
        user => {
            let class = user.trim_start_matches("user:").parse::<u64>().ok();
            members = json!({"link": "user", "link_class": class, "type": "unresolved"});
        }
    }
    let unreadable = !truth["error"].is_null();
    Child { name: key(truth), members: into_members(members), unreadable }
}

fn creation_order(truth: &Value) -> Option<Vec<String>> {
    let tracked = truth["link_creation_order"].as_u64().is_some_and(|flags| flags & 1 != 0)
        && truth["iterate_error"].is_null();
    let children = truth["children"].as_array().filter(|_| tracked)?;
    let mut numbered: Vec<_> = children
        .iter()
        .map(|child| Some((child["corder"].as_i64()?, key(child))))
        .collect::<Option<_>>()?;
    numbered.sort();
    Some(numbered.into_iter().map(|(_, name)| name).collect())
}

/// The key by which a name is compared: see `name_key`.
fn key(entry: &Value) -> String {
    match entry["name_hex"].as_str() {
        Some(hex) => format!("base64:{}", base64_of_hex(hex)),
        None => entry["name"].as_str().unwrap_or_default().to_owned(),
    }
}

fn is_error(value: &Value) -> bool {
    value.get("error").is_some()
}

fn into_members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_h5py_does_not_open_is_unknown() {
        assert!(matches!(read_truth(&json!({"opens": false})), Expected::Unknown));
    }
}
