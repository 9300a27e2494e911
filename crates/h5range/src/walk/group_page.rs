//! A page of the links of a large old group in the order of names: the part of its tree that holds
//! them, and no more (specification III.A.1, III.B).
//!
//! A tree says nowhere how many links are behind one of its nodes, only how many at least: K in each
//! node but the first and the last of a level. As many children are read as a page takes at most.

use futures::future::{join, join_all};

use crate::decode::btree_v1::{GroupChild, GroupNode};
use crate::decode::symbol_table_node::SymbolTableEntry;
use crate::error::{Error, Result};
use crate::links::Links;
use crate::walk::btree_v1::GroupTree;
use crate::walk::local_heap::LocalHeap;
use crate::walk::{File, LinkStorage, Object};

/// Level of the root from which on a part of a tree is read. With nodes of ordinary size a lower
/// tree has at most 1,024 symbol table nodes: hardly worth the total, which a part cannot tell.
const TALL: u8 = 2;

/// How often a tree is descended for one page. Once, unless links were deleted from it.
const DESCENTS_MAX: usize = 4;

/// Symbol table nodes next to each other.
struct Leaves {
    /// Each with its key: no name in it is greater.
    nodes: Vec<(GroupChild, Vec<SymbolTableEntry>)>,
    /// Whether the group ends with them.
    is_end: bool,
}

impl File {
    /// At least `count` of the links behind the name `after`, or all up to the last one. `None`
    /// where [`File::links`] is the way: in all groups but large old ones, where the page is much
    /// of the group, and where damage or another order than that of names is on the way.
    ///
    /// Waves: one for each level of the B-tree, and one for the symbol table nodes; the names come
    /// along with these, but behind a name, where they are needed to descend, they take one more.
    /// In a tree with gaps the levels below the root up to three times more.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub async fn links_after(
        &self,
        group: &Object,
        after: Option<&[u8]>,
        count: u64,
    ) -> Result<Option<Links>> {
        let Ok(LinkStorage::SymbolTable(table)) = group.link_storage() else { return Ok(None) };
        let tree = self.group_tree(&table);
        // Both are there then for whoever needs the whole group after all.
        tree.ask_ahead();
        LocalHeap::ask_ahead(self.reader(), table.local_heap);
        let page = async {
            let root = tree.root().await?;
            let children = root.children.items.len() as u64;
            if root.level < TALL
                || tree.children_for(count, root.level, after.is_some()) > children / 2
            {
                return Ok(None);
            }
            let heap = LocalHeap::open(self.reader(), table.local_heap);
            tree.page(root, heap, after, count).await
        };
        match page.await {
            Err(error) if !error.ends_the_question() => Ok(None),
            page => page,
        }
    }
}

