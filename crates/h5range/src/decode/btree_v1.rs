//! Version 1 B-trees: the index of old groups and of the chunks of old datasets. Section III.A.1
//! of the specification ("Version 1 B-trees").
//!
//! Sibling addresses are not used: a tree is read from its root, level by level.

use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;
use crate::found::Found;

/// A node of node type 0, of a group's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupNode {
    /// 0 for a leaf, whose children are symbol table nodes.
    pub level: u8,
    /// The subtrees or symbol table nodes below, in the order of names.
    pub children: Found<GroupChild>,
}

/// One child of a [`GroupNode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupChild {
    /// Where the child is.
    pub address: Address,
    /// The greatest name in the child (the key to the right of it), as an offset into the group's
    /// local heap. The key to the left is the greatest name of the child before.
    pub greatest_name_offset: u64,
}

impl GroupNode {
    /// Takes a node, as far as its entries are in use and fit into the cursor.
    ///
    /// # Errors
    ///
    /// When it is not a node of this type.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let header = NodeHeader::decode(cursor, 0)?;
        cursor.length("key")?;
        let widths = cursor.widths();
        let child_bytes = u64::from(widths.offset).saturating_add(u64::from(widths.length));
        let mut children = Found::default();
        for _ in 0..header.entries_used {
            let child = children.part(cursor.sub(child_bytes, "version 1 B-tree node"))?;
            let Some(mut child) = child else { break };
            children.keep(GroupChild::decode(&mut child))?;
        }
        Ok(Self { level: header.level, children })
    }

    /// The key to the right of its last child.
    pub fn greatest_name_offset(&self) -> Option<u64> {
        self.children.items.last().map(|child| child.greatest_name_offset)
    }

    /// Bytes of a node with room for 2K children; `internal_k` is the superblock's "Group Internal
    /// Node K".
    pub fn node_bytes(internal_k: u16, widths: Widths) -> u64 {
        node_bytes(internal_k, u64::from(widths.length), widths)
    }
}

impl GroupChild {
    fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        Ok(Self {
            address: cursor.defined_offset("child pointer")?,
            greatest_name_offset: cursor.length("key")?,
        })
    }
}

/// A node of node type 1, of a dataset's tree of chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkNode {
    /// 0 for a leaf, whose children are chunks.
    pub level: u8,
    /// The subtrees or chunks below, in the order of their offsets.
    pub children: Vec<ChunkChild>,
}

/// One child of a [`ChunkNode`], with the key to the left of it: what that says of the least chunk
/// in the child is in a leaf what it says of the chunk itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkChild {
    /// Where the subtree or the chunk is.
    pub address: Address,
    /// Bytes of the chunk in the file, after all filters.
    pub size_bytes: u32,
    /// Bit n is set when the pipeline's filter n was skipped for this chunk.
    pub filter_mask: u32,
    /// Where in the dataset the chunk starts, one number for each dimension.
    pub offset: Vec<u64>,
}

impl ChunkNode {
    /// Takes a node of a dataset with this many `dimensions`, as far as its entries are in use.
    ///
    /// # Errors
    ///
    /// When it is not a node of this type, or its entries do not fit into the cursor.
    pub fn decode(cursor: &mut Cursor<'_>, dimensions: u8) -> Result<Self> {
        let header = NodeHeader::decode(cursor, 1)?;
        let mut children = Vec::new();
        for _ in 0..header.entries_used {
            let size_bytes = cursor.u32("size of chunk")?;
            let filter_mask = cursor.u32("filter mask")?;
            let offset = (0..dimensions).map(|_| cursor.u64("chunk offset")).collect::<Result<_>>();
            cursor.u64("offset within the datatype")?;
            let address = cursor.defined_offset("child pointer")?;
            children.push(ChunkChild { address, size_bytes, filter_mask, offset: offset? });
        }
        Ok(Self { level: header.level, children })
    }

    /// Bytes of a node with room for 2K children; `internal_k` is the superblock's "Indexed
    /// Storage Internal Node K".
    pub fn node_bytes(internal_k: u16, dimensions: u8, widths: Widths) -> u64 {
        let key_bytes = 8 + 8 * (u64::from(dimensions) + 1);
        node_bytes(internal_k, key_bytes, widths)
    }
}

struct NodeHeader {
    level: u8,
    entries_used: u16,
}

