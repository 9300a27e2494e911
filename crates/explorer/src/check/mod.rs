//! `check`: a walk through a whole file, within the budget of one question.
//!
//! It goes in four phases, one behind the other, so that each can say what it cost: the tree, soft
//! links, attributes, storage. Within a phase it reads many objects side by side. Objects that were
//! parsed are kept in caches of the walk's own, of bounded size, so that the costs are those of
//! somebody who knows nothing of the file yet.

mod attributes;
mod counts;
mod datasets;
mod errors;
mod paths;
mod recorder;
mod soft_links;
mod suitability;
#[cfg(test)]
mod tests;
mod touched;
mod tree;

use std::sync::Arc;

use byte_source::ByteSource;
use futures::future::join_all;
use h5range::decode::Address;
use h5range::walk::{FileHeader, ObjectKind};
use h5range::{ChunkStorage, Error};
use store::{Freshness, Meter};

use self::errors::Errors;
use self::paths::{PathId, Paths};
use self::recorder::Recorder;
use self::soft_links::SoftLink;
use crate::answers::{
    AttributesFound, CheckAnswer, CheckCost, DanglingLinks, DatasetsFound, FileMetadata,
    GroupsFound, LinksFound, Success, Verdict,
};
use crate::caches::Caches;
use crate::error::{ExplorerError, Result};
use crate::explorer::Explorer;
use crate::session::{OpenFile, Session};

/// Objects that are read side by side: the memory of their headers and attributes is bounded by it,
/// at the price of a few more waves in large files.
const BATCH: usize = 10_000;

/// Memory for parsed objects. Those that are gone when a later phase needs them are read again.
const CACHE_BYTES: u64 = 128 << 20;

/// The phases of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckPhase {
    /// All links and all object headers.
    Listing,
    /// What soft links lead to.
    SoftLinks,
    /// All attributes with their values.
    Attributes,
    /// Chunk indexes, and where elements are that are not in the file.
    Storage,
}

const PHASES: [CheckPhase; 4] =
    [CheckPhase::Listing, CheckPhase::SoftLinks, CheckPhase::Attributes, CheckPhase::Storage];

/// How far a walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckProgress {
    /// In which phase.
    pub phase: CheckPhase,
    /// Objects, or soft links, that this phase has done.
    pub done: u64,
}

/// Whom to tell how far the walk is.
pub(crate) type Watch<'a> = &'a (dyn Fn(CheckProgress) + Sync);

impl Explorer {
    /// Walks through the whole of the file `key`: what it consists of, what is damaged, and how
    /// well it suits object storage. `watch` is told how far it is. When the file changes under the
    /// walk, it starts over once.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, for another reason than damage, or the store fails. A spent
    /// budget is a part of the answer.
    pub async fn check(
        self: &Arc<Self>,
        key: &str,
        freshness: Freshness,
        watch: &(dyn Fn(CheckProgress) + Sync),
    ) -> Result<CheckAnswer> {
        match self.check_once(key, freshness, watch).await {
            Err(error) if error.is_change() => self.check_once(key, Freshness::Ask, watch).await,
            answer => answer,
        }
    }

    /// With a meter of its own, since what was read of an older version is no cost of this one.
    async fn check_once(
        self: &Arc<Self>,
        key: &str,
        freshness: Freshness,
        watch: Watch<'_>,
    ) -> Result<CheckAnswer> {
        self.open(key, freshness, &Arc::new(Meter::new())).await?.check(watch).await
    }
}

impl Session {
    async fn check(&self, watch: Watch<'_>) -> Result<CheckAnswer> {
        let recorder = Arc::new(Recorder::new(self.source(), self.meter().clone()));
        let caches = Caches::new(CACHE_BYTES);
        let opened =
            OpenFile::open(recorder.clone(), self.file_version(), caches, self.limits()).await;
        let open = match opened {
            Ok(open) => open.keeping_all(),
            Err(error @ Error::Malformed { .. }) => {
                let mut found = Found::default();
                found.errors.note(error, || "/".to_owned(), None);
                found.cost.listing = recorder.cost();
                return Ok(self.check_answer(found, None, &recorder));
            }
            Err(error) => return Err(ExplorerError::from_file(self.key(), error)),
        };
        let found = Walk::new(&open, watch).run(&recorder).await;
        let found = found.map_err(|error| ExplorerError::from_file(self.key(), error))?;
        Ok(self.check_answer(found, Some(self.file_metadata(&open)), &recorder))
    }

    fn check_answer(
        &self,
        found: Found,
        file: Option<FileMetadata>,
        recorder: &Recorder,
    ) -> CheckAnswer {
        let metadata = recorder.place();
        let suitability = file.as_ref().map(|file| suitability::judge(&found, file, &metadata));
        let partial = found.spent.map(|error| ExplorerError::from_file(self.key(), error).detail);
        CheckAnswer {
            success: Success,
            key: self.key().to_owned(),
            etag: self.version().etag.clone(),
            verdict: match (found.errors.damage.count, found.errors.unsupported.count, &partial) {
                (1.., _, _) => Verdict::Damaged,
                (0, 0, None) => Verdict::Sound,
                (0, _, _) => Verdict::Partial,
            },
            partial,
            file,
            missing_bytes: found.missing_bytes,
            groups: found.groups,
            links: found.links,
            datasets: found.datasets,
            committed_datatypes: found.committed_datatypes,
            attributes: found.attributes,
            metadata,
            cost: found.cost,
            suitability,
            damage: found.errors.damage,
            unsupported: found.errors.unsupported,
            dangling_links: found.dangling_links,
        }
    }
}

