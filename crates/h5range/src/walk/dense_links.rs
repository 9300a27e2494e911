//! The links of a dense group (specification IV.A.2.c), those of a large one out of the fractal heap
//! alone.
//!
//! The name index of a hundred thousand links has some thousand nodes of half a kilobyte, which lie
//! among all that was written beside them; the heap has all messages in a few dozen blocks. What
//! only the index tells is where each message starts. As long as nothing was deleted that needs no
//! telling: libhdf5 fills a block from its front, so the messages stand end to end.

use futures::future::join;

use crate::decode::link_sequence::LinkSequence;
use crate::decode::message::kind;
use crate::error::Result;
use crate::found::Found;
use crate::links::Links;
use crate::walk::File;
use crate::walk::btree_v2::BTreeV2;
use crate::walk::dense::{DenseStorage, Record};
use crate::walk::fractal_heap::FractalHeap;

/// Levels of internal nodes from which on an index is worth leaving out: it then has dozens to
/// thousands of nodes, for more than about a thousand links. The leaves of one with fewer levels
/// come in the waves that the heap needs anyway.
const DEEP: u16 = 2;

/// A name index, as far as it is read beside the heap.
enum NameIndex {
    /// Its header was read.
    Deep(BTreeV2),
    Read(Found<Record>),
}