impl NodeHeader {
    fn decode(cursor: &mut Cursor<'_>, expected_type: u8) -> Result<Self> {
        cursor.signature(b"TREE")?;
        let start = cursor.clone();
        let node_type = cursor.u8("node type")?;
        if node_type != expected_type {
            let detail = format!("node type {node_type} in a tree of type {expected_type}");
            return Err(start.malformed(detail));
        }
        let level = cursor.u8("node level")?;
        let entries_used = cursor.u16("entries used")?;
        cursor.offset("address of left sibling")?;
        cursor.offset("address of right sibling")?;
        Ok(Self { level, entries_used })
    }
}

fn node_bytes(k: u16, key_bytes: u64, widths: Widths) -> u64 {
    let (children, offset) = (2 * u64::from(k), u64::from(widths.offset));
    let header_bytes = 8 + 2 * offset;
    header_bytes + (children + 1) * key_bytes + children * offset
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(node_type: u8, level: u8, entries: u16, words: &[u64]) -> Vec<u8> {
        let mut bytes = b"TREE".to_vec();
        bytes.extend([node_type, level]);
        bytes.extend(entries.to_le_bytes());
        bytes.extend([0xff; 16]);
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    fn cursor(bytes: &[u8]) -> Cursor<'_> {
        Cursor::new(bytes, "B-tree node", Address::new(136), Widths::EIGHT)
    }

    #[test]
    fn a_group_child_stands_between_two_keys() {
        let bytes = node(0, 0, 2, &[0, 1072, 24, 1400, 40, 99, 99]);
        let node = GroupNode::decode(&mut cursor(&bytes)).unwrap();
        let child = |address, greatest_name_offset| GroupChild {
            address: Address::new(address),
            greatest_name_offset,
        };
        assert_eq!((node.level, node.children.total()), (0, Some(2)));
        assert_eq!(node.children.items, [child(1072, 24), child(1400, 40)]);
    }

    #[test]
    fn a_chunk_child_has_its_key_to_the_left() {
        let key = |size: u64, mask: u64, row, column| [size | mask << 32, row, column, 0];
        let words = [&key(512, 1, 0, 10)[..], &[4096], &key(0, 0, 20, 0)].concat();
        let bytes = node(1, 0, 1, &words);
        let node = ChunkNode::decode(&mut cursor(&bytes), 2).unwrap();
        let chunk = ChunkChild {
            address: Address::new(4096),
            size_bytes: 512,
            filter_mask: 1,
            offset: vec![0, 10],
        };
        assert_eq!(node, ChunkNode { level: 0, children: vec![chunk] });
    }

    #[test]
    fn nodes_of_default_k_have_the_sizes_that_the_library_allocates() {
        assert_eq!(GroupNode::node_bytes(16, Widths::EIGHT), 544);
        assert_eq!(ChunkNode::node_bytes(32, 2, Widths::EIGHT), 2616);
    }

    #[test]
    fn the_other_node_type_is_malformed() {
        let bytes = node(1, 0, 0, &[0]);
        assert_eq!(
            GroupNode::decode(&mut cursor(&bytes)).unwrap_err().to_string(),
            "damaged file: B-tree node at address 140: node type 1 in a tree of type 0"
        );
    }

    #[test]
    fn a_group_has_the_children_that_are_there_whatever_their_number_says() {
        let bytes = node(0, 0, 60_000, &[0, 1072, 24, u64::MAX, 40, 1400, 56]);
        let children = GroupNode::decode(&mut cursor(&bytes)).unwrap().children;
        let addresses = children.items.iter().map(|child| child.address.get());
        assert_eq!(addresses.collect::<Vec<_>>(), [1072, 1400]);
        assert_eq!((children.errors.len(), children.total()), (2, None));
    }

    #[test]
    fn more_chunks_than_bytes_are_malformed() {
        let bytes = node(1, 0, 60_000, &[0, 1072, 24]);
        assert!(ChunkNode::decode(&mut cursor(&bytes), 32).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(
            node_type in 0..=1_u8,
            dimensions in any::<u8>(),
            tail in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = [b"TREE".to_vec(), vec![node_type], tail].concat();
            let _ = GroupNode::decode(&mut cursor(&bytes));
            let _ = ChunkNode::decode(&mut cursor(&bytes), dimensions);
        }
    }
}
