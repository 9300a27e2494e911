//! Children of which other files have something to say.

use std::sync::Arc;

use futures::future::{FutureExt, join_all};
use h5range::Error;
use h5range::decode::Address;
use h5range::walk::Object;

use super::part_error;
use crate::answers::{Child, ChildObject};
use crate::describe;
use crate::error::Result;
use crate::locate::{ExternalStep, Hops, Located};
use crate::session::Session;

/// What was found behind an external link, or why nothing was.
type Followed = Result<(Address, ChildObject, Option<Error>)>;

impl Session {
    /// Follows what leads into other files. Returns how many links that were.
    ///
    /// # Errors
    ///
    /// Only what ends the question, as for all of these.
    pub(super) async fn follow_all(
        &self,
        away: Vec<(usize, (ExternalStep, Hops))>,
        children: &mut [Child],
    ) -> Result<usize> {
        let (places, steps): (Vec<_>, Vec<_>) = away.into_iter().unzip();
        let ends = self.follow_steps(steps).await?;
        let summaries = join_all(ends.into_iter().map(|end| summary(end).boxed())).await;
        for (child, followed) in places.iter().zip(summaries) {
            let followed = followed?;
            if let Some(child) = children.get_mut(*child) {
                child.end_at(followed);
            }
        }
        Ok(places.len())
    }

    /// Puts the shapes in place that virtual datasets of the file `key` have with their sources.
    /// Returns how many datasets that were.
    pub(super) async fn grow_all(
        &self,
        key: &str,
        growing: &[(usize, Arc<Object>)],
        children: &mut [Child],
    ) -> Result<usize> {
        let datasets: Vec<_> = growing.iter().map(|(_, dataset)| dataset).collect();
        let mut count = 0;
        for ((child, _), shape) in growing.iter().zip(self.grown_shapes(key, &datasets).await?) {
            let Some(shape) = shape else { continue };
            if let Some(child) = children.get_mut(*child) {
                child.grow(shape)?;
            }
            count += 1;
        }
        Ok(count)
    }
}

async fn summary(end: Result<Located>) -> Result<Followed> {
    let summary: Followed = async {
        let Located { file, object, .. } = end?;
        let (summary, error) = file.drive(file.summarise(&object)).await?;
        Ok((object.address, summary, error))
    }
    .await;
    match summary {
        Err(error) if error.code.ends_the_question() => Err(error),
        summary => Ok(summary),
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
