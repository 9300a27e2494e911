//! Every request has an id: the client's `x-request-id`, if it is sane, or a new one.
//!
//! The id stands in the log, in every error and in the response's `x-request-id`.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Long enough for a UUID or a trace id with a prefix, too short to fill a log.
const LENGTH_MAX: usize = 128;

/// The id of a request.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("")
    }

    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(given) if is_sane(given) => Self(given.clone()),
            _ => Self::fresh(),
        }
    }

    /// Puts the id onto the response.
    pub(super) fn add(self, response: &mut Response) {
        response.headers_mut().insert(HEADER, self.0);
    }

    /// Ids count up under a keyed hash: no two are the same within one run, and the random key
    /// tells two runs apart.
    fn fresh() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let count = COUNT.fetch_add(1, Relaxed);
        let id = format!("{:016x}", KEY.get_or_init(RandomState::new).hash_one(count));
        Self(HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("unknown")))
    }
}

/// Letters, digits and the marks that ids of other systems use: nothing that a log or a shell
/// would read as its own.
fn is_sane(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(byte);
    (1..=LENGTH_MAX).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(given: &[u8]) -> String {
        let value = HeaderValue::from_bytes(given).unwrap();
        RequestId::of(&HeaderMap::from_iter([(HEADER, value)])).as_str().to_owned()
    }

    #[test]
    fn a_sane_id_is_kept_and_others_are_replaced() {
        let uuid = "0190163d-8694-739b-aea5-966c26f8ad91";
        assert_eq!(id_for(uuid.as_bytes()), uuid);
        assert_eq!(id_for(&[b'x'; 128]).len(), 128);
        for wrong in [&b""[..], &[b'x'; 129], b"a b", b"a\"b", b"a\tb", "é".as_bytes()] {
            let id = id_for(wrong);
            assert_eq!(id.len(), 16, "{id}");
            assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        }
    }

    #[test]
    fn fresh_ids_differ() {
        assert_ne!(RequestId::fresh().as_str(), RequestId::fresh().as_str());
    }
}
