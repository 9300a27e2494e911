//! Groups: their links, in a symbol table, in the object header ("compact") or in a fractal heap
//! ("dense") (specification III.A-D, IV.A.2.c, IV.A.2.g).

use crate::decode::message::kind;
use crate::decode::message::link::LinkMessage;
use crate::decode::message::link_info::LinkInfo;
use crate::decode::message::symbol_table::SymbolTableMessage;
use crate::error::{Error, Result};
use crate::found::Found;
use crate::links::{Link, Links};
use crate::walk::dense::{DenseMessage, DenseStorage};
use crate::walk::{File, Object};

/// How a group keeps its links.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkStorage {
    /// The first format: a version 1 B-tree of symbol table nodes, names in a local heap.
    SymbolTable(SymbolTableMessage),
    /// Link messages in the object header.
    Compact(LinkInfo),
    /// A fractal heap of link messages with a version 2 B-tree of their names.
    Dense(LinkInfo, DenseStorage),
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
        let LinkInfo { fractal_heap, name_index, creation_order_index, .. } = info;
        Ok(match fractal_heap {
            Some(heap) => {
                LinkStorage::Dense(info, DenseStorage { heap, name_index, creation_order_index })
            }
            None => LinkStorage::Compact(info),
        })
    }

    /// The number of links, where the header itself tells it: in compact groups.
    pub fn compact_link_count(&self) -> Option<u64> {
        match (self.link_storage(), self.damage()) {
            (Ok(LinkStorage::Compact(_)), None) => Some(self.messages(kind::LINK).count() as u64),
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
    /// When damage hides how many there are.
    pub async fn link_count(&self, group: &Object) -> Result<u64> {
        match group.link_storage()? {
            LinkStorage::SymbolTable(table) => self.symbol_table_count(&table).await,
            LinkStorage::Compact(_) => {
                self.compact_links(group)?.all().map(|links| links.len() as u64)
            }
            LinkStorage::Dense(_, dense) => self.dense_count(&dense).await,
        }
    }

    /// All links of a group.
    ///
    /// Waves: none for compact groups. For a symbol table: one for each level of its B-tree, and
    /// one for all symbol table nodes; the names come along with these. For dense groups: the
    /// levels of the heap down to its blocks, and beside them those of the name index; a deep index
    /// is left out where the heap alone tells the links. More where something is damaged and there
    /// is another way to it.
    ///
    /// # Errors
    ///
    /// [`Error::NotAGroup`], and what ends the question. What cannot be read of the links is in
    /// what was [`Found`].
    pub async fn links(&self, group: &Object) -> Result<Links> {
        match group.link_storage()? {
            LinkStorage::SymbolTable(table) => self.old_links(group, &table).await,
            LinkStorage::Compact(_) => self.compact_links(group),
            LinkStorage::Dense(_, dense) => self.dense_links(&dense).await,
        }
    }

    /// The link called `name`.
    ///
    /// Waves: none for compact groups. A symbol table is descended: one for each level of its
    /// B-tree, and one for the node. In a dense group the name's hash is looked up: one for each
    /// level of the index, beside those of the heap, and one for the link.
    ///
    /// # Errors
    ///
    /// [`Error::NotAGroup`]; damage on the way, because of which the link was not found. It may
    /// still be among [`File::links`].
    pub async fn find_link(&self, group: &Object, name: &[u8]) -> Result<Option<Link>> {
        match group.link_storage()? {
            LinkStorage::SymbolTable(table) => self.symbol_table_find(&table, name).await,
            LinkStorage::Compact(_) => self.compact_links(group)?.pick(name),
            LinkStorage::Dense(_, dense) => self.find_dense_link(&dense, name).await,
        }
    }

    /// The links of an old group. The superblock repeats where those of the root group are: another
    /// chance where the message of its header is damaged, which libhdf5 takes where it may write.
    async fn old_links(&self, group: &Object, table: &SymbolTableMessage) -> Result<Links> {
        let links = self.symbol_table_links(table).await?;
        let repeated = self.header().superblock.root_symbol_table.as_ref();
        match repeated.filter(|repeated| group.address == self.root() && *repeated != table) {
            Some(repeated) if links.incomplete().is_some() => {
                links.or_more(self.symbol_table_links(repeated).await?)
            }
            _ => Ok(links),
        }
    }

    async fn find_dense_link(&self, dense: &DenseStorage, name: &[u8]) -> Result<Option<Link>> {
        // Two names may have the same hash.
        self.links_of(self.dense_messages_like(kind::LINK, dense, name).await?)?.pick(name)
    }

    pub(super) fn links_of(&self, messages: Found<DenseMessage>) -> Result<Links> {
        let mut links = Links::default();
        let messages = links.inherit(messages)?;
        let found = messages.iter().map(|DenseMessage { body, address, .. }| {
            let mut cursor = self.reader().cursor(body, kind::name(kind::LINK), *address);
            LinkMessage::decode(&mut cursor).map(Into::into)
        });
        links.extend(found, self.budget())?;
        Ok(links.sorted())
    }

    fn compact_links(&self, group: &Object) -> Result<Links> {
        let mut links = Links::default();
        links.part(group.damage().map_or(Ok(()), |error| Err(error.clone())))?;
        let widths = group.widths();
        let found = group
            .messages(kind::LINK)
            .map(|message| message.decode(widths, LinkMessage::decode).map(Into::into));
        links.extend(found, self.budget())?;
        Ok(links.sorted())
    }
}
