//! The stores that are explored: one, or several by name.
//!
//! With names, the first segment of a key is the name of its source: `lab/runs/a.h5` is `runs/a.h5`
//! in the store called `lab`. Everything above sees such keys only; a [`Source`] translates between
//! them and the keys of its store.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use store::Store;

use crate::error::{ErrorCode, ExplorerError, Result};

/// The longest name: it stands in every key.
const NAME_BYTES_MAX: usize = 63;

/// The name of a source: `a` to `z`, digits, `-` and `_`, of which the first is a letter or digit.
/// So a name means the same in a URL, in a path and in the name of a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(String);

/// A text that cannot be the name of a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be the name of a source: 1 to {NAME_BYTES_MAX} of a-z, 0-9, - and _, the first a \
     letter or digit"
)]
pub struct BadSourceName(String);

impl SourceName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceName {
    type Err = BadSourceName;

    fn from_str(text: &str) -> Result<Self, BadSourceName> {
        let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let starts_well = text.bytes().next().is_some_and(is_alphanumeric);
        let is_fine = text.bytes().all(|byte| is_alphanumeric(byte) || b"-_".contains(&byte));
        if starts_well && is_fine && text.len() <= NAME_BYTES_MAX {
            return Ok(Self(text.to_owned()));
        }
        Err(BadSourceName(text.to_owned()))
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A store among those that are explored.
#[derive(Debug)]
pub struct Source {
    /// How its keys begin: with nothing, or with its name and a `/`.
    root: String,
    pub(crate) store: Arc<Store>,
}

impl Source {
    /// Its name; `None` for the only one, which needs none.
    pub fn name(&self) -> Option<&str> {
        self.root.strip_suffix('/')
    }

    /// What it is, for logs: without credentials.
    pub fn description(&self) -> &str {
        self.store.description()
    }

    /// Whether its store answers.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub async fn ready(&self) -> Result<()> {
        self.store.ready().await.map_err(|error| ExplorerError::from_source("", error))
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The key in the store that `key` is; `None` for keys of other sources.
    pub(crate) fn local<'a>(&self, key: &'a str) -> Option<&'a str> {
        key.strip_prefix(&self.root)
    }

    /// The key that `local` in the store is.
    pub(crate) fn key<'a>(&self, local: &'a str) -> Cow<'a, str> {
        if self.root.is_empty() {
            return Cow::Borrowed(local);
        }
        Cow::Owned(format!("{}{local}", self.root))
    }

    /// The prefix in the store of the keys that begin with `prefix`; `None` if it has none of them.
    pub(crate) fn local_prefix<'a>(&self, prefix: &'a str) -> Option<&'a str> {
        self.local(prefix).or_else(|| self.root.starts_with(prefix).then_some(""))
    }
}

/// All stores that are explored, in the order of their keys.
#[derive(Debug)]
pub struct Sources(Vec<Arc<Source>>);

impl Sources {
    /// One, whose keys are those of its store.
    pub fn one(store: Arc<Store>) -> Self {
        Self(vec![Arc::new(Source { root: String::new(), store })])
    }

    /// Several, or one whose keys begin with its name nevertheless: so that another one can be
    /// added later without a change of keys.
    pub fn named(stores: BTreeMap<SourceName, Arc<Store>>) -> Self {
        let source = |(name, store): (SourceName, _)| Source { root: format!("{name}/"), store };
        let mut sources: Vec<_> = stores.into_iter().map(|pair| Arc::new(source(pair))).collect();
        // By the whole root: "a-b/" comes before "a/", as all keys do.
        sources.sort_by(|one, other| one.root.cmp(&other.root));
        Self(sources)
    }

    /// The source of a key, and the key in its store.
    pub(crate) fn find<'a>(&self, key: &'a str) -> Result<(&Arc<Source>, &'a str)> {
        let found = self.iter().find_map(|source| Some((source, source.local(key)?)));
        found.ok_or_else(|| not_there(key))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.0.iter()
    }

    pub(crate) fn get(&self, place: usize) -> Option<&Arc<Source>> {
        self.0.get(place)
    }

    /// What is explored, for logs.
    pub(crate) fn description(&self) -> String {
        let one = |source: &Arc<Source>| match source.name() {
            Some(name) => format!("{name}={}", source.description()),
            None => source.description().to_owned(),
        };
        self.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// That there is no such file, in the words of a store that does not have it.
pub(crate) fn not_there(key: &str) -> ExplorerError {
    ExplorerError::new(ErrorCode::FileNotFound, format!("there is no {key:?}"))
}

#[cfg(test)]
mod tests {
    use store::StoreConfig;

    use super::*;

    fn sources(names: &[&str]) -> Sources {
        let store = Store::open(".", StoreConfig::default()).unwrap();
        Sources::named(names.iter().map(|name| (name.parse().unwrap(), store.clone())).collect())
    }

    #[test]
    fn names_are_plain() {
        for fine in ["a", "0", "lab-2_b", &"x".repeat(63)] {
            assert_eq!(fine.parse::<SourceName>().unwrap().as_str(), fine);
        }
        for wrong in ["", "-a", "_a", "A", "a/b", "a.b", "ä", "a b", "..", &"x".repeat(64)] {
            assert!(wrong.parse::<SourceName>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_key_belongs_to_the_source_that_its_first_segment_names() {
        let sources = sources(&["lab", "lab-2", "a"]);
        let find = |key| {
            let (source, local) = sources.find(key).ok()?;
            Some((source.name().unwrap(), local))
        };
        assert_eq!(find("lab/x/a.h5"), Some(("lab", "x/a.h5")));
        assert_eq!(find("lab-2/a.h5"), Some(("lab-2", "a.h5")));
        assert_eq!(find("lab//a.h5"), Some(("lab", "/a.h5")));
        assert_eq!(find("lab/../a/a.h5"), Some(("lab", "../a/a.h5")), "no way to another");
        for none in ["lab", "labx/a.h5", "x/a.h5", "", "/lab/a.h5", "LAB/a.h5"] {
            assert_eq!(find(none), None, "{none}");
        }
    }

    #[test]
    fn they_stand_in_the_order_of_their_keys() {
        let sources = sources(&["a", "a-b", "a_b", "b", "0"]);
        let roots: Vec<_> = sources.iter().map(|source| source.root()).collect();
        assert_eq!(roots, ["0/", "a-b/", "a/", "a_b/", "b/"]);
        assert!(roots.is_sorted());
    }
}
