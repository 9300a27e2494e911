//! How the questions of a soak test ended.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use reqwest::StatusCode;

use crate::Result;

/// What went wrong is kept to be shown: so often, and so much of each.
const SHOWN_MAX: usize = 10;
const SHOWN_CHARS_MAX: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Tally {
    asked: AtomicU64,
    ends: Mutex<Ends>,
}

#[derive(Debug, Default)]
struct Ends {
    /// By status, and for errors by their code.
    statuses: BTreeMap<String, u64>,
    given_up: u64,
    compared: u64,
    excused: u64,
    wrong: u64,
    faults: u64,
    shown: Vec<String>,
}

impl Tally {
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Relaxed)
    }

    /// An answer came; an error has a `code`.
    pub(super) fn answered(&self, status: StatusCode, code: Option<&str>) {
        let name = format!("{} {}", status.as_u16(), code.unwrap_or_default());
        self.end(|ends| *ends.statuses.entry(name.trim_end().to_owned()).or_default() += 1);
    }

    /// An answer that came was compared with the right one; `wrong` says how it differs, if it
    /// does.
    pub(super) fn compared(&self, target: &str, wrong: Option<&str>) {
        self.with(|ends| {
            ends.compared += 1;
            if let Some(wrong) = wrong {
                ends.wrong += 1;
                ends.show(&format!("wrong: {target}: {wrong}"));
            }
        });
    }

    /// An error that came is the store's.
    pub(super) fn excused(&self) {
        self.with(|ends| ends.excused += 1);
    }

    /// An error that came is the server's.
    pub(super) fn fault(&self, target: &str, what: &str) {
        self.with(|ends| ends.fault(&format!("{target}: {what}")));
    }

    /// No answer came.
    pub(super) fn failed(&self, target: &str, error: &str) {
        self.end(|ends| ends.fault(&format!("{error}: {target}")));
    }

    /// A part of an answer came, and the rest did not because of the store.
    pub(super) fn broken_off(&self) {
        self.end(|ends| ends.excused += 1);
    }

    /// The caller did not wait.
    pub(super) fn given_up(&self) {
        self.end(|ends| ends.given_up += 1);
    }

    /// One line: how many of each status.
    pub(super) fn statuses(&self) -> String {
        let mut line = String::from("answers:");
        self.with(|ends| {
            for (status, answers) in &ends.statuses {
                let _ = write!(line, " {answers} × {status},");
            }
            let _ = write!(line, " {} given up by their callers", ends.given_up);
        });
        line
    }

    /// One line: how many were right.
    pub(super) fn rights(&self) -> String {
        self.with(|Ends { compared, wrong, excused, faults, .. }| {
            format!(
                "{compared} answers compared, {wrong} wrong; \
                 {excused} errors of the store, {faults} of the server"
            )
        })
    }

    /// # Errors
    ///
    /// When nothing was compared, an answer was wrong or the server was at fault, whatever the
    /// questions were.
    pub(super) fn verdict(&self) -> Result<()> {
        self.with(|ends| {
            let shown = ends.shown.join("\n  ");
            match (ends.compared, ends.wrong, ends.faults) {
                (0, ..) => Err("no answer was compared".into()),
                (_, 0, 0) => Ok(()),
                (_, wrong, faults) => {
                    Err(format!("{wrong} wrong answers, {faults} faults:\n  {shown}").into())
                }
            }
        })
    }

    fn end(&self, count: impl FnOnce(&mut Ends)) {
        self.asked.fetch_add(1, Relaxed);
        self.with(count);
    }

    fn with<T>(&self, look: impl FnOnce(&mut Ends) -> T) -> T {
        // What a caller that panicked has left is still what was counted.
        look(&mut self.ends.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Ends {
    fn fault(&mut self, what: &str) {
        self.faults += 1;
        self.show(what);
    }

    fn show(&mut self, what: &str) {
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(what.chars().take(SHOWN_CHARS_MAX).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_counts_and_what_is_excused_does_not() {
        let tally = Tally::default();
        assert!(tally.verdict().is_err(), "nothing was compared");
        for status in [200, 304] {
            tally.answered(StatusCode::from_u16(status).unwrap(), None);
        }
        tally.answered(StatusCode::CONFLICT, Some("file_changed"));
        tally.answered(StatusCode::BAD_GATEWAY, Some("store_error"));
        tally.excused();
        tally.compared("/files", None);
        tally.given_up();
        tally.verdict().unwrap();
        assert_eq!(tally.asked(), 5);
        let statuses = "answers: 1 × 200, 1 × 304, 1 × 409 file_changed, 1 × 502 store_error, 1 given up by \
             their callers";
        assert_eq!(tally.statuses(), statuses);
        tally.fault("/meta", "500");
        tally.compared("/children", Some("no children"));
        let error = tally.verdict().unwrap_err().to_string();
        let expected = "1 wrong answers, 1 faults:\n  /meta: 500\n  wrong: /children: no children";
        assert_eq!(error, expected);
    }
}
