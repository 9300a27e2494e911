//! What of one question lies in other files: objects behind external links, and the shapes of virtual
//! datasets, which grow with their sources.

use std::sync::Arc;

use futures::future::{FutureExt, join_all};
use futures::stream::{self, StreamExt};
use h5range::walk::Object;

use crate::error::{ErrorCode, ExplorerError, Result};
use crate::locate::{ExternalStep, Hops, Located};
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
pub(crate) enum Lead {
    /// The child is in another file.
    Away(ExternalStep, Hops),
    /// It is a virtual dataset.
    Growing(Arc<Object>),
}

/// The leads of a page: of few children, so each comes with its child's place on the page.
#[derive(Default)]
pub(crate) struct Leads {
    pub(crate) away: Vec<(usize, (ExternalStep, Hops))>,
    pub(crate) growing: Vec<(usize, Arc<Object>)>,
}

impl Leads {
    pub(crate) fn add(&mut self, child: usize, lead: Lead) {
        match lead {
            Lead::Away(step, hops) => self.away.push((child, (step, hops))),
            Lead::Growing(dataset) => self.growing.push((child, dataset)),
        }
    }
}

impl Session {
    /// Where these steps lead, in their order; of more than one question follows, the rest is told
    /// so.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn follow_steps(
        &self,
        steps: impl IntoIterator<Item = (ExternalStep, Hops)>,
    ) -> Result<Vec<Result<Located>>> {
        let frugal = self.with_share(OTHER_FILE_SHARE);
        let mut steps = steps.into_iter();
        // Boxed and gathered first: a closure that borrows, held over an await, would keep the
        // whole question from running as a task.
        let mut follows = Vec::new();
        for (step, hops) in steps.by_ref().take(OTHER_FILES_MAX) {
            follows.push(frugal.follow_step(step, hops).boxed());
        }
        let ends: Vec<Result<Result<Located>>> =
            stream::iter(follows).buffered(OTHER_FILES_AT_ONCE).collect().await;
        let mut ends = ends.into_iter().collect::<Result<Vec<_>>>()?;
        ends.extend(steps.map(|_| Err(too_many_links())));
        Ok(ends)
    }

    async fn follow_step(&self, step: ExternalStep, hops: Hops) -> Result<Result<Located>> {
        match self.follow(step, &hops).await {
            Err(error) if error.code.ends_the_question() => Err(error),
            followed => Ok(followed),
        }
    }

    /// The shapes that virtual datasets of the file `key` have with their sources: `None` for one
    /// that does not grow, or whose sources are damaged. It has a budget of its own: what it costs
    /// must not keep the listing from being shown.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn grown_shapes(
        &self,
        key: &str,
        datasets: &[&Arc<Object>],
    ) -> Result<Vec<Option<Result<Vec<u64>>>>> {
        if datasets.is_empty() {
            return Ok(Vec::new());
        }
        let file = self.open_other(key).await?.with_share(GROWTH_SHARE).open_file().await?;
        let (opened, mut grown) = (OpenedSources::default(), Vec::new());
        for datasets in datasets.chunks(OTHER_FILES_AT_ONCE) {
            let growing = datasets.iter().map(|dataset| file.growing_dataset(dataset));
            let growing = file.drive(async { Ok(join_all(growing).await) }).await?;
            let mut shapes = Vec::new();
            for dataset in &growing {
                shapes.push(self.shape_of(&file, dataset, &opened).boxed());
            }
            grown.extend(join_all(shapes).await.into_iter().map(Result::transpose));
        }
        Ok(grown)
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
}

fn too_many_links() -> ExplorerError {
    let detail =
        format!("one page follows {OTHER_FILES_MAX} external links; ask for a smaller one");
    ExplorerError::new(ErrorCode::LimitReached, detail)
}
