//! Counts requests by route and status, measures how long they take and how many are under way.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::Response;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::Route;
use crate::metrics::{DURATION, IN_FLIGHT, REQUESTS};

thread_local! {
    /// Each thread keeps the handles that it used: the registry behind them is shared, and looking
    /// a name up in it costs more than counting. There are as many as routes with their statuses.
    static HANDLES: RefCell<Handles> = RefCell::new(Handles::default());
}

/// The time of a request whose answer is awaited, and its place among those under way. A client
/// that leaves gives the place back and is not counted.
pub(super) struct Measured {
    route: Route,
    started: Instant,
    in_flight: Gauge,
}

impl Measured {
    pub(super) fn begin(route: Route) -> Self {
        let in_flight = HANDLES.with_borrow_mut(|handles| handles.in_flight());
        in_flight.increment(1);
        Self { route, started: Instant::now(), in_flight }
    }

    /// Records the request.
    pub(super) fn answered(self, response: &Response) {
        let (route, status) = (self.route.as_str(), response.status());
        HANDLES.with_borrow_mut(|handles| handles.record(route, status, self.started.elapsed()));
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.in_flight.decrement(1);
    }
}

#[derive(Default)]
struct Handles {
    in_flight: Option<Gauge>,
    answered: Vec<Answered>,
}

/// Where requests of one route that ended with one status are recorded.
struct Answered {
    route: String,
    status: StatusCode,
    count: Counter,
    duration: Histogram,
}

impl Handles {
    fn in_flight(&mut self) -> Gauge {
        self.in_flight.get_or_insert_with(|| gauge!(IN_FLIGHT)).clone()
    }

    fn record(&mut self, route: &str, status: StatusCode, duration: Duration) {
        let is_it = |answered: &&Answered| answered.status == status && answered.route == route;
        if let Some(answered) = self.answered.iter().find(is_it) {
            return answered.record(duration);
        }
        let answered = Answered::new(route, status);
        answered.record(duration);
        self.answered.push(answered);
    }
}

impl Answered {
    fn new(route: &str, status: StatusCode) -> Self {
        let route = route.to_owned();
        Self {
            count: counter!(REQUESTS, "route" => route.clone(), "status" => status.as_str().to_owned()),
            duration: histogram!(DURATION, "route" => route.clone()),
            route,
            status,
        }
    }

    fn record(&self, duration: Duration) {
        self.count.increment(1);
        self.duration.record(duration);
    }
}
