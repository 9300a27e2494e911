//! Reads the version 1 B-tree of an old group. The tree of an old dataset's chunks is
//! [`chunk_index`](super::chunk_index)'s part.

use std::cmp::Ordering;

use bytes::Bytes;
use futures::future::join_all;

use crate::budget::check_depth;
use crate::decode::Address;
use crate::decode::btree_v1::{GroupChild, GroupNode};
use crate::decode::symbol_table_node::{SymbolTableEntry, SymbolTableNode};
use crate::error::{Error, Result};
use crate::found::Found;
use crate::walk::Reader;
use crate::walk::local_heap::LocalHeap;
use crate::walk::visited::Visited;

const NODE: &str = "version 1 B-tree node";
const SYMBOL_TABLE_NODE: &str = "symbol table node";

/// As many as a store answers at once. A node has up to 32 unless the writer asked for larger ones.
const CHILDREN_AHEAD_MAX: usize = 64;

/// The entries of one old group.
#[derive(Debug, Default)]
pub(crate) struct GroupEntries {
    /// As far as they can be read, in the order of the tree.
    pub(crate) found: Found<SymbolTableEntry>,
    /// Whether each key is the last name of the child to its left. Where the names ascend as well,
    /// a descent finds all of them.
    pub(crate) keys_agree: bool,
}

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
    /// All entries of the group. A node that is malformed, or that was reached before, costs the
    /// entries below it. One wave for each level of the tree, and one for the symbol table nodes.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn entries(&self) -> Result<GroupEntries> {
        let (mut found, mut keys_agree) = (Found::default(), true);
        let mut visited = Visited::default();
        visited.enter(self.root, NODE)?;
        let Some(root) = found.part(self.root().await)? else {
            return Ok(GroupEntries { found, keys_agree: false });
        };
        let mut level = root.level;
        let mut children = found.inherit(root.children)?;
        while level > 0 {
            let addresses = self.enter(&mut visited, &children, NODE, &mut found)?;
            let nodes = addresses.into_iter().map(|address| self.node(address, Some(level)));
            let nodes = found.parts(join_all(nodes).await)?;
            keys_agree &= agree(&children, nodes.iter().map(GroupNode::greatest_name_offset));
            children = Vec::new();
            for node in nodes {
                children.extend(found.inherit(node.children)?);
            }
            level = level.saturating_sub(1);
        }
        let addresses = self.enter(&mut visited, &children, SYMBOL_TABLE_NODE, &mut found)?;
        let leaves = addresses.into_iter().map(|address| self.symbol_table_node(address));
        let leaves = found.parts(join_all(leaves).await)?;
        keys_agree &= agree(&children, leaves.iter().map(SymbolTableNode::greatest_name_offset));
        found.items.reserve_exact(leaves.iter().map(|leaf| leaf.entries.items.len()).sum());
        for leaf in leaves {
            found.extend(leaf.entries)?;
        }
        keys_agree &= found.errors.is_empty();
        Ok(GroupEntries { found, keys_agree })
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

    /// Has the next wave take the root node along.
    pub(crate) fn ask_ahead(&self) {
        self.reader.ask_ahead(self.root, self.node_bytes());
    }

    /// Has the next wave take all children of `node` along: for somebody who waits for the names
    /// that tell which of them he needs. Where they are many, a wave is cheaper.
    pub(crate) fn ask_children_ahead(&self, node: &GroupNode) {
        if node.children.items.len() > CHILDREN_AHEAD_MAX {
            return;
        }
        let child_bytes = if node.level == 0 { self.leaf_bytes() } else { self.node_bytes() };
        for child in &node.children.items {
            self.reader.ask_ahead(child.address, child_bytes);
        }
    }

    /// The entry of the link called `name`. One wave for each level below the `root` and one for
    /// the symbol table node, which is saved where the children of the root were asked for ahead.
    /// Where the `heap` was not read whole, one for the names of each level instead.
    ///
    /// # Errors
    ///
    /// When something on the way is malformed, so that the name may be elsewhere.
    pub(crate) async fn find(
        &self,
        root: GroupNode,
        heap: &LocalHeap<'_>,
        name: &[u8],
    ) -> Result<Option<SymbolTableEntry>> {
        let budget = self.reader.budget();
        let (mut address, mut node) = (self.root, root);
        // In a tree that is out of order, a name that is not found may be elsewhere.
        let mut nowhere = Ok(None);
        loop {
            let children = node.children.all()?;
            let offsets: Vec<u64> = children.iter().map(|c| c.greatest_name_offset).collect();
            let greatest: Result<Vec<_>> = heap.names(&offsets).await.into_iter().collect();
            let greatest = greatest?;
            if !greatest.is_sorted() {
                nowhere = Err(Error::malformed(NODE, address, "its keys are not in order"));
            }
            let child = bisect(greatest.len(), |at| between(&greatest, at, name));
            let Some(child) = child.and_then(|at| children.get(at)) else { return nowhere };
            budget.nodes(1)?;
            address = child.address;
            if node.level == 0 {
                let leaf = self.symbol_table_node(address).await?;
                let found = find_in_leaf(leaf, heap, name).await?;
                return found.map_or(nowhere, |entry| Ok(Some(entry)));
            }
            node = self.node(address, Some(node.level)).await?;
            if !heap.is_whole() {
                self.ask_children_ahead(&node);
            }
        }
    }

    /// The addresses of those `children` that were not reached before.
    fn enter(
        &self,
        visited: &mut Visited,
        children: &[GroupChild],
        structure: &'static str,
        entries: &mut Found<SymbolTableEntry>,
    ) -> Result<Vec<Address>> {
        let addresses = children.iter().map(|child| child.address);
        entries.parts(visited.enter_each(addresses, structure, self.reader.budget())?)
    }

    /// Reads one node; not all of the bytes that it has room for need to be in the file.
    /// `parent_level` is the level of the node that it was found in: levels count down by one, so
    /// that no walk is deeper than the root says.
    pub(super) async fn node(
        &self,
        address: Address,
        parent_level: Option<u8>,
    ) -> Result<GroupNode> {
        let bytes = self.reader.ask_up_to(address, self.node_bytes(), NODE).await?;
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

    pub(super) async fn symbol_table_node(&self, address: Address) -> Result<SymbolTableNode> {
        let bytes = self.reader.ask_up_to(address, self.leaf_bytes(), SYMBOL_TABLE_NODE).await?;
        SymbolTableNode::decode(&mut self.reader.cursor(&bytes, SYMBOL_TABLE_NODE, address))
    }

    fn node_bytes(&self) -> u64 {
        GroupNode::node_bytes(self.internal_k, self.reader.widths())
    }

    fn leaf_bytes(&self) -> u64 {
        SymbolTableNode::node_bytes(self.leaf_k, self.reader.widths())
    }
}