impl File {
    /// All links of a dense group. Waves: those of the heap down to its blocks, and beside them the
    /// levels of the name index. A deep index is only read where the heap alone does not tell the
    /// links: then the levels below its root come on top.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn dense_links(&self, dense: &DenseStorage) -> Result<Links> {
        let heap = FractalHeap::open_whole(self.reader(), dense.heap);
        let (heap, index) = join(heap, self.index_beside_heap(dense)).await;
        let records = match index? {
            NameIndex::Read(records) => records,
            NameIndex::Deep(index) => {
                if let Ok(heap) = &heap
                    && let Some(links) = self.links_in(heap, index.record_count())?
                {
                    return Ok(links);
                }
                self.records(dense, Ok(index)).await?
            }
        };
        self.links_of(self.messages_of(kind::LINK, heap, records).await?)
    }

    async fn index_beside_heap(&self, dense: &DenseStorage) -> Result<NameIndex> {
        match self.open_index(dense, dense.name_index).await {
            Ok(index) if index.depth() >= DEEP => {
                index.ask_root_ahead(self.reader());
                Ok(NameIndex::Deep(index))
            }
            index => self.records(dense, index).await.map(NameIndex::Read),
        }
    }

    /// The `count` links of a heap that was read whole, if its blocks hold them end to end and
    /// nothing else.
    ///
    /// A deleted message stays in its block until another one is written over it, and a shorter one
    /// leaves the rest of it. So it must be sure that no such hole is among the messages: they take
    /// as many bytes as all objects of the heap do by the header, which a hole would add to. A
    /// message says itself how long it is, so one after another is then found where it starts. That
    /// the header and the index count as many, and that no name comes twice, is asked beside it: of
    /// a file whose header is not to be trusted. What is not told this way the index tells.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    fn links_in(&self, heap: &FractalHeap, count: u64) -> Result<Option<Links>> {
        let widths = self.reader().widths();
        let Some(blocks) = heap.blocks_of_managed_objects() else { return Ok(None) };
        let messages = || blocks.iter().map(|block| LinkSequence::new(block.data(widths)));
        let (mut found, mut found_bytes) = (0, 0);
        for extent in messages().map(LinkSequence::extent) {
            let Ok((count, bytes)) = extent else { return Ok(None) };
            found += count;
            found_bytes += bytes;
        }
        let told = heap.managed_objects(widths);
        if told != Some((found, found_bytes)) || found != count {
            return Ok(None);
        }
        let mut links = Links::default();
        let messages = messages().flatten();
        links.extend(messages.map(|message| message.map(Into::into)), self.budget())?;
        let links = links.sorted();
        let is_each_once = links.iter().map(|link| link.name).is_sorted_by(|a, b| a < b);
        Ok(is_each_once.then_some(links))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use byte_source::MemorySource;
    use byte_source::testing::CountingSource;
    use bytes::Bytes;
    use futures::executor::block_on;

    use super::*;
    use crate::Limits;
    use crate::decode::Address;
    use crate::decode::checksum::lookup3;
    use crate::decode::message::link::LinkTarget;
    use crate::walk::LinkStorage;
    use crate::walk::testing::{fixture, places_of};

    const FIXTURE: &str = "groups/dense_deep_index.h5";
    const LINKS: usize = 1_000;

    /// A group of a file, what was asked for of its links, and the waves which that took.
    struct Asked {
        links: Links,
        by_index: Links,
        waves: u64,
        dense: DenseStorage,
    }

    /// Asks for the links of `group` by either way.
    fn ask(bytes: Bytes, group: &str) -> Asked {
        let source = Arc::new(CountingSource::new(MemorySource::new(bytes)));
        let file = block_on(File::open(source.clone(), Limits::default())).unwrap();
        let dense = async {
            let root = file.object(file.root()).await?;
            let link = file.find_link(&root, group.as_bytes()).await?.unwrap();
            let LinkTarget::Hard { address } = link.target else { unreachable!("a hard link") };
            file.object(address).await?.link_storage()
        };
        let Ok(LinkStorage::Dense(_, dense)) = block_on(file.drive(dense)) else {
            unreachable!("a dense group")
        };
        let before = source.waves();
        let links = block_on(file.drive(file.dense_links(&dense))).unwrap();
        let waves = source.waves() - before;
        let by_index = async {
            let messages = file.dense_messages(kind::LINK, &dense).await?;
            file.links_of(messages)
        };
        let by_index = block_on(file.drive(by_index)).unwrap();
        Asked { links, by_index, waves, dense }
    }

    /// The header of the heap, its root and its blocks.
    const HEAP_WAVES: u64 = 3;

    /// The levels of the index below its root.
    const INDEX_WAVES: u64 = 2;

    #[test]
    fn a_heap_without_holes_tells_the_links_alone() {
        for (path, group, count) in
            [(FIXTURE, "filled", LINKS), ("groups/wide_latest.h5", "wide", 1_200)]
        {
            let Asked { links, by_index, waves, .. } = ask(fixture(path).bytes, group);
            assert_eq!((links.len(), links.errors().len()), (count, 0), "{group}");
            assert!(links == by_index, "{group}");
            assert_eq!(waves, HEAP_WAVES, "{group}");
        }
    }

    #[test]
    fn the_order_of_creation_comes_out_of_the_heap_too() {
        let Asked { links, .. } = ask(fixture(FIXTURE).bytes, "filled");
        let numbers = links.by_creation().iter().map(|at| links.get(*at as usize).unwrap());
        // Sixteen links made room for the last ones.
        let expected = (0..0x100).chain(0x110..LINKS as i64 + 16).map(Some);
        assert!(numbers.map(|link| link.creation_order).eq(expected));
    }

    #[test]
    fn a_heap_with_holes_is_left_to_the_index() {
        let Asked { links, by_index, waves, .. } = ask(fixture(FIXTURE).bytes, "holes");
        assert_eq!((links.len(), links.errors().len()), (LINKS - 1, 0));
        assert!(links == by_index);
        assert_eq!(waves, HEAP_WAVES + INDEX_WAVES);
    }

    #[test]
    fn an_index_of_few_levels_is_read_beside_the_heap() {
        let Asked { links, by_index, waves, .. } =
            ask(fixture("groups/dense_many_blocks.h5").bytes, "many");
        assert_eq!((links.len(), waves), (700, HEAP_WAVES));
        assert!(links == by_index);
    }

    /// The file after `change` of what stands at `address`.
    fn changed(file: &Bytes, address: Address, change: impl FnOnce(&mut [u8])) -> Bytes {
        let mut bytes = file.to_vec();
        change(&mut bytes[usize::try_from(address.get()).unwrap()..]);
        bytes.into()
    }

    #[test]
    fn a_damaged_block_costs_the_links_in_it() {
        let file = fixture(FIXTURE).bytes;
        let heap = ask(file.clone(), "filled").dense.heap;
        let is_of_heap = |block: &&Address| {
            let at = usize::try_from(block.get()).unwrap();
            file[at + 5..at + 13] == heap.get().to_le_bytes()
        };
        let blocks = places_of(&file, b"FHDB");
        let block = *blocks.iter().filter(is_of_heap).nth(1).unwrap();
        let damaged = changed(&file, block, |bytes| bytes[100] ^= 1);
        let Asked { links, by_index, .. } = ask(damaged, "filled");
        assert!((1..LINKS).contains(&links.len()), "{}", links.len());
        assert_eq!((links.total(), links.errors().len()), (Some(LINKS as u64), 1));
        assert!(links == by_index);
    }

    #[test]
    fn a_damaged_leaf_of_the_index_costs_nothing() {
        let file = fixture(FIXTURE).bytes;
        let whole = ask(file.clone(), "filled").links;
        let damaged = places_of(&file, b"BTLF").into_iter().map(|leaf| {
            let damaged = changed(&file, leaf, |bytes| bytes[20] ^= 1);
            ask(damaged, "filled")
        });
        let Asked { links, by_index, .. } =
            damaged.into_iter().find(|asked| asked.by_index.total().is_none()).unwrap();
        assert!(by_index.len() < LINKS && links == whole);
    }

    #[test]
    fn numbers_that_do_not_fit_are_left_to_the_index() {
        let file = fixture(FIXTURE).bytes;
        let whole = ask(file.clone(), "filled");
        // "Amount of Free Space in Managed Blocks", "Number of Managed Objects in Heap", "Number of
        // Huge Objects in Heap", "Number of Tiny Objects in Heap".
        for field in [30, 70, 86, 102] {
            let other = changed(&file, whole.dense.heap, |header| {
                header[field] ^= 1;
                let checksum = lookup3(&header[..142]).to_le_bytes();
                header[142..146].copy_from_slice(&checksum);
            });
            let Asked { links, waves, .. } = ask(other, "filled");
            assert!(links == whole.links, "{field}");
            assert_eq!(waves, HEAP_WAVES + INDEX_WAVES, "{field}");
        }
    }
}
