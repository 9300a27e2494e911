//! Compressed bodies: which encoding a client gets, and making it.
//!
//! The negotiation follows RFC 9110, section 12.5.3. A client that accepts nothing we have, not
//! even the plain body, gets the plain body: the section allows it, and a person with an odd
//! client is served better than by a 415.

use std::fmt;

use async_compression::Level;
use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use cache::LoadAborted;
use futures::executor::block_on;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::Pieces;
use crate::error::{ApiError, Code};

/// Bodies up to this size are sent plain: compressing them saves no packet.
const PLAIN_BYTES_MAX: usize = 1024;

/// Brotli's default level (11) takes seconds for a body of some megabytes. Level 5 is as fast as
/// gzip's default and still compresses better.
const BROTLI_LEVEL: i32 = 5;

/// The encodings we send, those we would rather send first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    Zstd,
    Brotli,
    Gzip,
    #[default]
    Plain,
}

impl Encoding {
    /// All but the plain body.
    pub(crate) const COMPRESSED: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// This encoding, or none for a body that is too small for it.
    pub(crate) fn for_size(self, body_bytes: usize) -> Self {
        if body_bytes > PLAIN_BYTES_MAX { self } else { Self::Plain }
    }

    /// The value of `Content-Encoding`.
    pub(crate) fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Plain => None,
            encoding => encoding.names().first().map(|name| HeaderValue::from_static(name)),
        }
    }

    /// Compresses `body`, off the threads that serve other requests.
    pub(crate) async fn compress(
        self,
        body: impl Into<Pieces> + Send + 'static,
    ) -> Result<Bytes, CompressionFailed> {
        let compressing = tokio::task::spawn_blocking(move || {
            let body = body.into().joined();
            match self {
                Self::Plain => Ok(body),
                Self::Zstd => drain(ZstdEncoder::new(&*body)),
                Self::Brotli => {
                    let level = Level::Precise(BROTLI_LEVEL);
                    drain(BrotliEncoder::with_quality(&*body, level))
                }
                Self::Gzip => drain(GzipEncoder::new(&*body)),
            }
        });
        compressing.await.map_err(|_| CompressionFailed)?
    }

    fn named(name: &str) -> Option<Self> {
        let mut all = Self::COMPRESSED.into_iter().chain([Self::Plain]);
        all.find(|encoding| encoding.names().iter().any(|known| name.eq_ignore_ascii_case(known)))
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Zstd => &["zstd"],
            Self::Brotli => &["br"],
            Self::Gzip => &["gzip", "x-gzip"],
            Self::Plain => &["identity"],
        }
    }
}

/// How much a client likes each encoding, by its `Accept-Encoding`, in thousandths; `None` where it
/// does not say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Accepted {
    zstd: Option<u16>,
    brotli: Option<u16>,
    gzip: Option<u16>,
    plain: Option<u16>,
}

impl Accepted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(ACCEPT_ENCODING).into_iter();
        let members =
            fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(','));
        let (mut accepted, mut others) = (Self::default(), None);
        for (name, weight) in members.filter_map(weighted) {
            let place = match Encoding::named(name) {
                Some(encoding) => accepted.place(encoding),
                None if name == "*" => &mut others,
                None => continue,
            };
            place.get_or_insert(weight);
        }
        for encoding in Encoding::COMPRESSED.into_iter().chain([Encoding::Plain]) {
            let place = accepted.place(encoding);
            *place = place.or(others);
        }
        accepted
    }

    /// What the client likes best of `offered` and the plain body; between equals, the first of
    /// them.
    pub(crate) fn best_of(mut self, offered: &[Encoding]) -> Encoding {
        let mut best = (Encoding::Plain, self.plain.unwrap_or(0));
        for encoding in offered.iter().rev() {
            let weight = self.place(*encoding).unwrap_or(0);
            if weight > 0 && weight >= best.1 {
                best = (*encoding, weight);
            }
        }
        best.0
    }

    fn place(&mut self, encoding: Encoding) -> &mut Option<u16> {
        match encoding {
            Encoding::Zstd => &mut self.zstd,
            Encoding::Brotli => &mut self.brotli,
            Encoding::Gzip => &mut self.gzip,
            Encoding::Plain => &mut self.plain,
        }
    }
}

