//! All children of a group, as entities.

use std::sync::Arc;

use futures::future::{FutureExt, join_all};
use h5range::LinkRef;
use h5range::walk::{LinkStorage, Object};

use super::led::Way;
use crate::answers::{ChildEntity, Entity};
use crate::children::BATCH;
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::locate::Located;
use crate::other_files::{Lead, Leads};
use crate::page::Page;
use crate::path::{ObjectPath, lossy};
use crate::queries::{CHILDREN_LIMIT_MAX, ChildrenQuery, Order, Place};
use crate::session::{OpenFile, Session};
use crate::virtual_extent::is_virtual;

impl Session {
    /// The children of the group at `path`, and whether they depend on other files.
    ///
    /// # Errors
    ///
    /// When the links of the group cannot be read, or are more than one answer may have.
    pub(super) async fn child_entities(
        &self,
        group: &Located,
        path: &ObjectPath,
    ) -> Result<(Vec<ChildEntity>, bool)> {
        let links = group.file.links_once(&group.object).await?;
        if let (true, Some(error)) = (links.is_empty(), links.incomplete()) {
            return Err(ExplorerError::from_file(self.key(), error.clone()));
        }
        let page = Page::of(&links, &whole_page(path)?, tracks_creation(&group.object));
        if page.next.is_some() {
            return Err(too_many_children(page.total));
        }
        let _turn = self.explorer.large_pages.turn(page.places.len()).await;
        let (mut children, mut leads) = (Vec::with_capacity(page.places.len()), Leads::default());
        let at = path.prefix();
        for batch in page.places.chunks(BATCH) {
            let batch = batch.iter().filter_map(|place| links.get(*place));
            let batch = batch.map(|link| group.file.child_entity(&group.object, &at, link));
            let read = async { join_all(batch).await.into_iter().collect() };
            let batch: Vec<(ChildEntity, Option<Lead>)> = group.file.drive(read).await?;
            for (child, lead) in batch {
                if let Some(lead) = lead {
                    leads.add(children.len(), lead);
                }
                children.push(child);
            }
        }
        let from_other_files = !leads.away.is_empty() || !leads.growing.is_empty();
        self.follow_leads(group, leads, &mut children).await?;
        Ok((children, from_other_files))
    }

    async fn follow_leads(
        &self,
        group: &Located,
        leads: Leads,
        children: &mut [ChildEntity],
    ) -> Result<()> {
        let datasets: Vec<_> = leads.growing.iter().map(|(_, dataset)| dataset).collect();
        let shapes = self.grown_shapes(group.file.key(), &datasets).await?;
        for ((child, _), shape) in leads.growing.iter().zip(shapes) {
            if let (Some(child), Some(shape)) = (children.get_mut(*child), shape) {
                child.entity.grow(shape)?;
            }
        }
        if leads.away.is_empty() {
            return Ok(());
        }
        let (places, steps): (Vec<_>, Vec<_>) = leads.away.into_iter().unzip();
        let ends = self.beside(group).await?.follow_steps(steps).await?;
        let entities = join_all(ends.into_iter().map(|end| entity_of(end).boxed())).await;
        for (child, entity) in places.iter().zip(entities) {
            if let (Some(child), Some(entity)) = (children.get_mut(*child), entity?) {
                child.entity = entity;
            }
        }
        Ok(())
    }
}

impl OpenFile {
    /// One child of a group at the path `at`, as far as this file goes.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn child_entity(
        &self,
        group: &Arc<Object>,
        at: &str,
        link: LinkRef<'_>,
    ) -> h5range::Result<(ChildEntity, Option<Lead>)> {
        let name = lossy(link.name);
        let (entity, lead) = match self.way(group, at, &link, true).await {
            Ok(Way::Object(object)) => {
                let lead = is_virtual(&object).then(|| Lead::Growing(object.clone()));
                (self.entity(&object).await?, lead)
            }
            Ok(Way::Shown(entity)) => (entity, None),
            Ok(Way::Away(shown, step, hops)) => (shown, Some(Lead::Away(step, hops))),
            Err(error) if error.ends_the_question() => return Err(error),
            Err(_) => (Entity::Other, None),
        };
        Ok((ChildEntity { name, entity }, lead))
    }
}

/// What an external link leads to; `None` where there is nothing.
async fn entity_of(end: Result<Located>) -> Result<Option<Entity>> {
    let entity = async {
        let Located { file, object, .. } = end?;
        file.drive(file.entity(&object)).await
    };
    match entity.await {
        Ok(entity) => Ok(Some(entity)),
        Err(error) if error.code.ends_the_question() => Err(error),
        Err(_) => Ok(None),
    }
}

fn whole_page(path: &ObjectPath) -> Result<ChildrenQuery> {
    let query = ChildrenQuery::new(Place::Path(path.clone())).with_order(Order::Creation);
    query.with_limit(CHILDREN_LIMIT_MAX)
}

fn tracks_creation(group: &Object) -> bool {
    match group.link_storage() {
        Ok(LinkStorage::Compact(info) | LinkStorage::Dense(info, _)) => info.creation_order_tracked,
        Ok(LinkStorage::SymbolTable(_)) | Err(_) => false,
    }
}

fn too_many_children(count: u64) -> ExplorerError {
    let detail = format!(
        "the group has {count} children, and one answer has no more than {CHILDREN_LIMIT_MAX}; \
         the children route shows them in pages; this limit is fixed"
    );
    ExplorerError::new(ErrorCode::LimitReached, detail)
}
