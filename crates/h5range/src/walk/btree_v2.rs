//! Reads version 2 B-trees.

use std::cmp::Ordering;

use bytes::Bytes;
use futures::future::join_all;

use crate::decode::btree_v2::{BTreeV2Header, Node, NodePointer};
use crate::decode::{Address, Cursor};
use crate::error::Result;
use crate::found::Found;
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

    /// Levels of internal nodes: 0 where the root is a leaf.
    pub(crate) fn depth(&self) -> u16 {
        self.header.depth
    }

    /// Has the next wave take the root node along.
    pub(crate) fn ask_root_ahead(&self, reader: &Reader) {
        if let Some(root) = self.header.root {
            reader.ask_ahead(root.address, self.header.bytes_in_use(root, self.header.depth));
        }
    }

    /// Where the header is.
    pub(crate) fn address(&self) -> Address {
        self.address
    }

    /// What the records are: the "Type" of the tree.
    pub(crate) fn record_type(&self) -> u8 {
        self.header.record_type
    }

    /// All records, in order. A node that is malformed, or that was reached before, costs the
    /// records in it and below. One wave for each level.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn records(&self, reader: &Reader) -> Result<Found<Bytes>> {
        self.find(reader, |_| Ok(Ordering::Equal)).await
    }

    /// The records that `compare` calls equal to what it looks for; it says how a record compares
    /// to that. One wave for each level.
    ///
    /// # Errors
    ///
    /// When `compare` fails, and what ends the question.
    pub(crate) async fn find(
        &self,
        reader: &Reader,
        compare: impl Fn(&Cursor<'_>) -> Result<Ordering>,
    ) -> Result<Found<Bytes>> {
        let compare = |record: &Bytes| compare(&reader.cursor(record, RECORD, self.address));
        let mut found = Found::default();
        let mut visited = Visited::default();
        let mut items: Vec<Item> = self.header.root.map(Item::Child).into_iter().collect();
        for depth in (0..=self.header.depth).rev() {
            let pointers: Vec<NodePointer> = items.iter().filter_map(Item::child).collect();
            let addresses = pointers.iter().map(|pointer| pointer.address);
            let entered = visited.enter_each(addresses, NODE, reader.budget())?;
            let nodes = pointers.iter().zip(entered).map(async |(&pointer, entered)| {
                entered?;
                self.node(reader, pointer, depth).await
            });
            let nodes = join_all(nodes).await.into_iter().map(|node| found.part(node));
            let nodes = nodes.collect::<Result<Vec<Option<Node>>>>()?;
            items = replace_children(items, nodes, &compare)?;
        }
        found.items = items.into_iter().filter_map(Item::record).collect();
        Ok(found)
    }

    /// The root node; `None` for a tree without records.
    pub(crate) fn root(&self) -> Option<NodePointer> {
        self.header.root
    }

    /// Reads a node `depth` levels above the leaves. One wave.
    pub(crate) async fn node(
        &self,
        reader: &Reader,
        pointer: NodePointer,
        depth: u16,
    ) -> Result<Node> {
        let length = self.header.bytes_in_use(pointer, depth);
        let bytes = reader.ask(pointer.address, length, NODE).await?;
        reader.budget().list::<Bytes>(pointer.record_count)?;
        self.header.node(&bytes, pointer, depth, reader.widths())
    }
}

