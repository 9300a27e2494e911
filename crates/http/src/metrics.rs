//! The names of this crate's metrics, and the recorder that `/metrics` reads.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

pub(crate) const REQUESTS: &str = "h5scout_http_requests_total";
pub(crate) const DURATION: &str = "h5scout_http_request_duration_seconds";
pub(crate) const IN_FLIGHT: &str = "h5scout_http_requests_in_flight";
pub(crate) const CONNECTIONS_CLOSED: &str = "h5scout_http_connections_closed_total";

/// Bounds of the duration histograms, in seconds: from an answer out of memory to a slow store.
const DURATION_BOUNDS_S: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// Installs the process's metrics recorder, to be called once and before anything is counted. The
/// handle goes into [`crate::AppState::new`].
///
/// # Errors
///
/// When the process has a recorder already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BOUNDS_S)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Requests answered, by route and status");
    describe_histogram!(DURATION, Unit::Seconds, "Time from a request to its answer");
    describe_counter!(CONNECTIONS_CLOSED, "Connections that were closed on the client, by why");
    describe_gauge!(IN_FLIGHT, "Requests being answered");
    Ok(handle)
}
