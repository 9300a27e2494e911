//! Version 2 B-trees: the index of links, attributes, huge heap objects and chunks. Section
//! III.A.2 of the specification ("Version 2 B-trees").
//!
//! Split and merge percentages are not read: they matter to writers.

mod records;

use bytes::Bytes;

use crate::budget::check_depth;
use crate::decode::checksum::verified;
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;

pub use records::{
    AttributeCreationOrderRecord, AttributeNameRecord, ChunkRecord, FilteredObject,
    HugeObjectPlace, HugeObjectRecord, LinkCreationOrderRecord, LinkNameRecord,
    SharedMessageRecord,
};

const NODE: &str = "version 2 B-tree node";

/// Signature, version, type and checksum of a node.
const NODE_OVERHEAD_BYTES: u64 = 10;

/// The header of a tree, with the sizes that follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BTreeV2Header {
    /// What the records are: 1 to 11, see the structures of this module.
    pub record_type: u8,
    /// "Node Size" of all nodes, in bytes.
    pub node_bytes: u32,
    /// "Record Size" of all records, in bytes.
    pub record_bytes: u16,
    /// Levels of internal nodes; 0 when the root is a leaf.
    pub depth: u16,
    /// The root node; `None` for a tree without records.
    pub root: Option<NodePointer>,
    /// "Total Number of Records in B-tree".
    pub record_count: u64,
    pointers: PointerWidths,
}

/// A node as its parent or the header refers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePointer {
    /// Where the node is.
    pub address: Address,
    /// Records in the node itself.
    pub record_count: u64,
}

/// A node of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The node's own records, in order.
    pub records: Vec<Bytes>,
    /// One child more than records in an internal node; none in a leaf. The records of child n
    /// stand between the node's own records n - 1 and n.
    pub children: Vec<NodePointer>,
}

impl BTreeV2Header {
    /// Takes a header, which must fill the cursor, and checks its checksum.
    ///
    /// # Errors
    ///
    /// When it is not a header of a known version, or the checksum is wrong.
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Self> {
        let widths = cursor.widths();
        let whole = cursor.sub(Self::encoded_bytes(widths), "version 2 B-tree header")?;
        let mut cursor = verified(whole, "version 2 B-tree header")?;
        cursor.signature(b"BTHD")?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let record_type = cursor.u8("type")?;
        let node_bytes = cursor.u32("node size")?;
        let record_bytes = cursor.u16("record size")?;
        let depth = cursor.u16("depth")?;
        cursor.skip(2, "split and merge percent")?;
        let root = cursor.offset("root node address")?;
        let root_record_count = u64::from(cursor.u16("number of records in root node")?);
        let record_count = cursor.length("total number of records")?;
        check_depth(u64::from(depth))?;
        if record_bytes == 0 {
            return Err(cursor.malformed("the record size is 0"));
        }
        let pointers = PointerWidths::new(widths, node_bytes, record_bytes, depth);
        let root = root.map(|address| NodePointer { address, record_count: root_record_count });
        Ok(Self { record_type, node_bytes, record_bytes, depth, root, record_count, pointers })
    }

    /// Bytes of a header.
    pub fn encoded_bytes(widths: Widths) -> u64 {
        22 + u64::from(widths.offset) + u64::from(widths.length)
    }

