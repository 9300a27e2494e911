//! Answers: a body with its tag, sent as the client wishes to have it.

mod ask;
mod body;
mod encoding;
mod etag;
mod question;
mod responses;

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cache::Outcome;
use explorer::{Freshness, Meter};
use serde::Serialize;

pub(crate) use body::{replaced, serialised};
pub(crate) use encoding::{CompressionFailed, Encoding};
pub(crate) use etag::{EntityTag, KnownTags};
pub(crate) use question::Question;
pub(crate) use responses::Responses;

use crate::duration::milliseconds;
use crate::error::ApiError;

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The type of every answer that is not a page, a script or metrics.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How the client wants its answer. The default: plain, unconditional.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) encoding: Encoding,
    pub(crate) known: KnownTags,
    pub(crate) freshness: Freshness,
}

impl<S: Sync> FromRequestParts<S> for Wishes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            encoding: Encoding::negotiated(&parts.headers),
            known: KnownTags::of(&parts.headers),
            freshness: freshness(&parts.headers),
        })
    }
}

/// With `Cache-Control: no-cache` the store is asked before anything known is trusted.
fn freshness(headers: &HeaderMap) -> Freshness {
    let fields = headers.get_all(CACHE_CONTROL).into_iter();
    let mut directives =
        fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(','));
    if directives.any(|directive| directive.trim().eq_ignore_ascii_case("no-cache")) {
        Freshness::Ask
    } else {
        Freshness::Trust
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

    fn server_timing(&self) -> Option<HeaderValue> {
        let Self { rounds, requests, bytes, duration } = self;
        let duration_ms = milliseconds(*duration);
        let timing = format!(
            "store;desc=\"rounds={rounds} requests={requests} bytes={bytes}\";dur={duration_ms}"
        );
        HeaderValue::try_from(timing).ok()
    }
}

/// An answer that is ready to be sent: the headers are those that every 200 carries.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content_type: HeaderValue,
    /// The body, already in `encoding`.
    pub(crate) body: Bytes,
    pub(crate) encoding: Encoding,
    pub(crate) tag: EntityTag,
    pub(crate) outcome: Outcome,
    pub(crate) cost: Cost,
}

impl Answer {
    /// An answer that is made for one request and costs nothing at the store.
    pub(crate) fn plain(content_type: HeaderValue, body: Bytes, tag: EntityTag) -> Self {
        let (encoding, outcome, cost) = (Encoding::Plain, Outcome::Miss, Cost::default());
        Self { content_type, body, encoding, tag, outcome, cost }
    }

    /// The answer with its body in the form that the client likes best, made for this client only.
    pub(crate) async fn compressed(self, wishes: &Wishes) -> Result<Self, ApiError> {
        if wishes.known.contain(self.tag) {
            return Ok(self);
        }
        let encoding = wishes.encoding.for_body(&self.body);
        let body = encoding.compress(self.body).await?;
        Ok(Self { body, encoding, ..self })
    }

    pub(crate) fn with_outcome(self, outcome: Outcome, cost: Cost) -> Self {
        Self { outcome, cost, ..self }
    }

    /// The response: 304 without a body if the client has this answer already.
    pub(crate) fn respond(self, wishes: &Wishes) -> Response {
        let known = wishes.known.contain(self.tag);
        let mut headers = HeaderMap::new();
        let shared = [
            (ETAG, self.tag.header()),
            (CACHE_CONTROL, Some(HeaderValue::from_static("private, no-cache"))),
            (VARY, Some(HeaderValue::from_static("accept-encoding"))),
            (X_CACHE, Some(HeaderValue::from_static(self.outcome.as_str()))),
            (SERVER_TIMING, self.cost.server_timing()),
        ];
        let of_body = [
            (CONTENT_TYPE, Some(self.content_type).filter(|_| !known)),
            (CONTENT_ENCODING, self.encoding.header().filter(|_| !known)),
        ];
        for (name, value) in shared.into_iter().chain(of_body) {
            headers.extend(value.map(|value| (name, value)));
        }
        if known {
            (StatusCode::NOT_MODIFIED, headers).into_response()
        } else {
            (headers, self.body).into_response()
        }
    }
}

/// Answers with what is made for this request and not kept.
pub(crate) async fn respond_once<T>(answer: T, wishes: &Wishes) -> Result<Response, ApiError>
where
    T: Serialize + Send + 'static,
{
    let body = serialised(answer).await?;
    let tag = EntityTag::of(&body);
    Ok(Answer::plain(JSON, body, tag).compressed(wishes).await?.respond(wishes))
}
