//! What the tests of walkers share: fixtures behind a source that counts, and the way to a group's
//! structures without the walkers under test.

use std::path::Path;
use std::sync::Arc;

use byte_source::MemorySource;
use byte_source::testing::CountingSource;
use bytes::Bytes;
use futures::executor::block_on;

use crate::budget::Limits;
use crate::decode::symbol_table_node::{SymbolTableCache, SymbolTableEntry, SymbolTableNode};
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;
use crate::walk::Reader;

/// A file in memory and a reader of it that counts.
pub(crate) struct Counted {
    pub(crate) bytes: Bytes,
    pub(crate) source: Arc<CountingSource<MemorySource>>,
    pub(crate) reader: Reader,
}

impl Counted {
    /// A file without user block and with ordinary widths.
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let source = Arc::new(CountingSource::new(MemorySource::new(bytes.clone())));
        let reader = Reader::new(source.clone(), 0, Widths::EIGHT, Limits::default());
        Self { bytes, source, reader }
    }

    /// Runs one walk to its end.
    pub(crate) fn drive<T>(&self, question: impl Future<Output = Result<T>>) -> Result<T> {
        block_on(self.reader.drive(question))
    }
}

/// A file of the project's `fixtures` folder.
pub(crate) fn fixture(path: &str) -> Counted {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    Counted::new(std::fs::read(folder.join(path)).unwrap())
}

/// B-tree and local heap of an old group in the root of a file with superblock version 0, whose
/// root group is of one symbol table node.
pub(crate) fn symbol_table_of(file: &Bytes, group: &str) -> (Address, Address) {
    const ROOT_ENTRY: u64 = 56;
    let root = SymbolTableEntry::decode(&mut at(file, ROOT_ENTRY)).unwrap();
    let (b_tree, local_heap) = cached(&root);
    let first_leaf = number(file, b_tree.get() + 32);
    let names = number(file, local_heap.get() + 24);
    let leaf = SymbolTableNode::decode(&mut at(file, first_leaf)).unwrap();
    let is_group = |entry: &&SymbolTableEntry| {
        at(file, names + entry.link_name_offset).null_terminated("name") == Ok(group.as_bytes())
    };
    let entry = leaf.entries.items.iter().find(is_group).unwrap();
    cached(entry)
}

fn cached(entry: &SymbolTableEntry) -> (Address, Address) {
    let SymbolTableCache::Group { b_tree, local_heap } = entry.cache else { panic!("{entry:?}") };
    (b_tree, local_heap)
}

/// Where a signature stands in a file: all places, in order.
pub(crate) fn places_of(file: &Bytes, signature: &[u8; 4]) -> Vec<Address> {
    let places = file.windows(4).enumerate().filter(|(_, window)| window == signature);
    places.map(|(at, _)| Address::new(at as u64)).collect()
}

fn at(file: &Bytes, position: u64) -> Cursor<'_> {
    let rest = &file[usize::try_from(position).unwrap()..];
    Cursor::new(rest, "fixture", Address::new(position), Widths::EIGHT)
}

fn number(file: &Bytes, position: u64) -> u64 {
    at(file, position).u64("number").unwrap()
}
