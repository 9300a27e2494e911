//! The response cache: answers that are ready to be sent, plain and compressed.
//!
//! An answer belongs to a version of a file. The version is in the key, so nothing kept here can
//! become wrong: what is old is not asked for again, and evicted in time.
//!
//! There are two caches, because an entry is weighed when it is put in and compressed forms come
//! later, one by one, as clients ask for them.

use std::sync::Arc;

use axum::http::HeaderValue;
use axum::response::Response;
use bytes::Bytes;
use cache::{Cache, CacheOptions, LoadAborted, Outcome};
use explorer::{ExplorerError, Session};

use super::question::Question;
use super::{Answer, CompressionFailed, Cost, Encoding, EntityTag, JSON, Wishes, serialised};
use crate::error::{ApiError, Code};

/// One part in so many of the bytes is for compressed forms: JSON shrinks to a tenth, and few
/// answers are asked for in more than one of the three forms.
const COMPRESSED_PART: u64 = 4;

/// What a body is: its identity in the caches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// One of our own texts.
    Fixed(&'static str),
    /// The answer to a question about one version of a file.
    Answer { key: String, etag: String, question: Question },
}

/// A body that says `"cached":true`, with its tag.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) body: Bytes,
    pub(super) tag: EntityTag,
    /// False if it depends on more than the version in its key: it serves those who wait for it
    /// and no one later.
    kept: bool,
}

/// Why a body could not be made ready.
#[derive(Debug, Clone)]
pub(super) enum Failure {
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
    pub(super) async fn ready(
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
    pub(super) async fn compressed(
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

impl Subject {
    /// What an entry under this subject weighs beside the cache's own overhead.
    fn weight_bytes(&self, body: &Bytes) -> u64 {
        // A question's texts are as long as its client likes. Its debug text is at least as long
        // as all of them, and only written when an entry is put in.
        let texts = match self {
            Self::Fixed(_) => 0,
            Self::Answer { key, etag, question } => {
                key.len().saturating_add(etag.len()).saturating_add(format!("{question:?}").len())
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

#[cfg(test)]
mod tests {
    use explorer::{ChildrenQuery, Place};

    use super::*;

    #[test]
    fn an_entry_weighs_its_body_and_all_texts_of_its_key() {
        let query = ChildrenQuery::new(Place::new(Some(&"p".repeat(1000)), None).unwrap());
        let question = Question::Children(query.with_q(&"q".repeat(10_000)));
        let (key, etag) = ("k".repeat(100_000), "e".repeat(1_000_000));
        let subject = Subject::Answer { key, etag, question };
        let weight_bytes = subject.weight_bytes(&Bytes::from(vec![0; 10_000_000]));
        assert!((11_111_000..11_113_000).contains(&weight_bytes), "{weight_bytes}");
    }
}
