//! What was read, kept for the next who asks; and one request for all who ask at once.
//!
//! Bytes are fetched as they are asked for, not rounded to blocks: headers lie scattered, and 200
//! of them at 512 bytes must not cost 200 times a block. What came is kept by *block*, a stretch of
//! [`BLOCK_BYTES`] of one version, filled where it was read. The block is the unit of eviction and
//! of look-ups only.
//!
//! Requests under way are listed, so that a second question for the same bytes joins them.

mod recall;

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use byte_source::{SourceError, SourceErrorKind};
use bytes::Bytes;
use cache::{Cache, Outcome};
use futures::future::try_join_all;

use crate::backend::{Span, Start};
use crate::caches::StoreCaches;
use crate::disk::Disk;
use crate::extents::Extents;
use crate::flights::{Flight, Flights, Landing, Listed};
use crate::history::{self, History};
use crate::limits::Limited;
use crate::ranges::{self, GAP_BYTES, REQUEST_BYTES};
use crate::version::VersionKey;
use crate::{Meter, StoreConfig, Version};

/// Large, so that reading a gigabyte makes a thousand entries and not a million; small against the
/// cache, so that eviction takes a part of a large file and not all of it.
const BLOCK_BYTES: u64 = 1 << 20;

/// Who asks for bytes.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) of: VersionKey,
    pub(crate) version: Version,
    pub(crate) meter: Arc<Meter>,
}

#[derive(Clone)]
pub(crate) struct Blocks {
    shared: Arc<BlocksShared>,
}

struct BlocksShared {
    requests: Arc<Limited>,
    start: Start,
    around_bytes: u64,
    cache: Cache<(VersionKey, u64), Arc<Extents>>,
    flights: Arc<Flights>,
    histories: Cache<VersionKey, Arc<History>>,
    disk: Option<Disk>,
    /// The most that is fetched along with what a question needs.
    along_bytes: u64,
}

/// What a read needs: bytes that are here, and requests to wait for.
struct Plan {
    held: Extents,
    flights: Vec<(Range<u64>, Flight)>,
    outcome: Outcome,
}

