//! The path below which the server stands where a proxy passes it on: `/h5scout`.
//!
//! It is taken off before anything else sees a request, so that routes, keys, logs and metrics are
//! the same with and without it. What the server sends has no address that begins with `/`, but
//! for the description of the API, which names it.

use std::fmt;
use std::str::FromStr;

use axum::Router;
use axum::extract::Request;
use axum::http::uri::{PathAndQuery, Uri};
use tower::ServiceExt;

/// One or more segments, each with a `/` before it. Empty where the server stands at the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// A text that cannot be a base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadBasePath(String);

impl BasePath {
    /// `/h5scout`, or empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the server stands at the root.
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The server as it is seen from outside: what is below the path comes from `inside`, all else
    /// from `outside`.
    pub(crate) fn stand_below(self, inside: Router, outside: Router) -> Router {
        if self.is_root() {
            return inside;
        }
        let choose = move |request: Request| {
            let (base, inside, outside) = (self.clone(), inside.clone(), outside.clone());
            async move {
                match base.taken_off(request.uri()) {
                    Some(uri) => {
                        let mut request = request;
                        *request.uri_mut() = uri;
                        inside.oneshot(request).await
                    }
                    None => outside.oneshot(request).await,
                }
            }
        };
        Router::new().fallback(choose)
    }

    /// `uri` without this path; `None` if it is not below it.
    fn taken_off(&self, uri: &Uri) -> Option<Uri> {
        let path = uri.path().strip_prefix(&self.0)?;
        path.starts_with('/').then(|| with_path(uri, path)).flatten()
    }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

impl FromStr for BasePath {
    type Err = BadBasePath;

    /// `/h5scout`, `h5scout/` and `/h5scout/` are the same; `/` and nothing are the root. Segments
    /// consist of what stands for itself in every URL.
    fn from_str(text: &str) -> Result<Self, BadBasePath> {
        let trimmed = text.trim_matches('/');
        if trimmed.is_empty() {
            return Ok(Self::default());
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_segment =
            |segment: &str| !matches!(segment, "" | "." | "..") && segment.chars().all(is_plain);
        if !trimmed.split('/').all(is_segment) {
            return Err(BadBasePath(text.to_owned()));
        }
        Ok(Self(format!("/{trimmed}")))
    }
}

impl fmt::Display for BadBasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        write!(
            f,
            "`{text}` cannot be a base path: segments of letters, digits, `-._~`, as /h5scout"
        )
    }
}

impl std::error::Error for BadBasePath {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_around_it_mean_nothing() {
        for (text, path) in [
            ("/h5scout", "/h5scout"),
            ("h5scout/", "/h5scout"),
            ("/a/b-c_d.e~f/", "/a/b-c_d.e~f"),
            ("/", ""),
            ("", ""),
        ] {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), path, "{text}");
        }
        for wrong in
            ["/a//b", "/a/../b", "/.", "/a b", "/a%2Fb", "/a?b", "/a#b", "/ä", "http://h/a"]
        {
            assert!(wrong.parse::<BasePath>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_is_taken_off_whole_or_not_at_all() {
        let base: BasePath = "/h5".parse().unwrap();
        let inside =
            |uri: &'static str| base.taken_off(&Uri::from_static(uri)).map(|uri| uri.to_string());
        assert_eq!(inside("/h5/").as_deref(), Some("/"));
        assert_eq!(
            inside("/h5/files/a%2Fb/meta?x=%20").as_deref(),
            Some("/files/a%2Fb/meta?x=%20")
        );
        assert_eq!(inside("/h5//x").as_deref(), Some("//x"));
        for other in ["/h5", "/h5x/files", "/", "/files", "/x/h5/files", "/H5/files"] {
            assert_eq!(inside(other), None, "{other}");
        }
    }
}
