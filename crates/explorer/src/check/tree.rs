//! The first phase: all links and all object headers, level by level.

use std::collections::HashSet;
use std::sync::Arc;

use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;
use h5range::walk::{LinkStorage, Object, ObjectKind};
use h5range::{Error, Links};

use super::paths::PathId;
use super::soft_links::SoftLink;
use super::{BATCH, CheckPhase, Met, Walk, counts, side_by_side};
use crate::path::lossy;
use crate::session::OpenFile;

/// An object that is yet to be read.
struct Waiting {
    address: Address,
    path: PathId,
}

/// What an object's header says, and of a group what its links are.
struct Read {
    object: Arc<Object>,
    links: Option<h5range::Result<Arc<Links>>>,
}

impl Walk<'_> {
    /// Reads every object once, whatever the number of links to it, and all links.
    ///
    /// Waves, for each level of the tree: those of its headers and, behind them, of the links of
    /// its groups; so many for every 10,000 objects of a level.
    ///
    /// # Errors
    ///
    /// Only what ends the walk. What is wrong with single objects is noted.
    pub(super) async fn tree(&mut self) -> h5range::Result<()> {
        let root = self.open.file.root();
        let mut met = HashSet::from([root]);
        let mut level = vec![Waiting { address: root, path: PathId::ROOT }];
        while !level.is_empty() {
            self.found.groups.levels = self.found.groups.levels.saturating_add(1);
            let mut next = Vec::new();
            for batch in level.chunks(BATCH) {
                let open = self.open;
                let answers =
                    side_by_side(open, batch.iter().map(|waiting| read(open, waiting.address)));
                for (waiting, answer) in batch.iter().zip(answers.await?) {
                    match answer {
                        Ok(read) => self.note_object(waiting.path, read, &mut met, &mut next),
                        Err(error) => self.note(error, waiting.path),
                    }
                }
                self.end_of_batch(CheckPhase::Listing, self.objects.len())?;
            }
            level = next;
        }
        Ok(())
    }

    fn note_object(
        &mut self,
        path: PathId,
        read: Read,
        met: &mut HashSet<Address>,
        next: &mut Vec<Waiting>,
    ) {
        let Read { object, links } = read;
        self.objects.push(Met { address: object.address, path, kind: object.kind });
        match object.kind {
            ObjectKind::Group => self.note_group(&object, path),
            ObjectKind::Dataset => self.note_dataset(&object, path),
            ObjectKind::Datatype => self.note_datatype(&object, path),
        }
        match links {
            None => {}
            Some(Ok(links)) => self.note_links(object.address, path, &links, met, next),
            Some(Err(error)) => self.note(error, path),
        }
    }

    fn note_group(&mut self, group: &Object, path: PathId) {
        let groups = &mut self.found.groups;
        groups.count = groups.count.saturating_add(1);
        let storage = match group.link_storage() {
            Ok(LinkStorage::SymbolTable(_)) => "symbol_table",
            Ok(LinkStorage::Compact(_)) => "compact",
            Ok(LinkStorage::Dense(..)) => "dense",
            // Its links could not be read for the same reason, which is noted with them.
            Err(_) => return,
        };
        counts::add(&mut groups.storage, storage, 1);
        if let Err(error) = group.modified_seconds() {
            self.note(error, path);
        }
    }

    fn note_datatype(&mut self, datatype: &Object, path: PathId) {
        self.found.committed_datatypes = self.found.committed_datatypes.saturating_add(1);
        if let Err(error) = datatype.datatype() {
            self.note(error, path);
        }
    }

    fn note_links(
        &mut self,
        group: Address,
        path: PathId,
        links: &Links,
        met: &mut HashSet<Address>,
        next: &mut Vec<Waiting>,
    ) {
        let count = links.len() as u64;
        self.found.links.count = self.found.links.count.saturating_add(count);
        self.found.groups.most_links = self.found.groups.most_links.max(count);
        for error in links.errors() {
            self.note(error.clone(), path);
        }
        for detail in unreachable_names(links) {
            self.note(Error::malformed("link name", group, detail), path);
        }
        for link in links.iter() {
            let kind = match link.target {
                LinkTarget::Hard { address } => {
                    if met.insert(address) {
                        let path = self.paths.add(path, link.name);
                        next.push(Waiting { address, path });
                    }
                    "hard"
                }
                LinkTarget::Nowhere => {
                    self.note(link.leads_nowhere(group), path);
                    "hard"
                }
                LinkTarget::Soft { path: target } => {
                    let (name, target) = (link.name.to_vec(), target.to_vec());
                    self.soft_links.push(SoftLink { group, path, name, target });
                    "soft"
                }
                LinkTarget::External { .. } => "external",
                LinkTarget::UserDefined { .. } => "user",
            };
            counts::add(&mut self.found.links.kinds, kind, 1);
        }
    }
}

/// What is wrong with names by which nobody can ask: a group has each name once, and none is empty.
fn unreachable_names(links: &Links) -> Vec<String> {
    let empty = links.get(0).filter(|link| link.name.is_empty());
    let empty = empty.map(|_| "it is empty".to_owned());
    // Links are sorted by name.
    let pairs = links.iter().zip(links.iter().skip(1));
    let twice = pairs.filter(|(one, next)| one.name == next.name);
    let twice = twice.map(|(link, _)| format!("{:?} is there twice", lossy(link.name)));
    empty.into_iter().chain(twice).collect()
}

async fn read(open: &OpenFile, address: Address) -> h5range::Result<Read> {
    let object = open.object(address).await?;
    let links = match object.kind {
        ObjectKind::Group => Some(open.links(&object).await),
        ObjectKind::Dataset | ObjectKind::Datatype => None,
    };
    Ok(Read { object, links })
}
