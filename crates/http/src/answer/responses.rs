//! The response cache: answers that are ready to be sent, plain and compressed.
//!
//! An answer belongs to a version of a file. The version is in the key, so nothing kept here can
//! become wrong: what is old is not asked for again, and evicted in time.
//!
//! There are two caches, because an entry is weighed when it is put in and compressed forms come
//! later, one by one, as clients ask for them.

use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderValue;
use axum::response::Response;
use bytes::Bytes;
use cache::{Cache, CacheOptions, LoadAborted, Outcome};
use explorer::{ExplorerError, Meter, Place, Session};

use super::question::Question;
use super::{
    Answer, CompressionFailed, Cost, Encoding, EntityTag, JSON, Wishes, replaced, serialised,
};
use crate::error::{ApiError, Code};
use crate::state::AppState;

/// One part in so many of the bytes is for compressed forms: JSON shrinks to a tenth, and few
/// answers are asked for in more than one of the three forms.
const COMPRESSED_PART: u64 = 4;

/// What a body is: its identity in the caches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    /// One of our own texts.
    Fixed(&'static str),
    /// The answer to a question about one version of a file.
    Answer { key: String, etag: String, question: Question },
}

/// A body that says `"cached":true`, with its tag.
#[derive(Debug, Clone)]
struct Ready {
    body: Bytes,
    tag: EntityTag,
    /// False if it depends on more than the version in its key: it serves those who wait for it
    /// and no one later.
    kept: bool,
}

/// Why a body could not be made ready.
#[derive(Debug, Clone)]
enum Failure {
    /// The question has no answer.
    Explorer(ExplorerError),
    /// The mistake is ours.
    Ours(ApiError),
}

/// The caches of ready bodies. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Responses {
    plain: Cache<Arc<Subject>, Ready, Failure>,
    compressed: Cache<(Arc<Subject>, Encoding), Bytes, CompressionFailed>,
}

