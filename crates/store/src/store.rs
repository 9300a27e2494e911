//! A store: one bucket, prefix, server or folder.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use byte_source::SourceError;
use cache::Cache;
use tracing::Instrument;

use crate::backend::{Backend, Span, Start};
use crate::blocks::{Asker, Blocks};
use crate::caches::{Fetched, StoreCaches, StoreId};
use crate::error::{LoadError, StoreError};
use crate::limits::Limited;
use crate::list::{ListQuery, Listing};
use crate::object::StoredObject;
use crate::versions::{Known, Versions};
use crate::{Freshness, Meter, StoreConfig, Version, open, spans};

/// One bucket, prefix, server or folder, and what was seen of it.
pub struct Store {
    description: String,
    listings: Cache<(StoreId, ListQuery), Fetched, LoadError>,
    list_ttl: Duration,
    pub(crate) caches: Arc<StoreCaches>,
    shared: Arc<Shared>,
}

/// What objects that were opened still need.
pub(crate) struct Shared {
    pub(crate) id: StoreId,
    pub(crate) versions: Versions,
    pub(crate) blocks: Blocks,
    requests: Arc<Limited>,
    start: Start,
}

impl Store {
    /// Opens `source`: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`,
    /// `http(s)://server/path`, `file:///folder`, or the path of a folder. Makes no request.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the text is none of these, a local folder cannot be read, or the
    /// environment is incomplete.
    pub fn open(source: &str, config: StoreConfig) -> Result<Arc<Self>, StoreError> {
        Self::open_sharing(source, &config, &StoreCaches::new(&config))
    }

