//! The response cache: answers that are ready to be sent, plain and compressed.
//!
//! An answer belongs to a version of a file. The version is in the key, so nothing kept here can
//! become wrong: what is old is not asked for again, and evicted in time.
//!
//! Compressed forms have a cache of their own, because an entry is weighed when it is put in and they
//! come later, one by one, as clients ask for them. So have listings, which are good for as long as
//! the store's pages that they show.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::http::HeaderValue;
use axum::response::Response;
use bytes::Bytes;
use cache::{Cache, CacheOptions, LoadAborted, Outcome};
use explorer::answers::FilesAnswer;
use explorer::{Explorer, ExplorerError, FilesQuery, Meter, Scope, Session, StorePages};
use tokio::runtime::Handle;
use tracing::Instrument;

use super::question::{Question, Unanswered};
use super::{Answer, CompressionFailed, Encoding, EntityTag, JSON, Wishes, Written};
use crate::error::{ApiError, Code};

/// One part in so many of the bytes is for compressed forms: JSON shrinks to a tenth, and few
/// answers are asked for in more than one of the three forms.
const COMPRESSED_PART: u64 = 4;

/// One part in so many is for listings: there are fewer of them than groups, and each is longer.
const LISTINGS_PART: u64 = 4;

/// What a body is: its identity in the caches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// One of our own texts.
    Fixed(&'static str),
    /// The answer to a question about one version of a file.
    Answer(Arc<Asked>),
    /// What does not change of the listing with this number.
    Rest(u64),
}

/// A question about one version of a file, of somebody with one scope: what other files have to say
/// to an answer depends on it, and so no answer is shared between two scopes.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(super) key: String,
    pub(super) etag: String,
    pub(super) question: Question,
    pub(super) scope: Scope,
}

/// A body that says `"cached":true`, with its tag.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) written: Written,
    /// False if it depends on more than the version in its key: it serves those who wait for it
    /// and no one later.
    kept: bool,
}

/// The body of a listing that says `"cached":true,"age_ms":0`. It is good as long as the store's
/// cache has the pages that it was made of.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) written: Written,
    pub(super) pages: StorePages,
    /// No other listing of this process has it.
    pub(super) number: u64,
    /// Whether it was made without asking the store.
    from_cache: bool,
}

/// Why a body could not be made ready.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The question has no answer.
    Explorer(ExplorerError),
    /// The mistake is ours.
    Ours(ApiError),
    /// The answer is too large to be kept; it has to be sent as it is made.
    Large,
}

/// The caches of ready bodies. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Responses {
    plain: Cache<Arc<Asked>, Ready, Failure>,
    listings: Cache<FilesQuery, Arc<Listed>, Failure>,
    compressed: Cache<(Subject, Encoding), Bytes, CompressionFailed>,
    /// Where questions run.
    runtime: Handle,
}

impl Responses {
    /// Caches of `capacity_bytes` together, filled by questions that run in `runtime`.
    pub(crate) fn new(capacity_bytes: u64, runtime: Handle) -> Self {
        let (compressed_bytes, listings_bytes) =
            (capacity_bytes / COMPRESSED_PART, capacity_bytes / LISTINGS_PART);
        let plain_bytes = capacity_bytes.saturating_sub(compressed_bytes + listings_bytes);
        let options =
            |name, capacity_bytes| CacheOptions { name, capacity_bytes, time_to_live: None };
        Self {
            plain: Cache::new(
                options("response", plain_bytes),
                |asked: &Arc<Asked>, ready: &Ready| {
                    asked.weight_bytes().saturating_add(ready.written.body.len() as u64)
                },
            ),
            listings: Cache::new(
                options("response_listing", listings_bytes),
                |query, listed: &Arc<Listed>| listed.weight_bytes(query),
            ),
            compressed: Cache::new(
                options("response_compressed", compressed_bytes),
                |(subject, _): &(Subject, Encoding), body: &Bytes| {
                    subject.weight_bytes().saturating_add(body.len() as u64)
                },
            ),
            runtime,
        }
    }

    /// Answers with one of our own texts.
    pub(crate) async fn fixed(
        &self,
        name: &'static str,
        content_type: HeaderValue,
        body: Bytes,
        wishes: &Wishes,
    ) -> Result<Response, ApiError> {
        let ready = Ready { written: Written { tag: EntityTag::of(&body), body }, kept: true };
        let answer = self.compressed(&Subject::Fixed(name), ready, wishes).await?;
        Ok(Answer { content_type, ..answer }.respond(wishes))
    }

    /// Forgets all answers about the file `key`, of whatever version.
    pub(crate) fn forget(&self, key: &str) {
        self.plain.remove_if(|asked| asked.key == key);
        self.compressed.remove_if(
            |(subject, _)| matches!(subject, Subject::Answer(asked) if asked.key == key),
        );
    }

    /// Where questions run.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Sets the gauges of the caches, for `/metrics`.
    pub(crate) fn report(&self) {
        self.plain.report();
        self.listings.report();
        self.compressed.report();
    }

    /// The body that answers a question at its version, if it is kept.
    pub(super) fn kept(&self, asked: &Asked) -> Option<Ready> {
        self.plain.get_if(asked, |ready| ready.kept)
    }

    /// The body that answers a question at the session's version, and how we came by it.
    pub(super) async fn ready(
        &self,
        asked: &Arc<Asked>,
        session: Session,
    ) -> Result<(Ready, Outcome), Failure> {
        let load = || {
            let asked = asked.clone();
            let session = session.within(asked.scope.clone());
            let question = async move {
                let mut answer = asked.question.ask(&session).await?;
                let kept = answer.may_be_kept();
                answer.mark_cached();
                let written = answer.written().await.map_err(Failure::Ours)?;
                Ok(Ready { written, kept })
            };
            let question = self.runtime.spawn(question.in_current_span());
            async move { question.await.unwrap_or_else(|_| Err(Failure::aborted())) }
        };
        self.plain.get_or_load_if_not(asked.clone(), |ready| !ready.kept, load).await
    }

