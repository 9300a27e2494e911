//! What `h5scout serve --check` tries before anybody relies on the server: each source, tokens and
//! certificate, the address to listen on, the folder of the cache.

mod advice;
mod doors;
mod places;
mod source;

use serde::Serialize;

pub(crate) use self::doors::doors;
pub(crate) use self::places::{cache_folder, listen};
pub(crate) use self::source::source;

/// What one check found.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// What was checked.
    pub(crate) check: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// What was seen.
    pub(crate) detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<&'static str>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// As it should be.
    Ok,
    /// The server would start, and may not do what is expected of it.
    Warning,
    /// The server would not start, or not answer.
    Failed,
}

impl Outcome {
    /// The word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

impl Finding {
    fn ok(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { check: check.into(), outcome: Outcome::Ok, detail: detail.into(), advice: None }
    }

    fn warning(
        check: impl Into<String>,
        detail: impl Into<String>,
        advice: Option<&'static str>,
    ) -> Self {
        let (check, detail) = (check.into(), detail.into());
        Self { check, outcome: Outcome::Warning, detail, advice }
    }

    fn failed(
        check: impl Into<String>,
        detail: impl Into<String>,
        advice: Option<&'static str>,
    ) -> Self {
        let (check, detail) = (check.into(), detail.into());
        Self { check, outcome: Outcome::Failed, detail, advice }
    }
}
