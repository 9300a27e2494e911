//! Filter 1: zlib streams.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

use crate::filter::FilterError;

/// Decompresses `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let damaged = |detail| FilterError::Damaged { filter: "deflate", detail };
    // All of it at once, into the place where it stays: that is the fastest way.
    let room = room.min(EXPANSION_MAX.saturating_mul(bytes.len() as u64));
    let mut decompressed = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
    let status = Decompress::new(true)
        .decompress_vec(bytes, &mut decompressed, FlushDecompress::Finish)
        .map_err(|error| damaged(error.to_string()))?;
    match status {
        Status::StreamEnd => Ok(decompressed.into()),
        _ if decompressed.len() as u64 == room => {
            Err(damaged(format!("it decompresses to more than {room} bytes")))
        }
        _ => Err(damaged("it ends too early".to_owned())),
    }
}

/// Two bits at best say 258 bytes; so nobody takes more memory than that for a few bytes.
const EXPANSION_MAX: u64 = 1032;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::hex;

    #[test]
    fn decompresses_a_zlib_stream() {
        let stream = hex("789c 4bcb 2f4a 2d4e 0500 0919 0284");
        let error = undo(&stream, 100).unwrap_err();
        assert!(matches!(error, FilterError::Damaged { filter: "deflate", .. }));
        let stream = hex("789c 4b4c 4a06 0002 4d01 27");
        assert_eq!(undo(&stream, 3).unwrap(), &b"abc"[..]);
        assert!(undo(&stream, 2).is_err());
        assert!(undo(&stream[..6], 3).is_err());
        assert!(undo(&[], 3).is_err());
    }
}