/// Whether the keys of `children` are what stands last in each of them.
fn agree(children: &[GroupChild], last: impl Iterator<Item = Option<u64>>) -> bool {
    children.iter().map(|child| Some(child.greatest_name_offset)).eq(last)
}

async fn find_in_leaf(
    leaf: SymbolTableNode,
    heap: &LocalHeap<'_>,
    name: &[u8],
) -> Result<Option<SymbolTableEntry>> {
    let entries = &leaf.entries.items;
    let offsets: Vec<u64> = entries.iter().map(|entry| entry.link_name_offset).collect();
    let names = heap.names(&offsets).await;
    let compare = |at: usize| Some(name.cmp(names.get(at)?.as_ref().ok()?));
    if let Some(found) = bisect(names.len(), compare).and_then(|at| entries.get(at)) {
        return Ok(Some(*found));
    }
    let mut found = entries.iter().zip(&names);
    if let Some((entry, _)) = found.find(|(_, found)| found.as_ref().is_ok_and(|f| f == name)) {
        return Ok(Some(*entry));
    }
    // An entry or a name that cannot be read may be the one.
    leaf.entries.all()?;
    names.into_iter().collect::<Result<Vec<_>>>().map(|_| None)
}

/// How `name` compares to the child `at` of a node, whose names are greater than the key before and
/// up to its own.
fn between(greatest: &[Bytes], at: usize, name: &[u8]) -> Option<Ordering> {
    let before = at.checked_sub(1).and_then(|before| greatest.get(before));
    if before.is_some_and(|before| name <= before) {
        return Some(Ordering::Less);
    }
    (name > greatest.get(at)?).then_some(Ordering::Greater).or(Some(Ordering::Equal))
}

