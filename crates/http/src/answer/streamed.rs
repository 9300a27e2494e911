//! Answers that are too large to be kept: sent as they are read.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cache::Outcome;
use explorer::{DataQuery, Explorer, ExplorerError, Freshness, Meter, Session, Version};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::range::{Unsatisfiable, content_range};
use super::responses::{Asked, Failure};
use super::{Answer, Cost, EntityTag, Wishes, cost_metrics};
use crate::error::ApiError;
use crate::middleware::HeldPlace;
use crate::state::AppState;

/// A question about elements, and what it takes to ask it.
pub(super) struct Large {
    pub(super) asked: Arc<Asked>,
    pub(super) query: DataQuery,
    pub(super) version: Version,
    pub(super) freshness: Freshness,
    pub(super) meter: Arc<Meter>,
    /// How long ago the store confirmed the version, where it cannot be asked.
    pub(super) stale: Option<Duration>,
}

type Elements = BoxStream<'static, Result<Bytes, ExplorerError>>;

/// What is known before the head of the response is sent.
struct Begun {
    /// None where the elements depend on other files.
    tag: Option<EntityTag>,
    body: Begin,
}

enum Begin {
    /// The client has it already.
    Known,
    Unsatisfiable(Unsatisfiable),
    Elements {
        size_bytes: Option<u64>,
        range: Option<Range<u64>>,
        elements: Elements,
    },
}

impl AppState {
    /// Answers with elements as they are read. What goes wrong before the first of them is an error;
    /// what goes wrong later ends the connection, so that nobody takes a part for all.
    pub(super) async fn stream(&self, large: Large, wishes: &Wishes) -> Result<Response, ApiError> {
        let Large { asked, meter, stale, .. } = &large;
        let (question, meter, stale) = (asked.question.clone(), meter.clone(), *stale);
        let Begun { tag, body } = self.begin(large, wishes).await?;
        let cost = Cost::of(&meter);
        cost_metrics::record(question.name(), &cost);
        let stands_in = tag.clone().unwrap_or_else(|| EntityTag::of(b""));
        let answer = Answer::plain(question.content_type(), Bytes::new(), stands_in);
        let answer = answer.with_outcome(Outcome::Miss, cost).with_staleness(stale);
        let (size_bytes, range, elements) = match body {
            Begin::Known => return Ok(answer.respond(wishes)),
            Begin::Unsatisfiable(unsatisfiable) => return Ok(unsatisfiable.into_response()),
            Begin::Elements { size_bytes, range, elements } => (size_bytes, range, elements),
        };
        let mut response = answer.respond(&Wishes::default());
        let headers = response.headers_mut();
        if tag.is_none() {
            headers.remove(ETAG);
        }
        if question.has_ranges() {
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        let sent_bytes = match (&range, size_bytes) {
            (Some(range), Some(size_bytes)) => {
                headers.insert(CONTENT_RANGE, content_range(range, size_bytes));
                Some(range.end.saturating_sub(range.start))
            }
            _ => size_bytes,
        };
        headers.extend(sent_bytes.map(|bytes| (CONTENT_LENGTH, HeaderValue::from(bytes))));
        if range.is_some() {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        let pace = self.config.request_timeout;
        *response.body_mut() =
            body_of(elements, pace, self.responses.runtime(), self.places.hold());
        Ok(response)
    }

    /// Reads up to the first elements, where questions run; given up when nobody waits any more.
    async fn begin(&self, large: Large, wishes: &Wishes) -> Result<Begun, ApiError> {
        let (explorer, wishes) = (self.explorer.clone(), wishes.clone());
        let mut task = JoinSet::new();
        let beginning = begin(explorer, large, wishes).in_current_span();
        task.spawn_on(beginning, self.responses.runtime());
        match task.join_next().await {
            Some(Ok(begun)) => Ok(begun?),
            _ => Err(Failure::aborted().into()),
        }
    }
}

async fn begin(
    explorer: Arc<Explorer>,
    large: Large,
    wishes: Wishes,
) -> Result<Begun, ExplorerError> {
    let Large { asked, query, version, freshness, meter, .. } = large;
    let ask = async |session: Session| {
        let etag = session.version().etag.clone();
        let slice = session.within(asked.scope.clone()).slice(&query).await?;
        let has_tag = !slice.from_other_files;
        let tag = has_tag.then(|| EntityTag::of_question(&(&asked.key, etag, &asked.question)));
        if tag.as_ref().is_some_and(|tag| wishes.known.contain(tag)) {
            return Ok(Begun { tag, body: Begin::Known });
        }
        let mut range = None;
        if asked.question.has_ranges() {
            range = match wishes.range.within(slice.bin_size_bytes(&query)?, tag.as_ref()) {
                Ok(range) => range,
                Err(error) => return Ok(Begun { tag, body: Begin::Unsatisfiable(error) }),
            };
        }
        let encoded = slice.encode(&query, range.clone()).await?;
        let size_bytes = encoded.size_bytes;
        let mut elements = encoded.into_stream().boxed();
        let first = elements.next().await.transpose()?;
        let elements = stream::iter(first.map(Ok)).chain(elements).boxed();
        Ok(Begun { tag, body: Begin::Elements { size_bytes, range, elements } })
    };
    explorer.ask_at(&asked.key, version, freshness, &meter, ask).await
}

/// What goes from the reader of elements to the connection.
enum Part {
    Elements(Bytes),
    End,
}

/// A body of `elements`, which are read in `runtime`, one piece ahead of what is sent. A client that
/// takes longer than `pace` for a piece is left: what it is sent waits in memory.
fn body_of(elements: Elements, pace: Duration, runtime: &Handle, place: HeldPlace) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    runtime.spawn(send(elements, sender, pace).in_current_span());
    let receive = async |(mut receiver, place): (mpsc::Receiver<Part>, HeldPlace)| {
        match receiver.recv().await {
            Some(Part::Elements(elements)) => Some((Ok(elements), (receiver, place))),
            Some(Part::End) => None,
            // The end of a body that has no end is an error, and closes the connection.
            None => Some((Err(io::Error::other("the answer was given up")), (receiver, place))),
        }
    };
    Body::from_stream(stream::unfold((receiver, place), receive))
}

async fn send(mut elements: Elements, sender: mpsc::Sender<Part>, pace: Duration) {
    while let Some(piece) = elements.next().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                let (error, cause) = (error.to_string(), error.logged);
                tracing::warn!(error, cause, "an answer was given up while it was sent");
                return;
            }
        };
        let sent = tokio::time::timeout(pace, sender.send(Part::Elements(piece))).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
    // Who does not take the end knows it by the length, or has left.
    drop(sender.send(Part::End).await);
}
