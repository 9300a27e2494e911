//! Reads the version 1 B-tree of an old group. The tree of an old dataset's chunks is
//! [`chunk_index`](super::chunk_index)'s part.

use futures::future::try_join_all;

use crate::budget::check_depth;
use crate::decode::Address;
use crate::decode::btree_v1::GroupNode;
use crate::decode::symbol_table_node::{SymbolTableEntry, SymbolTableNode};
use crate::error::{Error, Result};
use crate::walk::Reader;
use crate::walk::local_heap::LocalHeap;
use crate::walk::visited::Visited;

const NODE: &str = "version 1 B-tree node";
const SYMBOL_TABLE_NODE: &str = "symbol table node";

/// The tree of one old group.
pub(crate) struct GroupTree<'r> {
    /// Where to ask.
    pub(crate) reader: &'r Reader,
    /// The root node.
    pub(crate) root: Address,
    /// The superblock's "Group Internal Node K".
    pub(crate) internal_k: u16,
    /// The superblock's "Group Leaf Node K".
    pub(crate) leaf_k: u16,
}

impl GroupTree<'_> {
    /// All entries of the group, in the order of names. One wave for each level of the tree, and
    /// one for the symbol table nodes.
    ///
    /// # Errors
    ///
    /// When a node is malformed, or is reached twice.
    pub(crate) async fn entries(&self) -> Result<Vec<SymbolTableEntry>> {
        let mut visited = Visited::default();
        let budget = self.reader.budget();
        visited.enter_all([self.root].into_iter(), NODE, budget)?;
        let root = self.node(self.root, None).await?;
        let (mut level, mut children) = (root.level, addresses(&root));
        while level > 0 {
            visited.enter_all(children.iter().copied(), NODE, budget)?;
            let nodes = children.iter().map(|&address| self.node(address, Some(level)));
            children = try_join_all(nodes).await?.iter().flat_map(addresses).collect();
            level = level.saturating_sub(1);
        }
        visited.enter_all(children.iter().copied(), SYMBOL_TABLE_NODE, budget)?;
        let leaves = children.iter().map(|&address| self.symbol_table_node(address));
        let leaves = try_join_all(leaves).await?;
        Ok(leaves.into_iter().flat_map(|leaf| leaf.entries).collect())
    }

    /// Reads the root node. One wave.
    ///
    /// # Errors
    ///
    /// When it is malformed.
    pub(crate) async fn root(&self) -> Result<GroupNode> {
        self.reader.budget().nodes(1)?;
        self.node(self.root, None).await
    }

    /// The entry of the link called `name`. One wave for each level below the `root` and one for
    /// the symbol table node; one more for each level where the `heap` was not read whole.
    ///
    /// # Errors
    ///
    /// When a node on the way is malformed.
    pub(crate) async fn find(
        &self,
        root: GroupNode,
        heap: &LocalHeap<'_>,
        name: &[u8],
    ) -> Result<Option<SymbolTableEntry>> {
        let budget = self.reader.budget();
        let mut node = root;
        loop {
            let offsets = node.children.iter().map(|child| child.greatest_name_offset);
            let greatest = heap.names(&offsets.collect::<Vec<_>>()).await?;
            let child = greatest.partition_point(|greatest| greatest < name);
            match node.children.get(child) {
                None => return Ok(None),
                Some(child) if node.level == 0 => {
                    budget.nodes(1)?;
                    let leaf = self.symbol_table_node(child.address).await?;
                    return find_in_leaf(leaf, heap, name).await;
                }
                Some(child) => {
                    budget.nodes(1)?;
                    node = self.node(child.address, Some(node.level)).await?;
                }
            }
        }
    }

    /// Reads one node; not all of the bytes that it has room for need to be in the file.
    /// `parent_level` is the level of the node that it was found in: levels count down by one, so
    /// that no walk is deeper than the root says.
    async fn node(&self, address: Address, parent_level: Option<u8>) -> Result<GroupNode> {
        let length = GroupNode::node_bytes(self.internal_k, self.reader.widths());
        let bytes = self.reader.ask_up_to(address, length, NODE).await?;
        let node = GroupNode::decode(&mut self.reader.cursor(&bytes, NODE, address))?;
        check_depth(u64::from(node.level))?;
        match parent_level {
            Some(parent) if parent.checked_sub(1) != Some(node.level) => {
                let detail = format!("level {} below level {parent}", node.level);
                Err(Error::malformed(NODE, address, detail))
            }
            _ => Ok(node),
        }
    }

    async fn symbol_table_node(&self, address: Address) -> Result<SymbolTableNode> {
        let length = SymbolTableNode::node_bytes(self.leaf_k, self.reader.widths());
        let bytes = self.reader.ask_up_to(address, length, SYMBOL_TABLE_NODE).await?;
        SymbolTableNode::decode(&mut self.reader.cursor(&bytes, SYMBOL_TABLE_NODE, address))
    }
}

