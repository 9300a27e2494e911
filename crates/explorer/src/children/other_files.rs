//! Children of which other files have something to say: those that external links lead to, and
//! virtual datasets, which grow with their sources.

use std::sync::Arc;

use futures::future::{FutureExt, join_all};
use futures::stream::{self, StreamExt};
use h5range::Error;
use h5range::decode::Address;
use h5range::walk::Object;

use super::part_error;
use crate::answers::{Child, ChildObject};
use crate::describe;
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::locate::{ExternalStep, Hops};
use crate::session::{OpenFile, Session};
use crate::virtual_extent::{GrowingDataset, OpenedSources};

/// Files that one question opens side by side to follow external links.
const OTHER_FILES_AT_ONCE: usize = 16;

/// External links that one question follows: each may be a file of its own, with its own budget.
const OTHER_FILES_MAX: usize = 1_000;

/// What part of a question's budget each of these files gets. Finding an object by its path costs
/// far less; all of them together cannot cost more than some whole budgets.
const OTHER_FILE_SHARE: u64 = 100;

/// What part of a question's budget the sources of the page's virtual datasets get together.
const GROWTH_SHARE: u64 = 4;

/// What leads from one child into other files.
pub(super) enum Lead {
    /// The child is in another file.
    Away(ExternalStep, Hops),
    /// It is a virtual dataset.
    Growing(Arc<Object>),
}

/// The leads of a page: of few children, so each comes with its child's place on the page.
#[derive(Default)]
pub(super) struct Leads {
    away: Vec<(usize, ExternalStep, Hops)>,
    growing: Vec<(usize, Arc<Object>)>,
}

/// What was found behind an external link, or why nothing was.
type Followed = Result<(Address, ChildObject, Option<Error>)>;

impl Leads {
    pub(super) fn add(&mut self, child: usize, lead: Lead) {
        match lead {
            Lead::Away(step, hops) => self.away.push((child, step, hops)),
            Lead::Growing(dataset) => self.growing.push((child, dataset)),
        }
    }
}

impl Session {
    /// Follows what leads into other files. Returns how many links that were.
    ///
    /// # Errors
    ///
    /// Only what ends the question, as for all of these.
    pub(super) async fn follow_all(&self, leads: Leads, children: &mut [Child]) -> Result<usize> {
        let frugal = self.with_share(OTHER_FILE_SHARE);
        let mut steps = leads.away.into_iter();
        // Boxed and gathered first: a closure that borrows, held over an await, would keep the
        // whole question from running as a task.
        let (mut followed, mut follows) = (Vec::new(), Vec::new());
        for (child, step, hops) in steps.by_ref().take(OTHER_FILES_MAX) {
            followed.push(child);
            follows.push(frugal.follow_child(step, hops).boxed());
        }
        let ends: Vec<Result<Followed>> =
            stream::iter(follows).buffered(OTHER_FILES_AT_ONCE).collect().await;
        let count = followed.len();
        for (child, end) in followed.into_iter().zip(ends) {
            let end = end?;
            if let Some(child) = children.get_mut(child) {
                child.end_at(end);
            }
        }
        for (child, ..) in steps {
            let detail =
                format!("one page follows {OTHER_FILES_MAX} external links; ask for a smaller one");
            if let Some(child) = children.get_mut(child) {
                child.error = Some(ExplorerError::new(ErrorCode::LimitReached, detail).into());
            }
        }
        Ok(count)
    }

    /// Puts the shapes in place that virtual datasets of the file `key` have with their sources.
    /// Returns how many datasets that were. It has a budget of its own: what it costs must not keep
    /// the listing from being shown.
    pub(super) async fn grow_all(
        &self,
        key: &str,
        leads: &Leads,
        children: &mut [Child],
    ) -> Result<usize> {
        if leads.growing.is_empty() {
            return Ok(0);
        }
        let file = self.open_other(key).await?.with_share(GROWTH_SHARE).open_file().await?;
        let (opened, mut count) = (OpenedSources::default(), 0);
        for datasets in leads.growing.chunks(OTHER_FILES_AT_ONCE) {
            let growing = datasets.iter().map(|(_, dataset)| file.growing_dataset(dataset));
            let growing = file.drive(async { Ok(join_all(growing).await) }).await?;
            let mut shapes = Vec::new();
            for dataset in &growing {
                shapes.push(self.shape_of(&file, dataset, &opened).boxed());
            }
            for ((child, _), shape) in datasets.iter().zip(join_all(shapes).await) {
                let Some(shape) = shape.transpose() else { continue };
                if let Some(child) = children.get_mut(*child) {
                    child.grow(shape)?;
                }
                count += 1;
            }
        }
        Ok(count)
    }

    /// The shape of a dataset that grows; `None` for one that does not, or whose sources are
    /// damaged: that its `meta` says.
    async fn shape_of(
        &self,
        file: &OpenFile,
        growing: &h5range::Result<Option<GrowingDataset>>,
        opened: &OpenedSources,
    ) -> Result<Option<Vec<u64>>> {
        match growing {
            Ok(Some(dataset)) => self.grown_shape(file, dataset, opened).await.map(Some),
            Err(error) if error.ends_the_question() => {
                Err(ExplorerError::from_file(file.key(), error.clone()))
            }
            Ok(None) | Err(_) => Ok(None),
        }
    }

    async fn follow_child(&self, step: ExternalStep, hops: Hops) -> Result<Followed> {
        let followed: Followed = async {
            let located = self.follow(step, &hops).await?;
            let summary = located.file.summarise(&located.object);
            let (object, error) = located.file.drive(summary).await?;
            Ok((located.object.address, object, error))
        }
        .await;
        match followed {
            Err(error) if error.code.ends_the_question() => Err(error),
            followed => Ok(followed),
        }
    }
}

impl Child {
    /// Takes what an external link leads to.
    fn end_at(&mut self, followed: Followed) {
        match followed {
            Ok((address, object, error)) => {
                self.address = Some(address.get());
                self.object = Some(object);
                self.error = error.as_ref().map(part_error);
            }
            Err(error) => self.error = Some(error.into()),
        }
    }

    /// Takes the shape that the sources of a virtual dataset give it.
    fn grow(&mut self, shape: Result<Vec<u64>>) -> Result<()> {
        match (shape, &mut self.object) {
            (Ok(shape), Some(ChildObject::Dataset(summary))) => {
                summary.size = describe::element_count(&shape);
                summary.shape = Some(shape);
            }
            (Ok(_), _) => {}
            (Err(error), _) if error.code.ends_the_question() => return Err(error),
            (Err(error), _) => self.error = Some(error.into()),
        }
        Ok(())
    }
}
