//! Why a question has no answer, in words that may be shown to whoever asked.
//!
//! The text of lower layers names hosts, paths of this machine and requests; it goes to the log
//! ([`ExplorerError::logged`]) and never into [`ExplorerError::detail`].

use std::time::Duration;

use byte_source::{SourceError, SourceErrorKind};
use cache::LoadAborted;
use h5range::{Error, Limit};

use crate::limit_metrics;

/// The result of a question.
pub type Result<T, E = ExplorerError> = std::result::Result<T, E>;

/// Why a question has no answer. Cheap to clone, because one answer may serve many who wait.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ExplorerError {
    /// What kind of error this is.
    pub code: ErrorCode,
    /// What is wrong, where, and what to do, for whoever asked.
    pub detail: String,
    /// In a damaged file: the structure, in the words of the HDF5 File Format Specification.
    pub structure: Option<&'static str>,
    /// In a damaged file: where that structure is, relative to the file's base address.
    pub address: Option<u64>,
    /// What a lower layer said, for the operator's log only.
    pub logged: Option<String>,
    /// After how long the same question may have an answer, where that is known.
    pub retry_after: Option<Duration>,
}

/// The stable names of errors, as the API documents them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, malformed or out of range.
    BadRequest,
    /// The store refused this object.
    Forbidden,
    /// There is no such key.
    FileNotFound,
    /// The object has no attribute of that name.
    AttributeNotFound,
    /// There is no such path in the file.
    PathNotFound,
    /// The path leads through a link that leads nowhere.
    LinkUnresolved,
    /// A group was needed, and the object is none.
    NotAGroup,
    /// A dataset was needed, and the object is none.
    NotADataset,
    /// The object changed again while it was read.
    FileChanged,
    /// No HDF5 signature.
    NotHdf5,
    /// The file breaks the format.
    MalformedFile,
    /// Valid HDF5 that this version does not read.
    Unsupported,
    /// A budget was spent.
    LimitReached,
    /// The object store cannot be asked now.
    StoreUnavailable,
    /// The object store failed.
    StoreError,
    /// The object store took too long.
    StoreTimeout,
}

impl ErrorCode {
    /// The code as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Forbidden => "forbidden",
            Self::FileNotFound => "file_not_found",
            Self::AttributeNotFound => "attribute_not_found",
            Self::PathNotFound => "path_not_found",
            Self::LinkUnresolved => "link_unresolved",
            Self::NotAGroup => "not_a_group",
            Self::NotADataset => "not_a_dataset",
            Self::FileChanged => "file_changed",
            Self::NotHdf5 => "not_hdf5",
            Self::MalformedFile => "malformed_file",
            Self::Unsupported => "unsupported",
            Self::LimitReached => "limit_reached",
            Self::StoreUnavailable => "store_unavailable",
            Self::StoreError => "store_error",
            Self::StoreTimeout => "store_timeout",
        }
    }

    /// True for errors of the store and of files that change: they end a question that opened
    /// another file, while what is wrong with that file, or too much in it, does not.
    pub(crate) const fn ends_the_question(self) -> bool {
        self.is_of_the_store() || matches!(self, Self::FileChanged)
    }

    /// True if the store could not be asked: the same question may have an answer later.
    pub const fn is_of_the_store(self) -> bool {
        matches!(self, Self::StoreUnavailable | Self::StoreError | Self::StoreTimeout)
    }
}

impl ExplorerError {
    /// An error without structure and address.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { code, detail, structure: None, address: None, logged: None, retry_after: None }
    }

    /// A parameter that is missing, malformed or out of range.
    pub fn bad_request(parameter: &str, problem: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::BadRequest, format!("parameter {parameter}: {problem}"))
    }

    /// What happened to the object `key` in its store.
    pub fn from_source(key: &str, error: SourceError) -> Self {
        let (code, detail) = match error.kind {
            SourceErrorKind::NotFound => (ErrorCode::FileNotFound, not_there(key)),
            SourceErrorKind::Forbidden => {
                (ErrorCode::Forbidden, format!("the store refuses access to {key:?}"))
            }
            SourceErrorKind::Changed => {
                let detail = format!("{key:?} changed again while it was read; ask once more");
                (ErrorCode::FileChanged, detail)
            }
            SourceErrorKind::Timeout => {
                let detail = "the object store did not answer in time; try again".to_owned();
                (ErrorCode::StoreTimeout, detail)
            }
            SourceErrorKind::Unavailable => {
                let detail = "the object store cannot be asked now; try again in a moment";
                (ErrorCode::StoreUnavailable, detail.to_owned())
            }
            SourceErrorKind::Misconfigured => {
                let detail = "the object store cannot be used as the server is set up";
                (ErrorCode::StoreError, detail.to_owned())
            }
            SourceErrorKind::OutOfBounds | SourceErrorKind::Failed => {
                (ErrorCode::StoreError, "the object store failed; try again".to_owned())
            }
        };
        let detail = match error.advice {
            Some(advice) => format!("{detail}: {advice}"),
            None => detail,
        };
        let (logged, retry_after) = (Some(error.detail), error.retry_after);
        Self { logged, retry_after, ..Self::new(code, detail) }
    }

    /// What happened while `key` was read.
    pub fn from_file(key: &str, error: Error) -> Self {
        match error {
            Error::Source(error) => Self::from_source(key, error),
            error => Self::from_format(error),
        }
    }

    /// True when the object changed under the question, which may be asked again once.
    pub(crate) fn is_change(&self) -> bool {
        self.code == ErrorCode::FileChanged
    }

    fn from_format(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Source(error) => Self::from_source("the object", error),
            Error::NotHdf5 => Self::new(ErrorCode::NotHdf5, detail),
            Error::Malformed { structure, address, .. } => Self {
                structure: Some(structure),
                address: Some(address),
                ..Self::new(ErrorCode::MalformedFile, detail)
            },
            Error::Unsupported(_) => Self::new(ErrorCode::Unsupported, detail),
            Error::PathNotFound { .. } => Self::new(ErrorCode::PathNotFound, detail),
            Error::LinkUnresolved { .. } => Self::new(ErrorCode::LinkUnresolved, detail),
            Error::NotAGroup(_) => Self::new(ErrorCode::NotAGroup, detail),
            Error::AttributeNotFound(_) => Self::new(ErrorCode::AttributeNotFound, detail),
            Error::Limit { limit, .. } => {
                limit_metrics::count(limit);
                let raise = match flag(limit) {
                    Some(flag) => format!("{detail}; the operator can raise {flag}"),
                    None => format!("{detail}; this limit is fixed"),
                };
                Self::new(ErrorCode::LimitReached, raise)
            }
        }
    }
}

