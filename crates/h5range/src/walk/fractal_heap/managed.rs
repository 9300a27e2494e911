//! Managed objects: in direct blocks, found through the indirect blocks of the doubling table.

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use crate::decode::btree_v2::FilteredObject;
use crate::decode::fractal_heap::{
    BlockPlace, BlockSpan, DirectBlock, FilteredBlock, IndirectBlock, ManagedObject,
};
use crate::error::{Error, Result};
use crate::walk::Reader;
use crate::walk::fractal_heap::{Answers, FractalHeap};

const DIRECT: &str = "fractal heap direct block";
const INDIRECT: &str = "fractal heap indirect block";

pub(super) type Wanted = Vec<(usize, ManagedObject)>;

/// A block as its parent or the header refers to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) place: BlockPlace,
    pub(super) kind: BlockKind,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum BlockKind {
    Direct { size_bytes: u64, filtered: Option<FilteredBlock> },
    Indirect { rows: u16 },
}

impl FractalHeap {
    /// All `wanted` objects: one wave for each level of indirect blocks, one for direct blocks.
    pub(super) async fn managed(&self, reader: &Reader, wanted: Wanted) -> Answers {
        if let Some(blocks) = &self.blocks {
            return self.objects_in(blocks, wanted);
        }
        match self.root() {
            Some(root) if !wanted.is_empty() => self.descend(reader, root, wanted).await,
            _ => fail(wanted, &self.malformed("it has no blocks")),
        }
    }

    /// The root block, of a heap that has blocks.
    pub(super) fn root(&self) -> Option<Block> {
        let address = self.header.root_block?;
        let kind = match self.header.root_rows {
            0 => BlockKind::Direct {
                size_bytes: self.header.table.starting_block_bytes(),
                filtered: self.header.filters.as_ref().map(|filters| filters.root_block),
            },
            rows => BlockKind::Indirect { rows },
        };
        Some(Block { place: BlockPlace { address, offset: 0 }, kind })
    }

    /// Finds the `wanted` objects in and below one block. Comes to an end, because an indirect
    /// block has fewer rows than the one that leads to it.
    fn descend<'a>(
        &'a self,
        reader: &'a Reader,
        block: Block,
        wanted: Wanted,
    ) -> BoxFuture<'a, Answers> {
        async move {
            match block.kind {
                BlockKind::Direct { size_bytes, filtered } => {
                    match self.direct_block(reader, block.place, size_bytes, filtered).await {
                        Ok(content) => objects_of(&content, wanted),
                        Err(error) => fail(wanted, &error),
                    }
                }
                BlockKind::Indirect { rows } => {
                    match self.indirect_block(reader, block.place, rows).await {
                        Ok(content) => {
                            let (children, missing) = self.share(block.place, &content, wanted);
                            let found = children
                                .into_values()
                                .map(|(child, wanted)| self.descend(reader, child, wanted));
                            let found = join_all(found).await;
                            found.into_iter().flatten().chain(missing).collect()
                        }
                        Err(error) => fail(wanted, &error),
                    }
                }
            }
        }
        .boxed()
    }

    /// Shares the `wanted` objects among the children of an indirect block. The second part are
    /// those for which there is no child.
    fn share(
        &self,
        parent: BlockPlace,
        content: &IndirectBlock,
        wanted: Wanted,
    ) -> (BTreeMap<u64, (Block, Wanted)>, Answers) {
        let (mut children, mut missing) = (BTreeMap::new(), Answers::new());
        for (index, object) in wanted {
            let span = object
                .offset
                .checked_sub(parent.offset)
                .and_then(|offset| self.header.table.child(offset, content.rows));
            match span.and_then(|span| Some((span.entry, child(parent, span, content)?))) {
                Some((entry, block)) => {
                    let (_, wanted) = children.entry(entry).or_insert((block, Wanted::new()));
                    wanted.push((index, object));
                }
                None => missing.push((index, Err(self.no_block(object.offset)))),
            }
        }
        (children, missing)
    }

    pub(super) fn no_block(&self, offset: u64) -> Error {
        self.malformed(format!("there is no block with offset {offset}"))
    }

    pub(super) async fn indirect_block(
        &self,
        reader: &Reader,
        place: BlockPlace,
        rows: u16,
    ) -> Result<IndirectBlock> {
        reader.budget().nodes(1)?;
        let length = IndirectBlock::encoded_bytes(&self.header, rows, reader.widths());
        let bytes = reader.ask(place.address, length, INDIRECT).await?;
        IndirectBlock::decode(&bytes, place, rows, &self.header, reader.widths())
    }

    pub(super) async fn direct_block(
        &self,
        reader: &Reader,
        place: BlockPlace,
        size_bytes: u64,
        filtered: Option<FilteredBlock>,
    ) -> Result<DirectBlock> {
        reader.budget().nodes(1)?;
        let stored_bytes = filtered.map_or(size_bytes, |filtered| filtered.size_bytes);
        let bytes = reader.ask(place.address, stored_bytes, DIRECT).await?;
        let filtered = filtered.map(|FilteredBlock { filter_mask, .. }| FilteredObject {
            filter_mask,
            memory_bytes: size_bytes,
        });
        let bytes = self.unfiltered(reader, bytes, filtered, DIRECT, place.address)?;
        DirectBlock::decode(bytes, place, &self.header, reader.widths())
    }
}

/// The child of an indirect block that spans `span`, where it is allocated.
pub(super) fn child(parent: BlockPlace, span: BlockSpan, content: &IndirectBlock) -> Option<Block> {
    let child = (*content.children.get(usize::try_from(span.entry).ok()?)?)?;
    let place =
        BlockPlace { address: child.address, offset: parent.offset.checked_add(span.offset)? };
    let kind = match span.rows {
        Some(rows) => BlockKind::Indirect { rows },
        None => BlockKind::Direct { size_bytes: span.size_bytes, filtered: child.filtered },
    };
    Some(Block { place, kind })
}

fn objects_of(block: &DirectBlock, wanted: Wanted) -> Answers {
    wanted.into_iter().map(|(index, object)| (index, block.object(object))).collect()
}

fn fail(wanted: Wanted, error: &Error) -> Answers {
    wanted.into_iter().map(|(index, _)| (index, Err(error.clone()))).collect()
}
