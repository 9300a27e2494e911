//! What happens around every request, one concern a file.

mod body_limit;
mod catch_panic;
mod concurrency;
mod deadline;
mod log_request;
mod record_metrics;
mod render_errors;
mod request_id;
mod security_headers;

pub(crate) use body_limit::body_limit;
pub(crate) use catch_panic::answer_panic;
pub(crate) use concurrency::concurrency;
pub(crate) use deadline::deadline;
pub(crate) use log_request::log_request;
pub(crate) use record_metrics::record_metrics;
pub(crate) use render_errors::render_errors;
pub(crate) use request_id::{RequestId, request_id};
pub(crate) use security_headers::security_headers;
