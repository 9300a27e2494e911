//! One question to ours over HTTP: what came back, how long it took, what it cost the store.

use std::time::{Duration, Instant};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use bytes::Bytes;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::Result;
use crate::server::Server;

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// Round trips to the store, as `Server-Timing` has them; none where it says nothing.
    pub(crate) rounds: u64,
    /// From the question to the last byte.
    pub(crate) duration: Duration,
}

impl Answer {
    /// Asks `server` for `target`.
    pub(crate) async fn get(client: &Client, server: &Server, target: &str) -> Result<Self> {
        let started = Instant::now();
        let response = client.get(server.url(target)).send().await?;
        let status = response.status();
        let timing = response.headers().get("server-timing");
        let timing = timing.and_then(|timing| timing.to_str().ok()).unwrap_or_default();
        let rounds = number_after(timing, "rounds=").unwrap_or(0);
        let body = response.bytes().await?;
        Ok(Self { status, body, rounds, duration: started.elapsed() })
    }

    /// Asks, and expects success.
    pub(crate) async fn get_ok(client: &Client, server: &Server, target: &str) -> Result<Self> {
        let answer = Self::get(client, server, target).await?;
        if answer.status != StatusCode::OK {
            let (status, body) = (answer.status, String::from_utf8_lossy(&answer.body));
            return Err(format!("{target}: {status}: {body}").into());
        }
        Ok(answer)
    }

    /// The body.
    pub(crate) fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// A body without its encoding, as `Content-Encoding` names it; empty: it has none.
pub(crate) async fn decoded(encoding: &str, body: &[u8]) -> Result<Vec<u8>> {
    let mut decoder: Box<dyn AsyncRead + Send + Unpin + '_> = match encoding {
        "" => return Ok(body.to_vec()),
        "gzip" => Box::new(GzipDecoder::new(body)),
        "zstd" => Box::new(ZstdDecoder::new(body)),
        "br" => Box::new(BrotliDecoder::new(body)),
        other => return Err(format!("an encoding that nobody asked for: {other}").into()),
    };
    let mut decoded = Vec::new();
    decoder.read_to_end(&mut decoded).await?;
    Ok(decoded)
}

/// `text` as a part of a URL's query.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let (_, after) = text.split_once(name)?;
    let digits = after.find(|next: char| !next.is_ascii_digit()).unwrap_or(after.len());
    after[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_found_in_server_timing() {
        let timing = "store;desc=\"rounds=12 requests=34 bytes=5\";dur=6.7";
        assert_eq!(number_after(timing, "rounds="), Some(12));
        assert_eq!(number_after("dur=6.7", "rounds="), None);
    }

    #[test]
    fn paths_stay_readable_in_queries() {
        assert_eq!(encoded("/a b/ä&c"), "/a%20b/%C3%A4%26c");
    }
}
