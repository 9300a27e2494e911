//! Single blocks of a heap.

use crate::decode::btree_v2::FilteredObject;
use crate::decode::fractal_heap::{
    BlockPlace, BlockSpan, DirectBlock, FilteredBlock, FractalHeapHeader, IndirectBlock,
};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::fractal_heap::FractalHeap;

const DIRECT: &str = "fractal heap direct block";
const INDIRECT: &str = "fractal heap indirect block";

/// A block as its parent or the header refers to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) place: BlockPlace,
    kind: BlockKind,
}

#[derive(Debug, Clone, Copy)]
enum BlockKind {
    Direct { size_bytes: u64, filtered: Option<FilteredBlock> },
    Indirect { rows: u16 },
}

/// What a block holds.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Direct(DirectBlock),
    Indirect(IndirectBlock),
}

/// The root block, of a heap that has blocks.
pub(super) fn root(header: &FractalHeapHeader) -> Option<Block> {
    let address = header.root_block?;
    let kind = match header.root_rows {
        0 => BlockKind::Direct {
            size_bytes: header.table.starting_block_bytes(),
            filtered: header.filters.as_ref().map(|filters| filters.root_block),
        },
        rows => BlockKind::Indirect { rows },
    };
    Some(Block { place: BlockPlace { address, offset: 0 }, kind })
}

/// The child of an indirect block that spans `span`, where it is allocated.
pub(super) fn child(parent: Block, span: BlockSpan, content: &IndirectBlock) -> Option<Block> {
    let child = (*content.children.get(usize::try_from(span.entry).ok()?)?)?;
    let offset = parent.place.offset.checked_add(span.offset)?;
    let kind = match span.rows {
        Some(rows) => BlockKind::Indirect { rows },
        None => BlockKind::Direct { size_bytes: span.size_bytes, filtered: child.filtered },
    };
    Some(Block { place: BlockPlace { address: child.address, offset }, kind })
}

impl FractalHeap {
    /// Reads one block.
    pub(super) async fn content(&self, reader: &Reader, block: Block) -> Result<Content> {
        reader.budget().nodes(1)?;
        match block.kind {
            BlockKind::Direct { size_bytes, filtered } => {
                let block = self.direct_block(reader, block.place, size_bytes, filtered).await;
                block.map(Content::Direct)
            }
            BlockKind::Indirect { rows } => {
                self.indirect_block(reader, block.place, rows).await.map(Content::Indirect)
            }
        }
    }

    async fn indirect_block(
        &self,
        reader: &Reader,
        place: BlockPlace,
        rows: u16,
    ) -> Result<IndirectBlock> {
        let length = IndirectBlock::encoded_bytes(&self.header, rows, reader.widths());
        let bytes = reader.ask(place.address, length, INDIRECT).await?;
        IndirectBlock::decode(&bytes, place, rows, &self.header, reader.widths())
    }

    async fn direct_block(
        &self,
        reader: &Reader,
        place: BlockPlace,
        size_bytes: u64,
        filtered: Option<FilteredBlock>,
    ) -> Result<DirectBlock> {
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
