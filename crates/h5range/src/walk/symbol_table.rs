//! The links of an old group: symbol table entries and their names (specification III.A-D).

use futures::future::join;

use crate::decode::message::link::LinkTarget;
use crate::decode::message::symbol_table::SymbolTableMessage;
use crate::decode::symbol_table_node::{SymbolTableCache, SymbolTableEntry};
use crate::error::{Error, Result};
use crate::links::{Link, LinkRef, Links};
use crate::walk::File;
use crate::walk::btree_v1::{GroupEntries, GroupTree};
use crate::walk::local_heap::LocalHeap;

impl File {
    /// All links: the names are read while the tree is.
    pub(crate) async fn symbol_table_links(&self, table: &SymbolTableMessage) -> Result<Links> {
        let names = LocalHeap::open(self.reader(), table.local_heap);
        let tree = self.group_tree(table);
        let (names, entries) = join(names, tree.entries()).await;
        let GroupEntries { found, keys_agree } = entries?;
        let mut links = Links::default();
        let entries = links.inherit(found)?;
        let Some(heap) = links.part(names)? else { return Ok(links) };
        heap.damage().cloned().map_or(Ok(()), |error| links.note(error))?;
        heap.add_links(&entries, &mut links)?;
        Ok(links.sorted_from_tree(keys_agree))
    }

    /// The number of links, without their names.
    pub(crate) async fn symbol_table_count(&self, table: &SymbolTableMessage) -> Result<u64> {
        Ok(self.group_tree(table).entries().await?.found.all()?.len() as u64)
    }

    /// The link called `name`, found by descending the tree. Where it leads to another old group,
    /// the tree and the heap of that are asked for ahead: they come with the group's header.
    pub(crate) async fn symbol_table_find(
        &self,
        table: &SymbolTableMessage,
        name: &[u8],
    ) -> Result<Option<Link>> {
        let tree = self.group_tree(table);
        let heap = LocalHeap::open_for_few(self.reader(), table.local_heap);
        let root = async { tree.root().await.inspect(|root| tree.ask_children_ahead(root)) };
        let (heap, root) = join(heap, root).await;
        let heap = heap?;
        let Some(entry) = tree.find(root?, &heap, name).await? else { return Ok(None) };
        if let SymbolTableCache::Group { b_tree, local_heap } = entry.cache {
            self.group_tree(&SymbolTableMessage { b_tree, local_heap }).ask_ahead();
            LocalHeap::ask_ahead(self.reader(), local_heap);
        }
        let value = match value_offset(&entry) {
            Some(offset) => heap.names(&[offset]).await.pop(),
            None => None,
        };
        let value = value.as_ref().map(|value| value.as_deref().map_err(Error::clone));
        let link = link(&entry, name, value)?;
        Ok(Some(link.to_owned()))
    }

    pub(super) fn group_tree(&self, table: &SymbolTableMessage) -> GroupTree<'_> {
        let header = self.header();
        GroupTree {
            reader: self.reader(),
            root: table.b_tree,
            internal_k: header.group_internal_k(),
            leaf_k: header.group_leaf_k(),
        }
    }
}

impl LocalHeap<'_> {
    /// Adds the links that `entries` and their names are, of a heap that was read whole.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(super) fn add_links(&self, entries: &[SymbolTableEntry], links: &mut Links) -> Result<()> {
        let found = entries.iter().map(|entry| {
            let name = self.name(entry.link_name_offset)?;
            link(entry, name, value_offset(entry).map(|offset| self.name(offset)))
        });
        links.extend(found, self.reader().budget())
    }
}

/// Where the value of a symbolic link is in the local heap.
fn value_offset(entry: &SymbolTableEntry) -> Option<u64> {
    match entry.cache {
        SymbolTableCache::SymbolicLink { value_offset } => Some(value_offset.into()),
        _ => None,
    }
}

/// The link that an entry and its strings are: a symbolic link where it has a `value`.
fn link<'a>(
    entry: &SymbolTableEntry,
    name: &'a [u8],
    value: Option<Result<&'a [u8]>>,
) -> Result<LinkRef<'a>> {
    let target = match value {
        Some(value) => LinkTarget::Soft { path: value? },
        None => LinkTarget::hard(entry.object_header),
    };
    Ok(Link { name, creation_order: None, target })
}