    /// The same, with caches that other stores of the process use too: of `config`, the sizes of
    /// caches do not count then.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_sharing(
        source: &str,
        config: &StoreConfig,
        caches: &Arc<StoreCaches>,
    ) -> Result<Arc<Self>, StoreError> {
        let (backend, description) = open::backend(source, config)?;
        Ok(Arc::new(Self::over_sharing(backend, description, config, caches)))
    }

    /// A store over `backend`.
    #[cfg(test)]
    pub(crate) fn over(
        backend: Box<dyn Backend>,
        description: String,
        config: &StoreConfig,
    ) -> Self {
        Self::over_sharing(backend, description, config, &StoreCaches::new(config))
    }

    /// The stack of wrappers.
    pub(crate) fn over_sharing(
        backend: Box<dyn Backend>,
        description: String,
        config: &StoreConfig,
        caches: &Arc<StoreCaches>,
    ) -> Self {
        let id = caches.next_store();
        let start =
            Start { whole_bytes: config.whole_file_bytes, head_bytes: config.head_bytes.max(1) };
        let requests = Arc::new(Limited::new(backend, config));
        let disk = if requests.looks_are_free() { None } else { caches.disk() };
        let disk = disk.map(|tier| tier.of(&description));
        let blocks = Blocks::new(requests.clone(), start, config, caches, disk);
        let versions = Versions::new(caches, id, config.version_ttl);
        Self {
            description,
            listings: caches.listings.clone(),
            list_ttl: config.list_ttl,
            caches: caches.clone(),
            shared: Arc::new(Shared { id, versions, blocks, requests, start }),
        }
    }

    /// What was opened, for logs: without credentials.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The current version of an object, as far as `freshness` asks to know it.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::NotFound`](crate::SourceErrorKind::NotFound) and the other ways in which
    /// a store can fail.
    pub async fn version(
        &self,
        key: &str,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<Version, SourceError> {
        let freshness =
            if self.shared.requests.looks_are_free() { Freshness::Ask } else { freshness };
        if let (Freshness::Trust, Some(version)) = (freshness, self.shared.versions.trusted(key)) {
            tracing::debug!(cache = "version", outcome = "hit", key, "cache look-up");
            return Ok(version);
        }
        let started = Instant::now();
        let (shared, owned, counting) = (self.shared.clone(), key.to_owned(), meter.clone());
        let load = move |known| async move { shared.see(&owned, known, &counting).await };
        let span = spans::version(key);
        let answer = self.shared.versions.get(key, freshness, load).instrument(span.clone()).await;
        let waited = !matches!(answer, Ok((_, cache::Outcome::Hit)));
        if waited {
            meter.count_round(started.elapsed());
        }
        let (version, outcome) = answer?;
        spans::answered(&span, outcome);
        tracing::debug!(cache = "version", outcome = outcome.as_str(), key, "cache look-up");
        Ok(version)
    }

    /// An object at its current version, ready to be read. An object that was never seen costs one
    /// request, which brings the start of its bytes as well; one that was seen within
    /// [`StoreConfig::version_ttl`] none.
    ///
    /// # Errors
    ///
    /// As [`Self::version`].
    pub async fn object(
        &self,
        key: &str,
        freshness: Freshness,
        meter: Arc<Meter>,
    ) -> Result<Arc<StoredObject>, SourceError> {
        let version = self.version(key, freshness, &meter).await?;
        Ok(self.object_at(key, version, meter))
    }

    /// An object at a version that [`Self::version`] gave, ready to be read.
    pub fn object_at(&self, key: &str, version: Version, meter: Arc<Meter>) -> Arc<StoredObject> {
        Arc::new(StoredObject::new(self.shared.clone(), key, version, meter))
    }

    /// A page of keys, not older than [`StoreConfig::list_ttl`]; with `refresh`, asked for now.
    ///
    /// # Errors
    ///
    /// The ways in which a store can fail.
    pub async fn list(
        &self,
        query: &ListQuery,
        refresh: bool,
        meter: &Arc<Meter>,
    ) -> Result<Listing, SourceError> {
        let started = Instant::now();
        let query = self.possible(query);
        let entry = (self.shared.id, query.clone());
        let load = || {
            let (shared, query, meter) = (self.shared.clone(), query.clone(), meter.clone());
            async move { shared.fetch_page(&query, &meter).await.map_err(LoadError) }
        };
        let span = spans::listing(&query.prefix);
        let answer = if refresh {
            self.listings.reload(entry, load).instrument(span.clone()).await
        } else {
            let is_old = |fetched: &Fetched| fetched.at.elapsed() > self.list_ttl;
            let answer = self.listings.get_or_load_if_not(entry, is_old, load);
            answer.instrument(span.clone()).await
        };
        if !matches!(answer, Ok((_, cache::Outcome::Hit))) {
            meter.count_round(started.elapsed());
        }
        let (Fetched { page, at }, outcome) = answer?;
        spans::answered(&span, outcome);
        tracing::debug!(
            cache = "listing",
            outcome = outcome.as_str(),
            prefix = query.prefix,
            "cache look-up"
        );
        Ok(Listing { page, age: at.elapsed(), outcome })
    }

    /// A page of keys as [`Self::list`] gave it, if it is still kept and would be given again. Makes
    /// no request.
    pub fn listed(&self, query: &ListQuery) -> Option<Listing> {
        self.last_listed(query, self.list_ttl)
    }

    /// A page of keys as [`Self::list`] gave it not longer ago than `at_most`, if it is still kept:
    /// for who knows that the store cannot be asked. Makes no request.
    pub fn last_listed(&self, query: &ListQuery, at_most: Duration) -> Option<Listing> {
        let entry = (self.shared.id, self.possible(query));
        let is_wanted = |fetched: &Fetched| fetched.at.elapsed() <= at_most;
        let Fetched { page, at } = self.listings.get_if(&entry, is_wanted)?;
        Some(Listing { page, age: at.elapsed(), outcome: cache::Outcome::Hit })
    }

    /// The version of an object that was seen in the store not longer ago than `at_most`, if it is
    /// still known, and how long ago that was: for who knows that the store cannot be asked. Makes
    /// no request. Reads of it are conditional, as all are.
    pub fn last_seen(&self, key: &str, at_most: Duration) -> Option<(Version, Duration)> {
        self.shared.versions.last_seen(key, at_most)
    }

    /// Forgets the version of an object: the next question asks the store. What was read stays
    /// valid for the version that it was read of. Returns whether the object was known.
    pub fn forget(&self, key: &str) -> bool {
        self.shared.versions.forget(key)
    }

    /// Forgets the pages of all prefixes that start with `prefix`, and those of the prefixes that
    /// `prefix` starts with: they show the same keys. A fetch under way is not kept. Returns how
    /// many pages went.
    pub fn forget_listings(&self, prefix: &str) -> u64 {
        self.listings.remove_if(|(store, query)| {
            let shows_same = query.prefix.starts_with(prefix) || prefix.starts_with(&query.prefix);
            *store == self.shared.id && shows_same
        })
    }

    /// What an object is called here that the notifications of a bucket call `key`; `None` if it
    /// does not lie in what was opened.
    pub fn key_of(&self, bucket: &str, key: &str) -> Option<String> {
        self.shared.requests.key_of(bucket, key)
    }

    /// Forgets the versions of `keys`, which have changed, and the pages of all prefixes that one of
    /// them starts with. Returns how many of them were known, and how many pages went.
    pub fn forget_changed(&self, keys: &BTreeSet<String>) -> (u64, u64) {
        let known = keys.iter().filter(|key| self.forget(key)).count();
        let pages = self.listings.remove_if(|(store, query)| {
            let mut behind = keys.range(query.prefix.clone()..);
            let shows_one = behind.next().is_some_and(|key| key.starts_with(&query.prefix));
            *store == self.shared.id && shows_one
        });
        (known as u64, pages)
    }

    /// As [`StoreCaches::close`], for all stores that share its caches.
    pub async fn close(&self) {
        self.caches.close().await;
    }

    /// Whether the store answers a question for one key.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub async fn ready(&self) -> Result<(), SourceError> {
        self.shared.requests.probe(&Meter::new()).await
    }

    /// How old a page may be that [`Self::list`] gives.
    pub fn list_ttl(&self) -> Duration {
        self.list_ttl
    }

    /// Sets the gauges of the store, and of the caches that it shares. To be called when metrics are
    /// asked for.
    pub fn report(&self) {
        self.caches.report();
        self.shared.requests.report();
    }

    /// `query` as it is asked and kept: with no more keys than the store gives at once, since that
    /// is the same page.
    fn possible(&self, query: &ListQuery) -> ListQuery {
        let limit = query.limit.clamp(1, self.shared.requests.page_limit());
        ListQuery { limit, ..query.clone() }
    }
}