/// What is wrong with a key that the store does not know, or that no request can name: the software
/// that carries requests resolves `.` and `..`, and would ask for another key.
fn not_there(key: &str) -> String {
    if key.split('/').any(|segment| [".", ".."].contains(&segment)) {
        format!("there is no {key:?}: a key with a \".\" or \"..\" segment cannot be opened")
    } else {
        format!("there is no {key:?}")
    }
}

/// The flag that sets a limit; `None` where it is fixed.
fn flag(limit: Limit) -> Option<&'static str> {
    match limit {
        Limit::FetchedBytes => Some("--max-fetch"),
        Limit::Ranges => Some("--max-ranges"),
        Limit::Waves => Some("--max-waves"),
        Limit::Nodes => Some("--max-nodes"),
        Limit::DecodedBytes => Some("--max-decode"),
        Limit::Depth | Limit::LinkHops => None,
    }
}

impl From<LoadAborted> for ExplorerError {
    fn from(aborted: LoadAborted) -> Self {
        let detail = "the file was not read to its end; try again";
        let logged = Some(aborted.to_string());
        Self { logged, ..Self::new(ErrorCode::StoreError, detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_the_store_stays_in_the_log() {
        let source = SourceError::new(SourceErrorKind::Failed, "connect to 10.0.0.7:9000 refused");
        let error = ExplorerError::from_file("a.h5", Error::Source(source));
        assert_eq!(error.code.as_str(), "store_error");
        assert!(!error.detail.contains("10.0.0.7"));
        assert_eq!(error.logged.as_deref(), Some("connect to 10.0.0.7:9000 refused"));
    }

    #[test]
    fn what_the_operator_has_to_mend_is_said_in_fixed_words() {
        let source = SourceError::new(SourceErrorKind::Misconfigured, "http://10.0.0.7/b: 404");
        let source = source.with_advice("the bucket is not there");
        let error = ExplorerError::from_source("a.h5", source);
        assert_eq!(
            error.detail,
            "the object store cannot be used as the server is set up: the bucket is not there"
        );
        assert_eq!(error.logged.as_deref(), Some("http://10.0.0.7/b: 404"));
    }

    #[test]
    fn a_store_that_cannot_be_asked_says_when_to_ask_again() {
        let source = SourceError::new(SourceErrorKind::Unavailable, "503 Slow Down");
        let source = source.with_retry_after(Duration::from_secs(7));
        let error = ExplorerError::from_source("a.h5", source);
        assert_eq!(error.code.as_str(), "store_unavailable");
        assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        assert!(error.code.ends_the_question());
    }

    #[test]
    fn a_damaged_file_says_what_is_damaged_and_where() {
        let address = h5range::decode::Address::new(96);
        let error = ExplorerError::from_file(
            "a.h5",
            Error::malformed("object header", address, "version 9"),
        );
        assert_eq!(error.code.as_str(), "malformed_file");
        assert_eq!((error.structure, error.address), (Some("object header"), Some(96)));
    }

    #[test]
    fn a_spent_budget_names_the_limit_its_value_and_its_flag() {
        let error = Error::Limit { limit: Limit::Waves, maximum: 3 };
        let error = ExplorerError::from_file("a.h5", error);
        assert_eq!(error.code.as_str(), "limit_reached");
        assert_eq!(
            error.detail,
            "the question needs more than 3 round trips; the operator can raise --max-waves"
        );
    }

    #[test]
    fn a_bad_parameter_is_named() {
        let error = ExplorerError::bad_request("limit", "must be at least 1");
        assert_eq!(error.detail, "parameter limit: must be at least 1");
    }
}
