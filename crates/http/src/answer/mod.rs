//! Answers: a body with its tag, sent as the client wishes to have it.

mod ask;
mod body;
mod cost_metrics;
mod encoding;
mod etag;
mod listing;
mod question;
mod range;
mod responses;
mod splice;
mod streamed;

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{
    ACCEPT_RANGES, AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderName, VARY, WARNING,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use cache::Outcome;
use explorer::Meter;
use serde::Serialize;

pub(crate) use ask::Hit;
pub(crate) use body::{Pieces, Written};
pub(crate) use encoding::{Accepted, CompressionFailed, Encoding};
pub(crate) use etag::{EntityTag, KnownTags};
pub(crate) use question::Question;
pub(crate) use range::WantedRange;
pub(crate) use responses::Responses;

use crate::cache_control::CacheControl;
use crate::duration::milliseconds;
use crate::error::ApiError;

pub(crate) const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// `Server-Timing` of an answer for which the store was not asked.
const NO_COST: HeaderValue =
    HeaderValue::from_static("store;desc=\"rounds=0 requests=0 bytes=0\";dur=0");

/// In the words of RFC 7234, section 5.5.1: newer specifications have none for it.
const STALE: HeaderValue = HeaderValue::from_static("110 - \"Response is Stale\"");

/// More than any answer has, those of the middleware included: the table does not grow.
const HEADERS_MAX: usize = 24;

/// The type of every answer that is not a page, a script or metrics.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How the client wants its answer. The default: plain, unconditional.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) accepted: Accepted,
    pub(crate) known: KnownTags,
    pub(crate) cache_control: CacheControl,
    pub(crate) range: WantedRange,
}

impl Wishes {
    /// The encoding that the client likes best of all that we have.
    pub(crate) fn encoding(&self) -> Encoding {
        self.accepted.best_of(&Encoding::COMPRESSED)
    }
}

impl<S: Sync> FromRequestParts<S> for Wishes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            accepted: Accepted::of(&parts.headers),
            known: KnownTags::of(&parts.headers),
            cache_control: CacheControl::of(&parts.headers),
            range: WantedRange::of(&parts.headers),
        })
    }
}

/// What an answer cost at the store.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) rounds: u64,
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) duration: Duration,
}

impl Cost {
    pub(crate) fn of(meter: &Meter) -> Self {
        Self {
            rounds: meter.rounds(),
            requests: meter.requests(),
            bytes: meter.bytes(),
            duration: meter.duration(),
        }
    }

    fn server_timing(&self) -> HeaderValue {
        if *self == Self::default() {
            return NO_COST;
        }
        let Self { rounds, requests, bytes, duration } = self;
        let duration_ms = milliseconds(*duration);
        let timing = format!(
            "store;desc=\"rounds={rounds} requests={requests} bytes={bytes}\";dur={duration_ms}"
        );
        // Digits and the text above: always a header's value.
        HeaderValue::try_from(timing).unwrap_or(NO_COST)
    }
}

/// An answer that is ready to be sent: the headers are those that every 200 carries.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content_type: HeaderValue,
    /// The body, already in `encoding`.
    pub(crate) body: Pieces,
    pub(crate) encoding: Encoding,
    pub(crate) tag: EntityTag,
    pub(crate) outcome: Outcome,
    pub(crate) cost: Cost,
    /// How long ago the store confirmed it, where that is longer than it is trusted and the store
    /// cannot be asked.
    pub(crate) stale: Option<Duration>,
    /// Whether a part of it can be asked for.
    pub(crate) has_ranges: bool,
}

impl Answer {
    /// An answer that is made for one request and costs nothing at the store.
    pub(crate) fn plain(
        content_type: HeaderValue,
        body: impl Into<Pieces>,
        tag: EntityTag,
    ) -> Self {
        let body = body.into();
        let (encoding, outcome, cost) = (Encoding::Plain, Outcome::Miss, Cost::default());
        Self { content_type, body, encoding, tag, outcome, cost, stale: None, has_ranges: false }
    }

    /// The answer with its body in the form that the client likes best, made for this client only.
    pub(crate) async fn compressed(self, wishes: &Wishes) -> Result<Self, ApiError> {
        let encoding = wishes.encoding().for_size(self.body.size_bytes());
        if encoding == Encoding::Plain || wishes.known.contain(&self.tag) {
            return Ok(self);
        }
        let body = encoding.compress(self.body).await?.into();
        Ok(Self { body, encoding, ..self })
    }

    pub(crate) fn with_outcome(self, outcome: Outcome, cost: Cost) -> Self {
        Self { outcome, cost, ..self }
    }

    pub(crate) fn with_staleness(self, stale: Option<Duration>) -> Self {
        Self { stale, ..self }
    }

    /// The response: 304 without a body if the client has this answer already.
    pub(crate) fn respond(self, wishes: &Wishes) -> Response {
        let known = wishes.known.contain(&self.tag);
        if self.has_ranges && !known {
            return self.respond_with_range(wishes);
        }
        self.respond_whole(known)
    }

    /// The response with the part of the answer that the client wants.
    fn respond_with_range(mut self, wishes: &Wishes) -> Response {
        let size_bytes = self.body.size_bytes() as u64;
        let range = match wishes.range.within(size_bytes, Some(&self.tag)) {
            Ok(range) => range,
            Err(unsatisfiable) => return unsatisfiable.into_response(),
        };
        if let Some(range) = &range {
            self.body = self.body.part(range).into();
        }
        let mut response = self.respond_whole(false);
        response.headers_mut().insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(range) = &range {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            response.headers_mut().insert(CONTENT_RANGE, range::content_range(range, size_bytes));
        }
        response
    }

    fn respond_whole(self, known: bool) -> Response {
        let body = if known { Body::empty() } else { self.body.into() };
        let mut response = Response::new(body);
        let mut headers = HeaderMap::with_capacity(HEADERS_MAX);
        headers.insert(ETAG, self.tag.header());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(X_CACHE, HeaderValue::from_static(self.outcome.as_str()));
        headers.insert(SERVER_TIMING, self.cost.server_timing());
        if let Some(age) = self.stale {
            headers.insert(WARNING, STALE);
            headers.insert(AGE, HeaderValue::from(age.as_secs()));
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(CONTENT_TYPE, self.content_type);
            headers.extend(self.encoding.header().map(|encoding| (CONTENT_ENCODING, encoding)));
        }
        *response.headers_mut() = headers;
        response
    }
}

/// Answers with what is made for this request and not kept. It is short: nothing waits for it.
pub(crate) async fn respond_once(
    answer: impl Serialize,
    wishes: &Wishes,
) -> Result<Response, ApiError> {
    let Written { body, tag } = Written::now(&answer)?;
    Ok(Answer::plain(JSON, body, tag).compressed(wishes).await?.respond(wishes))
}
