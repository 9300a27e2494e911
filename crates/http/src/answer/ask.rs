//! From a question to its response: the explorer finds the version, the response cache the body.

use std::sync::Arc;
use std::time::Instant;

use axum::response::Response;
use cache::Outcome;
use explorer::{Meter, Place, Session};

use super::question::Question;
use super::responses::{Failure, Subject};
use super::{Answer, Cost, JSON, Wishes, replaced};
use crate::duration::milliseconds;
use crate::error::ApiError;
use crate::state::AppState;

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
            duration_ms = milliseconds(started.elapsed()),
            "cache look-up"
        ),
    }
}
