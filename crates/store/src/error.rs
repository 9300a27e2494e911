//! Why a store could not be opened; and the error of its caches' loads.

use byte_source::{SourceError, SourceErrorKind};
use cache::LoadAborted;

/// A store that could not be opened: a mistake in the configuration. Messages name what was given,
/// never a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The text is neither a URL of a known kind nor a path.
    #[error("`{source_text}` is not a store: {reason}")]
    Source {
        /// What was given, without user information.
        source_text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A path that is not a folder one can read.
    #[error("cannot open the folder `{path}`: {reason}")]
    Folder {
        /// The path as it was given.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The environment contradicts itself or is incomplete.
    #[error("the environment does not fit: {0}")]
    Environment(String),
}

/// [`SourceError`] as the error of a load.
#[derive(Debug, Clone)]
pub(crate) struct LoadError(pub(crate) SourceError);

impl From<LoadAborted> for LoadError {
    fn from(aborted: LoadAborted) -> Self {
        Self(SourceError::new(SourceErrorKind::Failed, aborted.to_string()))
    }
}

impl From<SourceError> for LoadError {
    fn from(error: SourceError) -> Self {
        Self(error)
    }
}

impl From<LoadError> for SourceError {
    fn from(LoadError(error): LoadError) -> Self {
        error
    }
}
