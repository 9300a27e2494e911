//! The trace that a request belongs to, as its `traceparent` says. (W3C Trace Context, section 3.2.)
//!
//! Its id stands in the line of the request, so that the line is found from the trace. Nothing is
//! sent on to the store: its requests are signed, and it has no use for our traces.

use axum::http::HeaderMap;

const HEADER: &str = "traceparent";

/// The id of a trace: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceId(String);

impl TraceId {
    /// `None` where the request has no trace, or a header that does not say which: as the
    /// specification wants it, such a header is as good as none.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(HEADER).iter();
        let (Some(given), None) = (given.next(), given.next()) else { return None };
        let mut parts = given.to_str().ok()?.split('-');
        let (version, trace, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // Later versions may have more parts.
        let is_whole = is_hex(version, 2)
            && version != "ff"
            && is_id(trace, 32)
            && is_id(parent, 16)
            && is_hex(flags, 2)
            && (version != "00" || parts.next().is_none());
        is_whole.then(|| Self(trace.to_owned()))
    }

    /// The id with these digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        is_id(text, 32).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// An id of zeros means none.
fn is_id(text: &str, length: usize) -> bool {
    is_hex(text, length) && text.bytes().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn of(given: &[&'static str]) -> Option<TraceId> {
        let headers = given
            .iter()
            .map(|value| (HeaderName::from_static(HEADER), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| {
            map.append(name, value);
        });
        TraceId::of(&map)
    }

    #[test]
    fn the_id_is_taken_out_of_a_whole_header() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let whole = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(of(&[whole]).unwrap().as_str(), id);
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes";
        assert_eq!(of(&[later]).unwrap().as_str(), id);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[whole, whole]), None);
    }

    #[test]
    fn what_is_not_whole_is_as_good_as_none() {
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736 status=200-00f067aa0ba902b7-01",
        ] {
            assert_eq!(of(&[wrong]), None, "{wrong}");
        }
    }
}
