//! Pages of other origins (`--cors-origin`): a browser lets them ask, and read what is answered,
//! where the answer says so.
//!
//! Nothing here keeps anybody from asking: that tokens do. No answer allows cookies or other
//! credentials that a browser adds by itself; a page that has a token sends it.

use std::str::FromStr;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;

/// The pages that may ask: of no other origin, of some, or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Of all origins.
    All,
    /// Of these.
    Some(Vec<HeaderValue>),
}

/// A text is not the origin of pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an origin is http:// or https:// with a host, a port if it has one, and nothing behind")]
pub struct OriginError;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");

/// What a request may carry besides what all may.
const ASKED_WITH: HeaderValue = HeaderValue::from_static(
    "authorization, cache-control, if-none-match, traceparent, x-request-id",
);

/// What a page may read of an answer besides what all may.
const SHOWN: HeaderValue = HeaderValue::from_static(
    "age, etag, retry-after, server-timing, www-authenticate, x-cache, x-request-id",
);

/// Browsers remember for two hours at most whatever is said.
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("7200");

impl Origins {
    /// The origins of `texts`; `*` stands for all.
    ///
    /// # Errors
    ///
    /// When one is not an origin.
    pub fn of(texts: &[String]) -> Result<Self, OriginError> {
        let mut origins = Vec::new();
        for text in texts {
            if text == "*" {
                return Ok(Self::All);
            }
            origins.push(origin(text)?);
        }
        Ok(Self::Some(origins))
    }

    /// These origins and our own, as a policy writes them.
    pub(super) fn as_sources(&self) -> String {
        match self {
            Self::All => "*".to_owned(),
            Self::Some(origins) => {
                let origins = origins.iter().filter_map(|origin| origin.to_str().ok());
                std::iter::once("'self'").chain(origins).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// What is said to the page behind `request`.
    pub(super) fn origin_of(&self, request: &Request) -> PageOrigin {
        match (self, request.headers().get(ORIGIN)) {
            (Self::All, _) => PageOrigin::Any,
            (Self::Some(allowed), _) if allowed.is_empty() => PageOrigin::Ours,
            (Self::Some(allowed), Some(origin)) if allowed.contains(origin) => {
                PageOrigin::Allowed(origin.clone())
            }
            (Self::Some(_), _) => PageOrigin::NotAllowed,
        }
    }
}

impl Default for Origins {
    /// None but our own.
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

/// The origin of the page that asks, as far as its answer depends on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PageOrigin {
    /// No other is allowed.
    Ours,
    /// Whatever it is, it is allowed.
    Any,
    Allowed(HeaderValue),
    /// None, or one that is not allowed, while others are.
    NotAllowed,
}

impl PageOrigin {
    /// Says it in an answer.
    pub(super) fn add(self, response: &mut Response) {
        let headers = response.headers_mut();
        if matches!(self, Self::Allowed(_) | Self::NotAllowed) {
            // Answers differ by origin; `Vary` may name more already.
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        let allowed = match self {
            Self::Any => HeaderValue::from_static("*"),
            Self::Allowed(origin) => origin,
            Self::Ours | Self::NotAllowed => return,
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
    }
}

/// The answer to a browser that asks whether a page may ask. It needs no token: browsers send none.
pub(super) fn preflight(origin: &PageOrigin, request: &Request) -> Option<Response> {
    let is_allowed = matches!(origin, PageOrigin::Any | PageOrigin::Allowed(_));
    let asks = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !(is_allowed && asks && request.method() == Method::OPTIONS) {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let said: [(HeaderName, HeaderValue); 3] = [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, ASKED_WITH),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE_S),
    ];
    response.headers_mut().extend(said);
    Some(response)
}

/// An origin as browsers write it (RFC 6454, section 6.2): in small letters, without the port that
/// its scheme has anyway.
fn origin(text: &str) -> Result<HeaderValue, OriginError> {
    let uri = Uri::from_str(text).map_err(|_| OriginError)?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err(OriginError);
    };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(OriginError),
    };
    let ends_there = uri.path() == "/" && !text.ends_with('/') && uri.query().is_none();
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if !ends_there || has_user || host.contains('*') {
        return Err(OriginError);
    }
    let port = uri.port_u16().filter(|port| *port != default_port);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let origin = format!("{scheme}://{host}{port}").to_lowercase();
    HeaderValue::try_from(origin).map_err(|_| OriginError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(texts: &[&str]) -> Result<Origins, OriginError> {
        Origins::of(&texts.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn origins_are_as_browsers_write_them() {
        for (text, expected) in [
            ("https://a.example", "https://a.example"),
            ("HTTPS://A.example:443", "https://a.example"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            let expected = Origins::Some(vec![HeaderValue::from_static(expected)]);
            assert_eq!(origins(&[text]).unwrap(), expected, "{text}");
        }
        assert_eq!(origins(&["https://a.example", "*"]).unwrap(), Origins::All);
        assert_eq!(origins(&[]).unwrap(), Origins::default());
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for text in [
            "",
            "null",
            "a.example",
            "https://a.example/",
            "https://a.example/page",
            "https://a.example?x",
            "https://me@a.example",
            "ftp://a.example",
            "https://*.example",
            "https://a.example https://b.example",
        ] {
            assert_eq!(origins(&[text]), Err(OriginError), "{text}");
        }
    }
}
