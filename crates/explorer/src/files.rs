//! Listings: pages of keys, filtered.

use std::sync::{Arc, Weak};
use std::time::Duration;

use store::{Entry, ListQuery, Meter, Outcome, Page, Store};

use crate::answers::{File, FileType, FilesAnswer, Success};
use crate::error::{ExplorerError, Result};
use crate::queries::FilesQuery;

/// Pages of the store that one question may look through when filters leave little of each. What
/// was found until then is answered, with the place to go on from.
const STORE_PAGES_MAX: usize = 100;

/// The pages of the store that a page of a listing was made of, in their order: what was asked for,
/// and what the answer was. It keeps none of them alive.
#[derive(Debug, Clone, Default)]
pub struct StorePages(Vec<(ListQuery, Weak<Page>)>);

impl StorePages {
    /// How old the oldest of them is, if the store still has them all.
    pub(crate) fn age(&self, store: &Store) -> Option<Duration> {
        let age = |(ask, page): &(ListQuery, Weak<Page>)| {
            let listing = store.listed(ask)?;
            std::ptr::eq(page.as_ptr(), Arc::as_ptr(&listing.page)).then_some(listing.age)
        };
        self.0.iter().map(age).try_fold(Duration::ZERO, |oldest, age| Some(oldest.max(age?)))
    }

    /// The bytes that they take, without the pages themselves.
    pub fn weight_bytes(&self) -> u64 {
        let texts = |ask: &ListQuery| ask.prefix.len() + ask.after.as_deref().map_or(0, str::len);
        let page = |(ask, _): &(ListQuery, Weak<Page>)| {
            size_of::<(ListQuery, Weak<Page>)>() + size_of::<Page>() + texts(ask)
        };
        self.0.iter().map(page).sum::<usize>() as u64
    }
}

/// A page of a listing: pages of the store, until enough is found.
pub(crate) async fn page(
    store: &Store,
    query: &FilesQuery,
    meter: &Arc<Meter>,
) -> Result<(FilesAnswer, StorePages)> {
    let mut pages = StorePages::default();
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut answer = FilesAnswer {
        success: Success,
        count: 0,
        cached: true,
        age_ms: 0,
        ttl_ms: millis(store.list_ttl()),
        prefix: query.prefix.clone(),
        truncated: false,
        next: query.after.clone(),
        folders: Vec::new(),
        files: Vec::new(),
    };
    for _ in 0..STORE_PAGES_MAX {
        let room = limit.saturating_sub(answer.files.len() + answer.folders.len());
        let ask = ListQuery {
            prefix: query.prefix.clone(),
            folders: query.folders,
            after: answer.next.take(),
            limit: if query.is_filtered() { limit } else { room },
        };
        let listing = store.list(&ask, query.refresh, meter).await;
        let listing = listing.map_err(|error| ExplorerError::from_source(&query.prefix, error))?;
        answer.cached &= listing.outcome == Outcome::Hit;
        answer.age_ms = answer.age_ms.max(millis(listing.age));
        answer.next = take(&mut answer, query, &listing.page, room);
        pages.0.push((ask, Arc::downgrade(&listing.page)));
        if answer.next.is_none() || answer.files.len() + answer.folders.len() >= limit {
            break;
        }
    }
    answer.truncated = answer.next.is_some();
    answer.count = answer.files.len() as u64;
    Ok((answer, pages))
}

/// Takes what the filters leave of `page`, at most `room` of it. Returns where the next page
/// starts.
fn take(answer: &mut FilesAnswer, query: &FilesQuery, page: &Page, room: usize) -> Option<String> {
    let mut wanted: Vec<Found<'_>> = page
        .entries
        .iter()
        .filter(|entry| query.matches(&entry.key))
        .map(Found::File)
        .chain(page.folders.iter().filter(|name| query.matches_folder(name)).map(Found::Folder))
        .collect();
    wanted.sort_by(|a, b| a.key().cmp(b.key()));
    let next = if wanted.len() > room {
        wanted.truncate(room);
        wanted.last().map(|last| last.key().to_owned())
    } else {
        page.next.clone()
    };
    for found in wanted {
        match found {
            Found::File(entry) => answer.files.push(file(entry)),
            Found::Folder(name) => answer.folders.push(name.clone()),
        }
    }
    next
}

enum Found<'a> {
    File(&'a Entry),
    Folder(&'a String),
}

impl Found<'_> {
    fn key(&self) -> &str {
        match self {
            Self::File(entry) => &entry.key,
            Self::Folder(name) => name,
        }
    }
}

impl FilesQuery {
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

fn file(entry: &Entry) -> File {
    File {
        key: entry.key.clone(),
        r#type: FileType::File,
        size: entry.size_bytes,
        last_modified: entry.last_modified.to_string(),
        etag: entry.etag.clone().unwrap_or_default(),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
