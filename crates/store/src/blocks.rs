//! What was read, kept for the next who asks; and one request for all who ask at once.
//!
//! Bytes are fetched as they are asked for, not rounded to blocks: headers lie scattered, and 200
//! of them at 512 bytes must not cost 200 times a block. What came is kept by *block*, a stretch of
//! [`BLOCK_BYTES`] of one version, filled where it was read. The block is the unit of eviction and
//! of look-ups only.
//!
//! Requests under way are listed, so that a second question for the same bytes joins them. The list
//! holds them weakly: when all who wait have gone, the request is dropped; while one waits, it goes
//! on.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use byte_source::{SourceError, SourceErrorKind};
use bytes::Bytes;
use cache::{Cache, CacheOptions, Outcome};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared, try_join_all};

use crate::backend::{Span, Start};
use crate::extents::Extents;
use crate::limits::Limited;
use crate::ranges::{self, GAP_BYTES, REQUEST_BYTES};
use crate::{Meter, Version};

/// Large, so that reading a gigabyte makes a thousand entries and not a million; small against the
/// cache, so that eviction takes a part of a large file and not all of it.
const BLOCK_BYTES: u64 = 1 << 20;

/// One version of one object, in keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct VersionKey {
    pub(crate) key: Arc<str>,
    pub(crate) etag: Arc<str>,
}

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
    cache: Cache<(VersionKey, u64), Arc<Extents>>,
    flights: Mutex<Flights>,
}

/// The answer of a request, for all who wait for it.
type Flight = Shared<BoxFuture<'static, Result<Bytes, SourceError>>>;

#[derive(Default)]
struct Flights {
    next_id: u64,
    of: HashMap<VersionKey, HashMap<u64, Listed>>,
}

struct Listed {
    range: Range<u64>,
    flight: WeakShared<BoxFuture<'static, Result<Bytes, SourceError>>>,
}

/// What a read needs: bytes that are here, and requests to wait for.
struct Plan {
    held: Extents,
    flights: Vec<(Range<u64>, Flight)>,
    outcome: Outcome,
}

impl Blocks {
    pub(crate) fn new(requests: Arc<Limited>, start: Start, capacity_bytes: u64) -> Self {
        let options = CacheOptions { name: "block", capacity_bytes, time_to_live: None };
        let cache = Cache::new(options, |_, extents: &Arc<Extents>| extents.weight_bytes());
        let shared = BlocksShared { requests, start, cache, flights: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// The bytes of `ranges`, which lie inside the object, and how they were come by.
    pub(crate) async fn read(
        &self,
        asker: &Asker,
        ranges: &[Range<u64>],
    ) -> Result<(Vec<Bytes>, Outcome), SourceError> {
        let Plan { mut held, flights, outcome } = self.plan(asker, ranges);
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

    /// Keeps `bytes`, which start at `start`.
    pub(crate) fn keep(&self, of: &VersionKey, start: u64, bytes: &Bytes) {
        let _flights = self.shared.lock();
        self.shared.keep(of, start, bytes);
    }

    pub(crate) fn report(&self) {
        self.shared.cache.report();
    }

    /// Under one lock, so that between the look into the cache and the look at the requests under
    /// way no request can land unseen.
    fn plan(&self, asker: &Asker, ranges: &[Range<u64>]) -> Plan {
        let shared = &self.shared;
        let mut listed = shared.lock();
        let mut wanted = ranges::union(ranges.iter().cloned());
        let mut held = shared.held(&asker.of, &wanted);
        let mut missing = held.missing(&wanted);
        if let Some(start) = shared.start_for(&missing, asker.version.size_bytes) {
            wanted = ranges::union(wanted.into_iter().chain([start]));
            held = shared.held(&asker.of, &wanted);
            missing = held.missing(&wanted);
        }
        let mut flights = listed.overlapping(&asker.of, &missing);
        let joined = ranges::union(flights.iter().map(|(range, _)| range.clone()));
        let left = ranges::subtract(&missing, &joined);
        let outcome = match (flights.is_empty(), left.is_empty()) {
            (true, true) => Outcome::Hit,
            (false, true) => Outcome::Coalesced,
            (_, false) => Outcome::Miss,
        };
        for range in ranges::requests(left, GAP_BYTES, REQUEST_BYTES) {
            let flight = self.fly(&mut listed, asker, range.clone());
            flights.push((range, flight));
        }
        Plan { held, flights, outcome }
    }

    /// Lists a new request. It is sent when the first who waits is polled.
    fn fly(&self, listed: &mut Flights, asker: &Asker, range: Range<u64>) -> Flight {
        let id = listed.next_id;
        listed.next_id = id.wrapping_add(1);
        let landing = Landing { blocks: self.clone(), of: asker.of.clone(), id };
        let flight = fetch(landing, asker.clone(), range.clone()).boxed().shared();
        // A future that was not polled yet can be held weakly.
        if let Some(weak) = flight.downgrade() {
            let of = listed.of.entry(asker.of.clone()).or_default();
            of.insert(id, Listed { range, flight: weak });
        }
        flight
    }
}

/// One request. Its bytes are kept before it leaves the list.
async fn fetch(landing: Landing, asker: Asker, range: Range<u64>) -> Result<Bytes, SourceError> {
    let requests = landing.blocks.shared.requests.clone();
    let (start, span) = (range.start, Span::Exact(range));
    let part = requests.get(&asker.of.key, &span, Some(&asker.version), &asker.meter).await?;
    landing.blocks.keep(&asker.of, start, &part.bytes);
    Ok(part.bytes)
}

/// Takes its request off the list when it is over or dropped.
struct Landing {
    blocks: Blocks,
    of: VersionKey,
    id: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut listed = self.blocks.shared.lock();
        if let Some(of) = listed.of.get_mut(&self.of) {
            of.remove(&self.id);
            if of.is_empty() {
                listed.of.remove(&self.of);
            }
        }
    }
}

impl Flights {
    /// The requests under way that bring bytes of `missing`, which is sorted.
    fn overlapping(&self, of: &VersionKey, missing: &[Range<u64>]) -> Vec<(Range<u64>, Flight)> {
        let wanted = |listed: &&Listed| {
            let next = missing.partition_point(|range| range.end <= listed.range.start);
            missing.get(next).is_some_and(|range| ranges::overlap(range, &listed.range))
        };
        let listed = self.of.get(of).into_iter().flat_map(HashMap::values);
        listed
            .filter(wanted)
            .filter_map(|listed| Some((listed.range.clone(), listed.flight.upgrade()?)))
            .collect()
    }
}

impl BlocksShared {
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

    fn lock(&self) -> MutexGuard<'_, Flights> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn blocks_of(range: &Range<u64>) -> Range<u64> {
    range.start / BLOCK_BYTES..range.end.div_ceil(BLOCK_BYTES)
}
