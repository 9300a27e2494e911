//! What can be asked, once checked: a value of these types is in range and in normal form, so two
//! questions that mean the same are equal and one cached answer serves both.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cursor::PageCursor;
use crate::error::{ExplorerError, Result};
use crate::path::ObjectPath;

/// Most files of one page of a listing.
pub const FILES_LIMIT_MAX: u64 = 50_000;
/// Most children of one page.
pub const CHILDREN_LIMIT_MAX: u64 = 100_000;
/// Most attributes of one page.
pub const ATTRIBUTES_LIMIT_MAX: u64 = 100_000;
/// Most values of one attribute that `meta` shows; `attribute` shows it whole.
pub const ELEMENTS_MAX: u64 = 1_000_000;
/// Most bytes of one string that `meta` shows.
pub const STRING_BYTES_MAX: u64 = 16 << 20;
/// Files, and children, of one page where the question does not say.
pub const PAGE_LIMIT_DEFAULT: u64 = 10_000;

/// Which object of a file a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The object at this path.
    Path(ObjectPath),
    /// The object whose header is at this address, as `address` fields give it.
    Address(u64),
}

impl Place {
    /// The place that the parameters `path` and `address` name; without both it is the root.
    ///
    /// # Errors
    ///
    /// When both are given: they may disagree.
    pub fn new(path: Option<&str>, address: Option<u64>) -> Result<Self> {
        match (path, address) {
            (Some(_), Some(_)) => {
                Err(ExplorerError::bad_request("address", "give either path or address"))
            }
            (None, Some(address)) => Ok(Self::Address(address)),
            (path, None) => Ok(Self::Path(ObjectPath::parse(path.unwrap_or("/")))),
        }
    }
}

/// The order of children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// By the bytes of the name.
    #[default]
    Name,
    /// By creation, where the group tracks it.
    Creation,
}

/// How much of each child is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// Its header too.
    #[default]
    Full,
    /// Its link only.
    Names,
}

/// Which links are followed to show what they lead to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Resolve {
    /// Soft links.
    #[default]
    Soft,
    /// Soft links, and external links to files of the same source.
    External,
}

/// A page of a group's children.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChildrenQuery {
    /// The object that it is about.
    pub place: Place,
    pub(crate) limit: u64,
    pub(crate) after: Option<PageCursor>,
    pub(crate) q: Option<String>,
    pub(crate) order: Order,
    pub(crate) detail: Detail,
    pub(crate) resolve: Resolve,
}

impl ChildrenQuery {
    /// The first page of the children of `place`, by name, in full.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            limit: PAGE_LIMIT_DEFAULT,
            after: None,
            q: None,
            order: Order::default(),
            detail: Detail::default(),
            resolve: Resolve::default(),
        }
    }

    /// At most `limit` children.
    ///
    /// # Errors
    ///
    /// When it is not within 1 and [`CHILDREN_LIMIT_MAX`].
    pub fn with_limit(self, limit: u64) -> Result<Self> {
        Ok(Self { limit: within("limit", limit, 1, CHILDREN_LIMIT_MAX)?, ..self })
    }

    /// The page after the one that gave `cursor` as its `next`.
    ///
    /// # Errors
    ///
    /// When no page gave it.
    pub fn with_after(self, cursor: &str) -> Result<Self> {
        Ok(Self { after: Some(PageCursor::parse("after", cursor)?), ..self })
    }

    /// Only children whose name contains `q`, whatever its case. Empty: all.
    pub fn with_q(self, q: &str) -> Self {
        Self { q: (!q.is_empty()).then(|| q.to_lowercase()), ..self }
    }

    /// In this order.
    pub fn with_order(self, order: Order) -> Self {
        Self { order, ..self }
    }

    /// With this much of each child.
    pub fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// With these links followed.
    pub fn with_resolve(self, resolve: Resolve) -> Self {
        Self { resolve, ..self }
    }
}

