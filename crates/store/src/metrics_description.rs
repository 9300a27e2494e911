//! What the metrics of this crate mean, in one place for `/metrics`. They are counted where the
//! things happen.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Says what the metrics of this crate mean, to the recorder of the process. To be called once it
/// is installed.
pub fn describe_metrics() {
    let requests = "Requests to the store, each attempt one, by operation and outcome";
    describe_counter!("h5scout_store_requests_total", requests);
    let duration = "Time that a request to the store took, by operation";
    describe_histogram!("h5scout_store_request_duration_seconds", Unit::Seconds, duration);
    let in_flight = "Requests to the store that are under way, by operation";
    describe_gauge!("h5scout_store_requests_in_flight", in_flight);
    let bytes = "Bytes of the bodies that the store sent";
    describe_counter!("h5scout_store_bytes_total", Unit::Bytes, bytes);
    let retries = "Requests to the store that were another attempt, by operation";
    describe_counter!("h5scout_store_retries_total", retries);
    let open = "Stores that are left alone because they failed again and again";
    describe_gauge!("h5scout_store_breaker_open", open);
    let refusals = "Requests that were not sent because their store is left alone";
    describe_counter!("h5scout_store_breaker_refusals_total", refusals);
    describe_gauge!("h5scout_disk_cache_up", "1 while the disk cache is used, 0 once it is off");
    let read = "Bytes read from the disk cache";
    describe_counter!("h5scout_disk_cache_read_bytes_total", Unit::Bytes, read);
    let written = "Bytes written to the disk cache";
    describe_counter!("h5scout_disk_cache_written_bytes_total", Unit::Bytes, written);
    let dropped = "Pieces that the disk cache did not take because it had too much to do";
    describe_counter!("h5scout_disk_cache_dropped_total", dropped);
    describe_counter!("h5scout_disk_cache_errors_total", "Errors of the disk cache");
}
