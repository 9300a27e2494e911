//! Groups: their links, in a symbol table, in the object header ("compact") or in a fractal heap
//! ("dense") (specification III.A-D, IV.A.2.c, IV.A.2.g).

use bytes::Bytes;
use futures::future::join;

use crate::decode::Address;
use crate::decode::btree_v2::LinkNameRecord;
use crate::decode::checksum::lookup3;
use crate::decode::message::kind;
use crate::decode::message::link::{LinkMessage, LinkTarget};
use crate::decode::message::link_info::LinkInfo;
use crate::decode::message::symbol_table::SymbolTableMessage;
use crate::error::{Error, Result, set_aside};
use crate::walk::btree_v2::BTreeV2;
use crate::walk::fractal_heap::FractalHeap;
use crate::walk::{File, Object};

/// One link of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its name as the file has it: any bytes, usually UTF-8.
    pub name: Vec<u8>,
    /// Its number by creation, where the group tracks that.
    pub creation_order: Option<i64>,
    /// Where it leads.
    pub target: LinkTarget,
}

/// The links of a group: those that can be read, and what kept others from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Links {
    /// By name, as bytes.
    pub links: Vec<Link>,
    /// One error for each link that cannot be read, or for the part of the group's storage that
    /// cannot.
    pub errors: Vec<Error>,
}

/// How a group keeps its links.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkStorage {
    /// The first format: a version 1 B-tree of symbol table nodes, names in a local heap.
    SymbolTable(SymbolTableMessage),
    /// Link messages in the object header.
    Compact(LinkInfo),
    /// A fractal heap of link messages with a version 2 B-tree of their names.
    Dense(LinkInfo, DenseLinks),
}

/// Where a dense group keeps its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenseLinks {
    /// The fractal heap with the link messages.
    pub heap: Address,
    /// The B-tree of the hashes of their names.
    pub name_index: Address,
}

impl Object {
    /// How this group keeps its links.
    ///
    /// # Errors
    ///
    /// [`Error::NotAGroup`] for other objects.
    pub fn link_storage(&self) -> Result<LinkStorage> {
        if let Some(table) = self.decode(kind::SYMBOL_TABLE, SymbolTableMessage::decode)? {
            return Ok(LinkStorage::SymbolTable(table));
        }
        let Some(info) = self.decode(kind::LINK_INFO, LinkInfo::decode)? else {
            return Err(Error::NotAGroup(format!("the object at address {}", self.address)));
        };
        Ok(match (info.fractal_heap, info.name_index) {
            (Some(heap), Some(name_index)) => {
                LinkStorage::Dense(info, DenseLinks { heap, name_index })
            }
            _ => LinkStorage::Compact(info),
        })
    }

    /// The number of links, where the header itself tells it: in compact groups.
    pub fn compact_link_count(&self) -> Option<u64> {
        match self.link_storage() {
            Ok(LinkStorage::Compact(_)) => Some(self.messages(kind::LINK).count() as u64),
            _ => None,
        }
    }
}

impl File {
    /// How many links the group has.
    ///
    /// Waves: none for compact groups, one for dense ones; those of [`File::links`] for a symbol
    /// table.
    ///
    /// # Errors
    ///
    /// When the group's index cannot be read.
    pub async fn link_count(&self, group: &Object) -> Result<u64> {
        match group.link_storage()? {
            LinkStorage::SymbolTable(table) => self.symbol_table_count(&table).await,
            LinkStorage::Compact(_) => Ok(group.messages(kind::LINK).count() as u64),
            LinkStorage::Dense(_, dense) => {
                Ok(BTreeV2::open(self.reader(), dense.name_index).await?.record_count())
            }
        }
    }

    /// All links of a group.
    ///
    /// Waves: none for compact groups. For a symbol table: one for each level of its B-tree, and
    /// one for all symbol table nodes; the names come along with these. For dense groups: the
    /// levels of the name index, and beside them those of the heap down to its blocks.
    ///
    /// # Errors
    ///
    /// [`Error::NotAGroup`], and what ends the question. What cannot be read of the links is in
    /// [`Links::errors`].
    pub async fn links(&self, group: &Object) -> Result<Links> {
        let mut links = Links::default();
        match group.link_storage()? {
            LinkStorage::SymbolTable(table) => {
                links.keep_all(self.symbol_table_links(&table).await)?;
            }
            LinkStorage::Compact(_) => {
                let compact = group.messages(kind::LINK).map(|message| {
                    message.decode(group.widths(), LinkMessage::decode).map(Link::from)
                });
                compact.into_iter().try_for_each(|link| links.keep(link))?;
            }
            LinkStorage::Dense(_, dense) => links.keep_all(self.dense_links(dense).await)?,
        }
        links.links.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(links)
    }