impl Blocks {
    pub(crate) fn new(
        requests: Arc<Limited>,
        start: Start,
        config: &StoreConfig,
        caches: &StoreCaches,
        disk: Option<Disk>,
    ) -> Self {
        let shared = BlocksShared {
            requests,
            start,
            around_bytes: config.around_bytes,
            cache: caches.blocks.clone(),
            flights: Arc::default(),
            histories: caches.histories.clone(),
            disk,
            // More would throw out what other questions need, or itself.
            along_bytes: config.block_cache_bytes / 4,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The bytes of `ranges`, which lie inside the object, and how they were come by.
    pub(crate) async fn read(
        &self,
        asker: &Asker,
        ranges: &[Range<u64>],
    ) -> Result<(Vec<Bytes>, Outcome), SourceError> {
        let recalled = self.recall(asker, ranges).await;
        let Plan { mut held, flights, outcome } = self.plan(asker, ranges, recalled);
        self.shared.cache.count(outcome);
        if !flights.is_empty() {
            let started = Instant::now();
            let (fetched, flights): (Vec<_>, Vec<_>) = flights.into_iter().unzip();
            let answers = try_join_all(flights).await;
            asker.meter.count_round(started.elapsed());
            for (range, bytes) in fetched.iter().zip(answers?) {
                held.insert_shared(range.start, &bytes);
            }
        }
        let answers = ranges.iter().map(|range| held.read(range)).collect::<Option<_>>();
        // Cannot happen: a plan covers its ranges, and requests are checked for their length.
        let lost = || SourceError::new(SourceErrorKind::Failed, "a read did not get its bytes");
        Ok((answers.ok_or_else(lost)?, outcome))
    }

    /// Keeps `bytes` of a version, which start at `start`.
    pub(crate) fn keep(&self, of: &VersionKey, version: &Version, start: u64, bytes: &Bytes) {
        if let Some(disk) = &self.shared.disk {
            disk.keep(&of.key, version, start, bytes);
        }
        let flights = self.shared.flights.of(of);
        let _held = flights.lock();
        self.shared.keep(of, start, bytes);
        let range = start..start.saturating_add(bytes.len() as u64);
        self.shared.remember(of, std::slice::from_ref(&range));
    }

    /// What is here needs no lock. What is missing is looked for again under the lock of its
    /// version, so that between the look into the cache and the look at the requests under way no
    /// request can land unseen.
    fn plan(&self, asker: &Asker, ranges: &[Range<u64>], mut held: Extents) -> Plan {
        let shared = &self.shared;
        let wanted = ranges::union(ranges.iter().cloned());
        let missing = shared.still_missing(&asker.of, &mut held, wanted);
        if missing.is_empty() {
            return Plan { held, flights: Vec::new(), outcome: Outcome::Hit };
        }
        let of = shared.flights.of(&asker.of);
        let mut listed = of.lock();
        let missing = shared.still_missing(&asker.of, &mut held, missing);
        let missing = match shared.start_for(&missing, asker.version.size_bytes) {
            Some(start) => {
                let wanted = ranges::union(missing.into_iter().chain([start]));
                shared.still_missing(&asker.of, &mut held, wanted)
            }
            None => missing,
        };
        let mut flights = listed.overlapping(&missing);
        let joined = ranges::union(flights.iter().map(|(range, _)| range.clone()));
        let left = ranges::subtract(&missing, &joined);
        let outcome = match (flights.is_empty(), left.is_empty()) {
            (true, true) => Outcome::Hit,
            (false, true) => Outcome::Coalesced,
            (_, false) => Outcome::Miss,
        };
        let left = match shared.with_history(&asker.of, &left, &listed) {
            Some(all) => all,
            None => shared.with_around(asker, left, &joined),
        };
        let requests = ranges::requests(left, GAP_BYTES, REQUEST_BYTES);
        shared.remember(&asker.of, &requests);
        for range in requests {
            let fetch = |landing| shared.clone().fetch(landing, asker.clone(), range.clone());
            flights.push((range.clone(), of.start(&mut listed, range.clone(), fetch)));
        }
        Plan { held, flights, outcome }
    }
}

impl BlocksShared {
    /// One request. Its bytes are kept before it leaves the list.
    async fn fetch(
        self: Arc<Self>,
        landing: Landing,
        asker: Asker,
        range: Range<u64>,
    ) -> Result<Bytes, SourceError> {
        let (start, span) = (range.start, Span::Exact(range));
        let Asker { of, version, meter } = asker;
        let part = self.requests.get(&of.key, &span, Some(&version), &meter).await?;
        if let Some(disk) = &self.disk {
            disk.keep(&of.key, &version, start, &part.bytes);
        }
        let _held = landing.flights.lock();
        self.keep(&of, start, &part.bytes);
        Ok(part.bytes)
    }

    /// Adds to `held` what is here of `wanted`, which is sorted, and returns the rest of it.
    fn still_missing(
        &self,
        of: &VersionKey,
        held: &mut Extents,
        wanted: Vec<Range<u64>>,
    ) -> Vec<Range<u64>> {
        let here = self.held(of, &wanted);
        wanted.iter().for_each(|range| held.insert_overlapping(&here, range));
        held.missing(&wanted)
    }

    /// What is here of `wanted`, which is sorted.
    fn held(&self, of: &VersionKey, wanted: &[Range<u64>]) -> Extents {
        let mut held = Extents::default();
        // Many ranges lie in the same block: it is looked up once.
        let mut current = None;
        for range in wanted {
            for block in blocks_of(range) {
                let (_, extents) = match current.take() {
                    Some((at, extents)) if at == block => (at, extents),
                    _ => (block, self.cache.peek(&(of.clone(), block))),
                };
                if let Some(extents) = &extents {
                    held.insert_overlapping(extents, range);
                }
                current = Some((block, extents));
            }
        }
        held
    }

    /// What to read along with `missing`: a small file whole; of a larger one the head, as soon as
    /// a byte of it is missing.
    fn start_for(&self, missing: &[Range<u64>], size_bytes: u64) -> Option<Range<u64>> {
        let start = self.start.taken(size_bytes);
        let whole = start.end == size_bytes;
        let first = missing.first()?;
        (whole || first.start < start.end).then_some(start)
    }

    /// `left` with what lies around it, as far as that is not here or `joined`.
    fn with_around(
        &self,
        asker: &Asker,
        left: Vec<Range<u64>>,
        joined: &[Range<u64>],
    ) -> Vec<Range<u64>> {
        if self.around_bytes == 0 {
            return left;
        }
        let wide = ranges::widened(left, asker.version.size_bytes, self.around_bytes);
        let missing = self.held(&asker.of, &wide).missing(&wide);
        ranges::subtract(&missing, joined)
    }

    /// `left`, and what was fetched of the version before, where `left` is a part of that and the
    /// rest is worth it.
    fn with_history(
        &self,
        of: &VersionKey,
        left: &[Range<u64>],
        listed: &Listed,
    ) -> Option<Vec<Range<u64>>> {
        let now = Instant::now();
        let history = self.histories.peek(of).filter(|history| history.is_wanted(left, now))?;
        let missing = self.held(of, history.ranges()).missing(history.ranges());
        let taken = ranges::union(listed.ranges().chain(left).cloned());
        let rest = ranges::subtract(&missing, &taken);
        if rest.is_empty() || !history::is_affordable(&rest, self.along_bytes) {
            return None;
        }
        let mut completed = History::clone(&history);
        completed.set_completed(now);
        self.histories.insert(of.clone(), Arc::new(completed));
        Some(ranges::union(left.iter().cloned().chain(rest)))
    }

    /// Adds the ranges of a wave to the history of their version.
    fn remember(&self, of: &VersionKey, wave: &[Range<u64>]) {
        // Where looks are free, so are reads.
        if self.requests.looks_are_free() {
            return;
        }
        let mut history = History::clone(&self.histories.peek(of).unwrap_or_default());
        if history.add(wave) {
            self.histories.insert(of.clone(), Arc::new(history));
        }
    }

    fn keep(&self, of: &VersionKey, start: u64, bytes: &Bytes) {
        let range = start..start.saturating_add(bytes.len() as u64);
        for block in blocks_of(&range) {
            let key = (of.clone(), block);
            let first = block.saturating_mul(BLOCK_BYTES).max(start);
            let last = block.saturating_add(1).saturating_mul(BLOCK_BYTES).min(range.end);
            let offset = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
            let part = bytes.slice(offset(first)..offset(last));
            let own = part.len() == bytes.len();
            let part = if own { part } else { Bytes::copy_from_slice(&part) };
            let mut extents = Extents::clone(&self.cache.peek(&key).unwrap_or_default());
            extents.insert_copied(first, &part);
            self.cache.insert(key, Arc::new(extents));
        }
    }
}

fn blocks_of(range: &Range<u64>) -> Range<u64> {
    range.start / BLOCK_BYTES..range.end.div_ceil(BLOCK_BYTES)
}
