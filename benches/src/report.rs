//! The page of results: tables between markers, with prose by hand around them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Result;

/// `docs/performance.md` and the folder of its plots. Written part by part, so that a run that
/// fails keeps what it has measured.
#[derive(Debug)]
pub(crate) struct Report {
    page: PathBuf,
    plots: PathBuf,
    /// False if results are only shown.
    writes: bool,
}

impl Report {
    pub(crate) fn of(repository: &Path, writes: bool) -> Self {
        let docs = repository.join("docs");
        Self { page: docs.join("performance.md"), plots: docs.join("performance"), writes }
    }

    /// Replaces what is between the markers `name`.
    pub(crate) fn put(&self, name: &str, content: &str) -> Result<()> {
        if !self.writes {
            return Ok(());
        }
        let page = std::fs::read_to_string(&self.page)?;
        Ok(std::fs::write(&self.page, with_part(&page, name, content)?)?)
    }

    /// The file of the plot `name`, where it is to be written.
    pub(crate) fn plot(&self, name: &str) -> Result<Option<PathBuf>> {
        if !self.writes {
            return Ok(None);
        }
        std::fs::create_dir_all(&self.plots)?;
        Ok(Some(self.plots.join(name)))
    }
}

/// A table of the page.
#[derive(Debug)]
pub(crate) struct Table {
    text: String,
}

impl Table {
    /// A table of these columns: the first of words, the others of numbers.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self { text: String::new() };
        table.row(columns);
        let rest = "--:|".repeat(columns.len().saturating_sub(1));
        let _ = writeln!(table.text, "|---|{rest}");
        table
    }

    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        let cells: Vec<_> = cells.iter().map(AsRef::as_ref).collect();
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// A time in the unit that a person would take.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 10.0 {
        format!("{seconds:.1} s")
    } else if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 0.01 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

/// Bytes in millions or thousands.
pub(crate) fn bytes(count: u64) -> String {
    let count = count as f64;
    if count >= 10e6 {
        format!("{:.0} MB", count / 1e6)
    } else if count >= 1e6 {
        format!("{:.1} MB", count / 1e6)
    } else {
        format!("{:.0} kB", count / 1e3)
    }
}

/// A whole number with its thousands apart.
pub(crate) fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many times `ours` goes into `theirs`.
pub(crate) fn ratio(theirs: f64, ours: f64) -> String {
    let ratio = theirs / ours;
    if ratio >= 10.0 { format!("{ratio:.0} ×") } else { format!("{ratio:.1} ×") }
}

/// The middle one; of an even number the upper of the two.
pub(crate) fn median<T: PartialOrd + Copy>(values: &[T]) -> Option<T> {
    let mut values = values.to_vec();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

fn with_part(page: &str, name: &str, content: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let missing = || format!("the page of results has no part {name}");
    let (before, rest) = page.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    let content = content.trim_end();
    Ok(format!("{before}{begin}{content}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = "prose\n<!-- begin a -->\nold\nolder\n<!-- end a -->\nmore\n";
        let expected = "prose\n<!-- begin a -->\nnew\n<!-- end a -->\nmore\n";
        assert_eq!(with_part(page, "a", "new\n\n").unwrap(), expected);
        assert_eq!(with_part(expected, "a", "new").unwrap(), expected);
        assert!(with_part(page, "b", "new").is_err());
    }

    #[test]
    fn tables_are_markdown() {
        let mut table = Table::new(&["case", "time"]);
        table.row(&["a", "1 ms"]);
        assert_eq!(table.text(), "| case | time |\n|---|--:|\n| a | 1 ms |\n");
    }

    #[test]
    fn numbers_are_short() {
        let times = [0.0012, 0.0123, 1.234, 12.34].map(|s| time(Duration::from_secs_f64(s)));
        assert_eq!(times, ["1.20 ms", "12 ms", "1.23 s", "12.3 s"]);
        assert_eq!([999, 1_234_567, 98_765_432].map(bytes), ["1 kB", "1.2 MB", "99 MB"]);
        assert_eq!([7.0, 999.6, 1_234_567.0].map(count), ["7", "1,000", "1,234,567"]);
        assert_eq!(ratio(10.9, 0.4), "27 ×");
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median::<f64>(&[]), None);
    }
}
