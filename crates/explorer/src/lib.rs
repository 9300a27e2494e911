//! What can be asked about HDF5 files in stores, and the answers. Knows no HTTP.
//!
//! ```text
//! Explorer            all sources: files, refresh, open
//!  └ Session          one file at one version: children, meta, attribute
//!     └ OpenFile      its superblock, and the object cache
//! ```
//!
//! Questions ([`ChildrenQuery`] and its siblings) are checked and normalised when they are made,
//! answers ([`answers`]) carry the field names of the API, errors ([`ExplorerError`]) the public
//! text. One bad child or attribute is a part of the answer, not an error.

pub mod answers;
mod attributes;
mod caches;
mod changes;
mod check;
mod children;
mod cursor;
mod datatype;
mod describe;
mod encodings;
mod entity;
mod error;
mod explorer;
mod files;
mod json;
mod known_paths;
mod large_pages;
mod layout_sources;
mod limit_metrics;
mod locate;
mod metadata;
mod other_files;
mod page;
mod path;
mod plain;
mod previews;
mod queries;
mod scope;
mod session;
mod size_text;
mod slices;
mod sources;
mod spans;
mod values;
mod virtual_extent;

pub use changes::Change;
pub use check::{CheckPhase, CheckProgress};
pub use encodings::{Dtype, Format, PlainFormat, PlainKind};
pub use entity::{AttributeValuesQuery, EntityQuery, PathsQuery};
pub use error::{ErrorCode, ExplorerError, Result};
pub use explorer::{Explorer, ExplorerConfig};
pub use files::StorePages;
pub use json::Json;
pub use path::ObjectPath;
pub use plain::{PlainStatistics, PlainValue};
pub use previews::{
    ComplexPart, MISSING_MAX, PREVIEW_SIZE_DEFAULT, PREVIEW_SIZE_MAX, PreviewQuery, View,
};
pub use queries::{
    ATTRIBUTES_LIMIT_MAX, AttributeQuery, CHILDREN_LIMIT_MAX, ChildrenQuery, Detail, ELEMENTS_MAX,
    FILES_LIMIT_MAX, FilesQuery, MetaQuery, Order, PAGE_LIMIT_DEFAULT, Place, RefreshQuery,
    Resolve, STRING_BYTES_MAX,
};
pub use scope::Scope;
pub use session::Session;
pub use size_text::size_text;
pub use slices::{DataQuery, Encoded, Selection, Slice};
pub use sources::{BadSourceName, Source, SourceName, Sources};
pub use store::{Freshness, Meter, SPANS, Version, shortened};

/// Says what the metrics of this crate and of those below mean, to the recorder of the process. To
/// be called once it is installed.
pub fn describe_metrics() {
    limit_metrics::describe();
    store::describe_metrics();
    cache::describe_metrics();
}
