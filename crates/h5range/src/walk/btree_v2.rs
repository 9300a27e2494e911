//! Reads version 2 B-trees.

use std::cmp::Ordering;

use bytes::Bytes;
use futures::future::try_join_all;

use crate::decode::btree_v2::{BTreeV2Header, Node, NodePointer};
use crate::decode::{Address, Cursor};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::visited::Visited;

const HEADER: &str = "version 2 B-tree header";
const NODE: &str = "version 2 B-tree node";
const RECORD: &str = "version 2 B-tree record";

/// A tree whose header was read.
#[derive(Debug, Clone)]
pub(crate) struct BTreeV2 {
    header: BTreeV2Header,
    address: Address,
}

/// What stands between two neighbours in the order of records, while the tree is read.
enum Item {
    Record(Bytes),
    Child(NodePointer),
}

impl Item {
    fn child(&self) -> Option<NodePointer> {
        match self {
            Self::Child(pointer) => Some(*pointer),
            Self::Record(_) => None,
        }
    }

    fn record(self) -> Option<Bytes> {
        match self {
            Self::Record(record) => Some(record),
            Self::Child(_) => None,
        }
    }
}

impl BTreeV2 {
    /// Reads the header of the tree at `address`. One wave.
    ///
    /// # Errors
    ///
    /// When the header is malformed.
    pub(crate) async fn open(reader: &Reader, address: Address) -> Result<Self> {
        reader.budget().nodes(1)?;
        let length = BTreeV2Header::encoded_bytes(reader.widths());
        let bytes = reader.ask(address, length, HEADER).await?;
        let header = BTreeV2Header::decode(&mut reader.cursor(&bytes, HEADER, address))?;
        Ok(Self { header, address })
    }

    /// How many records the tree has, as its header says.
    pub(crate) fn record_count(&self) -> u64 {
        self.header.record_count
    }

    /// What the records are: the "Type" of the tree.
    pub(crate) fn record_type(&self) -> u8 {
        self.header.record_type
    }

    /// All records, in order. One wave for each level.
    ///
    /// # Errors
    ///
    /// When a node is malformed, or is reached twice.
    pub(crate) async fn records(&self, reader: &Reader) -> Result<Vec<Bytes>> {
        self.find(reader, |_| Ok(Ordering::Equal)).await
    }

