//! Listings: pages of keys, filtered, through all sources in the order of their keys.

use std::borrow::Cow;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use byte_source::{SourceError, SourceErrorKind};
use store::{Entry, ListQuery, Listing, Meter, Outcome, Page, Store};

use crate::answers::{File, FileType, FilesAnswer, Success};
use crate::error::{ExplorerError, Result};
use crate::queries::FilesQuery;
use crate::sources::{Source, Sources};

/// Pages of the store that one question may look through when filters leave little of each. What
/// was found until then is answered, with the place to go on from.
const STORE_PAGES_MAX: usize = 100;

/// The pages of stores that a page of a listing was made of, in their order: of which source, what
/// was asked for, and what the answer was. It keeps none of them alive.
#[derive(Debug, Clone, Default)]
pub struct StorePages(Vec<StorePage>);

type StorePage = (usize, ListQuery, Weak<Page>);

impl StorePages {
    /// How old the oldest of them is, if the stores still have them all.
    pub(crate) fn age(&self, sources: &Sources) -> Option<Duration> {
        let age = |(source, ask, page): &StorePage| {
            let listing = sources.get(*source)?.store.listed(ask)?;
            std::ptr::eq(page.as_ptr(), Arc::as_ptr(&listing.page)).then_some(listing.age)
        };
        self.0.iter().map(age).try_fold(Duration::ZERO, |oldest, age| Some(oldest.max(age?)))
    }

    /// The bytes that they take, without the pages themselves.
    pub fn weight_bytes(&self) -> u64 {
        let texts = |ask: &ListQuery| ask.prefix.len() + ask.after.as_deref().map_or(0, str::len);
        let page =
            |(_, ask, _): &StorePage| size_of::<StorePage>() + size_of::<Page>() + texts(ask);
        self.0.iter().map(page).sum::<usize>() as u64
    }
}

/// Where the pages of the stores come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PagesFrom<'a> {
    /// The stores, as the question asks for them, for so long. What that costs is counted.
    Stores(&'a Arc<Meter>, Duration),
    /// What the stores gave lately: nobody is asked.
    Kept {
        /// How old they may be.
        at_most: Duration,
    },
}

impl PagesFrom<'_> {
    /// Whether no page shall follow these. The first one always comes: who goes on gets on.
    fn is_enough(self, pages: usize, started: Instant) -> bool {
        let is_late = match self {
            Self::Stores(_, time) => pages > 0 && started.elapsed() >= time,
            Self::Kept { .. } => false,
        };
        is_late || pages == STORE_PAGES_MAX
    }

    async fn page(
        self,
        store: &Store,
        ask: &ListQuery,
        refresh: bool,
    ) -> Result<Listing, SourceError> {
        match self {
            Self::Stores(meter, _) => store.list(ask, refresh, meter).await,
            Self::Kept { at_most } => store.last_listed(ask, at_most).ok_or_else(|| {
                SourceError::new(SourceErrorKind::Unavailable, "the page is not kept")
            }),
        }
    }
}

/// A page of a listing: pages of the stores, until enough is found.
pub(crate) async fn page(
    sources: &Sources,
    query: &FilesQuery,
    from: PagesFrom<'_>,
) -> Result<(FilesAnswer, StorePages)> {
    let mut answer = empty(sources, query);
    let mut pages = StorePages::default();
    if query.folders && sources.are_folders_of(&query.prefix) {
        take_sources(&mut answer, query, sources);
        return Ok((answer, pages));
    }
    let started = Instant::now();
    let mut legs = sources.legs(query).into_iter();
    let mut leg = legs.next();
    while let Some(here) = leg.take() {
        let room = query.room_in(&answer);
        if room == 0 || from.is_enough(pages.0.len(), started) {
            answer.next = Some(here.cursor());
            break;
        }
        let ask = ListQuery {
            prefix: here.prefix.to_owned(),
            folders: query.folders,
            after: here.after.clone(),
            // How many keys must be looked at for what is found nobody knows: as many as it gives.
            limit: if query.is_filtered() { usize::MAX } else { room },
        };
        let listing = from.page(&here.source.store, &ask, query.refresh).await;
        let listing = listing
            .map_err(|error| here.error(ExplorerError::from_source(&query.prefix, error)))?;
        answer.cached &= listing.outcome == Outcome::Hit;
        answer.age_ms = answer.age_ms.max(millis(listing.age));
        let next = take(&mut answer, query, here.source, &listing.page, room);
        pages.0.push((here.place, ask, Arc::downgrade(&listing.page)));
        leg = match next {
            Some(after) => Some(Leg { after: Some(after), ..here }),
            None => legs.next(),
        };
    }
    answer.truncated = answer.next.is_some();
    answer.count = answer.files.len() as u64;
    Ok((answer, pages))
}

/// A page on which nothing stands yet.
fn empty(sources: &Sources, query: &FilesQuery) -> FilesAnswer {
    let ttls = sources.iter().map(|source| source.store.list_ttl());
    FilesAnswer {
        success: Success,
        count: 0,
        cached: true,
        age_ms: 0,
        ttl_ms: millis(ttls.max().unwrap_or_default()),
        prefix: query.prefix.clone(),
        truncated: false,
        next: None,
        folders: Vec::new(),
        files: Vec::new(),
    }
}