async fn find_in_leaf(
    leaf: SymbolTableNode,
    heap: &LocalHeap<'_>,
    name: &[u8],
) -> Result<Option<SymbolTableEntry>> {
    let offsets: Vec<u64> = leaf.entries.iter().map(|entry| entry.link_name_offset).collect();
    let found = heap.names(&offsets).await?;
    Ok(leaf.entries.into_iter().zip(found).find(|(_, found)| found == name).map(|(entry, _)| entry))
}

fn addresses(node: &GroupNode) -> Vec<Address> {
    node.children.iter().map(|child| child.address).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::future::try_join;

    use super::*;
    use crate::walk::testing::{Counted, fixture, symbol_table_of};

    /// The tree and the heap of a group in the root of a fixture.
    async fn open<'r>(
        file: &'r Counted,
        group: &str,
        k: (u16, u16),
    ) -> Result<(GroupTree<'r>, LocalHeap<'r>)> {
        let (root, heap) = symbol_table_of(&file.bytes, group);
        let tree = GroupTree { reader: &file.reader, root, internal_k: k.0, leaf_k: k.1 };
        Ok((tree, LocalHeap::open(&file.reader, heap).await?))
    }

    const DEFAULT_K: (u16, u16) = (16, 4);

    #[test]
    fn reads_each_level_as_one_wave_beside_the_heap() {
        let file = fixture("groups/wide_earliest.h5");
        let (root, heap) = symbol_table_of(&file.bytes, "wide");
        let tree = GroupTree { reader: &file.reader, root, internal_k: 16, leaf_k: 4 };
        let names = file.drive(async {
            let (entries, heap) =
                try_join(tree.entries(), LocalHeap::open(&file.reader, heap)).await?;
            entries.iter().map(|entry| heap.name(entry.link_name_offset)).collect::<Result<_>>()
        });
        let names: Vec<Bytes> = names.unwrap();
        let expected: Vec<String> = (0..1200).map(|i| format!("name_{i:04}")).collect();
        assert_eq!(names, expected);
        // The root, the leaves of the tree, the symbol table nodes; the heap needs no wave more.
        assert_eq!(file.source.waves(), 3);
    }

    fn find(
        file: &Counted,
        tree: &GroupTree<'_>,
        heap: &LocalHeap<'_>,
        name: &[u8],
    ) -> Result<Option<SymbolTableEntry>> {
        file.drive(async { tree.find(tree.root().await?, heap, name).await })
    }

    #[test]
    fn finds_each_name_and_no_other_in_one_wave_a_level() {
        for (path, group, k, levels, count) in [
            ("groups/wide_earliest.h5", "wide", DEFAULT_K, 2, 1200),
            ("groups/symbol_table_small_k.h5", "tall", (2, 1), 4, 60),
        ] {
            let file = fixture(path);
            let (tree, heap) = file.drive(open(&file, group, k)).unwrap();
            let entries = file.drive(tree.entries()).unwrap();
            assert_eq!(entries.len(), count);
            for entry in entries {
                let name = heap.name(entry.link_name_offset).unwrap();
                let waves = file.source.waves();
                assert_eq!(find(&file, &tree, &heap, &name), Ok(Some(entry)), "{name:?}");
                assert_eq!(file.source.waves() - waves, levels + 1);
            }
            for missing in ["", "a", "name_00005", "n0030x", "zzz"] {
                assert_eq!(find(&file, &tree, &heap, missing.as_bytes()), Ok(None));
            }
        }
    }

    #[test]
    fn an_emptied_group_has_a_tree_without_entries() {
        let file = fixture("groups/symbol_table.h5");
        for (group, expected) in
            [("g00", 0), ("g01", 1), ("g60", 60), ("shrunk", 30), ("emptied", 0)]
        {
            let (tree, heap) = file.drive(open(&file, group, DEFAULT_K)).unwrap();
            assert_eq!(file.drive(tree.entries()).map(|entries| entries.len()), Ok(expected));
            assert_eq!(find(&file, &tree, &heap, b"n"), Ok(None));
        }
    }

    #[test]
    fn a_tree_that_leads_back_to_its_root_is_malformed() {
        let file = fixture("groups/wide_earliest.h5");
        let (root, _) = symbol_table_of(&file.bytes, "wide");
        let mut bytes = file.bytes.to_vec();
        let first_child = usize::try_from(root.get()).unwrap() + 32;
        bytes[first_child..first_child + 8].copy_from_slice(&root.get().to_le_bytes());
        let file = Counted::new(bytes);
        let (tree, heap) = file.drive(open(&file, "wide", DEFAULT_K)).unwrap();
        let errors = [
            file.drive(tree.entries()).unwrap_err().to_string(),
            find(&file, &tree, &heap, b"name_0000").unwrap_err().to_string(),
        ];
        assert!(errors[0].contains("reached a second time"), "{}", errors[0]);
        assert!(errors[1].contains("level 1 below level 1"), "{}", errors[1]);
    }
}
