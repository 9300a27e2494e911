//! Log lines, on stderr.

use std::io::IsTerminal;

use explorer::SPANS;
use metrics::{counter, describe_counter};
use tracing_subscriber::filter::Directive;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, registry};

use crate::arguments::LogFormat;
use crate::failure::Failure;
use crate::log_fields::one_line;
use crate::log_queue::{FlushAtEnd, LogQueue};
use crate::traces::Traces;

const LINES_LOST: &str = "h5scout_log_lines_lost_total";

/// Starts logging what `filter` lets through, and handing spans over to `traces`. The last lines are
/// written when what is returned is dropped.
///
/// # Errors
///
/// When the filter is malformed, or logging was started before.
pub(crate) fn start(
    format: LogFormat,
    filter: &str,
    traces: Option<&Traces>,
) -> Result<FlushAtEnd, Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::new(format!("--log {filter:?} is not a filter"), error))?;
    // Spans are for traces, whatever lines are asked for.
    let filter = filter.add_directive(nothing_of(SPANS)?);
    let say_lost = |lines| {
        counter!(LINES_LOST).increment(lines);
        tracing::warn!(lines, "log lines were lost: stderr took no more");
    };
    let (queue, flush) = LogQueue::start(std::io::stderr(), say_lost)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(queue);
    let started = match format {
        LogFormat::Text => init(lines.fmt_fields(one_line()), filter, traces),
        LogFormat::Json => init(lines.json().flatten_event(true), filter, traces),
    };
    started.map_err(|error| Failure::new("logging does not start", error))?;
    Ok(flush)
}

/// Without traces the filter stands before everything: what it leaves out costs nothing at all.
fn init(
    lines: impl Layer<Registry> + Send + Sync,
    filter: EnvFilter,
    traces: Option<&Traces>,
) -> Result<(), TryInitError> {
    match traces {
        None => registry().with(lines).with(filter).try_init(),
        Some(traces) => registry().with(lines.with_filter(filter)).with(traces.layer()).try_init(),
    }
}

fn nothing_of(target: &str) -> Result<Directive, Failure> {
    let directive = format!("{target}=off").parse();
    directive.map_err(|error| Failure::new("logging does not start", error))
}

/// Says what the metric of this module means, to the recorder of the process, and shows it.
pub(crate) fn describe_metrics() {
    let text = "Log lines that were lost because nobody read stderr fast enough";
    describe_counter!(LINES_LOST, text);
    counter!(LINES_LOST).increment(0);
}
