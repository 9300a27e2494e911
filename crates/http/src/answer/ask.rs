//! From a question to its response: the explorer finds the version, the response cache the body.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::response::Response;
use cache::Outcome;
use explorer::{Freshness, Meter, Place, Session, Version};

use super::question::Question;
use super::responses::{Asked, Failure, Ready, Subject};
use super::streamed::Large;
use super::{Answer, Cost, JSON, Pieces, Wishes, Written, cost_metrics};
use crate::access::Access;
use crate::cache_control::CacheControl;
use crate::duration::milliseconds;
use crate::error::ApiError;
use crate::state::AppState;

impl AppState {
    /// Answers a question about the file `key`, if `access` is to it.
    pub(crate) async fn ask(
        &self,
        access: &Access,
        key: String,
        question: Question,
        wishes: &Wishes,
    ) -> Result<Response, ApiError> {
        access.to_key(&key)?;
        let started = Instant::now();
        let meter = Arc::new(Meter::new());
        let (version, mut stale) = self.version(&key, wishes, &meter).await?;
        let seen_etag = version.etag.clone();
        let scope = access.scope().clone();
        let asked = Arc::new(Asked { key, etag: version.etag.clone(), question, scope });
        let (asked, ready, outcome) = match self.responses.kept(&asked) {
            Some(ready) => (asked, ready, Outcome::Hit),
            None => {
                let freshness = wishes.cache_control.freshness;
                let made = self.make_ready(asked.clone(), version.clone(), freshness, &meter).await;
                match (made, &asked.question) {
                    (Err(Failure::Large), Question::Data(query)) => {
                        let query = query.clone();
                        let large = Large { asked, query, version, freshness, meter, stale };
                        return self.stream(large, wishes).await;
                    }
                    (made, _) => made?,
                }
            }
        };
        // The store was asked after all, and has another version by now.
        if asked.etag != seen_etag {
            stale = None;
        }
        let cost = Cost::of(&meter);
        let hit = (outcome == Outcome::Hit).then(|| Hit(asked.clone()));
        if hit.is_none() {
            cost_metrics::record(asked.question.name(), &cost);
            log_lookup(&asked, outcome, &cost, started);
        }
        let answer = self.answer(asked, ready, outcome, wishes).await?;
        let answer = answer.with_outcome(outcome, cost).with_staleness(stale);
        let mut response = answer.respond(wishes);
        if let Some(hit) = hit {
            response.extensions_mut().insert(hit);
        }
        Ok(response)
    }

    /// The answer with a body that is ready.
    async fn answer(
        &self,
        asked: Arc<Asked>,
        ready: Ready,
        outcome: Outcome,
        wishes: &Wishes,
    ) -> Result<Answer, ApiError> {
        let (content_type, is_json) = (asked.question.content_type(), asked.question.is_json());
        if asked.question.is_binary() {
            let Written { body, tag } = ready.written;
            let answer = Answer::plain(content_type, body, tag.strong());
            return Ok(Answer { has_ranges: asked.question.has_ranges(), ..answer });
        }
        let answer = match outcome {
            // The one answer that was not kept before it was sent: it says so, and is compressed
            // for this client only.
            Outcome::Miss => {
                let Written { body, tag } = ready.written;
                let body = match is_json {
                    true => Pieces::replaced(&body, "\"cached\":true", "\"cached\":false"),
                    false => body.into(),
                };
                Answer::plain(JSON, body, tag).compressed(wishes).await?
            }
            Outcome::Hit | Outcome::Coalesced => {
                self.responses.compressed(&Subject::Answer(asked), ready, wishes).await?
            }
        };
        Ok(Answer { content_type, ..answer })
    }

    /// The current version of a file. Where the store cannot be asked, it is the one that was seen
    /// last, with the time since then, if `wishes` allow that.
    async fn version(
        &self,
        key: &str,
        wishes: &Wishes,
        meter: &Arc<Meter>,
    ) -> Result<(Version, Option<Duration>), ApiError> {
        let CacheControl { freshness, max_stale } = wishes.cache_control;
        let error = match self.explorer.version(key, freshness, meter).await {
            Ok(version) => return Ok((version, None)),
            Err(error) => error,
        };
        let at_most = max_stale.filter(|_| error.code.is_of_the_store());
        match at_most.and_then(|at_most| self.explorer.last_seen(key, at_most)) {
            Some((version, age)) => {
                tracing::info!(key, age_ms = milliseconds(age), "answered with what was seen last");
                Ok((version, Some(age)))
            }
            None => Err(error.into()),
        }
    }

    /// Asks what is not kept, at `version` or, should the file change meanwhile, at the next one.
    async fn make_ready(
        &self,
        asked: Arc<Asked>,
        version: Version,
        freshness: Freshness,
        meter: &Arc<Meter>,
    ) -> Result<(Arc<Asked>, Ready, Outcome), Failure> {
        let Asked { key, question, scope, .. } = &*asked;
        let ask = async |session: Session| {
            let (key, etag) = (key.clone(), session.version().etag.clone());
            let (question, scope) = (question.clone(), scope.clone());
            let asked = Arc::new(Asked { key, etag, question, scope });
            match self.responses.ready(&asked, session).await {
                Ok((ready, outcome)) => Ok(Ok((asked, ready, outcome))),
                Err(Failure::Explorer(error)) => Err(error),
                Err(failure) => Ok(Err(failure)),
            }
        };
        let made = self.explorer.ask_at(key, version, freshness, meter, ask).await;
        made.map_err(Failure::Explorer)?
    }
}

/// A look-up that found its answer, among the extensions of the response: the line of the request
/// is its line too.
#[derive(Debug, Clone)]
pub(crate) struct Hit(Arc<Asked>);

impl Hit {
    /// The word for the kind of question.
    pub(crate) fn cache(&self) -> &'static str {
        self.0.question.name()
    }

    pub(crate) fn key(&self) -> &str {
        &self.0.key
    }

    pub(crate) fn etag(&self) -> &str {
        &self.0.etag
    }

    pub(crate) fn path(&self) -> String {
        self.0.path()
    }
}

/// One line for a person and for a query. The key and the path are recorded as strings, so that
/// the log's format escapes and quotes them.
fn log_lookup(asked: &Asked, outcome: Outcome, cost: &Cost, started: Instant) {
    let Asked { key, etag, question, .. } = asked;
    let (cache, path) = (question.name(), asked.path());
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
            duration_ms = milliseconds(started.elapsed()),
            "cache look-up"
        ),
    }
}

impl Asked {
    /// The place in the file, for the log.
    fn path(&self) -> String {
        match self.question.place() {
            Place::Path(path) => path.to_string(),
            Place::Address(address) => format!("address={address}"),
        }
    }
}
