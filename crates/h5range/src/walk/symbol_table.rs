//! The links of an old group: symbol table entries and their names (specification III.A-D).

use bytes::Bytes;
use futures::future::join;

use crate::decode::message::link::LinkTarget;
use crate::decode::message::symbol_table::SymbolTableMessage;
use crate::decode::symbol_table_node::{SymbolTableCache, SymbolTableEntry};
use crate::error::Result;
use crate::found::Found;
use crate::walk::File;
use crate::walk::btree_v1::GroupTree;
use crate::walk::group::Link;
use crate::walk::local_heap::LocalHeap;

impl File {
    /// All links: the names are read while the tree is.
    pub(crate) async fn symbol_table_links(
        &self,
        table: &SymbolTableMessage,
    ) -> Result<Found<Link>> {
        let names = LocalHeap::open(self.reader(), table.local_heap);
        let tree = self.group_tree(table);
        let (names, entries) = join(names, tree.entries()).await;
        let mut links = Found::default();
        let entries = links.inherit(entries?)?;
        let Some(heap) = links.part(names)? else { return Ok(links) };
        heap.damage().cloned().map_or(Ok(()), |error| links.note(error))?;
        let offsets: Vec<u64> = entries.iter().map(|entry| entry.link_name_offset).collect();
        let values: Vec<u64> = entries.iter().filter_map(value_offset).collect();
        let mut values = heap.names(&values).await.into_iter();
        for (entry, name) in entries.iter().zip(heap.names(&offsets).await) {
            let value = value_offset(entry).and_then(|_| values.next());
            let link = name.and_then(|name| link(entry, &name, value));
            // Many entries may have the same string.
            let bytes = link.as_ref().map_or(0, Link::size_bytes);
            self.reader().budget().decoded(bytes as u64)?;
            links.keep(link)?;
        }
        Ok(links)
    }

    /// The number of links, without their names.
    pub(crate) async fn symbol_table_count(&self, table: &SymbolTableMessage) -> Result<u64> {
        Ok(self.group_tree(table).entries().await?.all()?.len() as u64)
    }

    /// The link called `name`, found by descending the tree.
    pub(crate) async fn symbol_table_find(
        &self,
        table: &SymbolTableMessage,
        name: &[u8],
    ) -> Result<Option<Link>> {
        let tree = self.group_tree(table);
        let heap = LocalHeap::open_for_few(self.reader(), table.local_heap);
        let (heap, root) = join(heap, tree.root()).await;
        let heap = heap?;
        let Some(entry) = tree.find(root?, &heap, name).await? else { return Ok(None) };
        let value = match value_offset(&entry) {
            Some(offset) => heap.names(&[offset]).await.pop(),
            None => None,
        };
        link(&entry, name, value).map(Some)
    }

    fn group_tree(&self, table: &SymbolTableMessage) -> GroupTree<'_> {
        let header = self.header();
        GroupTree {
            reader: self.reader(),
            root: table.b_tree,
            internal_k: header.group_internal_k(),
            leaf_k: header.group_leaf_k(),
        }
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
fn link(entry: &SymbolTableEntry, name: &[u8], value: Option<Result<Bytes>>) -> Result<Link> {
    let target = match value {
        Some(value) => LinkTarget::Soft { path: value?.to_vec() },
        None => LinkTarget::hard(entry.object_header),
    };
    Ok(Link { name: name.to_vec(), creation_order: None, target })
}
