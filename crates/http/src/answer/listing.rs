//! Listings: made once for the pages of the store that they show, sent with their age of now.
//!
//! Two members of a listing differ from request to request: `cached` and `age_ms`. They stand
//! before all that is long, so an answer is a few bytes of its own and the rest as it is kept.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use cache::Outcome;
use explorer::answers::FilesAnswer;
use explorer::{FilesQuery, Meter};

use super::responses::{Failure, Listed, Subject};
use super::{Answer, Cost, Encoding, JSON, Pieces, Wishes, Written, cost_metrics};
use crate::access::Access;
use crate::error::ApiError;
use crate::state::AppState;

/// The changing members, as the kept body has them.
const KEPT: &str = "\"cached\":true,\"age_ms\":0,";

impl AppState {
    /// Answers a question for a page of a listing, if `access` is to all that may be on it.
    pub(crate) async fn list(
        &self,
        access: &Access,
        query: FilesQuery,
        wishes: &Wishes,
    ) -> Result<Response, ApiError> {
        access.to_all_below(query.prefix())?;
        let meter = Arc::new(Meter::new());
        let listed = self.responses.listing(&self.explorer, query.clone(), &meter).await;
        let (listed, outcome) = match listed {
            Ok(listed) => listed,
            Err(failure) => return self.last_listed(&query, failure, &meter, wishes).await,
        };
        let age = self.explorer.age_of(&listed.pages).unwrap_or_default();
        let cached = outcome == Outcome::Hit;
        let now = format!("\"cached\":{cached},\"age_ms\":{},", age.as_millis());
        let body = Pieces::replaced(&listed.written.body, KEPT, &now);
        let answer = Answer::plain(JSON, body, listed.written.tag.clone());
        let answer = self.compressed_listing(answer, &listed, wishes).await?;
        let cost = Cost::of(&meter);
        if outcome != Outcome::Hit {
            cost_metrics::record("files", &cost);
        }
        Ok(answer.with_outcome(outcome, cost).respond(wishes))
    }

    /// The page as it was seen last, where the store cannot be asked and `wishes` allow that.
    async fn last_listed(
        &self,
        query: &FilesQuery,
        failure: Failure,
        meter: &Meter,
        wishes: &Wishes,
    ) -> Result<Response, ApiError> {
        let seen = match (&failure, wishes.cache_control.max_stale) {
            (Failure::Explorer(error), Some(at_most)) if error.code.is_of_the_store() => {
                self.explorer.last_listed(query, at_most).await
            }
            _ => None,
        };
        let Some(seen) = seen else { return Err(failure.into()) };
        let age = Duration::from_millis(seen.age_ms);
        tracing::info!(prefix = query.prefix(), age_ms = seen.age_ms, "listed as it was seen last");
        let written = Written::aside(FilesAnswer { cached: true, age_ms: 0, ..seen }).await?;
        let now = format!("\"cached\":true,\"age_ms\":{},", age.as_millis());
        let body = Pieces::replaced(&written.body, KEPT, &now);
        let answer = Answer::plain(JSON, body, written.tag).compressed(wishes).await?;
        let answer = answer.with_outcome(Outcome::Hit, Cost::of(meter)).with_staleness(Some(age));
        Ok(answer.respond(wishes))
    }

    /// The answer in the form that the client likes best. What is long of it is compressed once.
    async fn compressed_listing(
        &self,
        answer: Answer,
        listed: &Listed,
        wishes: &Wishes,
    ) -> Result<Answer, ApiError> {
        let encoding =
            wishes.accepted.best_of(&Encoding::SPLICED).for_size(answer.body.size_bytes());
        if encoding == Encoding::Plain || wishes.known.contain(&answer.tag) {
            return answer.compressed(wishes).await;
        }
        let (head, rest) = answer.body.head_and_shared();
        let compressed = self.responses.form(&Subject::Rest(listed.number), encoding, rest).await?;
        match encoding.spliced(head, &compressed) {
            Some(body) => Ok(Answer { body, encoding, ..answer }),
            None => answer.compressed(wishes).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use explorer::{Explorer, ExplorerConfig, RefreshQuery};
    use store::{Store, StoreConfig};
    use tempfile::TempDir;

    use crate::answer::Responses;

    use super::*;

    #[tokio::test]
    async fn a_listing_is_made_once_for_the_pages_that_it_shows() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path().to_str().unwrap(), StoreConfig::default()).unwrap();
        let explorer = Explorer::new(store, ExplorerConfig::default());
        let responses = Responses::new(1 << 20, tokio::runtime::Handle::current());
        let meter = Arc::new(Meter::new());
        let listing = async |query: FilesQuery| {
            let (listed, outcome) = responses.listing(&explorer, query, &meter).await.unwrap();
            (listed, outcome.as_str())
        };
        let all = FilesQuery::default;

        let (first, outcome) = listing(all()).await;
        assert_eq!(outcome, "miss");
        let (again, outcome) = listing(all()).await;
        assert_eq!((Arc::ptr_eq(&first, &again), outcome), (true, "hit"));

        let (other, outcome) = listing(all().with_q("x")).await;
        assert_eq!((Arc::ptr_eq(&first, &other), outcome), (false, "hit"), "of the same page");

        let (new, outcome) = listing(all().with_refresh(true)).await;
        assert_eq!((Arc::ptr_eq(&first, &new), outcome), (false, "miss"));
        let (again, outcome) = listing(all()).await;
        assert_eq!((Arc::ptr_eq(&new, &again), outcome), (true, "hit"));

        explorer.refresh(&RefreshQuery::new(Some(""), None).unwrap());
        let (newer, outcome) = listing(all()).await;
        assert_eq!((Arc::ptr_eq(&new, &newer), outcome), (false, "miss"));
        assert_eq!(meter.requests(), 3);
    }
}
