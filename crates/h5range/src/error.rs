//! What can go wrong, sorted by whose fault it is.

use std::fmt;

use byte_source::SourceError;

use crate::decode::Address;

/// The result of everything that reads a file.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a question has no answer. Cheap to clone, because one answer may serve many callers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source failed; the same question may succeed later.
    #[error("the source failed: {0}")]
    Source(#[from] SourceError),
    /// There is no HDF5 signature at any place where one may stand.
    #[error("not an HDF5 file: no signature at 0, 512, 1024, ...")]
    NotHdf5,
    /// The file breaks the format.
    #[error("damaged file: {structure} at address {address}: {detail}")]
    Malformed {
        /// The structure, in the words of the HDF5 File Format Specification.
        structure: &'static str,
        /// Where in the file, relative to its base address.
        address: u64,
        /// What is wrong there.
        detail: String,
    },
    /// The file is valid as far as we know, but uses what this version does not read.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// A path leads nowhere: `segment` is the first link name that is missing.
    #[error("there is no {segment:?} in {parent:?}")]
    PathNotFound {
        /// The name that was not found.
        segment: String,
        /// The path of the group in which it was looked for.
        parent: String,
    },
    /// A soft, external or user-defined link on the way cannot be followed.
    #[error("the link {link:?} leads to {target:?}, {reason}")]
    LinkUnresolved {
        /// The path of the link.
        link: String,
        /// Where it points, as the file says it.
        target: String,
        /// Why it does not lead there, as a clause.
        reason: String,
    },
    /// The object is not a group, and a group was needed.
    #[error("{0} is not a group")]
    NotAGroup(String),
    /// The object has no attribute of that name.
    #[error("there is no attribute {0:?}")]
    AttributeNotFound(String),
    /// The question would cost more than its [`Budget`](crate::Budget) allows.
    #[error("the question needs more than {maximum} {limit}")]
    Limit {
        /// Which of the budget's lines was spent.
        limit: Limit,
        /// How much of it the question had.
        maximum: u64,
    },
}

impl Error {
    /// A [`Error::Malformed`] without a cursor at hand.
    pub fn malformed(structure: &'static str, address: Address, detail: impl Into<String>) -> Self {
        Self::Malformed { structure, address: address.get(), detail: detail.into() }
    }

    /// A [`Error::Unsupported`] that names `feature`.
    pub fn unsupported(feature: impl Into<String>) -> Self {
        Self::Unsupported(feature.into())
    }

    /// True for errors of the question as a whole (the source failed, the budget is spent): they
    /// must not be reported as the fault of one child or attribute. A structure that is nested too
    /// deeply has spent nothing, and is at fault itself.
    pub fn ends_the_question(&self) -> bool {
        match self {
            Self::Source(_) => true,
            Self::Limit { limit, .. } => *limit != Limit::Depth,
            _ => false,
        }
    }
}

/// The part that was read, or `None` and its error put aside: for what goes on without the part.
///
/// # Errors
///
/// What ends the question is no matter of one part.
pub fn set_aside<T>(part: Result<T>, errors: &mut Vec<Error>) -> Result<Option<T>> {
    match part {
        Ok(part) => Ok(Some(part)),
        Err(error) if error.ends_the_question() => Err(error),
        Err(error) => {
            errors.push(error);
            Ok(None)
        }
    }
}

/// The lines of a [`Budget`](crate::Budget).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Bytes asked of the source.
    FetchedBytes,
    /// Ranges asked of the source.
    Ranges,
    /// Rounds of ranges.
    Waves,
    /// Nodes of trees, blocks of heaps and object headers looked at.
    Nodes,
    /// Levels of nesting in a tree, a heap or a datatype.
    Depth,
    /// Bytes that decoding and decompression may produce.
    DecodedBytes,
    /// Soft and external links followed on one path.
    LinkHops,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FetchedBytes => "bytes fetched",
            Self::Ranges => "ranges fetched",
            Self::Waves => "round trips",
            Self::Nodes => "nodes visited",
            Self::Depth => "levels of nesting",
            Self::DecodedBytes => "bytes decoded",
            Self::LinkHops => "links followed",
        })
    }
}