    /// The records that `compare` calls equal to what it looks for; it says how a record compares
    /// to that. One wave for each level.
    ///
    /// # Errors
    ///
    /// When a node on the way is malformed, or is reached twice, or `compare` fails.
    pub(crate) async fn find(
        &self,
        reader: &Reader,
        compare: impl Fn(&Cursor<'_>) -> Result<Ordering>,
    ) -> Result<Vec<Bytes>> {
        let compare = |record: &Bytes| compare(&reader.cursor(record, RECORD, self.address));
        let mut visited = Visited::default();
        let mut items: Vec<Item> = self.header.root.map(Item::Child).into_iter().collect();
        for depth in (0..=self.header.depth).rev() {
            let pointers: Vec<NodePointer> = items.iter().filter_map(Item::child).collect();
            let addresses = pointers.iter().map(|pointer| pointer.address);
            visited.enter_all(addresses, NODE, reader.budget())?;
            let nodes = pointers.iter().map(|&pointer| self.node(reader, pointer, depth));
            items = replace_children(items, try_join_all(nodes).await?, &compare)?;
        }
        Ok(items.into_iter().filter_map(Item::record).collect())
    }

    async fn node(&self, reader: &Reader, pointer: NodePointer, depth: u16) -> Result<Node> {
        let length = self.header.bytes_in_use(pointer, depth);
        let bytes = reader.ask(pointer.address, length, NODE).await?;
        self.header.node(&bytes, pointer, depth, reader.widths())
    }
}

/// Puts what is in the nodes in the places of the children that led to them.
fn replace_children(
    items: Vec<Item>,
    nodes: Vec<Node>,
    compare: &impl Fn(&Bytes) -> Result<Ordering>,
) -> Result<Vec<Item>> {
    let mut nodes = nodes.into_iter();
    let mut replaced = Vec::new();
    for item in items {
        match item {
            Item::Record(_) => replaced.push(item),
            Item::Child(_) => {
                nodes.next().map_or(Ok(()), |node| keep_equal(node, compare, &mut replaced))?;
            }
        }
    }
    Ok(replaced)
}

/// Appends the node's records that are equal, and the children that may hold such: those between
/// them, and the one on either side.
fn keep_equal(
    node: Node,
    compare: &impl Fn(&Bytes) -> Result<Ordering>,
    items: &mut Vec<Item>,
) -> Result<()> {
    let mut records = node.records.into_iter();
    let mut children = node.children.into_iter();
    for record in records.by_ref() {
        let child = children.next();
        match compare(&record)? {
            Ordering::Less => {}
            Ordering::Equal => {
                items.extend(child.map(Item::Child));
                items.push(Item::Record(record));
            }
            Ordering::Greater => {
                items.extend(child.map(Item::Child));
                return Ok(());
            }
        }
    }
    items.extend(children.next().map(Item::Child));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::btree_v2::LinkNameRecord;
    use crate::walk::testing::{Counted, fixture, places_of};

    fn hash(record: &Bytes) -> u32 {
        u32::from_le_bytes(record[..4].try_into().unwrap())
    }

    /// The name indexes of a file, each with its depth.
    fn name_indexes(file: &Counted) -> Vec<BTreeV2> {
        let trees = places_of(&file.bytes, b"BTHD").into_iter();
        let trees = trees.map(|address| file.drive(BTreeV2::open(&file.reader, address)).unwrap());
        trees.filter(|tree| tree.record_type() == 5).collect()
    }

    #[test]
    fn reads_all_records_in_order_in_one_wave_a_level() {
        let file = fixture("groups/dense_many_blocks.h5");
        let trees = name_indexes(&file);
        let counts: Vec<u64> = trees.iter().map(BTreeV2::record_count).collect();
        assert_eq!(counts, [700, 100]);
        for tree in trees {
            let waves = file.source.waves();
            let records = file.drive(tree.records(&file.reader)).unwrap();
            assert_eq!(file.source.waves() - waves, u64::from(tree.header.depth) + 1);
            assert_eq!(records.len() as u64, tree.record_count());
            assert!(records.is_sorted_by_key(hash));
        }
    }

    #[test]
    fn finds_each_record_by_its_key_in_one_range_a_level() {
        let file = fixture("groups/dense_many_blocks.h5");
        let tree = &name_indexes(&file)[0];
        assert!(tree.header.depth >= 1);
        for record in file.drive(tree.records(&file.reader)).unwrap() {
            let wanted = hash(&record);
            let (waves, ranges) = (file.source.waves(), file.source.ranges());
            let found = file.drive(tree.find(&file.reader, |record| {
                Ok(LinkNameRecord::decode(&mut record.clone())?.name_hash.cmp(&wanted))
            }));
            assert_eq!(found, Ok(vec![record]));
            let levels = u64::from(tree.header.depth) + 1;
            assert_eq!(file.source.waves() - waves, levels);
            // A record in an internal node has a child on either side that may hold its equals.
            assert!(file.source.ranges() - ranges < 2 * levels);
        }
    }

    #[test]
    fn finds_all_equal_records_wherever_they_are() {
        let file = fixture("groups/dense_many_blocks.h5");
        let tree = &name_indexes(&file)[0];
        let group = |hash: u32| hash >> 28;
        let all = file.drive(tree.records(&file.reader)).unwrap();
        for wanted in 0..16 {
            let found = file.drive(tree.find(&file.reader, |record| {
                let record = LinkNameRecord::decode(&mut record.clone())?;
                Ok(group(record.name_hash).cmp(&wanted))
            }));
            let expected: Vec<Bytes> =
                all.iter().filter(|record| group(hash(record)) == wanted).cloned().collect();
            assert_eq!(found, Ok(expected));
        }
    }

    #[test]
    fn a_tree_that_leads_back_to_a_node_is_malformed() {
        use crate::decode::checksum::lookup3;
        let file = fixture("groups/dense_many_blocks.h5");
        let tree = &name_indexes(&file)[0];
        let root = tree.header.root.unwrap();
        let mut bytes = file.bytes.to_vec();
        // The last two child pointers of the root become the same.
        let at = usize::try_from(root.address.get()).unwrap();
        let end = at + usize::try_from(tree.header.bytes_in_use(root, tree.header.depth)).unwrap();
        let pointer_bytes = 9;
        bytes.copy_within(
            end - 4 - 2 * pointer_bytes..end - 4 - pointer_bytes,
            end - 4 - pointer_bytes,
        );
        let checksum = lookup3(&bytes[at..end - 4]);
        bytes[end - 4..end].copy_from_slice(&checksum.to_le_bytes());
        let file = Counted::new(bytes);
        let error = file.drive(tree.records(&file.reader)).unwrap_err();
        assert!(error.to_string().contains("reached a second time"), "{error}");
    }
}
