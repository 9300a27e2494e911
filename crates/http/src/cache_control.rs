//! What a request says in `Cache-Control` (RFC 9111, section 5.2.1): how new its answer must be.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use explorer::Freshness;

/// The directives that we know. The others ask for what always holds here, or are for caches on
/// the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CacheControl {
    /// `no-cache`: the store is asked before anything known is trusted.
    pub(crate) freshness: Freshness,
    /// `max-stale`: how old an answer may be where the store cannot be asked. `None`: an error is
    /// better.
    pub(crate) max_stale: Option<Duration>,
}

impl CacheControl {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(CACHE_CONTROL).into_iter();
        let directives =
            fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(','));
        let mut wanted = Self::default();
        for directive in directives {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" => wanted.freshness = Freshness::Ask,
                "max-stale" => wanted.max_stale = age(value.trim()),
                _ => {}
            }
        }
        if wanted.freshness == Freshness::Ask {
            wanted.max_stale = None;
        }
        wanted
    }
}

/// Seconds; nothing means any age, and what is no number is not understood and so not asked for.
fn age(seconds: &str) -> Option<Duration> {
    if seconds.is_empty() {
        return Some(Duration::MAX);
    }
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn said(fields: &[&'static str]) -> CacheControl {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(CACHE_CONTROL, HeaderValue::from_static(field));
        }
        CacheControl::of(&headers)
    }

    #[test]
    fn no_cache_asks_the_store() {
        for fields in [&["No-Cache"][..], &["max-age=0, no-cache"], &["max-age=0", "no-cache"]] {
            assert_eq!(said(fields).freshness, Freshness::Ask, "{fields:?}");
        }
        assert_eq!(said(&["max-age=0, no-store"]), CacheControl::default());
    }

    #[test]
    fn max_stale_takes_what_is_old() {
        for (field, seconds) in [
            ("max-stale=60", Some(60)),
            ("Max-Stale = \"60\"", Some(60)),
            ("max-stale=0", Some(0)),
            ("max-stale=-1", None),
            ("max-stale=soon", None),
            ("max-stale=60, no-cache", None),
            ("no-cache, max-stale", None),
            ("stale-if-error=60", None),
        ] {
            assert_eq!(said(&[field]).max_stale, seconds.map(Duration::from_secs), "{field}");
        }
        assert_eq!(said(&["max-stale"]).max_stale, Some(Duration::MAX));
    }
}
