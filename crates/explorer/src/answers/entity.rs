//! The answers about entities: what a path leads to, as trees show it.

use super::DatatypeAnswer;
use crate::plain::PlainValue;

/// The answer to `entity`.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityAnswer {
    /// What the path leads to.
    pub entity: Entity,
    /// Of a group its children, by creation where the group tracks that, else by name.
    pub children: Option<Vec<ChildEntity>>,
    /// Whether it depends on other files than its own.
    pub from_other_files: bool,
}

/// A child of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildEntity {
    /// The name of the link, with replacement characters where it is not UTF-8.
    pub name: String,
    /// What it leads to.
    pub entity: Entity,
}

/// An object, or a link that was not followed or leads nowhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Entity {
    /// A group.
    Group {
        /// Its attributes, by name.
        attributes: Vec<AttributeType>,
    },
    /// A dataset.
    Dataset {
        /// Its attributes, by name.
        attributes: Vec<AttributeType>,
        /// `None` for a null dataspace, and where it cannot be read.
        shape: Option<Vec<u64>>,
        /// `None` where it cannot be read.
        datatype: Option<DatatypeAnswer>,
        /// The shape of a chunk; `None` for other layouts.
        chunks: Option<Vec<u64>>,
        /// In the order in which they were applied.
        filters: Vec<NamedFilter>,
    },
    /// A committed datatype.
    Datatype {
        /// Its attributes, by name.
        attributes: Vec<AttributeType>,
        /// `None` where it cannot be read.
        datatype: Option<DatatypeAnswer>,
    },
    /// A soft link.
    SoftLink {
        /// The path that it names.
        target: String,
    },
    /// An external link.
    ExternalLink {
        /// The file that it names.
        target_file: String,
        /// The path in it.
        target: String,
    },
    /// A link of a class that only its application can follow, or to an object that is damaged.
    Other,
}

/// An attribute without its value.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeType {
    /// Its name, with replacement characters where it is not UTF-8.
    pub name: String,
    /// `None` for a null dataspace, and where it cannot be read.
    pub shape: Option<Vec<u64>>,
    /// `None` where it cannot be read.
    pub datatype: Option<DatatypeAnswer>,
}

/// One filter of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFilter {
    /// Its number in the registry of filters.
    pub id: u16,
    /// Its name, from the file or else from the registry; empty where neither knows it.
    pub name: String,
}

/// The answer to `attribute_values`.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeValuesAnswer {
    /// The attributes asked for.
    pub attributes: Vec<AttributeValue>,
    /// Whether they are in another file than the one asked.
    pub from_other_files: bool,
}

/// An attribute with its whole value.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeValue {
    /// Its name, with replacement characters where it is not UTF-8.
    pub name: String,
    /// Null where it cannot be read.
    pub value: PlainValue,
}

/// The answer to `paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathsAnswer {
    /// The paths of all links below the group, relative to it: those of a group behind the group
    /// itself, and of a group to which several links lead behind the first of them.
    pub paths: Vec<String>,
    /// Whether the group is in another file than the one asked.
    pub from_other_files: bool,
}
