//! The fields of text log lines. What others wrote cannot begin a line: control characters are
//! escaped, in whatever way a field was recorded.
//!
//! The library's own fields escape texts, but print what is recorded by its `Display` nearly as it
//! is, and a store's error may quote what somebody else sent.

use std::fmt::{self, Write};

use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

/// `message field=value field="text"`, on one line.
pub(crate) fn one_line() -> impl for<'writer> FormatFields<'writer> + 'static {
    let field = |writer: &mut Writer<'_>, field: &tracing::field::Field, value: &dyn fmt::Debug| {
        if field.name() != "message" {
            write!(writer, "{}=", field.name())?;
        }
        write!(Escaping(writer), "{value:?}")
    };
    debug_fn(field).delimited(" ")
}

/// Writes control characters as Rust escapes them.
struct Escaping<'a, 'writer>(&'a mut Writer<'writer>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((plain, control)) = rest.split_once(breaks_a_line) {
            let found = rest.get(plain.len()..).and_then(|tail| tail.chars().next());
            self.0.write_str(plain)?;
            write!(self.0, "{}", found.unwrap_or_default().escape_default())?;
            rest = control;
        }
        self.0.write_str(rest)
    }
}

/// Control characters, and the two line ends of Unicode that are none.
fn breaks_a_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Output;

    #[test]
    fn nothing_that_is_recorded_begins_a_line() {
        let log = Output::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .fmt_fields(one_line())
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let forged = "no\nINFO all is well\u{1b}[2J\u{2028}\u{85}é";
            tracing::info!(error = %forged, key = forged, count = 3, "it {}", "failed\r\nOK");
        });
        let expected = concat!(
            " INFO it failed\\r\\nOK",
            " error=no\\nINFO all is well\\u{1b}[2J\\u{2028}\\u{85}é",
            " key=\"no\\nINFO all is well\\u{1b}[2J\\u{2028}\\u{85}é\"",
            " count=3\n",
        );
        assert_eq!(log.text(), expected);
    }
}
