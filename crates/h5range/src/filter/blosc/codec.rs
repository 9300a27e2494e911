//! The codecs that a Blosc chunk can name.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use crate::filter::blosc::{BloscError, blosclz};
use crate::filter::{lz4, zstd};

/// What compresses the blocks of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    BloscLz,
    Lz4,
    Snappy,
    Zlib,
    Zstandard,
}

impl Codec {
    /// The codec with this number in the flags of a chunk.
    pub(super) fn from_format(format: u8) -> Result<Self, BloscError> {
        match format {
            0 => Ok(Self::BloscLz),
            1 => Ok(Self::Lz4),
            2 => Ok(Self::Snappy),
            3 => Ok(Self::Zlib),
            4 => Ok(Self::Zstandard),
            other => Err(BloscError::Unknown(format!("the codec {other}"))),
        }
    }

    /// Decompresses `stored`, which gives exactly the bytes of `out`.
    pub(super) fn decompress(self, stored: &[u8], out: &mut [u8]) -> Result<(), BloscError> {
        let room = out.len();
        let decompressed = match self {
            Self::Lz4 => {
                let damaged = |error: crate::filter::FilterError| error.into_detail();
                return lz4::decompress(stored, out)
                    .map_err(|error| BloscError::Damaged(damaged(error)));
            }
            Self::BloscLz => blosclz::decompress(stored, room),
            Self::Snappy => snappy(stored, room),
            Self::Zlib => zlib(stored, room),
            Self::Zstandard => zstd::undo(stored, room as u64).ok().map(Into::into),
        };
        match decompressed {
            Some(decompressed) if decompressed.len() == room => {
                out.copy_from_slice(&decompressed);
                Ok(())
            }
            _ => Err(BloscError::damaged(format!("a block is no stream of {self:?}"))),
        }
    }
}

fn snappy(stored: &[u8], room: usize) -> Option<Vec<u8>> {
    if snap::raw::decompress_len(stored).ok()? > room {
        return None;
    }
    snap::raw::Decoder::new().decompress_vec(stored).ok()
}

fn zlib(stored: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut decompressed = Vec::new();
    let stream = ZlibDecoder::new(stored).take(room as u64 + 1);
    let mut stream = stream;
    stream.read_to_end(&mut decompressed).ok()?;
    Some(decompressed)
}
