//! One cache for everything that h5scout keeps: weighed in bytes, named, loaded once for all who
//! wait.
//!
//! What it promises beyond a map that forgets:
//!
//! - **Single flight.** Callers who ask for the same missing key wait for one load. It runs in its
//!   own task, so a caller who hangs up takes nothing from the others. It belongs to the span of
//!   the one who started it.
//! - **No errors kept.** A failed load is told to those who waited for it, and to no one later.
//! - **Forgotten is forgotten.** A load that was under way when its key was removed answers its
//!   callers but is not kept: it may have read what the removal was about. A caller who comes
//!   after the removal starts a load of its own.
//!
//! It knows neither HDF5 nor object stores.

mod flights;
mod stats;

use std::borrow::Borrow;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;

use crate::flights::{Flights, Joined};
pub use crate::stats::{CacheStats, Outcome, describe_metrics};
use crate::stats::{Evictions, Lookups};

/// What an entry costs beside its key and value: hash table slot, two queue nodes, counters.
/// Small values would otherwise fill several times the memory that the bound promises.
pub const ENTRY_OVERHEAD_BYTES: u64 = 256;

/// How a [`Cache`] is named and bounded.
#[derive(Debug, Clone, Copy)]
pub struct CacheOptions {
    /// Name in logs and metrics.
    pub name: &'static str,
    /// The most that keys, values and [`ENTRY_OVERHEAD_BYTES`] may weigh together. An entry that
    /// is heavier than this on its own is answered but not kept.
    pub capacity_bytes: u64,
    /// How long after it was put in an entry still counts; `None`: until it is evicted.
    pub time_to_live: Option<Duration>,
}

/// A load ended without an answer: it panicked, or the runtime is shutting down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadAborted {
    /// Name of the cache.
    pub cache: &'static str,
}

impl fmt::Display for LoadAborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a load for the cache `{}` was aborted", self.cache)
    }
}

impl std::error::Error for LoadAborted {}

/// A bounded map from `K` to `V` whose loads fail with `E`. Clones share the entries.
///
/// The error belongs to the type, because callers who wait for the same load share its error.
pub struct Cache<K, V, E = LoadAborted> {
    shared: Arc<Shared<K, V, E>>,
}

struct Shared<K, V, E> {
    name: &'static str,
    lookups: Lookups,
    time_to_live: Option<Duration>,
    entries: moka::sync::Cache<K, V>,
    flights: Flights<K, V, E>,
}

impl<K, V, E> Cache<K, V, E>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    E: From<LoadAborted> + Clone + Send + Sync + 'static,
{
    /// An empty cache. `weigh` gives the bytes that a key and its value hold, allocations
    /// included; it is called once for each entry that is put in.
    pub fn new(
        options: CacheOptions,
        weigh: impl Fn(&K, &V) -> u64 + Send + Sync + 'static,
    ) -> Self {
        let evictions = Evictions::of(options.name);
        let mut entries = moka::sync::Cache::builder()
            .name(options.name)
            .max_capacity(options.capacity_bytes)
            .eviction_listener(move |_, _, cause| evictions.count(cause))
            .weigher(move |key, value| saturate(weigh(key, value)));
        if let Some(time_to_live) = options.time_to_live {
            entries = entries.time_to_live(time_to_live);
        }
        let shared = Shared {
            name: options.name,
            lookups: Lookups::of(options.name),
            time_to_live: options.time_to_live,
            entries: entries.build(),
            flights: Flights::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The value of `key`, if it is there. Counts as a look-up.
    pub fn get(&self, key: &K) -> Option<V> {
        let value = self.shared.entries.get(key);
        self.count(if value.is_some() { Outcome::Hit } else { Outcome::Miss });
        value
    }

    /// The value of `key`, if it is there and `holds` of it. Counts as a look-up only then: it is
    /// the first look of a caller who else goes on to [`Self::get_or_load`]. Needs no key of its own
    /// and takes no lock.
    pub fn get_if<Q>(&self, key: &Q, holds: impl FnOnce(&V) -> bool) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let value = self.shared.entries.get(key).filter(|value| holds(value));
        value.inspect(|_| self.count(Outcome::Hit))
    }

    /// The value of `key`, loaded by `load` when it is not there.
    ///
    /// Needs a tokio runtime: the load runs as a task of its own.
    ///
    /// # Errors
    ///
    /// What `load` failed with, also for callers who waited for another's load; an error made from
    /// [`LoadAborted`] when it panicked.
    pub async fn get_or_load<F>(&self, key: K, load: impl FnOnce() -> F) -> Result<(V, Outcome), E>
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        self.get_or_load_if_not(key, |_| false, load).await
    }

