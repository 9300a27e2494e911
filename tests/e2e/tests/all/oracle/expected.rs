//! An expectation of a file, whoever told it.

use serde_json::{Map, Value};

use super::atoms::Flat;

/// What a file should be answered with.
#[derive(Debug)]
pub enum Expected {
    /// A refusal of the whole file, with this code.
    Refused(String),
    /// Nobody knows; anything but an internal error will do.
    Unknown,
    /// These objects.
    Objects {
        /// Where the file's addresses count from. Other libraries may give addresses with it.
        base_address: u64,
        /// Members of the root's `file`.
        file: Map<String, Value>,
        /// All objects, the root first.
        objects: Vec<Object>,
    },
}

/// One object.
#[derive(Debug)]
pub struct Object {
    /// For messages.
    pub path: String,
    /// The header's address, if it must be asked for by that.
    pub only_by_address: Option<u64>,
    /// Members of `metadata`, without attributes and fill value.
    pub members: Map<String, Value>,
    /// The fill value of a dataset.
    pub fill_value: Option<Flat>,
    /// All attributes. `None` where they are not known.
    pub attributes: Option<Vec<Attribute>>,
    /// All children of a group. `None` where they are not known.
    pub children: Option<Vec<Child>>,
    /// The names of a group's children in the order of creation, where it is tracked.
    pub creation_order: Option<Vec<String>>,
}

/// One attribute.
#[derive(Debug)]
pub struct Attribute {
    /// See [`name_key`].
    pub name: String,
    /// Members of the attribute, without its value.
    pub members: Map<String, Value>,
    /// Its value. `None` where it is not known.
    pub value: Option<Flat>,
}

/// One child of a group.
#[derive(Debug)]
pub struct Child {
    /// See [`name_key`].
    pub name: String,
    /// Members of the child.
    pub members: Map<String, Value>,
    /// Whether h5py could not read the object either.
    pub unreadable: bool,
}

/// What identifies a link or an attribute: its name, or its bytes where they are not UTF-8.
pub fn name_key(entry: &Value) -> String {
    match entry["name_base64"].as_str() {
        Some(bytes) => format!("base64:{bytes}"),
        None => entry["name"].as_str().unwrap_or_default().to_owned(),
    }
}
