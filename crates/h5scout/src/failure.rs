//! Why a command did not do what it was asked: what, where, and what to do.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use explorer::answers::Incomplete;
use explorer::{ErrorCode, ExplorerError};
use store::StoreError;

use crate::output::escaped;

/// The exit status of a command that was put wrongly, which is `clap`'s too.
const MISUSED: u8 = 2;

const HELP: &str = "see `h5scout serve --help`";

/// A failed question.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is something to say about it.
    Said {
        /// What is wrong, and where.
        what: String,
        /// What lower layers say.
        cause: Option<String>,
        /// What to do.
        hint: Option<&'static str>,
    },
    /// The command was put wrongly: what is wrong with it.
    Misused(String),
    /// Whoever read the output stopped reading, as `head` does: no failure of ours.
    BrokenPipe,
}

impl Failure {
    /// A failure with the text of a lower layer.
    pub(crate) fn new(what: impl Into<String>, cause: impl Display) -> Self {
        Self::Said { what: what.into(), cause: Some(cause.to_string()), hint: None }
    }

    /// An error of the explorer, about `location`.
    pub(crate) fn of(location: &str, error: ExplorerError) -> Self {
        let what = format!("{location}: {}", error.detail);
        Self::Said { what, cause: error.logged, hint: hint(error.code) }
    }

    /// A location that is neither file nor folder.
    pub(crate) fn not_there(location: &str) -> Self {
        let what = format!("{location}: there is no such file or folder");
        Self::Said { what, cause: None, hint: hint(ErrorCode::FileNotFound) }
    }

    /// A location that is a folder, where a file was needed.
    pub(crate) fn not_a_file(location: &str) -> Self {
        let what = format!("{location}: this is a folder; a path needs a file");
        Self::Said { what, cause: None, hint: hint(ErrorCode::FileNotFound) }
    }

    /// A location that is a folder or in a file, where a whole file was needed.
    pub(crate) fn not_a_whole_file(location: &str) -> Self {
        let what = format!("{location}: this is no file; only a whole file can be checked");
        Self::Said { what, cause: None, hint: hint(ErrorCode::FileNotFound) }
    }

    /// What could be read was written; that something could not is still a failed question.
    ///
    /// # Errors
    ///
    /// When the answer was `incomplete`.
    pub(crate) fn if_partial(location: &str, incomplete: Option<&Incomplete>) -> Result<(), Self> {
        let Some(Incomplete { detail, .. }) = incomplete else { return Ok(()) };
        let what = format!("{location}: not all could be read: {detail}");
        Err(Self::Said { what, cause: None, hint: None })
    }

    /// What went wrong, without the hint.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Said { what, cause: Some(cause), .. } => format!("{what}: {cause}"),
            Self::Said { what, cause: None, .. } => what.clone(),
            Self::Misused(what) => what.clone(),
            Self::BrokenPipe => String::new(),
        }
    }

    /// Says it on stderr.
    pub(crate) fn report(self) -> ExitCode {
        let (what, cause, hint, status) = match self {
            Self::Said { what, cause, hint } => (what, cause, hint, ExitCode::FAILURE),
            Self::Misused(what) => (what, None, Some(HELP), MISUSED.into()),
            Self::BrokenPipe => return ExitCode::SUCCESS,
        };
        let mut stderr = io::stderr().lock();
        let lines = [
            Some(format!("error: {}", escaped(&what))),
            cause.map(|cause| format!("  cause: {}", escaped(&cause))),
            hint.map(|hint| format!("  hint: {hint}")),
        ];
        for line in lines.into_iter().flatten() {
            // Nobody is left to be told when stderr is closed.
            let _ = writeln!(stderr, "{line}");
        }
        status
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::new("the output cannot be written", error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Said { what: error.to_string(), cause: None, hint: None }
    }
}

fn hint(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::FileNotFound => Some("list the files with `h5scout ls SOURCE`"),
        ErrorCode::PathNotFound | ErrorCode::LinkUnresolved => {
            Some("list what is there with `h5scout ls SOURCE/KEY PATH`")
        }
        ErrorCode::NotADataset | ErrorCode::NotAGroup => {
            Some("see what it is with `h5scout show SOURCE/KEY PATH`")
        }
        ErrorCode::Forbidden => {
            Some("check S3_ACCESS_KEY and S3_SECRET_KEY (or AWS_*), and the bucket's policy")
        }
        ErrorCode::StoreTimeout => Some("try again, or give it longer with --store-timeout"),
        ErrorCode::StoreUnavailable => Some("try again in a moment"),
        ErrorCode::StoreError => Some("check the URL and S3_ENDPOINT, then try again"),
        ErrorCode::NotHdf5 => Some("only HDF5 files can be looked into"),
        _ => None,
    }
}
