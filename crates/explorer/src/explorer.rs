//! The front door: the stores, and every question that can be asked about them.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use h5range::Limits;
use store::{Freshness, Meter, Store, Version};
use tracing::Instrument;

use crate::answers::{
    AttributeAnswer, ChildrenAnswer, Cleared, FilesAnswer, MetaAnswer, RefreshAnswer, Success,
};
use crate::caches::Caches;
use crate::error::{ExplorerError, Result};
use crate::files::{PagesFrom, StorePages};
use crate::large_pages::LargePages;
use crate::queries::{AttributeQuery, ChildrenQuery, FilesQuery, MetaQuery, RefreshQuery};
use crate::session::Session;
use crate::slices::DataResources;
use crate::sources::{Source, Sources};
use crate::{limit_metrics, spans};

/// What an [`Explorer`] may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExplorerConfig {
    /// The most that one question may cost in one file: `--max-fetch`, `--max-ranges`,
    /// `--max-waves`, `--max-nodes` and `--max-decode`, in the order of the fields.
    pub limits: Limits,
    /// The most that parsed parts of files may take in memory (`--object-cache`). Default 128 MiB:
    /// the links of a group of 100,000 take 28 bytes each and their names, about 4 MB, and the
    /// header of an object about 1 KB.
    pub object_cache_bytes: u64,
    /// The most that the elements of one answer may take (`--max-data`): a question for elements may
    /// fetch so much more than others, and decode three times as much more, for chunks that hold
    /// more than was asked for. Default 512 MiB, more than a browser can do anything with.
    pub data_bytes: u64,
    /// The most that elements on their way may take in memory, of all questions together
    /// (`--data-memory`); who comes later waits. Default 512 MiB: some large answers at a time
    /// (64 MiB each, and more of wide chunks), or some hundreds of small ones.
    pub data_memory_bytes: u64,
    /// How long a question about files looks through the stores where filters leave little. What was
    /// found until then is answered, with the place to go on from. Default 5 s: who types waits no
    /// longer, and a slow store costs the question not all that it found.
    pub looking_time: Duration,
}

impl Default for ExplorerConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            object_cache_bytes: 128 << 20,
            data_bytes: 512 << 20,
            data_memory_bytes: 512 << 20,
            looking_time: Duration::from_secs(5),
        }
    }
}

/// The stores, and what was parsed of their files.
pub struct Explorer {
    sources: Sources,
    looking_time: Duration,
    pub(crate) limits: Limits,
    pub(crate) caches: Caches,
    pub(crate) large_pages: LargePages,
    pub(crate) data: DataResources,
}

impl Explorer {
    /// An explorer of `store`. Makes no request.
    pub fn new(store: Arc<Store>, config: ExplorerConfig) -> Arc<Self> {
        Self::over(Sources::one(store), config)
    }

    /// An explorer of `sources`. Makes no request.
    pub fn over(sources: Sources, config: ExplorerConfig) -> Arc<Self> {
        Arc::new(Self {
            sources,
            looking_time: config.looking_time,
            limits: config.limits,
            caches: Caches::new(config.object_cache_bytes),
            large_pages: LargePages::new(),
            data: DataResources::new(&config),
        })
    }

    /// What is explored, for logs: without credentials.
    pub fn description(&self) -> String {
        self.sources.description()
    }

