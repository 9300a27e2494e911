//! The versions that were seen, fed by reads, looks and listings.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use byte_source::SourceError;
use cache::{Cache, Outcome};

use crate::caches::{StoreCaches, StoreId};
use crate::error::LoadError;
use crate::version::Seen;
use crate::{Freshness, Version};

/// Key → version, each trusted for a while after it was last seen in the store. It stays known
/// beyond that time: a look then says whether it still holds, and what was read of it is valid.
#[derive(Debug)]
pub(crate) struct Versions {
    cache: Cache<(StoreId, String), Seen, LoadError>,
    store: StoreId,
    ttl: Duration,
    /// When a key was last forgotten, whichever.
    forgotten_at: Mutex<Option<Instant>>,
}

impl Versions {
    pub(crate) fn new(caches: &StoreCaches, store: StoreId, ttl: Duration) -> Self {
        let forgotten_at = Mutex::default();
        Self { cache: caches.versions.clone(), store, ttl, forgotten_at }
    }

    /// The version of `key`, if it was seen so lately that it is trusted.
    pub(crate) fn trusted(&self, key: &str) -> Option<Version> {
        self.cache.get_if(&self.entry(key), |seen| !self.is_old(seen)).map(|seen| seen.version)
    }

    /// The version of `key` that was seen last, and how long ago that was: not longer than `at_most`.
    pub(crate) fn last_seen(&self, key: &str, at_most: Duration) -> Option<(Version, Duration)> {
        let seen = self.cache.peek(&self.entry(key))?;
        let age = seen.at.elapsed();
        (age <= at_most).then_some((seen.version, age))
    }

    /// The version of `key`: what is known if `freshness` allows, else what `load` sees. `load` is
    /// told whether a version is known, however old.
    pub(crate) async fn get<F>(
        &self,
        key: &str,
        freshness: Freshness,
        load: impl FnOnce(Known) -> F,
    ) -> Result<(Version, Outcome), SourceError>
    where
        F: Future<Output = Result<Version, SourceError>> + Send + 'static,
    {
        let known =
            if self.cache.peek(&self.entry(key)).is_some() { Known::Yes } else { Known::No };
        let load = || {
            let load = load(known);
            async move {
                let at = Instant::now();
                Ok(Seen { version: load.await?, at })
            }
        };
        let answer = match (freshness, known) {
            // Not one that began before the question: it may have seen less than the caller knows.
            (Freshness::Ask, Known::Yes) => self.cache.reload(self.entry(key), load).await,
            _ => {
                let old = |seen: &Seen| self.is_old(seen);
                self.cache.get_or_load_if_not(self.entry(key), old, load).await
            }
        };
        let (seen, outcome) = answer.inspect_err(|LoadError(error)| {
            if error.kind == byte_source::SourceErrorKind::NotFound {
                self.remove(key);
            }
        })?;
        Ok((seen.version, outcome))
    }

    /// A request that began at `at` showed that `version` is current.
    pub(crate) fn confirm(&self, key: &str, version: &Version, at: Instant) {
        let known = self.cache.peek(&self.entry(key));
        if known.is_some_and(|seen| seen.version.is_same(version) && seen.at < at) {
            self.cache.insert(self.entry(key), Seen { version: version.clone(), at });
        }
    }

    /// A listing that began at `at` showed `version`. Unless a key was forgotten since: it may have
    /// been this one, because of what the listing had not seen.
    pub(crate) fn feed(&self, key: &str, version: Version, at: Instant) {
        let forgotten_at = self.forgotten_at.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.cache.peek(&self.entry(key));
        if forgotten_at.is_none_or(|forgotten| forgotten < at)
            && known.is_none_or(|seen| seen.at < at)
        {
            self.cache.insert(self.entry(key), Seen { version, at });
        }
    }

    /// A request showed that `version` is no longer current.
    pub(crate) fn disown(&self, key: &str, version: &Version) {
        let known = self.cache.peek(&self.entry(key));
        if known.is_some_and(|seen| seen.version.is_same(version)) {
            self.remove(key);
        }
    }

    /// Forgets a key, of which more is known elsewhere. Returns whether it was known.
    pub(crate) fn forget(&self, key: &str) -> bool {
        let mut forgotten_at = self.forgotten_at.lock().unwrap_or_else(PoisonError::into_inner);
        *forgotten_at = Some(Instant::now());
        self.remove(key)
    }

    fn remove(&self, key: &str) -> bool {
        self.cache.remove(&self.entry(key)) > 0
    }

    /// Where the cache has `key`.
    fn entry(&self, key: &str) -> (StoreId, String) {
        (self.store, key.to_owned())
    }

    fn is_old(&self, seen: &Seen) -> bool {
        seen.at.elapsed() > self.ttl
    }
}

/// Whether a version was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
}
