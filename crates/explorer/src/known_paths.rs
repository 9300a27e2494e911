//! The paths of what references lead to. A reference says an address, and no object says its own
//! path: it is known only of objects that were met on the way, or are near.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use futures::future::join_all;
use h5range::Error;
use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;

use crate::error::Result;
use crate::json::Json;
use crate::path::ObjectPath;
use crate::session::{OpenFile, Session};

/// What part of a question's budget the search for paths gets. Groups that cost more are not
/// looked into: a path is a courtesy.
const SEARCH_SHARE: u64 = 100;

/// Addresses without a path that are looked for.
const MISSED_MAX: usize = 10_000;

/// The objects whose paths are known, and those for whose paths somebody asked in vain.
#[derive(Debug, Default)]
pub(crate) struct KnownPaths {
    known: HashMap<Address, String>,
    missed: Mutex<HashSet<Address>>,
}

impl KnownPaths {
    /// The root, and the objects on the way to `path`: `trail` gives their addresses from the root
    /// down. Of several paths of an object the shortest counts.
    pub(crate) fn of(root: Address, path: Option<&ObjectPath>, trail: &[Address]) -> Self {
        let mut known = HashMap::from([(root, "/".to_owned())]);
        if let Some(path) = path {
            for (level, address) in trail.iter().enumerate() {
                known.entry(*address).or_insert_with(|| path.ancestor(level).to_string());
            }
        }
        Self { known, missed: Mutex::default() }
    }

    /// The path of the object at `address`; null where it is not known.
    pub(crate) fn path(&self, address: Address) -> Json {
        if let Some(path) = self.known.get(&address) {
            return Json::Text(path.clone());
        }
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if missed.len() < MISSED_MAX {
            missed.insert(address);
        }
        Json::Null
    }
}

impl Session {
    /// Looks for the paths that were asked for in vain in the groups that are near the object at
    /// `path`: the root, the group that holds the object, and the object itself. That is where
    /// dimension scales are. `None` when none was found.
    ///
    /// Waves: those of the links of three groups, side by side.
    ///
    /// # Errors
    ///
    /// When the store fails, or the file changes.
    pub(crate) async fn find_paths(
        &self,
        path: Option<&ObjectPath>,
        trail: &[Address],
        known: KnownPaths,
    ) -> Result<Option<KnownPaths>> {
        let KnownPaths { mut known, missed } = known;
        let missed = missed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = path.filter(|_| !missed.is_empty()) else { return Ok(None) };
        let frugal = self.with_share(SEARCH_SHARE).open_file().await?;
        let near = near_groups(path, trail);
        let search = near.iter().map(|(path, group)| frugal.paths_in(path, *group, &missed));
        let search =
            async { join_all(search).await.into_iter().collect::<h5range::Result<Vec<_>>>() };
        let before = known.len();
        for (address, path) in frugal.drive(search).await?.into_iter().flatten() {
            known.entry(address).or_insert(path);
        }
        let more = known.len() > before;
        Ok(more.then(|| KnownPaths { known, missed: Mutex::default() }))
    }
}

/// The root, the object's parent and the object, each once.
fn near_groups(path: &ObjectPath, trail: &[Address]) -> Vec<(ObjectPath, Address)> {
    let levels = trail.iter().enumerate();
    let last = trail.len().saturating_sub(1);
    let near = levels.filter(|(level, _)| *level == 0 || *level + 1 >= last);
    near.map(|(level, address)| (path.ancestor(level), *address)).collect()
}

impl OpenFile {
    /// The paths of those of the `wanted` objects to which hard links of the group at `path` lead.
    /// A group that cannot be read, or costs too much, has none.
    ///
    /// # Errors
    ///
    /// When the source fails.
    async fn paths_in(
        &self,
        path: &ObjectPath,
        group: Address,
        wanted: &HashSet<Address>,
    ) -> h5range::Result<Vec<(Address, String)>> {
        let links = async {
            let object = self.object(group).await?;
            self.links(&object).await
        };
        let links = match links.await {
            Ok(links) => links,
            Err(error @ Error::Source(_)) => return Err(error),
            Err(_) => return Ok(Vec::new()),
        };
        let found = links.iter().filter_map(|link| match link.target {
            LinkTarget::Hard { address } if wanted.contains(&address) => {
                Some((address, path.child(link.name)?))
            }
            _ => None,
        });
        Ok(found.collect())
    }
}