    /// Decodes a node that was read from `pointer`, as far as it is in use, `depth` levels above the leaves.
    ///
    /// # Errors
    ///
    /// When it is not a node of this tree, has not the room for its records, or its checksum is
    /// wrong.
    pub fn node(
        &self,
        bytes: &Bytes,
        pointer: NodePointer,
        depth: u16,
        widths: Widths,
    ) -> Result<Node> {
        let mut cursor = Cursor::new(bytes, NODE, pointer.address, widths);
        let in_use = self.bytes_in_use(pointer, depth);
        let mut cursor = verified(cursor.sub(in_use, NODE)?, NODE)?;
        cursor.signature(if depth == 0 { b"BTLF" } else { b"BTIN" })?;
        let version = cursor.u8("version")?;
        cursor.known_version(version, &[0])?;
        let record_type = cursor.u8("type")?;
        if record_type != self.record_type {
            let detail = format!("type {record_type} in a tree of type {}", self.record_type);
            return Err(cursor.malformed(detail));
        }
        let records = (0..pointer.record_count)
            .map(|_| Ok(bytes.slice_ref(cursor.take(u64::from(self.record_bytes), "record")?)))
            .collect::<Result<_>>()?;
        let mut children = Vec::new();
        while !cursor.is_empty() {
            children.push(self.pointers.decode(&mut cursor, depth)?);
        }
        Ok(Node { records, children })
    }

    /// Bytes of a node `depth` levels above the leaves that are in use: its checksum follows right
    /// behind its last record or child pointer, not at the end of the node.
    pub fn bytes_in_use(&self, pointer: NodePointer, depth: u16) -> u64 {
        let records = pointer.record_count.saturating_mul(u64::from(self.record_bytes));
        let children = pointer.record_count.saturating_add(1);
        let pointers = match depth {
            0 => 0,
            _ => children.saturating_mul(self.pointers.bytes(depth)),
        };
        NODE_OVERHEAD_BYTES.saturating_add(records).saturating_add(pointers)
    }
}

/// How wide the fields of child pointers are: just wide enough for the greatest number of records
/// that nodes of this size can have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PointerWidths {
    offset: u8,
    /// "Number of Records for Child Node". The specification has it depend on the child's level;
    /// the library uses what a leaf needs, which has the most records, for all levels.
    count: u8,
    /// "Total Number of Records for Child Node", by the depth of the child. It is left out for
    /// leaves.
    total: Vec<u8>,
}

impl PointerWidths {
    fn new(widths: Widths, node_bytes: u32, record_bytes: u16, depth: u16) -> Self {
        let room = u64::from(node_bytes).saturating_sub(NODE_OVERHEAD_BYTES);
        let record_bytes = u64::from(record_bytes);
        let leaf_max = room.checked_div(record_bytes).unwrap_or(0);
        let mut pointers =
            Self { offset: widths.offset, count: width_for(leaf_max), total: vec![0] };
        let mut total_max = leaf_max;
        for level in 1..=depth {
            let pointer_bytes = pointers.bytes(level);
            let fit = room.saturating_sub(pointer_bytes).checked_div(record_bytes + pointer_bytes);
            let node_max = fit.unwrap_or(0);
            total_max = (node_max + 1).saturating_mul(total_max).saturating_add(node_max);
            pointers.total.push(width_for(total_max));
        }
        pointers
    }

    /// Width of the total in pointers of a node `depth` levels above the leaves.
    fn total_width(&self, depth: u16) -> u8 {
        let child = usize::from(depth).checked_sub(1);
        child.and_then(|child| self.total.get(child)).copied().unwrap_or(0)
    }

    fn bytes(&self, depth: u16) -> u64 {
        u64::from(self.offset) + u64::from(self.count) + u64::from(self.total_width(depth))
    }

    fn decode(&self, cursor: &mut Cursor<'_>, depth: u16) -> Result<NodePointer> {
        let address = cursor.defined_offset("child node pointer")?;
        let record_count = cursor.uint(self.count, "number of records for child node")?;
        cursor.uint(self.total_width(depth), "total number of records for child node")?;
        Ok(NodePointer { address, record_count })
    }
}

/// "The least number of bytes required to encode" numbers up to `max`.
fn width_for(max: u64) -> u8 {
    match max.checked_ilog2() {
        Some(highest_bit) => u8::try_from(highest_bit / 8).map_or(8, |bytes| bytes + 1),
        None => 1,
    }
}

#[cfg(test)]
mod tests;
