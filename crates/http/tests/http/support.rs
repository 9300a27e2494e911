//! A server over a temporary folder, called in-process.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{self, HeaderMap, Request, StatusCode};
use bytes::Bytes;
use explorer::{Explorer, ExplorerConfig};
use h5scout_http::{AppState, HttpConfig, Tokens, install_metrics, router};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;
use store::{Store, StoreConfig};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tower::ServiceExt;

/// What [`Server::with_all_routes`] knows those by who tell what has changed.
pub(crate) const EVENTS_TOKEN: &str = "a-token-of-the-bucket";

/// A server, and the folder that it serves unless it was made over another store.
pub(crate) struct Server {
    folder: TempDir,
    pub(crate) router: Router,
}

impl Server {
    /// Serves an empty folder.
    pub(crate) fn new() -> Self {
        Self::with(HttpConfig::default())
    }

    pub(crate) fn with(config: HttpConfig) -> Self {
        let folder = TempDir::new().unwrap();
        let source = folder.path().to_str().unwrap().to_owned();
        Self { folder, router: serving(&source, config) }
    }

    /// Serves one ordinary file, `a.h5`, with its questions in another runtime.
    pub(crate) fn with_questions_in(runtime: Handle) -> Self {
        let folder = TempDir::new().unwrap();
        let state = state(folder.path().to_str().unwrap(), HttpConfig::default());
        let server = Self { folder, router: router(state.with_questions_in(runtime)) };
        server.put("a.h5", "ordinary/latest.h5");
        server
    }

    /// Serves an empty folder to those who have one of the tokens of a file that holds `tokens`.
    pub(crate) fn with_tokens(tokens: &str, config: HttpConfig) -> Self {
        let folder = TempDir::new().unwrap();
        let state = state(folder.path().to_str().unwrap(), config).with_tokens(read(tokens));
        Self { folder, router: router(state) }
    }

    /// Serves one ordinary file, `a.h5`, with every route that there is: events come with
    /// [`EVENTS_TOKEN`].
    pub(crate) fn with_all_routes() -> Self {
        let folder = TempDir::new().unwrap();
        let source = folder.path().to_str().unwrap().to_owned();
        let server = Self { folder, ..Self::with_events(&source, EVENTS_TOKEN) };
        server.put("a.h5", "ordinary/latest.h5");
        server
    }

    /// Serves `source`, whose changes are told by those who have one of `tokens`.
    pub(crate) fn with_events(source: &str, tokens: &str) -> Self {
        let state = state(source, HttpConfig::default()).with_event_tokens(read(tokens));
        Self { folder: TempDir::new().unwrap(), router: router(state) }
    }

    /// Serves what is at `url`.
    pub(crate) fn over(url: &str, config: HttpConfig) -> Self {
        Self { folder: TempDir::new().unwrap(), router: serving(url, config) }
    }

    /// Serves `source`, as `store` says how.
    pub(crate) fn over_store(source: &str, store: StoreConfig, config: HttpConfig) -> Self {
        let router = router(state_over(source, store, config));
        Self { folder: TempDir::new().unwrap(), router }
    }

    /// Serves one ordinary file, `a.h5`.
    pub(crate) fn with_a_file() -> Self {
        let server = Self::new();
        server.put("a.h5", "ordinary/latest.h5");
        server
    }

    /// Puts a fixture into the folder.
    pub(crate) fn put(&self, key: &str, fixture: &str) {
        let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures"));
        self.write(key, &std::fs::read(fixtures.join(fixture)).unwrap());
    }

    pub(crate) fn write(&self, key: &str, bytes: &[u8]) {
        let path = self.folder.path().join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.get_with(uri, &[]).await
    }

    pub(crate) async fn get_with(&self, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.call("GET", uri, headers).await
    }

    pub(crate) async fn call(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, uri, headers, Body::empty()).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }
}

/// The tokens of a file that holds `text`.
fn read(text: &str) -> Arc<Tokens> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Arc::new(Tokens::read(file.path().to_owned()).unwrap())
}

fn serving(source: &str, config: HttpConfig) -> Router {
    router(state(source, config))
}

fn state(source: &str, config: HttpConfig) -> AppState {
    state_over(source, StoreConfig::default(), config)
}

fn state_over(source: &str, store: StoreConfig, config: HttpConfig) -> AppState {
    let store = Store::open(source, store).unwrap();
    let explorer = Explorer::new(store, ExplorerConfig::default());
    AppState::new(explorer, config, metrics())
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    async fn of(response: http::Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// A header that is there once.
    pub(crate) fn header(&self, name: &str) -> &str {
        assert_eq!(self.headers.get_all(name).iter().count(), 1, "{name}: {:?}", self.headers);
        self.headers[name].to_str().unwrap()
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{:?}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body of an error: checked for what all errors have, returned with its status and code.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String, Value) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{:?}", self.body);
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["success"], false);
        assert_eq!(problem["error"], problem["detail"]);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["title"], self.status.canonical_reason().unwrap());
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        (self.status.as_u16(), problem["code"].as_str().unwrap().to_owned(), problem)
    }
}

/// The recorder of this process: there can be one only.
fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| install_metrics().unwrap()).clone()
}
