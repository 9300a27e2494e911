//! The names of this crate's metrics, and the recorder that `/metrics` reads.

use std::sync::LazyLock;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

pub(crate) const REQUESTS: &str = "h5scout_http_requests_total";
pub(crate) const DURATION: &str = "h5scout_http_request_duration_seconds";
pub(crate) const IN_FLIGHT: &str = "h5scout_http_requests_in_flight";
pub(crate) const CONNECTIONS_CLOSED: &str = "h5scout_http_connections_closed_total";
pub(crate) const QUESTION_ROUNDS: &str = "h5scout_question_rounds";
pub(crate) const QUESTION_STORE: &str = "h5scout_question_store_seconds";
const BUILD: &str = "h5scout_build_info";

/// Why connections are closed on their clients.
const CLOSED_BECAUSE: [&str; 5] =
    ["header_timeout", "idle_timeout", "write_timeout", "tls_timeout", "tls_handshake"];

/// Bounds of the duration histograms, in seconds: from an answer out of memory to a slow store.
const DURATION_BOUNDS_S: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// Bounds of the histogram of round trips: ordinary questions take fewer than ten.
const ROUNDS_BOUNDS: [f64; 10] = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 100.0, 1000.0];

/// What the system says of this process, under the names that Prometheus has for it.
static PROCESS: LazyLock<Collector> = LazyLock::new(Collector::default);

/// Installs the process's metrics recorder, to be called once and before anything is counted. The
/// handle goes into [`crate::AppState::new`].
///
/// # Errors
///
/// When the process has a recorder already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BOUNDS_S)?
        .set_buckets_for_metric(Matcher::Suffix("_rounds".to_owned()), &ROUNDS_BOUNDS)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Requests answered, by route and status");
    describe_histogram!(DURATION, Unit::Seconds, "Time from a request to its answer, by route");
    describe_counter!(CONNECTIONS_CLOSED, "Connections that were closed on the client, by why");
    describe_gauge!(IN_FLIGHT, "Requests being answered");
    let text = "Round trips to the store of a question whose answer was not kept";
    describe_histogram!(QUESTION_ROUNDS, text);
    let text = "Time that such a question waited for the store";
    describe_histogram!(QUESTION_STORE, Unit::Seconds, text);
    describe_gauge!(BUILD, "1; the label says which version runs");
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    explorer::describe_metrics();
    PROCESS.describe();
    Ok(handle)
}

/// Sets the metrics of the process, and shows what has not happened yet. To be called when metrics
/// are asked for.
pub(crate) fn report() {
    PROCESS.collect();
    for why in CLOSED_BECAUSE {
        counter!(CONNECTIONS_CLOSED, "why" => why).increment(0);
    }
}