impl Shared {
    /// Asks the store for the version of `key`. One that was never seen is asked for its first
    /// bytes at once; of a known one they are probably here, and of one that an earlier process
    /// knew they are brought here meanwhile.
    async fn see(
        &self,
        key: &str,
        known: Known,
        meter: &Arc<Meter>,
    ) -> Result<Version, SourceError> {
        if known == Known::Yes {
            return self.requests.head(key, meter).await;
        }
        if let Some(version) = self.blocks.last_version(key).await {
            let of = version.of(self.id, key);
            let asker = Asker { of, version, meter: meter.clone() };
            let look = self.requests.head(key, meter);
            return futures::join!(look, self.blocks.prepare(&asker)).0;
        }
        let part = self.requests.get(key, &Span::Start(self.start), None, meter).await?;
        self.blocks.keep(&part.version.of(self.id, key), &part.version, 0, &part.bytes);
        Ok(part.version)
    }

    async fn fetch_page(&self, query: &ListQuery, meter: &Meter) -> Result<Fetched, SourceError> {
        let at = Instant::now();
        let page = self.requests.list(query, meter).await?;
        for entry in &page.entries {
            if let Some(etag) = entry.etag.clone() {
                let (size_bytes, last_modified) = (entry.size_bytes, entry.last_modified);
                self.versions.feed(&entry.key, Version { etag, size_bytes, last_modified }, at);
            }
        }
        Ok(Fetched { page: Arc::new(page), at })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("description", &self.description).finish_non_exhaustive()
    }
}
