//! Counts requests by route and status, measures how long they take and how many are under way.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, gauge, histogram};

use super::log_request::route;
use crate::metrics::{DURATION, IN_FLIGHT, REQUESTS};

/// Records one request.
pub(crate) async fn record_metrics(request: Request, next: Next) -> Response {
    let route = route(&request);
    let started = Instant::now();
    let _under_way = UnderWay::begin();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    counter!(REQUESTS, "route" => route.clone(), "status" => status).increment(1);
    histogram!(DURATION, "route" => route).record(started.elapsed());
    response
}

/// A place in the gauge, given back also when the client leaves.
struct UnderWay;

impl UnderWay {
    fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1);
    }
}