/// What an object is, with a page of its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetaQuery {
    /// The object that it is about.
    pub place: Place,
    pub(crate) attributes_limit: u64,
    pub(crate) attributes_after: Option<PageCursor>,
    pub(crate) max_elements: u64,
    pub(crate) max_string_bytes: u64,
    pub(crate) storage: bool,
}

impl MetaQuery {
    /// Everything of `place` that costs no extra reads, the first 1000 attributes, of each at most
    /// 100 values and strings of at most 4096 bytes.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            attributes_limit: 1000,
            attributes_after: None,
            max_elements: 100,
            max_string_bytes: 4096,
            storage: false,
        }
    }

    /// At most `limit` attributes; 0 for none.
    ///
    /// # Errors
    ///
    /// When it is more than [`ATTRIBUTES_LIMIT_MAX`].
    pub fn with_attributes_limit(self, limit: u64) -> Result<Self> {
        let limit = within("attributes_limit", limit, 0, ATTRIBUTES_LIMIT_MAX)?;
        Ok(Self { attributes_limit: limit, ..self })
    }

    /// The page after the one that gave `cursor` as its `attributes_next`.
    ///
    /// # Errors
    ///
    /// When no page gave it.
    pub fn with_attributes_after(self, cursor: &str) -> Result<Self> {
        let after = PageCursor::parse("attributes_after", cursor)?;
        Ok(Self { attributes_after: Some(after), ..self })
    }

    /// At most `count` values of each attribute and of the fill value.
    ///
    /// # Errors
    ///
    /// When it is more than [`ELEMENTS_MAX`].
    pub fn with_max_elements(self, count: u64) -> Result<Self> {
        Ok(Self { max_elements: within("max_elements", count, 0, ELEMENTS_MAX)?, ..self })
    }

    /// At most `bytes` bytes of each string.
    ///
    /// # Errors
    ///
    /// When it is more than [`STRING_BYTES_MAX`].
    pub fn with_max_string(self, bytes: u64) -> Result<Self> {
        Ok(Self { max_string_bytes: within("max_string", bytes, 0, STRING_BYTES_MAX)?, ..self })
    }

    /// With `storage_size` even where the chunk index must be read for it.
    pub fn with_storage(self, storage: bool) -> Self {
        Self { storage, ..self }
    }
}

/// One attribute, whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributeQuery {
    /// The object that it is about.
    pub place: Place,
    pub(crate) name: String,
}

impl AttributeQuery {
    /// The attribute `name` of `place`.
    pub fn new(place: Place, name: &str) -> Self {
        Self { place, name: name.to_owned() }
    }
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FilesQuery {
    pub(crate) prefix: String,
    pub(crate) folders: bool,
    pub(crate) q: Option<String>,
    pub(crate) suffixes: Vec<String>,
    pub(crate) limit: u64,
    pub(crate) after: Option<String>,
    /// Whether the store is asked, whatever is kept.
    pub refresh: bool,
}

impl Default for FilesQuery {
    /// The first page of all files.
    fn default() -> Self {
        Self {
            prefix: String::new(),
            folders: false,
            q: None,
            suffixes: Vec::new(),
            limit: PAGE_LIMIT_DEFAULT,
            after: None,
            refresh: false,
        }
    }
}

impl FilesQuery {
    /// What all keys start with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Only keys that start with `prefix`.
    pub fn with_prefix(self, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..self }
    }

    /// The folder view: keys without a further `/` after the prefix, and the folders.
    ///
    /// # Errors
    ///
    /// When the delimiter is another than `/`.
    pub fn with_delimiter(self, delimiter: &str) -> Result<Self> {
        match delimiter {
            "" => Ok(Self { folders: false, ..self }),
            "/" => Ok(Self { folders: true, ..self }),
            _ => Err(ExplorerError::bad_request("delimiter", "only / is possible")),
        }
    }

