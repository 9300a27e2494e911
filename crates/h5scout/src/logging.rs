//! Log lines, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::arguments::LogFormat;
use crate::failure::Failure;
use crate::log_fields::one_line;
use crate::log_queue::{FlushAtEnd, LogQueue};

/// Starts logging what `filter` lets through. The last lines are written when what is returned is
/// dropped.
///
/// # Errors
///
/// When the filter is malformed, or logging was started before.
pub(crate) fn start(format: LogFormat, filter: &str) -> Result<FlushAtEnd, Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::new(format!("--log {filter:?} is not a filter"), error))?;
    let say_lost = |lines| tracing::warn!(lines, "log lines were lost: stderr took no more");
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
