//! Loads under way: who waits for which, and which may still keep its answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::task::JoinHandle;

/// What a load gives to everyone who waits: the value, its error, or `None` when it was aborted.
type Answer<V, E> = Result<V, Option<E>>;

/// A load that several callers can await.
pub(crate) type Flight<V, E> = Shared<BoxFuture<'static, Answer<V, E>>>;

/// All loads under way. A load may put its answer into the cache only while it is listed here
/// under its own number: forgetting a key is therefore removing it from the list.
pub(crate) struct Flights<K, V, E> {
    listed: Mutex<Listed<K, V, E>>,
}

struct Listed<K, V, E> {
    next_id: u64,
    flights: HashMap<K, (u64, Flight<V, E>)>,
}

/// How a caller came by its answer.
pub(crate) enum Joined<V, E> {
    /// The value was put in between the caller's look and the lock.
    Landed(V),
    /// The caller started the load.
    Started(Flight<V, E>),
    /// The caller waits for a load that someone else started.
    Waiting(Flight<V, E>),
}

impl<K, V, E> Default for Flights<K, V, E> {
    fn default() -> Self {
        Self { listed: Mutex::new(Listed { next_id: 0, flights: HashMap::new() }) }
    }
}

impl<K, V, E> Flights<K, V, E>
where
    K: Hash + Eq + Clone,
    V: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// Joins the load of `key`, or starts one. `found` and `start` run under the lock: `start`
    /// only spawns.
    pub(crate) fn join(
        &self,
        key: &K,
        found: impl FnOnce() -> Option<V>,
        start: impl FnOnce(u64) -> JoinHandle<Result<V, E>>,
    ) -> Joined<V, E> {
        let mut listed = self.lock();
        if let Some((_, flight)) = listed.flights.get(key) {
            return Joined::Waiting(flight.clone());
        }
        if let Some(value) = found() {
            return Joined::Landed(value);
        }
        let id = listed.next_id;
        listed.next_id = listed.next_id.wrapping_add(1);
        let flight = answer(start(id)).boxed().shared();
        listed.flights.insert(key.clone(), (id, flight.clone()));
        Joined::Started(flight)
    }
}

impl<K: Hash + Eq + Clone, V, E> Flights<K, V, E> {
    /// Takes the loads whose key meets `condition` off the list, then runs `remove` before any of
    /// them could land.
    pub(crate) fn forget<T>(
        &self,
        condition: impl Fn(&K) -> bool,
        remove: impl FnOnce() -> T,
    ) -> T {
        let mut listed = self.lock();
        listed.flights.retain(|key, _| !condition(key));
        remove()
    }

    /// The duty of load `id` to leave the list, also when it panics.
    pub(crate) fn landing<'a>(&'a self, key: &'a K, id: u64) -> Landing<'a, K, V, E> {
        Landing { flights: self, key, id }
    }

    fn lock(&self) -> MutexGuard<'_, Listed<K, V, E>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer<V, E>(load: JoinHandle<Result<V, E>>) -> Answer<V, E> {
    match load.await {
        Ok(answer) => answer.map_err(Some),
        // The panic itself was reported by the panic hook, with its place.
        Err(_) => Err(None),
    }
}

/// Takes its load off the list when it is dropped.
pub(crate) struct Landing<'a, K: Hash + Eq + Clone, V, E> {
    flights: &'a Flights<K, V, E>,
    key: &'a K,
    id: u64,
}

impl<K: Hash + Eq + Clone, V, E> Landing<'_, K, V, E> {
    /// Runs `keep` if the load is still listed, and takes it off the list.
    pub(crate) fn land(self, keep: impl FnOnce()) {
        let listed = self.flights.lock();
        if self.is_listed(&listed) {
            keep();
        }
        drop(listed);
    }

    fn is_listed(&self, listed: &Listed<K, V, E>) -> bool {
        listed.flights.get(self.key).is_some_and(|(id, _)| *id == self.id)
    }
}

impl<K: Hash + Eq + Clone, V, E> Drop for Landing<'_, K, V, E> {
    fn drop(&mut self) {
        let mut listed = self.flights.lock();
        if self.is_listed(&listed) {
            listed.flights.remove(self.key);
        }
    }
}