/// A body could not be compressed. Encoders in memory have no reason to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompressionFailed;

impl fmt::Display for CompressionFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer could not be compressed")
    }
}

impl From<LoadAborted> for CompressionFailed {
    fn from(_: LoadAborted) -> Self {
        Self
    }
}

impl From<CompressionFailed> for ApiError {
    fn from(failed: CompressionFailed) -> Self {
        Self::new(Code::InternalError, failed.to_string())
    }
}

/// Runs an encoder over memory to its end. It never waits, so blocking on it is only a call.
fn drain(mut encoder: impl AsyncRead + Unpin) -> Result<Bytes, CompressionFailed> {
    let mut compressed = Vec::new();
    block_on(encoder.read_to_end(&mut compressed)).map_err(|_| CompressionFailed)?;
    compressed.shrink_to_fit();
    Ok(compressed.into())
}

/// One member of `Accept-Encoding`, with its weight in thousandths. A weight that is not a number
/// makes the member void.
fn weighted(member: &str) -> Option<(&str, u16)> {
    let mut parts = member.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let mut weight = 1000;
    for parameter in parts {
        if let Some(text) = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")) {
            let value = text.parse::<f32>().ok().filter(|value| (0.0..=1.0).contains(value))?;
            // In range, so the conversion cannot truncate more than the fraction.
            weight = (value * 1000.0) as u16;
        }
    }
    Some((name, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Encoding {
        let value = HeaderValue::from_str(accept).unwrap();
        Accepted::of(&HeaderMap::from_iter([(ACCEPT_ENCODING, value)]))
            .best_of(&Encoding::COMPRESSED)
    }

    #[test]
    fn the_client_chooses_and_we_break_ties() {
        assert_eq!(Accepted::default().best_of(&Encoding::COMPRESSED), Encoding::Plain);
        for (accept, expected) in [
            ("", Encoding::Plain),
            ("gzip", Encoding::Gzip),
            ("x-gzip", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            ("gzip, deflate, br, zstd", Encoding::Zstd),
            ("gzip, deflate, br", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0.5", Encoding::Gzip),
            ("gzip;q=0", Encoding::Plain),
            ("*", Encoding::Zstd),
            ("*;q=0", Encoding::Plain),
            ("zstd;q=0, *", Encoding::Brotli),
            ("identity, gzip;q=0.5", Encoding::Plain),
            ("identity;q=0.5, gzip", Encoding::Gzip),
            ("identity;q=0", Encoding::Plain),
            ("gzip;q=high", Encoding::Plain),
            ("gzip;q=NaN", Encoding::Plain),
            ("deflate", Encoding::Plain),
            ("gzip;q=0.001", Encoding::Gzip),
        ] {
            assert_eq!(negotiated(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn small_bodies_stay_plain() {
        assert_eq!(Encoding::Gzip.for_size(1024), Encoding::Plain);
        assert_eq!(Encoding::Gzip.for_size(1025), Encoding::Gzip);
    }

    #[tokio::test]
    async fn compressed_bodies_carry_the_magic_of_their_format() {
        let body = Bytes::from(vec![b'x'; 100_000]);
        let compressed = async |encoding: Encoding| encoding.compress(body.clone()).await.unwrap();
        assert_eq!(compressed(Encoding::Gzip).await[..2], [0x1f, 0x8b]);
        assert_eq!(compressed(Encoding::Zstd).await[..4], [0x28, 0xb5, 0x2f, 0xfd]);
        assert!(compressed(Encoding::Brotli).await.len() < 1000);
        assert_eq!(compressed(Encoding::Plain).await, body);
    }
}
