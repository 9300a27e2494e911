//! Where the next page of children or attributes starts.
//!
//! A cursor is the last name (or creation number) of its page, not a position: it stays right when
//! the file changes between two pages. It is opaque to whoever asks, because names may be bytes
//! that no URL carries.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{ExplorerError, Result};

/// The last entry of a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum PageCursor {
    /// Its name.
    Name(Vec<u8>),
    /// Its number by creation.
    Creation(i64),
}

impl PageCursor {
    /// Reads what [`PageCursor::encode`] wrote; `parameter` is named in the error.
    pub(crate) fn parse(parameter: &str, text: &str) -> Result<Self> {
        let cursor = match text.split_at_checked(1) {
            Some(("n", name)) => URL_SAFE_NO_PAD.decode(name).ok().map(Self::Name),
            Some(("c", number)) => number.parse().ok().map(Self::Creation),
            _ => None,
        };
        cursor.ok_or_else(|| {
            ExplorerError::bad_request(parameter, "not the \"next\" of a previous page")
        })
    }

    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Name(name) => format!("n{}", URL_SAFE_NO_PAD.encode(name)),
            Self::Creation(number) => format!("c{number}"),
        }
    }

    /// The last name, of a page in the order of names.
    pub(crate) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            Self::Creation(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for cursor in [
            PageCursor::Name(vec![0xff, b'/', 0]),
            PageCursor::Name(vec![]),
            PageCursor::Creation(-7),
        ] {
            assert_eq!(PageCursor::parse("after", &cursor.encode()), Ok(cursor));
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_parameters_name() {
        for text in ["", "x", "n*", "c1.5", "é"] {
            let error = PageCursor::parse("attributes_after", text).unwrap_err();
            assert!(error.detail.starts_with("parameter attributes_after:"), "{text:?}");
        }
    }
}
