//! The paths of all links below a group.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::join_all;
use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;
use h5range::walk::{Object, ObjectKind};
use h5range::{Error, Links};
use tracing::Instrument;

use super::PathsQuery;
use crate::answers::PathsAnswer;
use crate::children::BATCH;
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::locate::Located;
use crate::path::lossy;
use crate::session::{OpenFile, Session};
use crate::spans;

/// Bytes of the paths of one answer. A million paths of ordinary length; nested groups with long
/// names could make far more of a small file.
const TEXT_BYTES_MAX: usize = 64 << 20;

impl Session {
    /// The paths of all links below a group, in the order of their names. Soft and external links
    /// are among them, and not followed.
    ///
    /// # Errors
    ///
    /// When the path leads to no group, or there are more paths than one answer may have. A group
    /// below it that is damaged has the links that can be read.
    pub async fn paths(&self, query: &PathsQuery) -> Result<PathsAnswer> {
        let span = spans::question_of_path("paths", self.key(), &query.path);
        self.read_paths(query).instrument(span).await
    }

    async fn read_paths(&self, query: &PathsQuery) -> Result<PathsAnswer> {
        let (led, away) = self.led(&query.path, true).await?;
        let Located { file, object, other_file, .. } = led.object(&query.path)?;
        if object.kind != ObjectKind::Group {
            let error = Error::NotAGroup(query.path.to_string());
            return Err(ExplorerError::from_file(self.key(), error));
        }
        let groups = file.drive(file.groups_below(&object)).await?;
        let paths = paths_of(object.address, &groups)?;
        Ok(PathsAnswer { paths, from_other_files: away || other_file })
    }
}

/// The links of each group, by its address.
type Groups = HashMap<Address, Arc<Links>>;

impl OpenFile {
    /// The links of a group and of all groups below it.
    ///
    /// Waves, for each level of the tree: those of its headers and, behind them, of the links of
    /// its groups; so many for every 10,000 objects of a level.
    ///
    /// # Errors
    ///
    /// When the links of the first group cannot be read at all, and what ends the question.
    async fn groups_below(&self, group: &Arc<Object>) -> h5range::Result<Groups> {
        let first = self.links(group).await?;
        if let (true, Some(error)) = (first.is_empty(), first.incomplete()) {
            return Err(error.clone());
        }
        let mut met = HashSet::from([group.address]);
        let mut level = unmet(&first, &mut met);
        let mut groups = HashMap::from([(group.address, first)]);
        while !level.is_empty() {
            let mut next = Vec::new();
            for batch in level.chunks(BATCH) {
                let read = join_all(batch.iter().map(|address| self.links_at(*address))).await;
                for (address, links) in batch.iter().zip(read) {
                    let Some(links) = links? else { continue };
                    next.extend(unmet(&links, &mut met));
                    groups.insert(*address, links);
                }
            }
            level = next;
        }
        Ok(groups)
    }

    /// The links of the object at `address`; `None` if it is no group, or damaged.
    async fn links_at(&self, address: Address) -> h5range::Result<Option<Arc<Links>>> {
        let links = async {
            let object = self.object(address).await?;
            match object.kind {
                ObjectKind::Group => self.links(&object).await.map(Some),
                ObjectKind::Dataset | ObjectKind::Datatype => Ok(None),
            }
        };
        match links.await {
            Err(error) if error.ends_the_question() => Err(error),
            links => Ok(links.ok().flatten()),
        }
    }
}

/// The objects to which hard links lead that were not met before.
fn unmet(links: &Links, met: &mut HashSet<Address>) -> Vec<Address> {
    let hard = links.iter().filter_map(|link| match link.target {
        LinkTarget::Hard { address } => Some(address),
        _ => None,
    });
    hard.filter(|address| met.insert(*address)).collect()
}

/// A group whose links are being gone through.
struct Open<'a> {
    links: &'a Links,
    next: usize,
    /// How much of the path is its own.
    path_bytes: usize,
}

/// Goes down the tree in the order of names; into each group once.
fn paths_of(root: Address, groups: &Groups) -> Result<Vec<String>> {
    let (mut paths, mut text_bytes) = (Vec::new(), 0_usize);
    let mut path = String::new();
    let mut visited = HashSet::from([root]);
    let mut open: Vec<Open<'_>> = Vec::new();
    open.extend(groups.get(&root).map(|links| Open { links, next: 0, path_bytes: 0 }));
    while let Some(group) = open.last_mut() {
        let Some(link) = group.links.get(group.next) else {
            open.pop();
            continue;
        };
        group.next += 1;
        path.truncate(group.path_bytes);
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&lossy(link.name));
        text_bytes = text_bytes.saturating_add(path.len());
        if text_bytes > TEXT_BYTES_MAX {
            return Err(too_many_paths());
        }
        paths.push(path.clone());
        if let LinkTarget::Hard { address } = link.target
            && let Some(links) = groups.get(&address)
            && visited.insert(address)
        {
            open.push(Open { links, next: 0, path_bytes: path.len() });
        }
    }
    Ok(paths)
}

fn too_many_paths() -> ExplorerError {
    let detail = format!(
        "the paths below the group take more than {TEXT_BYTES_MAX} bytes; ask about a group below \
         it; this limit is fixed"
    );
    ExplorerError::new(ErrorCode::LimitReached, detail)
}
