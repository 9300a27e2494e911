//! What is wrong with a configuration file, and in which line.

use std::fmt;
use std::path::Path;

use crate::failure::Failure;

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ConfigError(String);

impl ConfigError {
    /// About the whole file.
    pub(super) fn of(path: &Path, problem: impl fmt::Display) -> Self {
        Self(format!("{}: {problem}", path.display()))
    }

    /// About a line, counted from 1.
    pub(super) fn at(path: &Path, line: usize, problem: impl fmt::Display) -> Self {
        Self(format!("{}:{line}: {problem}", path.display()))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ConfigError> for Failure {
    fn from(ConfigError(what): ConfigError) -> Self {
        Self::Misused(what)
    }
}
