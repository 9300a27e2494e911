//! Version 1 B-trees of chunks.

use futures::future::try_join_all;

use crate::budget::check_depth;
use crate::decode::Address;
use crate::decode::btree_v1::{ChunkChild, ChunkNode};
use crate::error::{Error, Result};
use crate::walk::Reader;
use crate::walk::chunk_index::ChunkStorage;
use crate::walk::chunk_index::lookup::{ChunkPlace, Wanted};
use crate::walk::visited::Visited;

const NODE: &str = "version 1 B-tree node";

/// Adds up what the leaves say. One wave for each level.
pub(super) async fn storage(
    reader: &Reader,
    root: Address,
    internal_k: u16,
    rank: u8,
) -> Result<ChunkStorage> {
    let tree = Tree { reader, internal_k, rank };
    let chunks = tree.chunks(root, |_, _| true).await?;
    Ok(ChunkStorage::of_sizes(chunks.iter().map(|chunk| chunk.size_bytes.into())))
}

/// Looks up what is wanted. One wave for each level; of each level the nodes that may lead to it.
pub(super) async fn find(
    reader: &Reader,
    root: Address,
    internal_k: u16,
    wanted: &mut Wanted<'_>,
) -> Result<()> {
    let tree = Tree { reader, internal_k, rank: wanted.rank() };
    let scaled = |offset: &[u64]| -> Vec<u64> {
        let places = offset.iter().zip(wanted.grid.chunk());
        places.map(|(at, chunk)| at / (*chunk).max(1)).collect()
    };
    let meets = |from: &[u64], to: Option<&[u64]>| {
        wanted.any_between(Some(&scaled(from)), to.map(scaled).as_deref())
    };
    let chunks = tree.chunks(root, meets).await?;
    let places: Vec<(Vec<u64>, ChunkPlace)> = chunks
        .iter()
        .filter(|chunk| starts_a_chunk(&chunk.offset, wanted.grid.chunk()))
        .map(|chunk| (scaled(&chunk.offset), place_of(chunk)))
        .collect();
    places.iter().for_each(|(scaled, place)| wanted.put(scaled, *place));
    Ok(())
}

fn starts_a_chunk(offset: &[u64], chunk: &[u64]) -> bool {
    offset.iter().zip(chunk).all(|(at, chunk)| at.is_multiple_of(*chunk))
}

fn place_of(chunk: &ChunkChild) -> ChunkPlace {
    ChunkPlace {
        address: chunk.address,
        size_bytes: chunk.size_bytes.into(),
        filter_mask: chunk.filter_mask,
    }
}

struct Tree<'r> {
    reader: &'r Reader,
    internal_k: u16,
    rank: u8,
}

/// A node that is to be read, and the offset of the first chunk behind it, if there is one.
struct Subtree {
    node: Address,
    end: Option<Vec<u64>>,
}

impl Tree<'_> {
    /// The chunks in the leaves, as far as `meets` says that there may be a chunk which is wanted
    /// from one offset on and before another.
    async fn chunks(
        &self,
        root: Address,
        meets: impl Fn(&[u64], Option<&[u64]>) -> bool,
    ) -> Result<Vec<ChunkChild>> {
        let mut visited = Visited::default();
        let mut subtrees = vec![Subtree { node: root, end: None }];
        let mut parent_level = None;
        loop {
            let addresses: Vec<Address> = subtrees.iter().map(|subtree| subtree.node).collect();
            visited.enter_all(addresses.iter().copied(), NODE, self.reader.budget())?;
            let nodes = addresses.iter().map(|&address| self.node(address, parent_level));
            let nodes = try_join_all(nodes).await?;
            let level = nodes.first().map_or(0, |node| node.level);
            let mut met = Vec::new();
            for (node, subtree) in nodes.into_iter().zip(subtrees) {
                let mut children = node.children.into_iter().peekable();
                while let Some(child) = children.next() {
                    let end = children.peek().map(|next| &next.offset).or(subtree.end.as_ref());
                    if meets(&child.offset, end.map(Vec::as_slice)) {
                        met.push((end.cloned(), child));
                    }
                }
            }
            if level == 0 || met.is_empty() {
                return Ok(met.into_iter().map(|(_, chunk)| chunk).collect());
            }
            subtrees =
                met.into_iter().map(|(end, child)| Subtree { node: child.address, end }).collect();
            parent_level = Some(level);
        }
    }

    /// Reads one node. Levels count down by one from that of the parent, so that no walk is deeper
    /// than the root says.
    async fn node(&self, address: Address, parent_level: Option<u8>) -> Result<ChunkNode> {
        let length = ChunkNode::node_bytes(self.internal_k, self.rank, self.reader.widths());
        let bytes = self.reader.ask_up_to(address, length, NODE).await?;
        let mut cursor = self.reader.cursor(&bytes, NODE, address);
        let node = ChunkNode::decode(&mut cursor, self.rank)?;
        self.reader.budget().list::<ChunkChild>(node.children.len() as u64)?;
        check_depth(u64::from(node.level))?;
        match parent_level {
            Some(parent) if parent.checked_sub(1) != Some(node.level) => {
                let detail = format!("level {} below level {parent}", node.level);
                Err(Error::malformed(NODE, address, detail))
            }
            _ => Ok(node),
        }
    }
}