/// What a walk has found so far.
#[derive(Debug, Default)]
struct Found {
    groups: GroupsFound,
    links: LinksFound,
    datasets: DatasetsFound,
    committed_datatypes: u64,
    attributes: AttributesFound,
    dangling_links: DanglingLinks,
    missing_bytes: u64,
    errors: Errors,
    /// The limit that was spent first.
    spent: Option<Error>,
    cost: CheckCost,
}

/// A walk through one file.
struct Walk<'a> {
    open: &'a OpenFile,
    watch: Watch<'a>,
    /// The address behind the end of the file, as far as elements may lie. A writer at work has not
    /// written all of them yet: then there is none.
    end_address: u64,
    paths: Paths,
    found: Found,
    /// All objects that could be read, each once.
    objects: Vec<Met>,
    soft_links: Vec<SoftLink>,
    /// The chunks of each dataset that has any.
    chunks: Vec<(PathId, ChunkStorage)>,
}

/// An object that was met, and the path by which it was met first.
#[derive(Debug, Clone, Copy)]
struct Met {
    address: Address,
    path: PathId,
    kind: ObjectKind,
}

impl<'a> Walk<'a> {
    fn new(open: &'a OpenFile, watch: Watch<'a>) -> Self {
        Self {
            open,
            watch,
            end_address: u64::MAX,
            paths: Paths::new(),
            found: Found::default(),
            objects: Vec::new(),
            soft_links: Vec::new(),
            chunks: Vec::new(),
        }
    }

    /// Walks through all phases. One that spent a limit does not keep the next from doing what
    /// costs nothing of it.
    ///
    /// # Errors
    ///
    /// When the source fails.
    async fn run(mut self, recorder: &Recorder) -> h5range::Result<Found> {
        self.note_header(recorder.size_bytes());
        // Opening the file is a part of listing it.
        let mut before = Default::default();
        for phase in PHASES {
            let ended = match phase {
                CheckPhase::Listing => self.tree().await,
                CheckPhase::SoftLinks => self.follow_soft_links().await,
                CheckPhase::Attributes => self.read_attributes().await,
                CheckPhase::Storage => self.read_storage().await,
            };
            match ended {
                Err(error @ Error::Limit { .. }) => drop(self.found.spent.get_or_insert(error)),
                ended => ended?,
            }
            let now = recorder.cost();
            let cost = &mut self.found.cost;
            *match phase {
                CheckPhase::Listing => &mut cost.listing,
                CheckPhase::SoftLinks => &mut cost.soft_links,
                CheckPhase::Attributes => &mut cost.attributes,
                CheckPhase::Storage => &mut cost.storage,
            } = now.since(before);
            before = now;
        }
        self.sum_up_chunks();
        Ok(self.found)
    }

    /// What is wrong with the file as a whole.
    fn note_header(&mut self, size_bytes: u64) {
        let header = self.open.file.header().clone();
        let missing_bytes = missing_bytes(&header, size_bytes);
        self.found.missing_bytes = missing_bytes;
        // A writer at work counts bytes that it has yet to write.
        let is_being_written = header.superblock.is_open_for_writing();
        if !is_being_written {
            self.end_address = size_bytes.saturating_sub(header.base_address);
        }
        if missing_bytes > 0 && !is_being_written {
            let detail = format!("{missing_bytes} bytes are missing at the end of the file");
            self.note(Error::malformed("superblock", Address::new(0), detail), PathId::ROOT);
        }
        if let Some(error) = &header.extension.error {
            self.note(error.clone(), PathId::ROOT);
        }
    }

    /// Notes what is wrong with the object at `path`.
    fn note(&mut self, error: Error, path: PathId) {
        self.found.errors.note(error, || self.paths.text(path), None);
    }

    /// Tells how far the walk is, and ends the phase if something in it ended the walk.
    fn end_of_batch(&mut self, phase: CheckPhase, done: usize) -> h5range::Result<()> {
        (self.watch)(CheckProgress { phase, done: done as u64 });
        self.found.errors.end.take().map_or(Ok(()), Err)
    }
}

/// Runs all `reads` side by side, so that they share their waves.
///
/// # Errors
///
/// When the waves are spent. What is wrong with single reads is in the answer.
async fn side_by_side<R: Future>(
    open: &OpenFile,
    reads: impl Iterator<Item = R>,
) -> h5range::Result<Vec<R::Output>> {
    open.file.drive(async { Ok(join_all(reads).await) }).await
}

/// Bytes that the superblock counts behind the end of an object of `size_bytes`. The writer counted
/// from its own base address, as libhdf5 takes into account.
fn missing_bytes(header: &FileHeader, size_bytes: u64) -> u64 {
    let superblock = &header.superblock;
    // What drivers with several files count is spread over all of them.
    if superblock.driver_info.is_some() || header.extension.driver_info.is_some() {
        return 0;
    }
    let Some(end_of_file) = superblock.end_of_file else { return 0 };
    let length_bytes = end_of_file.get().saturating_sub(superblock.base_address);
    header.base_address.saturating_add(length_bytes).saturating_sub(size_bytes)
}
