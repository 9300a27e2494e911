//! How the questions of a soak test ended.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use reqwest::StatusCode;

use crate::Result;

/// Faults that are kept to be shown, and how much of each.
const FAULTS_SHOWN: usize = 10;
const FAULT_CHARS_SHOWN: usize = 400;

#[derive(Debug, Default)]
pub(super) struct Tally {
    asked: AtomicU64,
    ends: Mutex<Ends>,
}

#[derive(Debug, Default)]
struct Ends {
    statuses: BTreeMap<u16, u64>,
    given_up: u64,
    faults: u64,
    faults_shown: Vec<String>,
}

impl Tally {
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Relaxed)
    }

    /// An answer came.
    pub(super) fn answered(&self, status: StatusCode, target: &str, body: &[u8]) {
        self.end(|ends| {
            *ends.statuses.entry(status.as_u16()).or_default() += 1;
            if status.is_server_error() {
                ends.fault(&format!("{status} {target}: {}", String::from_utf8_lossy(body)));
            }
        });
    }

    /// No answer came.
    pub(super) fn failed(&self, target: &str, error: &str) {
        self.end(|ends| ends.fault(&format!("{error}: {target}")));
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

    /// # Errors
    ///
    /// When the server was at fault, whatever the questions were.
    pub(super) fn verdict(&self) -> Result<()> {
        self.with(|ends| match ends.faults {
            0 => Ok(()),
            faults => {
                let shown = ends.faults_shown.join("\n  ");
                Err(format!("{faults} faults of the server:\n  {shown}").into())
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
        if self.faults_shown.len() < FAULTS_SHOWN {
            self.faults_shown.push(what.chars().take(FAULT_CHARS_SHOWN).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_faults_count() {
        let tally = Tally::default();
        for status in [200, 304, 400, 404, 422] {
            tally.answered(StatusCode::from_u16(status).unwrap(), "/files", b"");
        }
        tally.given_up();
        tally.verdict().unwrap();
        assert_eq!(tally.asked(), 6);
        tally.answered(StatusCode::INTERNAL_SERVER_ERROR, "/meta", b"why");
        let error = tally.verdict().unwrap_err().to_string();
        assert_eq!(error, "1 faults of the server:\n  500 Internal Server Error /meta: why");
    }
}
