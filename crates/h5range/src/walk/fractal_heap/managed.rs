//! Managed objects: in direct blocks, found through the indirect blocks of the doubling table.

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use crate::decode::fractal_heap::{DirectBlock, IndirectBlock, ManagedObject};
use crate::error::{Error, Result};
use crate::walk::Reader;
use crate::walk::fractal_heap::block::{Block, Content, child};
use crate::walk::fractal_heap::{Answers, FractalHeap};

pub(super) type Wanted = Vec<(usize, ManagedObject)>;

impl FractalHeap {
    /// All `wanted` objects: one wave for each level of blocks below the root; none if all blocks
    /// were read before.
    pub(super) async fn managed(&self, reader: &Reader, wanted: Wanted) -> Answers {
        match (&self.blocks, &self.root) {
            _ if wanted.is_empty() => Answers::new(),
            (Some(blocks), _) => {
                let wanted = wanted.into_iter();
                wanted.map(|(index, object)| (index, self.object_in(blocks, object))).collect()
            }
            (None, Some((root, content))) => self.find_below(reader, *root, content, wanted).await,
            (None, None) => fail(wanted, &self.malformed("it has no blocks")),
        }
    }

    /// Finds the `wanted` objects in and below one block. Comes to an end, because an indirect
    /// block has fewer rows than the one that leads to it.
    fn find_below<'a>(
        &'a self,
        reader: &'a Reader,
        block: Block,
        content: &'a Result<Content>,
        wanted: Wanted,
    ) -> BoxFuture<'a, Answers> {
        async move {
            let content = match content {
                Ok(Content::Direct(content)) => return objects_of(content, wanted),
                Ok(Content::Indirect(content)) => content,
                Err(error) => return fail(wanted, error),
            };
            let (children, missing) = self.share(block, content, wanted);
            let found = children.into_values().map(async |(child, wanted)| {
                let content = self.content(reader, child).await;
                self.find_below(reader, child, &content, wanted).await
            });
            join_all(found).await.into_iter().flatten().chain(missing).collect()
        }
        .boxed()
    }

    /// Shares the `wanted` objects among the children of an indirect block. The second part are
    /// those for which there is no child.
    fn share(
        &self,
        parent: Block,
        content: &IndirectBlock,
        wanted: Wanted,
    ) -> (BTreeMap<u64, (Block, Wanted)>, Answers) {
        let (mut children, mut missing) = (BTreeMap::new(), Answers::new());
        for (index, object) in wanted {
            let offset = object.offset.checked_sub(parent.place.offset);
            let span = offset.and_then(|offset| self.header.table.child(offset, content.rows));
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
}

fn objects_of(block: &DirectBlock, wanted: Wanted) -> Answers {
    wanted.into_iter().map(|(index, object)| (index, block.object(object))).collect()
}

fn fail(wanted: Wanted, error: &Error) -> Answers {
    wanted.into_iter().map(|(index, _)| (index, Err(error.clone()))).collect()
}