impl Responses {
    pub(crate) fn new(capacity_bytes: u64) -> Self {
        let compressed_bytes = capacity_bytes / COMPRESSED_PART;
        let options =
            |name, capacity_bytes| CacheOptions { name, capacity_bytes, time_to_live: None };
        let plain = options("response", capacity_bytes.saturating_sub(compressed_bytes));
        let compressed = options("response_compressed", compressed_bytes);
        Self {
            plain: Cache::new(plain, |subject: &Arc<Subject>, ready: &Ready| {
                subject.weight_bytes(&ready.body)
            }),
            compressed: Cache::new(compressed, |(subject, _): &(Arc<Subject>, _), body| {
                subject.weight_bytes(body)
            }),
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
        let ready = Ready { tag: EntityTag::of(&body), body, kept: true };
        let answer = self.compressed(&Arc::new(Subject::Fixed(name)), ready, wishes).await?;
        Ok(Answer { content_type, ..answer }.respond(wishes))
    }

    /// Forgets all answers about the file `key`, of whatever version.
    pub(crate) fn forget(&self, key: &str) {
        let is_about =
            |subject: &Subject| matches!(subject, Subject::Answer { key: of, .. } if of == key);
        self.plain.remove_if(|subject| is_about(subject));
        self.compressed.remove_if(|(subject, _)| is_about(subject));
    }

    /// Sets the gauges of the caches, for `/metrics`.
    pub(crate) fn report(&self) {
        self.plain.report();
        self.compressed.report();
    }

    /// The body that answers `question` at the session's version, and how we came by it.
    async fn ready(
        &self,
        subject: &Arc<Subject>,
        question: &Question,
        session: Session,
    ) -> Result<(Ready, Outcome), Failure> {
        let load = || {
            let question = question.clone();
            async move {
                let mut answer = question.ask(&session).await.map_err(Failure::Explorer)?;
                let kept = answer.may_be_kept();
                answer.mark_cached();
                let body = serialised(answer).await.map_err(Failure::Ours)?;
                Ok(Ready { tag: EntityTag::of(&body), body, kept })
            }
        };
        self.plain.get_or_load_if_not(subject.clone(), |ready| !ready.kept, load).await
    }

    /// A kept body in the form that the client likes best, made once.
    async fn compressed(
        &self,
        subject: &Arc<Subject>,
        ready: Ready,
        wishes: &Wishes,
    ) -> Result<Answer, ApiError> {
        let Ready { body, tag, kept } = ready;
        let encoding = wishes.encoding.for_body(&body);
        let answer = Answer::plain(JSON, body, tag).with_outcome(Outcome::Hit, Cost::default());
        if encoding == Encoding::Plain || wishes.known.contain(tag) {
            return Ok(answer);
        }
        if !kept {
            return answer.compressed(wishes).await;
        }
        let body = answer.body.clone();
        let load = || encoding.compress(body);
        let (body, _) = self.compressed.get_or_load((subject.clone(), encoding), load).await?;
        Ok(Answer { body, encoding, ..answer })
    }
}

impl AppState {
    /// Answers a question about the file `key`.
    pub(crate) async fn ask(
        &self,
        key: &str,
        place: &Place,
        question: &Question,
        wishes: &Wishes,
    ) -> Result<Response, ApiError> {
        let started = Instant::now();
        let meter = Arc::new(Meter::new());
        let asked = self.explorer.ask(key, wishes.freshness, &meter, async |session: Session| {
            let subject = Arc::new(Subject::Answer {
                key: key.to_owned(),
                etag: session.version().etag.clone(),
                question: question.clone(),
            });
            match self.responses.ready(&subject, question, session).await {
                Ok((ready, outcome)) => Ok(Ok((subject, ready, outcome))),
                Err(Failure::Explorer(error)) => Err(error),
                Err(Failure::Ours(error)) => Ok(Err(error)),
            }
        });
        let (subject, ready, outcome) = asked.await??;
        let cost = Cost::of(&meter);
        log_lookup(&subject, place, outcome, &cost, started);
        let answer = match outcome {
            // The one answer that was not kept before it was sent: it says so, and is compressed
            // for this client only.
            Outcome::Miss => {
                let body = replaced(&ready.body, "\"cached\":true", "\"cached\":false");
                Answer::plain(JSON, body, ready.tag).compressed(wishes).await?
            }
            Outcome::Hit | Outcome::Coalesced => {
                self.responses.compressed(&subject, ready, wishes).await?
            }
        };
        Ok(answer.with_outcome(outcome, cost).respond(wishes))
    }
}

/// One line for a person and for a query. The key and the path are recorded as strings, so that
/// the log's format escapes and quotes them.
fn log_lookup(subject: &Subject, place: &Place, outcome: Outcome, cost: &Cost, started: Instant) {
    let Subject::Answer { key, etag, question } = subject else { return };
    let cache = question.name();
    let path = match place {
        Place::Path(path) => path.to_string(),
        Place::Address(address) => format!("address={address}"),
    };
    match outcome {
        Outcome::Hit | Outcome::Coalesced => tracing::info!(
            cache = %cache, outcome = %outcome.as_str(), key, etag, path, "cache look-up"
        ),
        Outcome::Miss => tracing::info!(
            cache = %cache,
            outcome = %outcome.as_str(),
            key,
            etag,
            path,
            rounds = cost.rounds,
            store_requests = cost.requests,
            store_bytes = cost.bytes,
            duration_ms = started.elapsed().as_secs_f64() * 1000.0,
            "cache look-up"
        ),
    }
}

impl Subject {
    /// What an entry under this subject weighs beside the cache's own overhead.
    fn weight_bytes(&self, body: &Bytes) -> u64 {
        let texts = match self {
            Self::Fixed(_) => 0,
            // The question's texts are of the same order as the key.
            Self::Answer { key, etag, .. } => {
                key.len().saturating_mul(2).saturating_add(etag.len())
            }
        };
        let bytes = size_of::<Self>().saturating_add(texts).saturating_add(body.len());
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl From<LoadAborted> for Failure {
    fn from(aborted: LoadAborted) -> Self {
        Self::Ours(ApiError::new(Code::InternalError, aborted.to_string()))
    }
}