    /// The body of a listing, and how we came by it: a hit if the store was not asked.
    pub(super) async fn listing(
        &self,
        explorer: &Arc<Explorer>,
        query: FilesQuery,
        meter: &Arc<Meter>,
    ) -> Result<(Arc<Listed>, Outcome), Failure> {
        let load = || {
            let (explorer, query, meter) = (explorer.clone(), query.clone(), meter.clone());
            async move { Listed::made(&explorer, &query, &meter).await.map(Arc::new) }
        };
        // Whoever asks for it anew and whoever does not are shown the same listing.
        let shown = query.clone().with_refresh(false);
        let (listed, outcome) = if query.refresh {
            self.listings.reload(shown, load).await?
        } else {
            let outdated = |listed: &Arc<Listed>| explorer.age_of(&listed.pages).is_none();
            self.listings.get_or_load_if_not(shown, outdated, load).await?
        };
        match outcome {
            Outcome::Miss if listed.from_cache => Ok((listed, Outcome::Hit)),
            outcome => Ok((listed, outcome)),
        }
    }

    /// A kept body in the form that the client likes best, made once.
    pub(super) async fn compressed(
        &self,
        subject: &Subject,
        ready: Ready,
        wishes: &Wishes,
    ) -> Result<Answer, ApiError> {
        let Ready { written: Written { body, tag }, kept } = ready;
        let encoding = wishes.encoding().for_size(body.len());
        if encoding == Encoding::Plain || wishes.known.contain(&tag) {
            return Ok(Answer::plain(JSON, body, tag));
        }
        if !kept {
            return Answer::plain(JSON, body, tag).compressed(wishes).await;
        }
        let body = self.form(subject, encoding, &body).await?;
        Ok(Answer { encoding, ..Answer::plain(JSON, body, tag) })
    }

    /// `body`, which `subject` names, in one encoding, made once.
    pub(super) async fn form(
        &self,
        subject: &Subject,
        encoding: Encoding,
        body: &Bytes,
    ) -> Result<Bytes, CompressionFailed> {
        let key = (subject.clone(), encoding);
        let load = || encoding.compress(body.clone());
        Ok(self.compressed.get_or_load(key, load).await?.0)
    }
}

impl Listed {
    async fn made(
        explorer: &Explorer,
        query: &FilesQuery,
        meter: &Arc<Meter>,
    ) -> Result<Self, Failure> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let answer = explorer.files_and_pages(query, meter).await;
        let (answer, pages) = answer.map_err(Failure::Explorer)?;
        let from_cache = answer.cached;
        let stable = FilesAnswer { cached: true, age_ms: 0, ..answer };
        let written = Written::aside(stable).await.map_err(Failure::Ours)?;
        Ok(Self { written, pages, number: COUNT.fetch_add(1, Relaxed), from_cache })
    }

    fn weight_bytes(&self, query: &FilesQuery) -> u64 {
        // As of a question's texts, see below.
        let texts = format!("{query:?}").len();
        let bytes = size_of::<Self>().saturating_add(texts).saturating_add(self.written.body.len());
        (bytes as u64).saturating_add(self.pages.weight_bytes())
    }
}

impl Subject {
    /// What an entry under this subject weighs beside its body and the cache's own overhead.
    fn weight_bytes(&self) -> u64 {
        match self {
            Self::Fixed(_) | Self::Rest(_) => size_of::<Self>() as u64,
            Self::Answer(asked) => asked.weight_bytes(),
        }
    }
}

impl Asked {
    /// What an entry under this question weighs beside its body and the cache's own overhead.
    fn weight_bytes(&self) -> u64 {
        let Self { key, etag, question, scope: _ } = self;
        // A question's texts are as long as its client likes. Its debug text is at least as long
        // as all of them, and only written when an entry is put in.
        let texts =
            key.len().saturating_add(etag.len()).saturating_add(format!("{question:?}").len());
        size_of::<Self>().saturating_add(texts) as u64
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Explorer(error) => error.into(),
            Failure::Ours(error) => error,
            // Who asks what may be large sends it himself.
            Failure::Large => Self::new(Code::InternalError, "the answer is too large"),
        }
    }
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Explorer(error) => Self::Explorer(error),
            Unanswered::Large => Self::Large,
        }
    }
}

impl From<LoadAborted> for Failure {
    fn from(_: LoadAborted) -> Self {
        Self::aborted()
    }
}

impl Failure {
    /// The question panicked, or the runtime is shutting down.
    pub(super) fn aborted() -> Self {
        Self::Ours(ApiError::new(Code::InternalError, "the question was aborted"))
    }
}

#[cfg(test)]
mod tests {
    use explorer::{ChildrenQuery, Place};

    use super::*;

    #[test]
    fn an_entry_weighs_all_texts_of_its_key() {
        let query = ChildrenQuery::new(Place::new(Some(&"p".repeat(1000)), None).unwrap());
        let question = Question::Children(query.with_q(&"q".repeat(10_000)));
        let (key, etag) = ("k".repeat(100_000), "e".repeat(1_000_000));
        let scope = Scope::everything();
        let weight_bytes = Asked { key, etag, question, scope }.weight_bytes();
        assert!((1_111_000..1_113_000).contains(&weight_bytes), "{weight_bytes}");
    }
}
