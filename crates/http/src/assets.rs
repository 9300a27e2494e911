//! What the pages consist of: all of it is in the binary and loads nothing from elsewhere.
//!
//! The page at `/` is built from `web/` before this crate (`make web`). A binary that was built
//! without it says so at `/`, and answers everything else.

use std::borrow::Cow;

use axum::http::HeaderValue;
use bytes::Bytes;
use rust_embed::Embed;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The folder that `npm run build` writes.
#[derive(Embed)]
#[folder = "../../web/dist"]
struct Built;

/// What `/docs` loads.
const OF_DOCS: [Asset; 2] = [
    Asset::ours("style.css", CSS, include_bytes!("../assets/style.css")),
    Asset::ours("docs.js", SCRIPT, include_bytes!("../assets/docs.js")),
];

/// The documentation at `/docs`.
pub(crate) const DOCS: Asset =
    Asset::ours("docs.html", HTML, include_bytes!("../assets/docs.html"));

/// What `/` says where the page was not built.
const ABSENT: Asset = Asset::ours("absent.html", HTML, include_bytes!("../assets/absent.html"));

/// A page, or something that one loads.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) content_type: HeaderValue,
    pub(crate) body: &'static [u8],
    /// Whether its name holds a hash of its contents: under it there is never anything else.
    pub(crate) is_forever: bool,
}

impl Asset {
    const fn ours(name: &'static str, content_type: HeaderValue, body: &'static [u8]) -> Self {
        Self { name, content_type, body, is_forever: false }
    }

    /// The body, which is never copied.
    pub(crate) fn bytes(&self) -> Bytes {
        Bytes::from_static(self.body)
    }
}

/// The page at `/`.
pub(crate) fn page() -> Asset {
    built("index.html").unwrap_or(ABSENT)
}

/// What a page loads as `assets/` and `name`.
pub(crate) fn find(name: &str) -> Option<Asset> {
    let ours = OF_DOCS.into_iter().find(|asset| asset.name == name);
    ours.or_else(|| built(&format!("assets/{name}")))
}

fn built(path: &str) -> Option<Asset> {
    // The names are looked through for one that lives as long as the binary, as its bytes do.
    let name = Built::iter().find_map(|name| match name {
        Cow::Borrowed(name) if name == path => Some(name),
        _ => None,
    })?;
    let Cow::Borrowed(body) = Built::get(name)?.data else { return None };
    // What is no page has a hash in its name, but for the texts: they are there to be found.
    let is_forever = name.starts_with("assets/") && !name.ends_with(".txt");
    Some(Asset { name, content_type: content_type(name), body, is_forever })
}

fn content_type(name: &str) -> HeaderValue {
    match name.rsplit('.').next() {
        Some("html") => HTML,
        Some("css") => CSS,
        Some("js") => SCRIPT,
        Some("svg") => SVG,
        Some("txt") => TEXT,
        _ => BYTES,
    }
}
