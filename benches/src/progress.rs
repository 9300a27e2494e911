//! A line on stderr that says what is being measured, and how far the run is.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the line moves while nothing else happens: so that it is seen to live.
const TICK: Duration = Duration::from_millis(200);

/// Shown where stderr is a terminal; elsewhere only what is said stays.
#[derive(Debug)]
pub(crate) struct Progress {
    line: ProgressBar,
}

impl Progress {
    /// A run of so many steps.
    pub(crate) fn of(steps: u64) -> Self {
        let line = ProgressBar::new(steps);
        let template = "{spinner} {elapsed} {wide_bar} {pos}/{len} {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            line.set_style(style);
        }
        line.enable_steady_tick(TICK);
        Self { line }
    }

    /// So many more steps than were known.
    pub(crate) fn expect(&self, steps: u64) {
        self.line.inc_length(steps);
    }

    /// The next step begins.
    pub(crate) fn step(&self, what: impl Into<String>) {
        self.line.inc(1);
        self.line.set_message(what.into());
    }

    /// Writes above the line, to stay.
    pub(crate) fn say(&self, text: &str) {
        self.line.suspend(|| say(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

/// Writes a line to stderr.
pub(crate) fn say(text: &str) {
    // Without a stderr there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes a line to stdout, for the process that waits for it.
pub(crate) fn announce(text: &str) {
    let mut stdout = std::io::stdout();
    // Without a reader there is nobody to tell.
    let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// Texts in columns of fixed width, for [`say`].
pub(crate) fn columns(texts: &[&str], width: usize) -> String {
    texts.iter().fold(String::new(), |mut line, text| {
        let _ = write!(line, "{text:<width$}");
        line
    })
}