/// What of one source a listing goes through.
struct Leg<'a> {
    /// Among all sources.
    place: usize,
    source: &'a Source,
    /// Of keys in its store, as is
    prefix: &'a str,
    /// where to go on.
    after: Option<String>,
}

impl Leg<'_> {
    /// The `after` of a question that goes on here. At the start of a source it is the root of its
    /// keys, which is less than all of them and more than all before.
    fn cursor(&self) -> String {
        self.source.key(self.after.as_deref().unwrap_or_default()).into_owned()
    }

    /// The error of a listing of one of several sources says of which: none of its keys does.
    fn error(&self, error: ExplorerError) -> ExplorerError {
        match self.source.name() {
            Some(name) => {
                ExplorerError { detail: format!("source {name}: {}", error.detail), ..error }
            }
            None => error,
        }
    }
}

impl Sources {
    /// Whether keys with `prefix` differ in their sources yet: then their folders are the sources.
    fn are_folders_of(&self, prefix: &str) -> bool {
        self.iter().all(|source| source.name().is_some()) && !prefix.contains('/')
    }

    /// The sources that a listing goes through, in their order.
    fn legs<'a>(&'a self, query: &'a FilesQuery) -> Vec<Leg<'a>> {
        let leg = |(place, source): (usize, &'a Arc<Source>)| {
            let prefix = source.local_prefix(&query.prefix)?;
            let after = match query.after.as_deref() {
                None => None,
                Some(after) => match source.local(after) {
                    Some(local) => (!local.is_empty()).then(|| local.to_owned()),
                    None if after < source.root() => None,
                    None => return None,
                },
            };
            Some(Leg { place, source, prefix, after })
        };
        self.iter().enumerate().filter_map(leg).collect()
    }
}

/// The sources as folders. No store is asked.
fn take_sources(answer: &mut FilesAnswer, query: &FilesQuery, sources: &Sources) {
    let is_behind = |root: &str| query.after.as_deref().is_none_or(|after| root > after);
    let wanted = |root: &&str| {
        root.starts_with(&query.prefix) && is_behind(root) && query.matches_folder(root)
    };
    let mut roots = sources.iter().map(|source| source.root()).filter(wanted).peekable();
    answer.folders = roots.by_ref().take(query.limit()).map(str::to_owned).collect();
    answer.next = roots.peek().and_then(|_| answer.folders.last().cloned());
    answer.truncated = answer.next.is_some();
}

/// Takes what the filters leave of `page`, at most `room` of it. Returns where the next page of the
/// source starts.
fn take(
    answer: &mut FilesAnswer,
    query: &FilesQuery,
    source: &Source,
    page: &Page,
    room: usize,
) -> Option<String> {
    let mut wanted: Vec<Found<'_>> = page
        .entries
        .iter()
        .filter(|entry| query.matches(&source.key(&entry.key)))
        .map(Found::File)
        .chain(
            page.folders
                .iter()
                .filter(|name| query.matches_folder(&source.key(name)))
                .map(Found::Folder),
        )
        .collect();
    wanted.sort_by(|a, b| a.key().cmp(b.key()));
    let next = if wanted.len() > room {
        wanted.truncate(room);
        wanted.last().map(|last| last.key().to_owned())
    } else {
        page.next.clone()
    };
    for found in wanted {
        let key = source.key(found.key());
        match found {
            Found::File(entry) => answer.files.push(file(key, entry)),
            Found::Folder(_) => answer.folders.push(key.into_owned()),
        }
    }
    next
}

enum Found<'a> {
    File(&'a Entry),
    Folder(&'a String),
}

impl Found<'_> {
    /// In its store.
    fn key(&self) -> &str {
        match self {
            Self::File(entry) => &entry.key,
            Self::Folder(name) => name,
        }
    }
}

impl FilesQuery {
    fn limit(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// How much more fits on the page.
    fn room_in(&self, answer: &FilesAnswer) -> usize {
        self.limit().saturating_sub(answer.files.len() + answer.folders.len())
    }

    fn is_filtered(&self) -> bool {
        self.q.is_some() || !self.suffixes.is_empty()
    }

    fn matches(&self, key: &str) -> bool {
        let ends = self.suffixes.iter().any(|suffix| key.ends_with(suffix));
        self.matches_folder(key) && (self.suffixes.is_empty() || ends)
    }

    /// A suffix says nothing about a folder: what it asks for may be inside.
    fn matches_folder(&self, name: &str) -> bool {
        self.q.as_ref().is_none_or(|q| name.to_lowercase().contains(q))
    }
}

fn file(key: Cow<'_, str>, entry: &Entry) -> File {
    File {
        key: key.into_owned(),
        r#type: FileType::File,
        size: entry.size_bytes,
        last_modified: entry.last_modified.to_string(),
        etag: entry.etag.clone().unwrap_or_default(),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
