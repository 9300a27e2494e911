//! What can be asked about entities.

use crate::path::ObjectPath;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntityQuery {
    pub(super) path: ObjectPath,
    pub(super) follow_links: bool,
}

impl EntityQuery {
    /// What `path` leads to, through soft and external links as far as they lead anywhere.
    pub fn new(path: ObjectPath) -> Self {
        Self { path, follow_links: true }
    }

    /// Whether a link at the end of the path is followed. Those on the way and those of children
    /// always are.
    pub fn with_follow_links(self, follow_links: bool) -> Self {
        Self { follow_links, ..self }
    }
}

/// Attributes of one object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributeValuesQuery {
    pub(super) path: ObjectPath,
    pub(super) names: Option<Vec<String>>,
}

impl AttributeValuesQuery {
    /// All attributes of the object at `path`.
    pub fn new(path: ObjectPath) -> Self {
        Self { path, names: None }
    }

    /// These attributes only.
    pub fn with_names(self, names: Vec<String>) -> Self {
        Self { names: Some(names), ..self }
    }
}

/// The paths of all links below a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathsQuery {
    pub(super) path: ObjectPath,
}

impl PathsQuery {
    /// Those below the group at `path`.
    pub fn new(path: ObjectPath) -> Self {
        Self { path }
    }
}
