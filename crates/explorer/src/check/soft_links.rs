//! The second phase: what soft links lead to.

use h5range::Error;
use h5range::decode::Address;

use super::errors::LISTED_MAX;
use super::paths::PathId;
use super::{BATCH, CheckPhase, Walk, side_by_side};
use crate::answers::DanglingLink;
use crate::locate::{End, Hops};
use crate::path::{lossy, segments};
use crate::session::OpenFile;

/// A soft link that was met.
#[derive(Debug)]
pub(super) struct SoftLink {
    /// The group that it is in.
    pub(super) group: Address,
    /// The path of that group.
    pub(super) path: PathId,
    pub(super) name: Vec<u8>,
    pub(super) target: Vec<u8>,
}

/// Where a soft link leads.
enum LeadsTo {
    Object,
    OtherFile,
    /// To nothing, for this reason.
    Nothing(String),
}

impl Walk<'_> {
    /// Follows all soft links, as far as this file goes.
    ///
    /// Waves: none while groups and their links are still in the walk's cache; else those of the
    /// longest look-up, for every 10,000 links.
    ///
    /// # Errors
    ///
    /// Only what ends the walk.
    pub(super) async fn follow_soft_links(&mut self) -> h5range::Result<()> {
        let links = std::mem::take(&mut self.soft_links);
        let mut done = 0_usize;
        for batch in links.chunks(BATCH) {
            let open = self.open;
            let answers = side_by_side(open, batch.iter().map(|link| follow(open, link)));
            for (link, answer) in batch.iter().zip(answers.await?) {
                match answer {
                    Ok(LeadsTo::Object) => {}
                    Ok(LeadsTo::OtherFile) => {
                        let count = &mut self.found.links.soft_to_other_files;
                        *count = count.saturating_add(1);
                    }
                    Ok(LeadsTo::Nothing(reason)) => self.note_dangling(link, reason),
                    Err(error) => self.note(error, link.path),
                }
            }
            done = done.saturating_add(batch.len());
            self.end_of_batch(CheckPhase::SoftLinks, done)?;
        }
        Ok(())
    }

    fn note_dangling(&mut self, link: &SoftLink, reason: String) {
        let dangling = &mut self.found.dangling_links;
        dangling.count = dangling.count.saturating_add(1);
        if dangling.listed.len() < LISTED_MAX {
            let path = self.paths.link_text(link.path, &link.name);
            dangling.listed.push(DanglingLink { path, target: lossy(&link.target), reason });
        }
    }
}

/// Where `link` leads. A damaged object on the way was noted when it was met; for the link it is
/// one more reason to lead nowhere.
async fn follow(open: &OpenFile, link: &SoftLink) -> h5range::Result<LeadsTo> {
    // Steps that the cache answers cost no bytes. A path of thousands of them, in thousands of
    // links, would still cost time without end.
    open.file.budget().nodes(segments(&link.target).count() as u64)?;
    let group = open.object(link.group).await?;
    match open.follow_soft(group, "", &link.name, &link.target, &Hops::default()).await {
        Ok(End::Object { .. }) => Ok(LeadsTo::Object),
        Ok(End::External(_)) => Ok(LeadsTo::OtherFile),
        Err(Error::LinkUnresolved { reason, .. }) => Ok(LeadsTo::Nothing(reason)),
        Err(error) if error.ends_the_question() => Err(error),
        Err(error) => Ok(LeadsTo::Nothing(format!("but {error}"))),
    }
}
