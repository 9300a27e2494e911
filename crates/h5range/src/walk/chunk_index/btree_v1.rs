//! Version 1 B-trees of chunks.

use futures::future::try_join_all;

use crate::budget::check_depth;
use crate::decode::Address;
use crate::decode::btree_v1::{ChunkChild, ChunkNode};
use crate::error::{Error, Result};
use crate::walk::Reader;
use crate::walk::chunk_index::ChunkStorage;
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
    let mut visited = Visited::default();
    let mut addresses = vec![root];
    let mut parent_level = None;
    loop {
        visited.enter_all(addresses.iter().copied(), NODE, reader.budget())?;
        let nodes = addresses.iter().map(|&address| tree.node(address, parent_level));
        let nodes = try_join_all(nodes).await?;
        let level = nodes.first().map_or(0, |node| node.level);
        let children = nodes.into_iter().flat_map(|node| node.children);
        if level == 0 {
            return Ok(ChunkStorage::of_sizes(children.map(|chunk| chunk.size_bytes.into())));
        }
        addresses = children.map(|child| child.address).collect();
        parent_level = Some(level);
    }
}

struct Tree<'r> {
    reader: &'r Reader,
    internal_k: u16,
    rank: u8,
}

impl Tree<'_> {
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