    /// As [`Self::get_or_load`], but a value for which `outdated` holds is loaded anew. It stays
    /// until the new one is there.
    ///
    /// # Errors
    ///
    /// As [`Self::get_or_load`].
    pub async fn get_or_load_if_not<F>(
        &self,
        key: K,
        outdated: impl Fn(&V) -> bool,
        load: impl FnOnce() -> F,
    ) -> Result<(V, Outcome), E>
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let found = || self.shared.entries.get(&key).filter(|value| !outdated(value));
        if let Some(value) = found() {
            self.count(Outcome::Hit);
            return Ok((value, Outcome::Hit));
        }
        // A load may have landed since the look above: flights look again under their lock.
        let joined = self.shared.flights.join(&key, found, |id| {
            let (shared, key, load) = (self.shared.clone(), key.clone(), load());
            let flight = async move { shared.fly(&key, id, load).await };
            tokio::spawn(flight.in_current_span())
        });
        let (outcome, answer) = match joined {
            Joined::Landed(value) => (Outcome::Hit, Ok(value)),
            Joined::Started(flight) => (Outcome::Miss, flight.await),
            Joined::Waiting(flight) => (Outcome::Coalesced, flight.await),
        };
        self.count(outcome);
        match answer {
            Ok(value) => Ok((value, outcome)),
            Err(Some(error)) => Err(error),
            Err(None) => Err(E::from(LoadAborted { cache: self.shared.name })),
        }
    }

    /// Loads `key` anew, whatever is there. Does not join a load that is under way, which may have
    /// begun before the caller's reason to ask; later callers join this one instead.
    ///
    /// # Errors
    ///
    /// As [`Self::get_or_load`].
    pub async fn reload<F>(&self, key: K, load: impl FnOnce() -> F) -> Result<(V, Outcome), E>
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        self.shared.flights.forget(|flying| *flying == key, || ());
        self.get_or_load_if_not(key, |_| true, load).await
    }

    /// As [`Self::get`], but does not count as a look-up.
    pub fn peek(&self, key: &K) -> Option<V> {
        self.shared.entries.get(key)
    }

    /// Puts a value in. A load of the same key that is under way will replace it.
    pub fn insert(&self, key: K, value: V) {
        self.shared.entries.insert(key, value);
    }

    /// Forgets `key`, and keeps a load that is under way from putting its answer in. Returns how
    /// many entries went: none or one.
    pub fn remove(&self, key: &K) -> u64 {
        self.shared
            .flights
            .forget(|flying| flying == key, || u64::from(self.shared.entries.remove(key).is_some()))
    }

    /// Forgets every key for which `condition` holds, loads under way included. Returns how many
    /// entries went. Looks at all of them: for keys that are known, [`Self::remove`] is cheaper.
    pub fn remove_if(&self, condition: impl Fn(&K) -> bool) -> u64 {
        self.shared.flights.forget(&condition, || {
            let entries = &self.shared.entries;
            entries
                .iter()
                .filter(|(key, _)| condition(key))
                .map(|(key, _)| u64::from(entries.remove(key.as_ref()).is_some()))
                .sum()
        })
    }

    /// Forgets everything, loads under way included. Returns how many entries went.
    pub fn clear(&self) -> u64 {
        self.remove_if(|_| true)
    }

    /// How long an entry counts, as it was set.
    pub fn time_to_live(&self) -> Option<Duration> {
        self.shared.time_to_live
    }

    /// What the cache holds now.
    pub fn stats(&self) -> CacheStats {
        self.shared.entries.run_pending_tasks();
        CacheStats {
            entries: self.shared.entries.entry_count(),
            bytes: self.shared.entries.weighted_size(),
        }
    }

    /// Sets the gauges `h5scout_cache_entries` and `h5scout_cache_bytes` to what [`Self::stats`]
    /// says. To be called when metrics are asked for.
    pub fn report(&self) {
        stats::report(self.shared.name, self.stats());
    }

    /// Counts a look-up that was put together from several [`Self::peek`]s.
    pub fn count(&self, outcome: Outcome) {
        self.shared.lookups.count(outcome);
    }
}

impl<K, V, E> Shared<K, V, E>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    E: Clone,
{
    /// Runs a load to its end and keeps its answer, if the flight is still the one of its key.
    async fn fly(
        &self,
        key: &K,
        id: u64,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        let landing = self.flights.landing(key, id);
        let answer = load.await;
        landing.land(|| {
            if let Ok(value) = &answer {
                self.entries.insert(key.clone(), value.clone());
            }
        });
        answer
    }
}

impl<K, V, E> Clone for Cache<K, V, E> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<K, V, E> fmt::Debug for Cache<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

fn saturate(weight_bytes: u64) -> u32 {
    let with_overhead = weight_bytes.saturating_add(ENTRY_OVERHEAD_BYTES);
    u32::try_from(with_overhead).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