impl GroupTree<'_> {
    /// See [`File::links_after`].
    ///
    /// # Errors
    ///
    /// Damage on the way, and what ends the question.
    async fn page(
        &self,
        root: GroupNode,
        heap: impl Future<Output = Result<LocalHeap<'_>>>,
        after: Option<&[u8]>,
        count: u64,
    ) -> Result<Option<Links>> {
        let (heap, mut leaves) = match after {
            None => {
                let (heap, leaves) = join(heap, self.leaves(&root, None, count)).await;
                (heap?, leaves?)
            }
            Some(name) => {
                let heap = heap.await?;
                let leaves = self.leaves(&root, Some((&heap, name)), count).await?;
                (heap, leaves)
            }
        };
        let mut entries = leaves.entries(&heap, after)?;
        for _ in 1..DESCENTS_MAX {
            let missing = count.saturating_sub(entries.len() as u64);
            let Some((last, _)) = leaves.nodes.last().filter(|_| !leaves.is_end && missing > 0)
            else {
                break;
            };
            let last = heap.name(last.greatest_name_offset)?;
            leaves = self.leaves(&root, Some((&heap, last)), missing).await?;
            entries.extend(leaves.entries(&heap, Some(last))?);
        }
        let is_page = leaves.is_end || entries.len() as u64 >= count;
        let mut links = Links::default();
        heap.add_links(&entries, &mut links)?;
        let is_sound = heap.damage().is_none() && links.errors().is_empty();
        Ok((is_page && is_sound).then(|| links.sorted()))
    }

    /// The symbol table nodes that probably hold `count` links: from the first of the group on, or
    /// from the one that may hold the name that follows another. One wave for each level below the
    /// root, and one for the nodes.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, or keys are not in order.
    async fn leaves(
        &self,
        root: &GroupNode,
        behind: Option<(&LocalHeap<'_>, &[u8])>,
        count: u64,
    ) -> Result<Leaves> {
        let (mut level, mut is_end) = (root.level, true);
        let mut children = root.children.clone().all()?;
        loop {
            if let Some((heap, name)) = behind {
                children.drain(..self.before(&children, heap, name)?);
            }
            let wanted = usize::try_from(self.children_for(count, level, behind.is_some()))
                .unwrap_or(usize::MAX);
            is_end &= children.len() <= wanted;
            children.truncate(wanted);
            self.reader.budget().nodes(children.len() as u64)?;
            let Some(below) = level.checked_sub(1) else { break };
            let nodes = children.iter().map(|child| self.node(child.address, Some(level)));
            let nodes = join_all(nodes).await;
            children = Vec::new();
            for node in nodes {
                children.extend(node?.children.all()?);
            }
            level = below;
        }
        let nodes = children.iter().map(|child| self.symbol_table_node(child.address));
        let nodes = children.iter().zip(join_all(nodes).await);
        let nodes = nodes.map(|(child, node)| Ok((*child, node?.entries.all()?)));
        Ok(Leaves { nodes: nodes.collect::<Result<_>>()?, is_end })
    }

    /// How many children of a node of this `level`, or of several next to each other, may be needed
    /// for `count` links. The library splits a full node, of 2K, in halves, but the first and the
    /// last of a level less evenly. A page behind a name may begin with the last link of a node, and
    /// the one before is read too.
    fn children_for(&self, count: u64, level: u8, is_behind: bool) -> u64 {
        let more = if is_behind { 2 } else { 1 };
        let nodes_for = |items: u64, k: u16| items.div_ceil(k.max(1).into()).saturating_add(more);
        (0..level).fold(nodes_for(count, self.leaf_k), |below, _| nodes_for(below, self.internal_k))
    }

    /// How many of these `children` are left out behind `name`: those without a greater one but the
    /// last of them, in which a damaged key may hide some.
    fn before(&self, children: &[GroupChild], heap: &LocalHeap<'_>, name: &[u8]) -> Result<usize> {
        let greatest = children.iter().map(|child| heap.name(child.greatest_name_offset));
        let greatest = greatest.collect::<Result<Vec<_>>>()?;
        match greatest.is_sorted() {
            true => Ok(greatest.partition_point(|greatest| *greatest <= name).saturating_sub(1)),
            false => Err(Error::malformed(NODE, self.root, "its keys are not in order")),
        }
    }
}

impl Leaves {
    /// The entries whose names are greater than `after`.
    ///
    /// # Errors
    ///
    /// When the names are not in order, each between the keys on either side of its node, or cannot
    /// be read.
    fn entries(&self, heap: &LocalHeap<'_>, after: Option<&[u8]>) -> Result<Vec<SymbolTableEntry>> {
        let (mut entries, mut last) = (Vec::new(), None);
        for (child, in_node) in &self.nodes {
            let greatest = heap.name(child.greatest_name_offset)?;
            for entry in in_node {
                let name = heap.name(entry.link_name_offset)?;
                if name > greatest || last.is_some_and(|last| name <= last) {
                    let detail = "its names are not in order";
                    return Err(Error::malformed(NODE, child.address, detail));
                }
                last = Some(name);
                if after.is_none_or(|after| name > after) {
                    entries.push(*entry);
                }
            }
            last = Some(greatest);
        }
        Ok(entries)
    }
}

