//! Progress of what may take long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::escaped;

/// How long the work goes on before it shows progress.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// How often the progress moves while nothing else happens: so that it is seen to live.
const TICK: Duration = Duration::from_millis(100);

/// A line on stderr that says how far the work is, when it takes long and somebody looks.
pub(crate) struct Progress {
    line: ProgressBar,
    shown_later: JoinHandle<()>,
}

impl Progress {
    /// A line that is not shown yet.
    pub(crate) fn new() -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} objects, {elapsed}: {msg}")
        {
            line.set_style(style);
        }
        let later = line.clone();
        let shown_later = tokio::spawn(async move {
            tokio::time::sleep(SHOWN_AFTER).await;
            // It stays hidden where stderr is no terminal.
            later.set_draw_target(ProgressDrawTarget::stderr());
            later.enable_steady_tick(TICK);
        });
        Self { line, shown_later }
    }

    /// So many more are done; the last of them `at`.
    pub(crate) fn count(&self, objects: usize, at: &str) {
        self.line.inc(objects as u64);
        self.line.set_message(escaped(at).into_owned());
    }

    /// So many are done of `what`.
    pub(crate) fn set(&self, done: u64, what: &'static str) {
        self.line.set_position(done);
        self.line.set_message(what);
    }

    /// Runs `write` with the line out of its way.
    pub(crate) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.line.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.shown_later.abort();
        self.line.finish_and_clear();
    }
}
