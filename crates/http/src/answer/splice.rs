//! Another beginning for a compressed body, without compressing it again.
//!
//! Both formats are a chain of blocks, and both know a block that holds its bytes as they are. One
//! such block before the first of a finished body puts text in front of it. The result is one gzip
//! member or one Zstandard frame: several of them in a row would be as valid, but browsers and curl
//! read the first one only. Brotli's blocks do not begin at whole bytes, so it has no such seam.

use bytes::Bytes;
use crc32fast::Hasher;

use super::{Encoding, Pieces};

/// A gzip header without optional fields (RFC 1952, section 2.3).
const GZIP_HEADER_BYTES: usize = 10;
/// CRC32 and ISIZE.
const GZIP_TRAILER_BYTES: usize = 8;
/// Magic number, frame header descriptor, window descriptor (RFC 8878, section 3.1.1).
const ZSTD_HEADER_BYTES: usize = 6;

impl Encoding {
    /// The encodings that [`Self::spliced`] knows.
    pub(super) const SPLICED: [Self; 2] = [Self::Zstd, Self::Gzip];

    /// `head` and the body that `compressed` was made of, compressed as one. `None` when the format
    /// does not allow it or `compressed` is not as our encoders write it.
    pub(super) fn spliced(self, head: &[u8], compressed: &Bytes) -> Option<Pieces> {
        match self {
            Self::Gzip => gzip(head, compressed),
            Self::Zstd => zstd(head, compressed),
            Self::Brotli | Self::Plain => None,
        }
    }
}

/// A stored block (RFC 1951, section 3.2.4), and the checksum and the size of both parts.
fn gzip(head: &[u8], compressed: &Bytes) -> Option<Pieces> {
    let header = compressed.get(..GZIP_HEADER_BYTES)?;
    let flags = *header.get(3)?;
    let trailer_at = compressed.len().checked_sub(GZIP_TRAILER_BYTES)?;
    let (crc, size) = compressed.get(trailer_at..)?.split_first_chunk::<4>()?;
    let size = u32::from_le_bytes(*size.first_chunk()?);
    if flags != 0 || trailer_at < GZIP_HEADER_BYTES {
        return None;
    }
    let length = u16::try_from(head.len()).ok()?;
    let stored = [&[0], &length.to_le_bytes()[..], &(!length).to_le_bytes(), head].concat();

    let mut whole = Hasher::new();
    whole.update(head);
    whole.combine(&Hasher::new_with_initial_len(u32::from_le_bytes(*crc), size.into()));
    let size = size.wrapping_add(length.into());
    let trailer = [whole.finalize().to_le_bytes(), size.to_le_bytes()].concat();

    let blocks = compressed.slice(GZIP_HEADER_BYTES..trailer_at);
    Some(Pieces::of([header, &stored].concat().into(), blocks, trailer.into()))
}

/// A raw block (RFC 8878, section 3.1.1.2). A frame that does not say its size and has no checksum
/// needs no other change.
fn zstd(head: &[u8], compressed: &Bytes) -> Option<Pieces> {
    let header = compressed.get(..ZSTD_HEADER_BYTES)?;
    let descriptor = *header.get(4)?;
    // A raw block is no larger than the window, and that is 1 KiB at least.
    let is_short = head.len() <= 1024;
    let size = u32::try_from(head.len()).ok().filter(|_| descriptor == 0 && is_short)?;
    let [first, second, third, _] = (size << 3).to_le_bytes();
    let head = [header, &[first, second, third], head].concat();
    Some(Pieces::of(head.into(), compressed.slice(ZSTD_HEADER_BYTES..), Bytes::new()))
}

#[cfg(test)]
mod tests {
    use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
    use tokio::io::{AsyncRead, AsyncReadExt};

    use super::*;

    async fn decoded(encoding: Encoding, body: &[u8]) -> Vec<u8> {
        // Neither goes on behind the first member or frame.
        let mut decoder: Box<dyn AsyncRead + Unpin> = match encoding {
            Encoding::Zstd => Box::new(ZstdDecoder::new(body)),
            _ => Box::new(GzipDecoder::new(body)),
        };
        let mut plain = Vec::new();
        decoder.read_to_end(&mut plain).await.unwrap();
        plain
    }

    #[tokio::test]
    async fn a_new_beginning_and_the_old_rest_are_one_body() {
        let text: String = (0..20_000).map(|number| format!("\"key\":{number},")).collect();
        for rest in [text.as_bytes(), b"x"] {
            for encoding in Encoding::SPLICED {
                let compressed = encoding.compress(Bytes::copy_from_slice(rest)).await.unwrap();
                for head in [&b"{\"cached\":true,\"age_ms\":12345,"[..], b"", &[b'h'; 1024]] {
                    let pieces = encoding.spliced(head, &compressed).unwrap();
                    let (_, shared) = pieces.head_and_shared();
                    assert!(compressed.as_ptr_range().contains(&shared.as_ptr()), "not copied");
                    let whole = decoded(encoding, &pieces.joined()).await;
                    assert_eq!(whole, [head, rest].concat(), "{encoding:?}");
                }
            }
        }
    }

    #[test]
    fn what_no_encoder_of_ours_wrote_is_left_alone() {
        let gzip = |bytes: &'static [u8]| Encoding::Gzip.spliced(b"{", &Bytes::from_static(bytes));
        assert!(gzip(b"").is_none());
        assert!(gzip(b"\x1f\x8b\x08\0\0\0\0\0\0\xff\0\0\0").is_none(), "too short");
        assert!(gzip(b"\x1f\x8b\x08\x08\0\0\0\0\0\xffname\0\x03\0\0\0\0\0\0\0\0\0").is_none());
        let zstd = |bytes: &'static [u8]| Encoding::Zstd.spliced(b"{", &Bytes::from_static(bytes));
        assert!(zstd(b"\x28\xb5\x2f").is_none());
        assert!(zstd(b"\x28\xb5\x2f\xfd\x20\x01\x09\0\0x").is_none(), "it says its size");
        let long = vec![b'h'; 1 << 17];
        for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Brotli, Encoding::Plain] {
            assert!(encoding.spliced(&long, &Bytes::from_static(&[0; 100])).is_none());
        }
    }
}
