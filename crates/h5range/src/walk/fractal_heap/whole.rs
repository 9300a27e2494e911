//! All blocks of a heap, read without waiting for the ids of objects.

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use crate::decode::Widths;
use crate::decode::fractal_heap::{DirectBlock, IndirectBlock, ManagedObject};
use crate::error::Result;
use crate::walk::Reader;
use crate::walk::fractal_heap::block::{Block, Content, child};
use crate::walk::fractal_heap::{Blocks, FractalHeap};

impl FractalHeap {
    /// All direct blocks: one wave for each level of blocks below the root.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(super) async fn read_blocks(&self, reader: &Reader) -> Result<Blocks> {
        let Some((root, content)) = &self.root else { return Ok(Blocks::new()) };
        let blocks = self.blocks_below(reader, *root, content.clone()).await;
        let ends = |(_, block): &(u64, Result<DirectBlock>)| {
            block.as_ref().err().filter(|error| error.ends_the_question()).cloned()
        };
        match blocks.iter().find_map(ends) {
            Some(error) => Err(error),
            None => Ok(blocks.into_iter().collect()),
        }
    }

    /// The block itself, or all direct blocks below it. Comes to an end, because an indirect block
    /// has fewer rows than the one that leads to it.
    fn blocks_below<'a>(
        &'a self,
        reader: &'a Reader,
        block: Block,
        content: Result<Content>,
    ) -> BoxFuture<'a, Vec<(u64, Result<DirectBlock>)>> {
        async move {
            let content = match content {
                Ok(Content::Direct(content)) => return vec![(block.place.offset, Ok(content))],
                Ok(Content::Indirect(content)) => content,
                Err(error) => return vec![(block.place.offset, Err(error))],
            };
            let children = self.allocated_children(block, &content).into_iter();
            let below = children.map(async |child| {
                let content = self.content(reader, child).await;
                self.blocks_below(reader, child, content).await
            });
            join_all(below).await.into_iter().flatten().collect()
        }
        .boxed()
    }

    fn allocated_children(&self, parent: Block, content: &IndirectBlock) -> Vec<Block> {
        let (mut children, mut offset) = (Vec::new(), 0);
        while let Some(span) = self.header.table.child(offset, content.rows) {
            children.extend(child(parent, span, content));
            let Some(next) = span.offset.checked_add(span.size_bytes) else { break };
            offset = next;
        }
        children
    }

    /// The blocks of a heap that was read whole, if all of them could be read and no object is
    /// elsewhere.
    pub(crate) fn blocks_of_managed_objects(&self) -> Option<Vec<&DirectBlock>> {
        let contents = self.header.contents;
        let is_all_managed = contents.huge_objects == 0 && contents.tiny_objects == 0;
        let blocks = self.blocks.as_ref().filter(|_| is_all_managed)?;
        blocks.values().map(|block| block.as_ref().ok()).collect()
    }

    /// How many objects the blocks hold, and how many bytes these take together, as the header
    /// counts them.
    pub(crate) fn managed_objects(&self, widths: Widths) -> Option<(u64, u64)> {
        let bytes = self.header.managed_object_bytes(widths)?;
        Some((self.header.contents.managed_objects, bytes))
    }

    /// A managed object out of blocks that were read before.
    pub(super) fn object_in(&self, blocks: &Blocks, object: ManagedObject) -> Result<Bytes> {
        match blocks.range(..=object.offset).next_back() {
            Some((_, Ok(block))) => block.object(object),
            Some((_, Err(error))) => Err(error.clone()),
            None => Err(self.no_block(object.offset)),
        }
    }
}
