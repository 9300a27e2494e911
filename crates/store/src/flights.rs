//! Requests under way, by version: who comes later for the same bytes waits for the same answer.
//!
//! Each version has a list and a lock of its own, so that to plan a hundred thousand ranges of one
//! file holds up nobody who reads another. The map that leads to the lists is locked for as long as
//! an entry takes to find.
//!
//! A list holds its requests weakly: when all who wait have gone, a request is dropped; while one
//! waits, it goes on. It holds no request that was not fetched from it: a list that nobody uses
//! goes by itself.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use byte_source::SourceError;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use tracing::Instrument;

use crate::ranges;
use crate::version::VersionKey;

/// The answer of a request, for all who wait for it.
pub(crate) type Flight = Shared<Answer>;

type Answer = BoxFuture<'static, Result<Bytes, SourceError>>;

/// The lists of all versions.
#[derive(Default)]
pub(crate) struct Flights {
    versions: Mutex<HashMap<VersionKey, Weak<FlightsOfVersion>>>,
}

/// The requests under way for one version.
pub(crate) struct FlightsOfVersion {
    of: VersionKey,
    all: Arc<Flights>,
    listed: Mutex<Listed>,
    /// Held by who looks on the disk: the next finds in memory what came from there.
    pub(crate) on_disk: tokio::sync::Mutex<()>,
}

/// A list whose lock is held.
#[derive(Default)]
pub(crate) struct Listed {
    next_id: u64,
    flights: HashMap<u64, (Range<u64>, WeakShared<Answer>)>,
}

/// Takes its request off the list when it is over or dropped.
pub(crate) struct Landing {
    pub(crate) flights: Arc<FlightsOfVersion>,
    id: u64,
}

impl Flights {
    /// The list of `of`. All who hold it hold the same.
    pub(crate) fn of(self: &Arc<Self>, of: &VersionKey) -> Arc<FlightsOfVersion> {
        let mut versions = self.lock();
        if let Some(flights) = versions.get(of).and_then(Weak::upgrade) {
            return flights;
        }
        let (of, all) = (of.clone(), self.clone());
        let flights = FlightsOfVersion {
            of: of.clone(),
            all,
            listed: Mutex::default(),
            on_disk: tokio::sync::Mutex::default(),
        };
        let flights = Arc::new(flights);
        versions.insert(of, Arc::downgrade(&flights));
        flights
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VersionKey, Weak<FlightsOfVersion>>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FlightsOfVersion {
    /// Holds the list. What landed before is in the cache, and nothing lands meanwhile. No
    /// [`Flight`] may be dropped under it: the last one takes its request off the list.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Listed> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a request for `range`, which `fetch` makes. It is sent when the first who waits is
    /// polled, and belongs to the span of whoever lists it.
    pub(crate) fn start<F>(
        self: &Arc<Self>,
        listed: &mut Listed,
        range: Range<u64>,
        fetch: impl FnOnce(Landing) -> F,
    ) -> Flight
    where
        F: Future<Output = Result<Bytes, SourceError>> + Send + 'static,
    {
        let id = listed.next_id;
        listed.next_id = id.wrapping_add(1);
        let flight = fetch(Landing { flights: self.clone(), id });
        let flight = flight.in_current_span().boxed().shared();
        // A future that was not polled yet can be held weakly.
        if let Some(weak) = flight.downgrade() {
            listed.flights.insert(id, (range, weak));
        }
        flight
    }
}

/// A list that was made anew meanwhile stays.
impl Drop for FlightsOfVersion {
    fn drop(&mut self) {
        let mut versions = self.all.lock();
        if versions.get(&self.of).is_some_and(|flights| flights.strong_count() == 0) {
            versions.remove(&self.of);
        }
    }
}

impl Listed {
    /// The requests under way that bring bytes of `missing`, which is sorted.
    pub(crate) fn overlapping(&self, missing: &[Range<u64>]) -> Vec<(Range<u64>, Flight)> {
        let wanted = |range: &Range<u64>| {
            let next = missing.partition_point(|missing| missing.end <= range.start);
            missing.get(next).is_some_and(|missing| ranges::overlap(missing, range))
        };
        let wanted = self.flights.values().filter(|(range, _)| wanted(range));
        wanted.filter_map(|(range, flight)| Some((range.clone(), flight.upgrade()?))).collect()
    }

    /// What all requests under way bring, in no order.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = &Range<u64>> {
        self.flights.values().map(|(range, _)| range)
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.lock().flights.remove(&self.id);
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]
mod tests {
    use super::*;
    use crate::caches::StoreId;

    fn version(etag: &str) -> VersionKey {
        VersionKey { store: StoreId::TEST, key: "k".into(), etag: etag.into() }
    }

    async fn answer(landing: Landing) -> Result<Bytes, SourceError> {
        drop(landing);
        Ok(Bytes::from_static(b"bytes"))
    }

    #[tokio::test]
    async fn a_request_is_listed_while_somebody_waits() {
        let flights = Arc::new(Flights::default());
        let of = flights.of(&version("a"));
        let flight = of.start(&mut of.lock(), 10..15, answer);
        let overlapping = |range| flights.of(&version("a")).lock().overlapping(&[range]).len();
        assert_eq!((overlapping(0..10), overlapping(0..11), overlapping(14..20)), (0, 1, 1));
        assert_eq!(flights.of(&version("b")).lock().overlapping(&[0..20]).len(), 0);
        assert_eq!(flight.await.unwrap(), "bytes");
        assert_eq!(overlapping(0..20), 0);
        let given_up = of.start(&mut of.lock(), 10..15, answer);
        drop(given_up);
        assert_eq!(overlapping(0..20), 0);
    }

    #[tokio::test]
    async fn a_request_belongs_to_the_span_of_whoever_listed_it() {
        let _spans = tracing::subscriber::set_default(tracing_subscriber::registry());
        let of = Arc::new(Flights::default()).of(&version("a"));
        let name_of_span = |landing: Landing| async move {
            drop(landing);
            Ok(tracing::Span::current().metadata().map_or("none", |span| span.name()).into())
        };
        let list = || of.start(&mut of.lock(), 10..15, name_of_span);
        let flight = tracing::trace_span!("first").in_scope(list);
        assert_eq!(flight.instrument(tracing::trace_span!("second")).await.unwrap(), "first");
    }

    #[test]
    fn to_hold_one_list_holds_up_no_other() {
        let flights = Arc::new(Flights::default());
        let of = flights.of(&version("a"));
        let _held = of.lock();
        assert!(flights.of(&version("b")).listed.try_lock().is_ok());
        assert!(flights.of(&version("a")).listed.try_lock().is_err());
    }

    #[tokio::test]
    async fn lists_that_nobody_uses_are_gone() {
        let flights = Arc::new(Flights::default());
        let of = flights.of(&version("a"));
        let flight = of.start(&mut of.lock(), 10..15, answer);
        drop(of);
        assert_eq!(flights.lock().len(), 1, "a request is under way");
        flight.await.unwrap();
        assert_eq!(flights.lock().len(), 0);
    }
}