/// Puts what is in the nodes in the places of the children that led to them; nothing in the place
/// of one that could not be read.
fn replace_children(
    items: Vec<Item>,
    nodes: Vec<Option<Node>>,
    compare: &impl Fn(&Bytes) -> Result<Ordering>,
) -> Result<Vec<Item>> {
    let mut nodes = nodes.into_iter();
    let mut replaced = Vec::new();
    for item in items {
        match item {
            Item::Record(_) => replaced.push(item),
            Item::Child(_) => {
                let node = nodes.next().flatten();
                node.map_or(Ok(()), |node| keep_equal(node, compare, &mut replaced))?;
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
    use crate::decode::checksum::lookup3;
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

    fn all(file: &Counted, tree: &BTreeV2) -> Vec<Bytes> {
        file.drive(tree.records(&file.reader)).unwrap().all().unwrap()
    }

    #[test]
    fn reads_all_records_in_order_in_one_wave_a_level() {
        let file = fixture("groups/dense_many_blocks.h5");
        let trees = name_indexes(&file);
        let counts: Vec<u64> = trees.iter().map(BTreeV2::record_count).collect();
        assert_eq!(counts, [700, 100]);
        for tree in trees {
            let waves = file.source.waves();
            let records = all(&file, &tree);
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
        for record in all(&file, tree) {
            let wanted = hash(&record);
            let (waves, ranges) = (file.source.waves(), file.source.ranges());
            let found = file.drive(tree.find(&file.reader, |record| {
                Ok(LinkNameRecord::decode(&mut record.clone())?.name_hash.cmp(&wanted))
            }));
            assert_eq!(found.and_then(Found::all), Ok(vec![record]));
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
        let all = all(&file, tree);
        for wanted in 0..16 {
            let found = file.drive(tree.find(&file.reader, |record| {
                let record = LinkNameRecord::decode(&mut record.clone())?;
                Ok(group(record.name_hash).cmp(&wanted))
            }));
            let expected: Vec<Bytes> =
                all.iter().filter(|record| group(hash(record)) == wanted).cloned().collect();
            assert_eq!(found.and_then(Found::all), Ok(expected));
        }
    }

    /// The bytes of the root node of a tree of two levels, and its pointers to leaves: at the end,
    /// before the checksum.
    fn change_root(file: &Counted, tree: &BTreeV2, change: impl Fn(&mut [u8])) -> Counted {
        let root = tree.header.root.unwrap();
        let length = tree.header.bytes_in_use(root, tree.header.depth);
        let (at, length) = (root.address.get().try_into().unwrap(), length.try_into().unwrap());
        let mut bytes = file.bytes.to_vec();
        let node: &mut [u8] = &mut bytes[at..][..length];
        let (content, checksum) = node.split_last_chunk_mut::<4>().unwrap();
        change(content);
        *checksum = lookup3(content).to_le_bytes();
        Counted::new(bytes)
    }

    const POINTER_BYTES: usize = 9;

    #[test]
    fn a_node_that_is_reached_twice_has_its_records_once() {
        let file = fixture("groups/dense_many_blocks.h5");
        let tree = &name_indexes(&file)[0];
        let whole = all(&file, tree);
        let file = change_root(&file, tree, |node| {
            let last = node.len() - POINTER_BYTES;
            node.copy_within(last - POINTER_BYTES..last, last);
        });
        let records = file.drive(tree.records(&file.reader)).unwrap();
        let error = records.incomplete().unwrap().to_string();
        assert!(error.contains("reached a second time"), "{error}");
        let mut left = whole.iter();
        assert!(records.items.iter().all(|record| left.any(|other| other == record)));
        assert!(records.items.len() > whole.len() / 2 && records.items.len() < whole.len());
    }

    #[test]
    fn a_damaged_node_costs_its_own_records() {
        let file = fixture("groups/dense_many_blocks.h5");
        let tree = &name_indexes(&file)[0];
        let whole = all(&file, tree);
        let mut damaged = 0;
        for leaf in places_of(&file.bytes, b"BTLF") {
            let mut bytes = file.bytes.to_vec();
            let at = usize::try_from(leaf.get()).unwrap();
            bytes[at + 10] ^= 1;
            let file = Counted::new(bytes);
            let records = file.drive(tree.records(&file.reader)).unwrap();
            if records.items == whole {
                continue; // A leaf of another tree.
            }
            damaged += 1;
            assert_eq!(records.errors.len(), 1);
            assert!(records.errors[0].to_string().contains(&leaf.to_string()));
            assert_eq!(records.total(), None);
            let lost = whole.iter().filter(|record| !records.items.contains(record));
            let lost: Vec<u32> = lost.map(hash).collect();
            let lost = lost[0]..=lost[lost.len() - 1];
            assert!(records.items.iter().all(|record| !lost.contains(&hash(record))));
        }
        assert!(damaged > 1);
    }
}
