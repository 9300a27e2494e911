//! A backend for tests: objects in memory, faults on demand, every call written down.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use byte_source::SourceErrorKind;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::backend::{Backend, Fault, Part, Span};
use crate::list::{Entry, ListQuery, Page};
use crate::{Store, StoreConfig, Version};

/// Objects in memory. Clones share them.
#[derive(Clone)]
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    /// Calls wait for a permit each: none while the test holds the gate closed.
    gate: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, (Bytes, u64)>,
    calls: Vec<Call>,
    mishaps: Vec<Mishap>,
    in_flight: usize,
    most_in_flight: usize,
}

/// What was asked of the fake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    /// A read of the start.
    Start(String),
    /// A read of a range.
    Get(String, Range<u64>),
    /// A look at the version.
    Head(String),
    /// A page of keys with this prefix.
    List(String),
}

/// What goes wrong with the next call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mishap {
    /// It fails in a way that may pass.
    Passing(SourceErrorKind),
    /// It fails in a way that may pass, and the store says after how long.
    Busy(Duration),
    /// It fails for good.
    Lasting(SourceErrorKind),
    /// The body is one byte short.
    Short,
    /// The body is one byte too long.
    Long,
}

const OPEN: usize = 1_000_000;

impl Fake {
    /// With objects of these keys and bytes, first version.
    pub(crate) fn with(objects: &[(&str, &[u8])]) -> Self {
        let fake = Self { state: Arc::default(), gate: Arc::new(Semaphore::new(OPEN)) };
        for (key, bytes) in objects {
            fake.put(key, bytes);
        }
        fake
    }

    /// Writes an object: a new version of it.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap();
        let version = state.objects.get(key).map_or(0, |(_, version)| *version);
        state.objects.insert(key.to_owned(), (bytes.to_vec().into(), version + 1));
    }

    /// Removes an object.
    pub(crate) fn delete(&self, key: &str) {
        self.state.lock().unwrap().objects.remove(key);
    }

    /// Makes the next calls go wrong, in this order.
    pub(crate) fn mishaps(&self, mishaps: &[Mishap]) {
        self.state.lock().unwrap().mishaps = mishaps.iter().rev().copied().collect();
    }

    /// From now on calls wait until [`Self::let_through`].
    pub(crate) fn close_gate(&self) {
        self.gate.forget_permits(OPEN);
    }

    /// Lets so many waiting or future calls through.
    pub(crate) fn let_through(&self, calls: usize) {
        self.gate.add_permits(calls);
    }

    /// The calls since the last time.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// Calls that are under way, and the most that ever were at once.
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.in_flight, state.most_in_flight)
    }

    /// A store over this fake.
    pub(crate) fn store(&self, config: &StoreConfig) -> Arc<Store> {
        Arc::new(Store::over(Box::new(self.clone()), "fake".to_owned(), config))
    }

    async fn begin(&self, call: Call) -> (Option<Mishap>, Under) {
        let (mishap, under) = {
            let mut state = self.state.lock().unwrap();
            state.calls.push(call);
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
            (state.mishaps.pop(), Under(self.state.clone()))
        };
        self.gate.acquire().await.unwrap().forget();
        (mishap, under)
    }

    fn object(&self, key: &str) -> Result<(Bytes, Version), Fault> {
        let state = self.state.lock().unwrap();
        let (bytes, version) = state.objects.get(key).ok_or_else(|| Fault::not_found(key))?;
        let version = Version {
            etag: format!("v{version}"),
            size_bytes: bytes.len() as u64,
            last_modified: Timestamp::UNIX_EPOCH,
        };
        Ok((bytes.clone(), version))
    }
}

/// A call under way.
struct Under(Arc<Mutex<State>>);

impl Drop for Under {
    fn drop(&mut self) {
        self.0.lock().unwrap().in_flight -= 1;
    }
}

fn fails(mishap: Option<Mishap>) -> Result<(), Fault> {
    match mishap {
        Some(Mishap::Passing(kind)) => Err(Fault::passing(kind, "made to fail")),
        Some(Mishap::Busy(wait)) => {
            let mut fault = Fault::passing(SourceErrorKind::Failed, "made to be busy");
            fault.error.retry_after = Some(wait);
            Err(fault)
        }
        Some(Mishap::Lasting(kind)) => Err(Fault::lasting(kind, "made to fail")),
        Some(Mishap::Short | Mishap::Long) | None => Ok(()),
    }
}

impl Backend for Fake {
    fn get<'a>(
        &'a self,
        key: &'a str,
        span: Span,
        bound: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Part, Fault>> {
        async move {
            let call = match &span {
                Span::Start(_) => Call::Start(key.to_owned()),
                Span::Exact(range) => Call::Get(key.to_owned(), range.clone()),
            };
            let (mishap, _under) = self.begin(call).await;
            fails(mishap)?;
            let (object, version) = self.object(key)?;
            if bound.is_some_and(|bound| bound.etag != version.etag) {
                return Err(Fault::changed(key));
            }
            let range = span.taken(version.size_bytes);
            let mut bytes = object.slice(range.start as usize..range.end as usize).to_vec();
            match mishap {
                Some(Mishap::Short) => drop(bytes.pop()),
                Some(Mishap::Long) => bytes.push(0),
                _ => {}
            }
            Ok(Part { version, bytes: bytes.into() })
        }
        .boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Version, Fault>> {
        async move {
            // What a server saw when the question came, however late the answer is.
            let object = self.object(key);
            let (mishap, _under) = self.begin(Call::Head(key.to_owned())).await;
            fails(mishap)?;
            Ok(object?.1)
        }
        .boxed()
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> BoxFuture<'a, Result<Page, Fault>> {
        async move {
            // What a server saw when the question came, as above.
            let keys: Vec<_> = self.state.lock().unwrap().objects.keys().cloned().collect();
            let objects = keys.into_iter().map(|key| (self.object(&key), key));
            let objects: Vec<_> = objects.collect();
            let (mishap, _under) = self.begin(Call::List(query.prefix.clone())).await;
            fails(mishap)?;
            let after = query.after.as_deref().unwrap_or_default();
            let on_page =
                |(_, key): &&(_, String)| key.starts_with(&query.prefix) && key.as_str() > after;
            let objects: Vec<_> = objects.iter().filter(on_page).collect();
            let next = objects.get(query.limit).and(objects.get(query.limit.wrapping_sub(1)));
            let mut page = Page { next: next.map(|(_, key)| key.clone()), ..Page::default() };
            for (object, key) in objects.into_iter().take(query.limit) {
                let (_, version) = object.clone()?;
                page.entries.push(Entry {
                    key: key.clone(),
                    size_bytes: version.size_bytes,
                    last_modified: version.last_modified,
                    etag: Some(version.etag),
                });
            }
            Ok(page)
        }
        .boxed()
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            let (mishap, _under) = self.begin(Call::List(String::new())).await;
            fails(mishap)
        }
        .boxed()
    }
}