/// The place that `compare` calls equal, looked for in the very steps in which libhdf5 does: where
/// names are not in order, or there twice, it decides what a name leads to. `None` where there is
/// none, or `compare` cannot say.
fn bisect(count: usize, compare: impl Fn(usize) -> Option<Ordering>) -> Option<usize> {
    let (mut left, mut right) = (0, count);
    while left < right {
        let middle = left.midpoint(right);
        match compare(middle)? {
            Ordering::Less => right = middle,
            Ordering::Equal => return Some(middle),
            Ordering::Greater => left = middle + 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use futures::future::try_join;

    use super::*;
    use crate::walk::testing::{Counted, fixture, places_of, symbol_table_of};

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
            let entries = entries.found.all()?;
            entries
                .iter()
                .map(|entry| heap.name(entry.link_name_offset).map(Bytes::copy_from_slice))
                .collect::<Result<_>>()
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
            let entries = file.drive(tree.entries()).unwrap().found.all().unwrap();
            assert_eq!(entries.len(), count);
            for entry in entries {
                let name = heap.name(entry.link_name_offset).unwrap();
                let waves = file.source.waves();
                assert_eq!(find(&file, &tree, &heap, name), Ok(Some(entry)), "{name:?}");
                assert_eq!(file.source.waves() - waves, levels + 1);
            }
            for missing in ["", "a", "name_00005", "n0030x", "zzz"] {
                assert_eq!(find(&file, &tree, &heap, missing.as_bytes()), Ok(None));
            }
        }
    }

    #[test]
    fn keys_are_the_last_names_before_them_unless_they_are_damaged() {
        for (path, group, k) in [
            ("groups/wide_earliest.h5", "wide", DEFAULT_K),
            ("groups/symbol_table_small_k.h5", "tall", (2, 1)),
            ("groups/symbol_table.h5", "shrunk", DEFAULT_K),
            ("groups/symbol_table.h5", "emptied", DEFAULT_K),
        ] {
            let file = fixture(path);
            let (tree, _) = file.drive(open(&file, group, k)).unwrap();
            assert!(file.drive(tree.entries()).unwrap().keys_agree, "{path} {group}");
        }
        let file = damaged(|node| node[FIRST_CHILD + 8] ^= 8);
        let (tree, _) = file.drive(open(&file, "wide", DEFAULT_K)).unwrap();
        assert!(!file.drive(tree.entries()).unwrap().keys_agree);
    }

    #[test]
    fn of_a_name_that_is_there_twice_the_one_counts_that_libhdf5_takes() {
        let names = [b"a", b"c", b"c", b"c", b"b"];
        let find = |name: &[u8; 1]| bisect(names.len(), |at| Some(name.cmp(names[at])));
        assert_eq!((find(b"c"), find(b"a"), find(b"b")), (Some(2), Some(0), None));
    }

    #[test]
    fn an_emptied_group_has_a_tree_without_entries() {
        let file = fixture("groups/symbol_table.h5");
        for (group, expected) in
            [("g00", 0), ("g01", 1), ("g60", 60), ("shrunk", 30), ("emptied", 0)]
        {
            let (tree, heap) = file.drive(open(&file, group, DEFAULT_K)).unwrap();
            let entries = file.drive(tree.entries()).unwrap().found;
            assert_eq!(entries.total(), Some(expected));
            assert_eq!(find(&file, &tree, &heap, b"n"), Ok(None));
        }
    }

    /// The wide group after `change` of its root node.
    fn damaged(change: impl Fn(&mut [u8])) -> Counted {
        let file = fixture("groups/wide_earliest.h5");
        let (root, _) = symbol_table_of(&file.bytes, "wide");
        let mut bytes = file.bytes.to_vec();
        change(&mut bytes[usize::try_from(root.get()).unwrap()..]);
        Counted::new(bytes)
    }

    const FIRST_CHILD: usize = 32;
    const KEY_AND_CHILD_BYTES: usize = 16;

    #[test]
    fn a_node_that_was_reached_before_costs_what_is_below_it() {
        let (root, _) = symbol_table_of(&fixture("groups/wide_earliest.h5").bytes, "wide");
        let file = damaged(|node| {
            node[FIRST_CHILD..FIRST_CHILD + 8].copy_from_slice(&root.get().to_le_bytes());
        });
        let (tree, heap) = file.drive(open(&file, "wide", DEFAULT_K)).unwrap();
        let entries = file.drive(tree.entries()).unwrap().found;
        let error = entries.incomplete().unwrap().to_string();
        assert!(error.contains("reached a second time"), "{error}");
        assert!((600..1200).contains(&entries.items.len()), "{}", entries.items.len());
        let error = find(&file, &tree, &heap, b"name_0000").unwrap_err().to_string();
        assert!(error.contains("level 1 below level 1"), "{error}");
        assert!(find(&file, &tree, &heap, b"name_1199").unwrap().is_some());
    }

    #[test]
    fn a_damaged_node_costs_what_is_below_it() {
        let file = fixture("groups/wide_earliest.h5");
        let (tree, _) = file.drive(open(&file, "wide", DEFAULT_K)).unwrap();
        let whole = file.drive(tree.entries()).unwrap().found.all().unwrap();
        let mut damaged = 0;
        for leaf in places_of(&file.bytes, b"SNOD").into_iter().step_by(10) {
            let mut bytes = file.bytes.to_vec();
            bytes[usize::try_from(leaf.get()).unwrap()] = 0;
            let file = Counted::new(bytes);
            let tree = GroupTree { reader: &file.reader, ..tree };
            let entries = file.drive(tree.entries()).unwrap().found;
            if entries.items == whole {
                continue; // It is a leaf of another group.
            }
            damaged += 1;
            assert_eq!(entries.errors.len(), 1);
            assert!(entries.errors[0].to_string().contains(&leaf.to_string()));
            assert!(whole.len() - entries.items.len() <= 8, "{}", entries.items.len());
        }
        assert!(damaged > 10);
    }

    #[test]
    fn a_tree_out_of_order_is_listed_and_not_descended() {
        let file = damaged(|node| {
            let first_key = FIRST_CHILD + 8;
            let other_key = first_key + 2 * KEY_AND_CHILD_BYTES;
            node.copy_within(other_key..other_key + 8, first_key);
        });
        let (tree, heap) = file.drive(open(&file, "wide", DEFAULT_K)).unwrap();
        assert_eq!(file.drive(tree.entries()).unwrap().found.total(), Some(1200));
        // The first child does not hold all the names that its key now claims.
        let mut lost = 0;
        for number in 0..1200 {
            match find(&file, &tree, &heap, format!("name_{number:04}").as_bytes()) {
                Ok(found) => assert!(found.is_some(), "{number}"),
                Err(error) => {
                    assert!(error.to_string().contains("not in order"), "{error}");
                    lost += 1;
                }
            }
        }
        assert!((1..600).contains(&lost), "{lost}");
    }
}
