//! Version 2 B-trees of chunks.

use futures::future::try_join_all;

use crate::decode::Address;
use crate::decode::btree_v2::{ChunkRecord, Node, NodePointer};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::chunk_index::ChunkStorage;
use crate::walk::chunk_index::lookup::{ChunkPlace, Wanted};
use crate::walk::visited::Visited;

const NODE: &str = "version 2 B-tree node";
const RECORD: &str = "version 2 B-tree record";

/// The type of trees of chunks without filters. Such chunks are all of the same size.
const PLAIN_CHUNKS: u8 = 10;

/// Counts the records, or adds up what they say. One wave for the header, and for filtered chunks
/// one for each level.
pub(super) async fn storage(
    reader: &Reader,
    address: Address,
    chunk_bytes: u64,
    rank: u8,
) -> Result<ChunkStorage> {
    let tree = BTreeV2::open(reader, address).await?;
    if tree.record_type() == PLAIN_CHUNKS {
        return Ok(ChunkStorage::of_equal(tree.record_count(), chunk_bytes));
    }
    let mut storage = ChunkStorage::default();
    for record in tree.records(reader).await?.all()? {
        let mut cursor = reader.cursor(&record, RECORD, address);
        let record = ChunkRecord::decode(&mut cursor, tree.record_type(), rank)?;
        storage = storage.with(record.size_bytes.unwrap_or(chunk_bytes));
    }
    Ok(storage)
}

/// A node that is to be read, and the places of the chunks on either side of it, if there are such.
struct Subtree {
    node: NodePointer,
    before: Option<Vec<u64>>,
    behind: Option<Vec<u64>>,
}

/// Looks up what is wanted. One wave for the header and one for each level; of each level the nodes
/// that may lead to it.
pub(super) async fn find(reader: &Reader, address: Address, wanted: &mut Wanted<'_>) -> Result<()> {
    let tree = BTreeV2::open(reader, address).await?;
    let mut visited = Visited::default();
    let root = tree.root().map(|node| Subtree { node, before: None, behind: None });
    let mut subtrees: Vec<Subtree> = root.into_iter().collect();
    for depth in (0..=tree.depth()).rev() {
        let addresses = subtrees.iter().map(|subtree| subtree.node.address);
        visited.enter_all(addresses, NODE, reader.budget())?;
        let nodes = subtrees.iter().map(|subtree| tree.node(reader, subtree.node, depth));
        let nodes = try_join_all(nodes).await?;
        let mut below = Vec::new();
        for (node, subtree) in nodes.into_iter().zip(subtrees) {
            let records = records_of(reader, &tree, &node, wanted.rank())?;
            below.extend(children_met(&node, &records, subtree, wanted));
            put_all(records, wanted);
        }
        subtrees = below;
    }
    Ok(())
}

fn records_of(reader: &Reader, tree: &BTreeV2, node: &Node, rank: u8) -> Result<Vec<ChunkRecord>> {
    reader.budget().list::<ChunkRecord>(node.records.len() as u64)?;
    let decode = |record: &bytes::Bytes| {
        let mut cursor = reader.cursor(record, RECORD, tree.address());
        ChunkRecord::decode(&mut cursor, tree.record_type(), rank)
    };
    node.records.iter().map(decode).collect()
}

/// The children between whose neighbours there is something wanted.
fn children_met(
    node: &Node,
    records: &[ChunkRecord],
    subtree: Subtree,
    wanted: &Wanted<'_>,
) -> Vec<Subtree> {
    let scaled = records.iter().map(|record| Some(record.scaled_offset.clone()));
    let before = [subtree.before].into_iter().chain(scaled.clone());
    let behind = scaled.chain([subtree.behind]);
    let children = node.children.iter().zip(before.zip(behind));
    let children = children.map(|(&node, (before, behind))| Subtree { node, before, behind });
    children
        .filter(|child| wanted.any_between(child.before.as_deref(), child.behind.as_deref()))
        .collect()
}

fn put_all(records: Vec<ChunkRecord>, wanted: &mut Wanted<'_>) {
    for record in records {
        if let Some(address) = record.address {
            let size_bytes = record.size_bytes.unwrap_or(wanted.chunk_bytes);
            let place = ChunkPlace { address, size_bytes, filter_mask: record.filter_mask };
            wanted.put(&record.scaled_offset, place);
        }
    }
}
