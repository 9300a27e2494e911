//! Filter 32001: Blosc, which cuts data into blocks, shuffles each and compresses it with one of
//! several codecs; and what it has in common with its second version, filter 32026.

mod array;
mod blosclz;
mod chunk;
mod codec;
mod frame;

use bytes::Bytes;

use crate::filter::FilterError;

/// Decompresses the one Blosc chunk in `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    chunk::decompress(bytes, room).map(Bytes::from).map_err(|error| error.of("blosc"))
}

/// Decompresses the Blosc2 frame in `bytes`, to at most `room` bytes.
pub(super) fn undo_2(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    frame::decompress(bytes, room).map(Bytes::from).map_err(|error| error.of("blosc2"))
}

/// Why a chunk cannot be decompressed.
#[derive(Debug, PartialEq, Eq)]
enum BloscError {
    /// It is not what Blosc can have written.
    Damaged(String),
    /// It uses a codec or filter that we do not know.
    Unknown(String),
}

impl BloscError {
    fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged(detail.into())
    }

    fn ends_early() -> Self {
        Self::damaged("it ends too early")
    }

    fn of(self, filter: &'static str) -> FilterError {
        match self {
            Self::Damaged(detail) => FilterError::Damaged { filter, detail },
            Self::Unknown(what) => FilterError::Unknown { filter: format!("{filter} with {what}") },
        }
    }
}
