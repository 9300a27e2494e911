//! Ranges of answers: `Range` and `If-Range` (RFC 9110, sections 13.1.5 and 14).

use std::ops::Range;

use axum::http::header::{CONTENT_RANGE, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::EntityTag;
use crate::error::{ApiError, Code};

/// The bytes that a client wants of its answer; all, where it does not say, or says what no answer
/// has to understand: several ranges, or another unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedRange {
    bytes: Option<Bytes>,
    condition: Option<HeaderValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytes {
    /// From the first to the last one, or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

/// The answer has none of the bytes; it has so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsatisfiable {
    pub(crate) size_bytes: u64,
}

impl WantedRange {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let bytes = headers.get(RANGE).and_then(|field| Bytes::parse(field.to_str().ok()?));
        Self { bytes, condition: headers.get(IF_RANGE).cloned() }
    }

    /// The bytes of an answer of `size_bytes` with this tag; `None` for all of it.
    ///
    /// # Errors
    ///
    /// When it has none of them.
    pub(crate) fn within(
        &self,
        size_bytes: u64,
        tag: Option<&EntityTag>,
    ) -> Result<Option<Range<u64>>, Unsatisfiable> {
        let is_current = match &self.condition {
            None => true,
            Some(condition) => tag.is_some_and(|tag| tag.is_strongly(condition)),
        };
        let Some(bytes) = self.bytes.filter(|_| is_current) else { return Ok(None) };
        let range = match bytes {
            Bytes::From(first, last) => {
                let end = last.map_or(size_bytes, |last| last.saturating_add(1).min(size_bytes));
                first..end
            }
            Bytes::Last(count) => size_bytes.saturating_sub(count)..size_bytes,
        };
        if range.is_empty() { Err(Unsatisfiable { size_bytes }) } else { Ok(Some(range)) }
    }
}

impl Bytes {
    fn parse(field: &str) -> Option<Self> {
        let (unit, range) = field.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            // What does not fit is behind the end of everything.
            is_number.then(|| text.parse().unwrap_or(u64::MAX))
        };
        match (first.trim(), last.trim()) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => Some(Self::From(number(first)?, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }
}

/// The value of `Content-Range` for a part of an answer.
pub(super) fn content_range(range: &Range<u64>, size_bytes: u64) -> HeaderValue {
    let last = range.end.saturating_sub(1);
    let text = format!("bytes {}-{last}/{size_bytes}", range.start);
    // Digits and the text above: always a header's value.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("bytes */*"))
}

impl IntoResponse for Unsatisfiable {
    fn into_response(self) -> Response {
        let Self { size_bytes } = self;
        let detail = format!("the answer has {size_bytes} bytes, and none of this range");
        let mut response = ApiError::new(Code::RangeNotSatisfiable, detail).into_response();
        if let Ok(value) = HeaderValue::try_from(format!("bytes */{size_bytes}")) {
            response.headers_mut().insert(CONTENT_RANGE, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(range: &str, condition: Option<HeaderValue>) -> WantedRange {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        headers.extend(condition.map(|condition| (IF_RANGE, condition)));
        WantedRange::of(&headers)
    }

    #[test]
    fn one_range_of_bytes_is_understood() {
        let within = |range| wanted(range, None).within(100, None);
        for (range, expected) in [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=90-200", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-200", 0..100),
            ("Bytes = 5-5", 5..6),
            ("bytes=0-99999999999999999999", 0..100),
        ] {
            assert_eq!(within(range), Ok(Some(expected)), "{range}");
        }
        for range in ["bytes=0-1,3-4", "lines=0-1", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b"] {
            assert_eq!(within(range), Ok(None), "{range}");
        }
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(within(range), Err(Unsatisfiable { size_bytes: 100 }), "{range}");
        }
        assert!(wanted("bytes=0-", None).within(0, None).is_err());
    }

    #[test]
    fn a_range_of_another_version_is_not_given() {
        let tag = EntityTag::of(b"body").strong();
        let weak = EntityTag::of(b"body");
        let within = |condition: &EntityTag, tag: Option<&EntityTag>| {
            wanted("bytes=0-9", Some(condition.header())).within(100, tag).unwrap()
        };
        assert_eq!(within(&tag, Some(&tag)), Some(0..10));
        assert_eq!(within(&EntityTag::of(b"other").strong(), Some(&tag)), None);
        assert_eq!(within(&weak, Some(&tag)), None);
        assert_eq!(within(&weak, Some(&weak)), None);
        assert_eq!(within(&tag, None), None);
    }
}