    /// The link called `name`.
    ///
    /// Waves: none for compact groups. A symbol table is descended: one for each level of its
    /// B-tree, and one for the node. In a dense group the name's hash is looked up: one for each
    /// level of the index, beside those of the heap, and one for the link.
    ///
    /// # Errors
    ///
    /// [`Error::NotAGroup`], and what keeps the link from being found; an error in another link
    /// does not.
    pub async fn find_link(&self, group: &Object, name: &[u8]) -> Result<Option<Link>> {
        match group.link_storage()? {
            LinkStorage::SymbolTable(table) => self.symbol_table_find(&table, name).await,
            LinkStorage::Compact(_) => {
                let mut messages = group.messages(kind::LINK);
                let link = messages.find_map(|message| {
                    let link = message.decode(group.widths(), LinkMessage::decode).ok()?;
                    (link.name == name).then_some(link)
                });
                Ok(link.map(Link::from))
            }
            LinkStorage::Dense(_, dense) => self.find_dense_link(dense, name).await,
        }
    }

    async fn dense_links(&self, dense: DenseLinks) -> Result<Vec<Result<Link>>> {
        let reader = self.reader();
        let (heap, records) = join(FractalHeap::open_whole(reader, dense.heap), async {
            BTreeV2::open(reader, dense.name_index).await?.records(reader).await
        })
        .await;
        self.links_of(&heap?, &records?).await
    }

    async fn find_dense_link(&self, dense: DenseLinks, name: &[u8]) -> Result<Option<Link>> {
        let reader = self.reader();
        let hash = lookup3(name);
        let (heap, records) = join(FractalHeap::open(reader, dense.heap), async {
            let index = BTreeV2::open(reader, dense.name_index).await?;
            index
                .find(reader, |record| {
                    Ok(LinkNameRecord::decode(&mut record.clone())?.name_hash.cmp(&hash))
                })
                .await
        })
        .await;
        // Two names may have the same hash.
        for link in self.links_of(&heap?, &records?).await? {
            let link = link?;
            if link.name == name {
                return Ok(Some(link));
            }
        }
        Ok(None)
    }

    /// The links that the records of a name index lead to.
    async fn links_of(&self, heap: &FractalHeap, records: &[Bytes]) -> Result<Vec<Result<Link>>> {
        let reader = self.reader();
        let mut ids = Vec::with_capacity(records.len());
        for record in records {
            let mut cursor = reader.cursor(record, "version 2 B-tree record", heap.address());
            ids.push(LinkNameRecord::decode(&mut cursor)?.heap_id);
        }
        let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
        let bodies = heap.objects(reader, &ids).await?;
        let links = bodies.into_iter().map(|body| {
            let body = body?;
            let mut cursor = reader.cursor(&body, "link message", heap.address());
            LinkMessage::decode(&mut cursor).map(Link::from)
        });
        Ok(links.collect())
    }
}

impl Links {
    fn keep(&mut self, link: Result<Link>) -> Result<()> {
        self.links.extend(set_aside(link, &mut self.errors)?);
        Ok(())
    }

    fn keep_all(&mut self, links: Result<Vec<Result<Link>>>) -> Result<()> {
        let links = set_aside(links, &mut self.errors)?.unwrap_or_default();
        links.into_iter().try_for_each(|link| self.keep(link))
    }

    /// Memory that these links take, in bytes: for caches.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.links.iter().map(Link::size_bytes).sum::<usize>()
    }
}

impl Link {
    fn size_bytes(&self) -> usize {
        let target = match &self.target {
            LinkTarget::Hard { .. } => 0,
            LinkTarget::Soft { path } => path.len(),
            LinkTarget::External { file, path } => file.len() + path.len(),
            LinkTarget::UserDefined { data, .. } => data.len(),
        };
        size_of::<Self>() + self.name.len() + target
    }
}

impl From<LinkMessage> for Link {
    fn from(message: LinkMessage) -> Self {
        Self { name: message.name, creation_order: message.creation_order, target: message.target }
    }
}
