//! Which files a question may know of.

use std::sync::Arc;

/// The keys that one asker may read: all, or those that start with one of some prefixes.
///
/// Files that a file points to are held against it as the file that was asked for is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(Option<Arc<[String]>>);

impl Scope {
    /// All keys.
    pub const fn everything() -> Self {
        Self(None)
    }

    /// The keys that start with one of `prefixes`; none, if there are none.
    pub fn below(prefixes: impl IntoIterator<Item = String>) -> Self {
        let mut prefixes: Vec<String> = prefixes.into_iter().collect();
        // Two scopes that mean the same are equal: they share what caches keep.
        prefixes.sort();
        prefixes.dedup();
        Self(Some(prefixes.into()))
    }

    /// Its prefixes; `None` where it is all keys.
    pub fn prefixes(&self) -> Option<&[String]> {
        self.0.as_deref()
    }

    /// Whether the file `key` may be read.
    pub fn has_key(&self, key: &str) -> bool {
        let Some(prefixes) = self.prefixes() else { return true };
        // No store opens a key with these segments, and what they would mean is not below.
        let leads_elsewhere = key.split('/').any(|segment| matches!(segment, "." | ".."));
        !leads_elsewhere && prefixes.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Whether all keys that start with `prefix` may be read.
    pub fn has_all_below(&self, prefix: &str) -> bool {
        self.has_key(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(prefixes: &[&str]) -> Scope {
        Scope::below(prefixes.iter().map(ToString::to_string))
    }

    #[test]
    fn a_key_is_within_if_it_starts_with_a_prefix() {
        let scope = scope(&["a/", "b/2026-"]);
        for key in ["a/x.h5", "a/b/c.h5", "a/..x/y.h5", "b/2026-01.h5", "b/2026-01/x.h5", "a/"] {
            assert!(scope.has_key(key), "{key}");
        }
        for key in ["", "a", "ab.h5", "A/x.h5", "/a/x.h5", "b/2025-01.h5", "c/a/x.h5"] {
            assert!(!scope.has_key(key), "{key}");
        }
    }

    #[test]
    fn no_segment_leads_out_of_it() {
        for key in ["a/../b.h5", "a/./b.h5", "a/..", "a/b/../../c.h5", "a/../"] {
            assert!(!scope(&["a/"]).has_key(key), "{key}");
            assert!(!scope(&["a/"]).has_all_below(key), "{key}");
            assert!(Scope::everything().has_key(key), "what it is, the store says");
        }
    }

    #[test]
    fn a_listing_is_within_if_all_of_it_is() {
        let scope = scope(&["a/b/"]);
        for (prefix, is_within) in [("a/b/", true), ("a/b/c", true), ("a/", false), ("", false)] {
            assert_eq!(scope.has_all_below(prefix), is_within, "{prefix:?}");
        }
    }

    #[test]
    fn nothing_is_below_no_prefix_and_order_means_nothing() {
        assert!(!scope(&[]).has_key("a.h5"));
        assert_eq!(scope(&["b", "a", "b"]), scope(&["a", "b"]));
        assert_ne!(scope(&[]), Scope::everything());
    }
}
