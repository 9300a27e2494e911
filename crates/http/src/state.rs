//! What every handler can reach, and the configuration of this crate.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use explorer::Explorer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Handle;

use crate::access::Tokens;
use crate::answer::Responses;
use crate::base_path::BasePath;
use crate::middleware::{JoinTrace, Origins, Places};
use crate::readiness::Readiness;
use crate::serve::Tls;

/// How the server treats requests. The defaults are those of the binary's flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// `--request-timeout`: the longest that a request may take. Default 60 s: longer than any
    /// question within its budget takes on a slow store, shorter than proxies commonly wait.
    pub request_timeout: Duration,
    /// `--concurrent-requests`: how many questions are answered at a time before others are sent
    /// away with 429. Default 256: several browsers with a tree full of groups to expand, and far
    /// below the memory that as many budgets could take.
    pub concurrent_requests: usize,
    /// `--response-cache`: bytes that ready answers may take in memory. Default 64 MiB: some
    /// thousands of ordinary groups, plain and compressed.
    pub response_cache_bytes: u64,
    /// `--ready-timeout`: how long `/ready` waits for the store. Default 5 s, below the common
    /// period of probes.
    pub ready_timeout: Duration,
    /// `--shutdown-timeout`: how long requests under way may go on after the signal to stop.
    /// Default 30 s, the grace that orchestrators commonly give.
    pub shutdown_timeout: Duration,
    /// `--connections`: how many are open at a time; more wait with the system. Default 1024: far
    /// below the files that a process may commonly have open, of which reading takes some too.
    pub connections: usize,
    /// `--header-timeout`: how long the head of a request may take to arrive, the first from when
    /// the connection is made. Default 10 s: some round trips of the slowest line.
    pub header_timeout: Duration,
    /// `--idle-timeout`: how long a connection may wait for its next request. Default 75 s: longer
    /// than proxies commonly keep theirs, so that they do not send into one that is being closed.
    pub idle_timeout: Duration,
    /// `--write-timeout`: how long a client may take nothing of its answer. Default 30 s, longer
    /// than a line that is lost for a moment needs to come back.
    pub write_timeout: Duration,
    /// `--cors-origin`: whose pages may ask. Default none but our own.
    pub origins: Origins,
    /// `--embed-origin`: whose pages may show `/embed` in a frame. Default none but our own.
    pub embedders: Origins,
    /// `--base-path`: the path that all addresses begin with. Default: none.
    pub base_path: BasePath,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(60),
            concurrent_requests: 256,
            response_cache_bytes: 64 << 20,
            ready_timeout: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(30),
            connections: 1024,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            origins: Origins::default(),
            embedders: Origins::default(),
            base_path: BasePath::default(),
        }
    }
}

/// What every handler can reach.
pub struct AppState {
    pub(crate) explorer: Arc<Explorer>,
    pub(crate) responses: Responses,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) places: Places,
    pub(crate) readiness: Readiness,
    pub(crate) tokens: Option<Arc<Tokens>>,
    /// Of those who may say what has changed.
    pub(crate) event_tokens: Option<Arc<Tokens>>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) join_trace: Option<JoinTrace>,
    /// The description of the API; made when it is asked for.
    pub(crate) description: OnceLock<Bytes>,
    pub(crate) config: HttpConfig,
}

impl AppState {
    /// The state of a server for the files of `explorer`, to be made in the runtime that serves
    /// it. `metrics` is what [`install_metrics`](crate::install_metrics) gave.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn new(explorer: Arc<Explorer>, config: HttpConfig, metrics: PrometheusHandle) -> Self {
        Self {
            explorer,
            responses: Responses::new(config.response_cache_bytes, Handle::current()),
            metrics,
            places: Places::new(config.concurrent_requests),
            readiness: Readiness::default(),
            tokens: None,
            event_tokens: None,
            tls: None,
            join_trace: None,
            description: OnceLock::new(),
            config,
        }
    }

    /// The same, whose questions run in another runtime: reading a group of a hundred thousand
    /// links takes a thread for a tenth of a second, in which it could serve nobody else.
    #[must_use]
    pub fn with_questions_in(self, runtime: Handle) -> Self {
        let responses = Responses::new(self.config.response_cache_bytes, runtime);
        Self { responses, ..self }
    }

    /// The same, for those who have one of `tokens` only.
    #[must_use]
    pub fn with_tokens(self, tokens: Arc<Tokens>) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    /// The same, with `POST /events` for those who have one of `tokens`.
    #[must_use]
    pub fn with_event_tokens(self, tokens: Arc<Tokens>) -> Self {
        Self { event_tokens: Some(tokens), ..self }
    }

    /// The same, whose spans of requests become parts of traces by `join`.
    #[must_use]
    pub fn with_traces(self, join: JoinTrace) -> Self {
        Self { join_trace: Some(join), ..self }
    }

    /// The same, over TLS only.
    #[must_use]
    pub fn with_tls(self, tls: Arc<Tls>) -> Self {
        Self { tls: Some(tls), ..self }
    }
}
