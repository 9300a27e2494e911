//! From a question to its response: the explorer finds the version, the response cache the body.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::response::Response;
use cache::Outcome;
use explorer::{Freshness, Meter, Place, Session, Version};

use super::question::Question;
use super::responses::{Asked, Failure, Ready, Subject};
use super::{Answer, Cost, JSON, Pieces, Wishes, cost_metrics};
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
                self.make_ready(asked, version, freshness, &meter).await?
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
        let answer = match outcome {
            // The one answer that was not kept before it was sent: it says so, and is compressed
            // for this client only.
            Outcome::Miss => {
                let body =
                    Pieces::replaced(&ready.written.body, "\"cached\":true", "\"cached\":false");
                Answer::plain(JSON, body, ready.written.tag).compressed(wishes).await?
            }
            Outcome::Hit | Outcome::Coalesced => {
                self.responses.compressed(&Subject::Answer(asked), ready, wishes).await?
            }
        };
        let answer = answer.with_outcome(outcome, cost).with_staleness(stale);
        let mut response = answer.respond(wishes);
        if let Some(hit) = hit {
            response.extensions_mut().insert(hit);
        }
        Ok(response)
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
    ) -> Result<(Arc<Asked>, Ready, Outcome), ApiError> {
        let Asked { key, question, scope, .. } = &*asked;
        let ask = async |session: Session| {
            let (key, etag) = (key.clone(), session.version().etag.clone());
            let (question, scope) = (question.clone(), scope.clone());
            let asked = Arc::new(Asked { key, etag, question, scope });
            match self.responses.ready(&asked, session).await {
                Ok((ready, outcome)) => Ok(Ok((asked, ready, outcome))),
                Err(Failure::Explorer(error)) => Err(error),
                Err(Failure::Ours(error)) => Ok(Err(error)),
            }
        };
        self.explorer.ask_at(key, version, freshness, meter, ask).await?
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
