//! Filter 1: zlib streams.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::ZlibDecoder;

use crate::filter::FilterError;

/// Decompresses `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let damaged = |detail| FilterError::Damaged { filter: "deflate", detail };
    let mut decompressed = Vec::new();
    let one_too_many = room.saturating_add(1);
    ZlibDecoder::new(bytes)
        .take(one_too_many)
        .read_to_end(&mut decompressed)
        .map_err(|error| damaged(error.to_string()))?;
    if decompressed.len() as u64 > room {
        return Err(damaged(format!("it decompresses to more than {room} bytes")));
    }
    Ok(decompressed.into())
}

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