    /// Only keys that contain `q`, whatever its case. Empty: all.
    pub fn with_q(self, q: &str) -> Self {
        Self { q: (!q.is_empty()).then(|| q.to_lowercase()), ..self }
    }

    /// Only keys that end with one of these, a comma list such as `.h5,.nc`. Empty: all.
    pub fn with_suffix(self, list: &str) -> Self {
        let mut suffixes: Vec<String> = list
            .split(',')
            .map(str::trim)
            .filter(|suffix| !suffix.is_empty())
            .map(str::to_owned)
            .collect();
        suffixes.sort();
        suffixes.dedup();
        Self { suffixes, ..self }
    }

    /// At most `limit` files and folders.
    ///
    /// # Errors
    ///
    /// When it is not within 1 and [`FILES_LIMIT_MAX`].
    pub fn with_limit(self, limit: u64) -> Result<Self> {
        Ok(Self { limit: within("limit", limit, 1, FILES_LIMIT_MAX)?, ..self })
    }

    /// The page after the one that gave `cursor` as its `next`.
    pub fn with_after(self, cursor: &str) -> Self {
        Self { after: (!cursor.is_empty()).then(|| cursor.to_owned()), ..self }
    }

    /// Asks the store, whatever is known of the listing.
    pub fn with_refresh(self, refresh: bool) -> Self {
        Self { refresh, ..self }
    }
}

/// What to forget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefreshQuery {
    /// All listings whose prefix starts with this.
    Listings {
        /// The prefix; empty for all.
        prefix: String,
    },
    /// Everything known of one file.
    File {
        /// Its key.
        key: String,
    },
}

impl RefreshQuery {
    /// What the parameters `prefix` and `key` name; without both: all listings.
    ///
    /// # Errors
    ///
    /// When both are given.
    pub fn new(prefix: Option<&str>, key: Option<&str>) -> Result<Self> {
        match (prefix, key) {
            (Some(_), Some(_)) => {
                Err(ExplorerError::bad_request("key", "give either prefix or key"))
            }
            (None, Some(key)) => Ok(Self::File { key: key.to_owned() }),
            (prefix, None) => Ok(Self::Listings { prefix: prefix.unwrap_or_default().to_owned() }),
        }
    }
}

fn within(parameter: &str, value: u64, minimum: u64, maximum: u64) -> Result<u64> {
    if (minimum..=maximum).contains(&value) {
        return Ok(value);
    }
    let problem = format!("{value} is not within {minimum} and {maximum}");
    Err(ExplorerError::bad_request(parameter, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Place {
        Place::new(None, None).unwrap()
    }

    #[test]
    fn questions_that_mean_the_same_are_equal() {
        let place = |path| Place::new(Some(path), None).unwrap();
        assert_eq!(place("entry//data/"), place("/entry/./data"));
        let all = FilesQuery::default();
        assert_eq!(all.clone().with_suffix(".nc, .h5,"), all.clone().with_suffix(".h5,.nc"));
        assert_eq!(all.clone().with_q("").with_after(""), all);
        let children = ChildrenQuery::new(root());
        assert_eq!(children.clone().with_q("Temp"), children.with_q("temp"));
    }

    #[test]
    fn a_parameter_out_of_range_is_named() {
        let detail = |error: ExplorerError| error.detail;
        assert_eq!(
            ChildrenQuery::new(root()).with_limit(0).map_err(detail),
            Err("parameter limit: 0 is not within 1 and 100000".to_owned())
        );
        let error = MetaQuery::new(root()).with_attributes_limit(100_001).unwrap_err();
        assert!(error.detail.starts_with("parameter attributes_limit:"));
        let error = FilesQuery::default().with_delimiter(":").unwrap_err();
        assert!(error.detail.starts_with("parameter delimiter:"));
        let error = Place::new(Some("/"), Some(96)).unwrap_err();
        assert!(error.detail.starts_with("parameter address:"));
    }
}
