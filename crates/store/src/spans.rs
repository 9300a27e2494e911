//! What a trace shows of a question: spans, for whoever collects traces.
//!
//! All spans of this program have the target [`SPANS`] and the lowest level. Log lines leave them
//! out, so that where nobody collects traces a span is a comparison of two numbers, and none of its
//! fields is worked out. Names and fields are listed in `docs/operations.md`. Numbers are signed,
//! because OpenTelemetry knows no others.

use std::ops::Range;

use http::StatusCode;
use tracing::field::Empty;
use tracing::{Span, trace_span};

use crate::ranges::length;
use crate::request_metrics::Operation;

/// The target of all spans.
pub const SPANS: &str = "h5scout::spans";

/// The most that a span has of a text that others wrote: as long as a key of S3 may be. Spans wait
/// in a queue that is bounded by their number.
const TEXT_BYTES_MAX: usize = 1024;

/// As much of `text` as a span may have.
pub fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default()
}

/// `number` as spans have it.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A request to the store, before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: Operation,
    /// The object, or the prefix of a listing.
    pub(crate) key: &'a str,
    /// Its bytes, as far as they are known before.
    pub(crate) range: Option<Range<u64>>,
}

impl<'a> Asked<'a> {
    /// The object, if it is about one.
    pub(crate) fn of_one_file(&self) -> Option<&'a str> {
        matches!(self.operation, Operation::Get | Operation::Head).then_some(self.key)
    }
}

/// The look for the current version of an object.
pub(crate) fn version(key: &str) -> Span {
    trace_span!(target: SPANS, "version", h5scout.key = shortened(key), h5scout.outcome = Empty)
}

/// The look for a page of keys.
pub(crate) fn listing(prefix: &str) -> Span {
    trace_span!(
        target: SPANS, "listing", h5scout.prefix = shortened(prefix), h5scout.outcome = Empty
    )
}

/// A wave: all that a question needs of an object before it can go on.
pub(crate) fn wave(key: &str, ranges: &[Range<u64>]) -> Span {
    trace_span!(
        target: SPANS,
        "wave",
        h5scout.key = shortened(key),
        h5scout.ranges = signed(ranges.len() as u64),
        h5scout.bytes = signed(ranges.iter().map(length).fold(0, u64::saturating_add)),
        h5scout.outcome = Empty,
    )
}

/// One attempt to make a request, after `retries` others.
pub(crate) fn request(asked: &Asked<'_>, retries: u32) -> Span {
    trace_span!(
        target: SPANS,
        "store request",
        otel.name = %format_args!("store {}", asked.operation),
        otel.kind = "client",
        otel.status_code = Empty,
        h5scout.key = (!asked.key.is_empty()).then(|| shortened(asked.key)),
        h5scout.range.start = asked.range.as_ref().map(|range| signed(range.start)),
        h5scout.range.end = asked.range.as_ref().map(|range| signed(range.end)),
        h5scout.bytes = Empty,
        h5scout.outcome = Empty,
        http.request.resend_count = (retries > 0).then(|| i64::from(retries)),
        http.response.status_code = Empty,
    )
}

/// Notes the status of the answer to the request that is under way.
pub(crate) fn received(status: StatusCode) {
    Span::current().record("http.response.status_code", i64::from(status.as_u16()));
}

/// Notes how a look or a wave was answered.
pub(crate) fn answered(span: &Span, outcome: cache::Outcome) {
    span.record("h5scout.outcome", outcome.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_letters() {
        let text = format!("{}é", "x".repeat(TEXT_BYTES_MAX - 1));
        assert_eq!(shortened(&text).len(), TEXT_BYTES_MAX - 1);
        assert_eq!(shortened("é"), "é");
    }
}