    /// The sources, in the order of their keys.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.sources.iter()
    }

    /// The version of the file `key`, as far as `freshness` asks to know it: what an answer that was
    /// made earlier may be looked up by. A file that was never seen costs one request, which brings
    /// its first bytes as well.
    ///
    /// # Errors
    ///
    /// [`FileNotFound`](crate::ErrorCode::FileNotFound) and whatever else the store says. Whether
    /// it is an HDF5 file is only seen by the questions.
    pub async fn version(
        &self,
        key: &str,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<Version> {
        let (source, local) = self.sources.find(key)?;
        let version = source.store.version(local, freshness, meter).await;
        version.map_err(|error| ExplorerError::from_source(key, error))
    }

    /// The version of the file `key` that its store showed last, if that was not longer ago than
    /// `at_most`, and how long ago it was: for who was told that the store cannot be asked. What
    /// leads to other files from there asks for their versions as always. Asks nobody.
    pub fn last_seen(&self, key: &str, at_most: Duration) -> Option<(Version, Duration)> {
        let (source, local) = self.sources.find(key).ok()?;
        source.store.last_seen(local, at_most)
    }

    /// The file `key` at its current version.
    ///
    /// # Errors
    ///
    /// As [`Self::version`].
    pub async fn open(
        self: &Arc<Self>,
        key: &str,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<Session> {
        let version = self.version(key, freshness, meter).await?;
        self.open_at(key, version, freshness, meter)
    }

    /// Opens `key` and asks `question`. When the file changed under the question, starts over once
    /// with the new version.
    ///
    /// # Errors
    ///
    /// What `question` answers; [`FileChanged`](crate::ErrorCode::FileChanged) when the file
    /// changed twice.
    pub async fn ask<T, F>(
        self: &Arc<Self>,
        key: &str,
        freshness: Freshness,
        meter: &Arc<Meter>,
        question: impl Fn(Session) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let version = self.version(key, freshness, meter).await?;
        self.ask_at(key, version, freshness, meter, question).await
    }

    /// As [`Self::ask`], of a file whose `version` the caller has from [`Self::version`].
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn ask_at<T, F>(
        self: &Arc<Self>,
        key: &str,
        version: Version,
        freshness: Freshness,
        meter: &Arc<Meter>,
        question: impl Fn(Session) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let first = question(self.open_at(key, version, freshness, meter)?).await;
        match first {
            Err(error) if error.is_change() => {
                question(self.open(key, Freshness::Ask, meter).await?).await
            }
            answer => answer,
        }
    }

    /// A page of the children of a group.
    ///
    /// # Errors
    ///
    /// When the group cannot be read. What is wrong with single children is in the answer.
    pub async fn children(
        self: &Arc<Self>,
        key: &str,
        query: &ChildrenQuery,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<ChildrenAnswer> {
        self.ask(key, freshness, meter, async |session: Session| session.children(query).await)
            .await
    }

    /// What an object is, with a page of its attributes.
    ///
    /// # Errors
    ///
    /// When the object cannot be read. What is wrong with parts of it is in the answer.
    pub async fn meta(
        self: &Arc<Self>,
        key: &str,
        query: &MetaQuery,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<MetaAnswer> {
        self.ask(key, freshness, meter, async |session: Session| session.meta(query).await).await
    }

    /// One attribute, whole.
    ///
    /// # Errors
    ///
    /// When the attribute is not there or cannot be read.
    pub async fn attribute(
        self: &Arc<Self>,
        key: &str,
        query: &AttributeQuery,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<AttributeAnswer> {
        self.ask(key, freshness, meter, async |session: Session| session.attribute(query).await)
            .await
    }

    /// A page of a listing.
    ///
    /// # Errors
    ///
    /// Whatever the store says.
    pub async fn files(&self, query: &FilesQuery, meter: &Arc<Meter>) -> Result<FilesAnswer> {
        Ok(self.files_and_pages(query, meter).await?.0)
    }

    /// A page of a listing, with the pages of the store that it was made of.
    ///
    /// # Errors
    ///
    /// Whatever the store says.
    pub async fn files_and_pages(
        &self,
        query: &FilesQuery,
        meter: &Arc<Meter>,
    ) -> Result<(FilesAnswer, StorePages)> {
        let from = PagesFrom::Stores(meter, self.looking_time);
        let page = crate::files::page(&self.sources, query, from);
        page.instrument(spans::files(query.prefix())).await
    }

    /// A page of a listing, made of what the stores gave not longer ago than `at_most`: for who was
    /// told that they cannot be asked. `None` if not all of it is kept. Asks nobody.
    pub async fn last_listed(&self, query: &FilesQuery, at_most: Duration) -> Option<FilesAnswer> {
        let answer = crate::files::page(&self.sources, query, PagesFrom::Kept { at_most }).await;
        answer.ok().map(|(answer, _)| answer)
    }

    /// How old the oldest of `pages` is, if they all are still kept: the answer that was made of
    /// them would be made again, the same but for its age. Asks nobody.
    pub fn age_of(&self, pages: &StorePages) -> Option<Duration> {
        pages.age(&self.sources)
    }

    /// Forgets listings, or everything known of one file. A fetch that is under way does not put
    /// its old answer back.
    pub fn refresh(&self, query: &RefreshQuery) -> RefreshAnswer {
        let cleared = match query {
            RefreshQuery::Listings { prefix } => {
                let forget = |source: &Arc<Source>| {
                    Some(source.store.forget_listings(source.local_prefix(prefix)?))
                };
                Cleared { listings: self.sources.iter().filter_map(forget).sum(), objects: 0 }
            }
            RefreshQuery::File { key } => {
                let found = self.sources.find(key);
                let was_seen = found.is_ok_and(|(source, local)| source.store.forget(local));
                let known = self.caches.forget(key) > 0 || was_seen;
                Cleared { listings: 0, objects: u64::from(known) }
            }
        };
        RefreshAnswer { success: Success, cleared }
    }

    /// Brings the metrics of all that is below up to date. To be called when they are asked for.
    pub fn report(&self) {
        self.sources.iter().for_each(|source| source.store.report());
        self.caches.report();
        limit_metrics::report();
    }

    /// Finishes what the stores still write. To be called at the end.
    pub async fn close(&self) {
        for source in self.sources.iter() {
            source.store.close().await;
        }
    }

    fn open_at(
        self: &Arc<Self>,
        key: &str,
        version: Version,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<Session> {
        let (source, local) = self.sources.find(key)?;
        let object = source.store.object_at(local, version, meter.clone());
        Ok(Session::new(self.clone(), source.clone(), object, freshness, meter.clone()))
    }
}

impl fmt::Debug for Explorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explorer").field("sources", &self.sources).finish_non_exhaustive()
    }
}
