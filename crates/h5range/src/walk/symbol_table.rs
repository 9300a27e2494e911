//! The links of an old group: symbol table entries and their names (specification III.A-D).

use futures::future::join;

use crate::decode::Address;
use crate::decode::message::link::LinkTarget;
use crate::decode::message::symbol_table::SymbolTableMessage;
use crate::decode::symbol_table_node::{SymbolTableCache, SymbolTableEntry};
use crate::error::{Error, Result};
use crate::walk::File;
use crate::walk::btree_v1::GroupTree;
use crate::walk::group::Link;
use crate::walk::local_heap::LocalHeap;

impl File {
    /// All links: the names are read while the tree is.
    pub(crate) async fn symbol_table_links(
        &self,
        table: &SymbolTableMessage,
    ) -> Result<Vec<Result<Link>>> {
        let names = LocalHeap::open(self.reader(), table.local_heap);
        let tree = self.group_tree(table);
        let (names, entries) = join(names, tree.entries()).await;
        let names = names?;
        Ok(entries?.iter().map(|entry| link(&names, entry)).collect())
    }

    /// The number of links.
    pub(crate) async fn symbol_table_count(&self, table: &SymbolTableMessage) -> Result<u64> {
        Ok(self.group_tree(table).entries().await?.len() as u64)
    }

    /// The link called `name`, found by descending the tree.
    pub(crate) async fn symbol_table_find(
        &self,
        table: &SymbolTableMessage,
        name: &[u8],
    ) -> Result<Option<Link>> {
        let tree = self.group_tree(table);
        let names = LocalHeap::open_for_few(self.reader(), table.local_heap);
        let (names, root) = join(names, tree.root()).await;
        let names = names?;
        let Some(entry) = tree.find(root?, &names, name).await? else { return Ok(None) };
        let target = match entry.cache {
            SymbolTableCache::SymbolicLink { value_offset } => {
                let values = names.names(&[u64::from(value_offset)]).await?;
                LinkTarget::Soft { path: values.iter().flatten().copied().collect() }
            }
            _ => hard(&entry, name)?,
        };
        Ok(Some(Link { name: name.to_vec(), creation_order: None, target }))
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

fn link(names: &LocalHeap<'_>, entry: &SymbolTableEntry) -> Result<Link> {
    let name = names.name(entry.link_name_offset)?.to_vec();
    let target = match entry.cache {
        SymbolTableCache::SymbolicLink { value_offset } => {
            LinkTarget::Soft { path: names.name(u64::from(value_offset))?.to_vec() }
        }
        _ => hard(entry, &name)?,
    };
    Ok(Link { name, creation_order: None, target })
}

fn hard(entry: &SymbolTableEntry, name: &[u8]) -> Result<LinkTarget> {
    match entry.object_header {
        Some(address) => Ok(LinkTarget::Hard { address }),
        None => {
            let detail = format!("the link {:?} leads nowhere", String::from_utf8_lossy(name));
            Err(Error::malformed("symbol table entry", Address::new(0), detail))
        }
    }
}