const NODE: &str = "version 1 B-tree node";

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::walk::testing::{Counted, fixture, places_of, symbol_table_of};

    /// Of 60 links, in a tree of four levels.
    const FIXTURE: &str = "groups/symbol_table_small_k.h5";

    /// At least `count` names of the group behind `after`.
    fn page(file: &Counted, after: Option<&[u8]>, count: u64) -> Result<Option<Vec<Bytes>>> {
        // Of the sound file: the way to the group may be damaged in this one.
        let (root, heap) = symbol_table_of(&fixture(FIXTURE).bytes, "tall");
        let tree = GroupTree { reader: &file.reader, root, internal_k: 2, leaf_k: 1 };
        let links = file.drive(async {
            let heap = LocalHeap::open(&file.reader, heap);
            tree.page(tree.root().await?, heap, after, count).await
        })?;
        let name = |link: crate::LinkRef<'_>| Bytes::copy_from_slice(link.name);
        Ok(links.map(|links| links.iter().map(name).collect()))
    }

    fn all() -> Vec<Bytes> {
        (0..60).map(|number| Bytes::from(format!("n{number:04}"))).collect()
    }

    #[test]
    fn a_page_has_what_follows_a_name_and_as_much_as_is_wanted() {
        let (file, all) = (fixture(FIXTURE), all());
        for start in 0..=all.len() {
            let after = start.checked_sub(1).map(|last| &all[last][..]);
            for count in [1, 2, 7, 30, 60, 1_000] {
                let page = page(&file, after, count).unwrap().unwrap();
                assert!(page.len() as u64 >= count.min((all.len() - start) as u64));
                assert_eq!(page, all[start..start + page.len()], "{count} from {start}");
            }
        }
    }

    #[test]
    fn a_page_begins_behind_a_name_that_is_not_there_too() {
        for (after, first) in [(&b""[..], 0), (b"n00055", 6), (b"n0058x", 59), (b"o", 60)] {
            let page = page(&fixture(FIXTURE), Some(after), 1).unwrap().unwrap();
            assert_eq!(page.first(), all().get(first), "{after:?}");
        }
    }

    #[test]
    fn the_waves_are_the_levels_and_the_nodes_and_behind_a_name_one_more() {
        let levels = 4;
        for (after, waves) in [(None, levels + 1), (Some(&b"n0030"[..]), levels + 1 + 2)] {
            let file = fixture(FIXTURE);
            page(&file, after, 3).unwrap().unwrap();
            assert_eq!(file.source.waves(), waves);
            assert!(file.source.ranges() < 25, "{}", file.source.ranges());
        }
    }

    #[test]
    fn damage_is_never_a_wrong_page() {
        let (file, all) = (fixture(FIXTURE), all());
        let mut left_to_others = 0;
        let places = [places_of(&file.bytes, b"SNOD"), places_of(&file.bytes, b"TREE")].concat();
        for place in places {
            let at = usize::try_from(place.get()).unwrap();
            // The signature, the number of entries, an address or a name.
            for byte in [0, 6, 24, 40, 48] {
                let mut bytes = file.bytes.to_vec();
                bytes[at + byte] ^= 8;
                match page(&Counted::new(bytes), Some(b"n0020"), 5) {
                    Ok(Some(page)) => {
                        assert!(page.len() >= 5);
                        assert_eq!(page, all[21..21 + page.len()]);
                    }
                    Ok(None) | Err(Error::Malformed { .. } | Error::Unsupported(_)) => {
                        left_to_others += 1;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert!(left_to_others > 10, "{left_to_others}");
    }

    #[test]
    fn groups_that_are_small_or_new_are_read_whole() {
        use std::sync::Arc;

        use byte_source::MemorySource;
        use futures::executor::block_on;

        for path in ["groups/wide_earliest.h5", "groups/wide_latest.h5", FIXTURE] {
            let source = Arc::new(MemorySource::new(fixture(path).bytes));
            let file = block_on(File::open(source, crate::Limits::default())).unwrap();
            let links = async {
                let root = file.object(file.root()).await?;
                file.links_after(&root, None, 1).await
            };
            assert_eq!(block_on(file.drive(links)), Ok(None), "{path}");
        }
    }
}
