//! Log lines, on stderr.

use std::io::IsTerminal;

use metrics::{counter, describe_counter};
use tracing_subscriber::EnvFilter;

use crate::arguments::LogFormat;
use crate::failure::Failure;
use crate::log_fields::one_line;
use crate::log_queue::{FlushAtEnd, LogQueue};

const LINES_LOST: &str = "h5scout_log_lines_lost_total";

/// Starts logging what `filter` lets through. The last lines are written when what is returned is
/// dropped.
///
/// # Errors
///
/// When the filter is malformed, or logging was started before.
pub(crate) fn start(format: LogFormat, filter: &str) -> Result<FlushAtEnd, Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::new(format!("--log {filter:?} is not a filter"), error))?;
    let say_lost = |lines| {
        counter!(LINES_LOST).increment(lines);
        tracing::warn!(lines, "log lines were lost: stderr took no more");
    };
    let (queue, flush) = LogQueue::start(std::io::stderr(), say_lost)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(queue);
    let started = match format {
        LogFormat::Text => lines.fmt_fields(one_line()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::new("logging does not start", error))?;
    Ok(flush)
}

/// Says what the metric of this module means, to the recorder of the process, and shows it.
pub(crate) fn describe_metrics() {
    let text = "Log lines that were lost because nobody read stderr fast enough";
    describe_counter!(LINES_LOST, text);
    counter!(LINES_LOST).increment(0);
}
