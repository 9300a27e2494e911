//! Filter 307: bzip2 streams.

use std::io::Read;

use ::bzip2::read::BzDecoder;
use bytes::Bytes;

use crate::filter::FilterError;

/// Decompresses `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let damaged = |detail| FilterError::Damaged { filter: "bzip2", detail };
    let mut decompressed = Vec::new();
    BzDecoder::new(bytes)
        .take(room.saturating_add(1))
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
    fn decompresses_a_stream() {
        let stream = hex(
            "425a6839 314159265359 648cbb73 00000001 00380020 0021 9819 8461 77 2453 8509 0648 cbb7 30",
        );
        assert_eq!(undo(&stream, 3).unwrap(), &b"abc"[..]);
        assert!(undo(&stream, 2).is_err());
        assert!(undo(&stream[..20], 3).is_err());
    }
}
