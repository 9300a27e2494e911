//! What every handler can reach, and the configuration of this crate.

use std::sync::Arc;
use std::time::Duration;

use explorer::Explorer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Handle;

use crate::answer::Responses;
use crate::middleware::Places;

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
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(60),
            concurrent_requests: 256,
            response_cache_bytes: 64 << 20,
            ready_timeout: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

/// What every handler can reach.
pub struct AppState {
    pub(crate) explorer: Arc<Explorer>,
    pub(crate) responses: Responses,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) places: Places,
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
}
