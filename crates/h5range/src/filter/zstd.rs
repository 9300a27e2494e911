//! Filter 32015: Zstandard frames.

use std::io::Read;

use bytes::Bytes;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::filter::FilterError;

/// The window that a decoder has to give any frame (RFC 8878, 3.1.1.1.2). Larger ones are only for
/// what is itself larger.
const WINDOW_BYTES_MIN: u64 = 8 << 20;

/// Decompresses `bytes`, to at most `room` bytes.
pub(super) fn undo(bytes: &[u8], room: u64) -> Result<Bytes, FilterError> {
    let mut frame = FrameDecoder::new();
    frame.set_max_window_size(room.max(WINDOW_BYTES_MIN));
    let stream = StreamingDecoder::new_with_decoder(bytes, frame)
        .map_err(|error| damaged(error.to_string()))?;
    let mut decompressed = Vec::new();
    let read = stream.take(room.saturating_add(1)).read_to_end(&mut decompressed);
    read.map_err(|error| damaged(error.to_string()))?;
    if decompressed.len() as u64 > room {
        return Err(damaged(format!("it decompresses to more than {room} bytes")));
    }
    Ok(decompressed.into())
}

fn damaged(detail: String) -> FilterError {
    FilterError::Damaged { filter: "zstd", detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::testing::hex;

    #[test]
    fn decompresses_a_frame() {
        // One segment of 10 bytes, in one raw and last block.
        let frame = hex("28b52ffd 20 0a 510000 30313233343536373839");
        assert_eq!(undo(&frame, 10).unwrap(), &b"0123456789"[..]);
        assert!(undo(&frame, 9).is_err());
        assert!(undo(&frame[..12], 10).is_err());
        assert!(undo(&[], 10).is_err());
        // A block of one byte, repeated.
        let bomb = hex("28b52ffd 00 58 030010 00");
        assert!(undo(&bomb, 100).is_err());
    }
}
