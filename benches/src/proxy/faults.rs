//! Faults that a proxy puts in the way: those of a bad line, and those of a server in trouble.

use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use futures::{StreamExt, stream};

use crate::Result;

/// One request in so many meets a fault while the line is [`Line::Faulty`].
const FAULTY: u32 = 12;

/// Longer than any caller waits: who is stalled has to leave by himself.
const STALL: Duration = Duration::from_secs(60);

/// The longest of the delays, in milliseconds.
const DELAY_MS_MAX: u64 = 400;

/// The most that is read of an answer that is to be cut.
const ANSWER_BYTES_MAX: usize = 1 << 30;

/// What happens to the requests that pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Nothing.
    Sound,
    /// A fault, now and then.
    Faulty,
    /// Every connection is reset.
    Down,
}

/// One mishap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The answer comes, late.
    Delay(Duration),
    /// The server says so, and may say when to come back.
    Refusal { status: StatusCode, retry_after: Option<&'static str> },
    /// The connection is gone before the answer.
    Reset,
    /// The connection is gone amid the answer.
    Cut,
    /// No answer comes.
    Stall,
    /// The answer stops amid its body.
    StallAmid,
}

/// The state of the line, and how many faults it had.
#[derive(Debug, Default)]
pub(super) struct Faults {
    line: AtomicU8,
    count: AtomicU64,
}

impl Faults {
    pub(super) fn set_line(&self, line: Line) {
        self.line.store(line as u8, Relaxed);
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Passes a request on with `pass`, or has a fault happen to it.
    pub(super) async fn meet(
        &self,
        pass: impl Future<Output = Result<Response<Body>>>,
    ) -> Result<Response<Body>> {
        let Some(fault) = self.next() else { return pass.await };
        self.count.fetch_add(1, Relaxed);
        match fault {
            Fault::Delay(delay) => {
                tokio::time::sleep(delay).await;
                pass.await
            }
            Fault::Refusal { status, retry_after } => Ok(refusal(status, retry_after)),
            Fault::Reset => Ok(reset()),
            Fault::Cut => Ok(half(pass.await?, stream::iter([Err(broken())])).await?),
            Fault::Stall => {
                tokio::time::sleep(STALL).await;
                Ok(reset())
            }
            Fault::StallAmid => Ok(half(pass.await?, stream::pending()).await?),
        }
    }

    fn next(&self) -> Option<Fault> {
        match self.line.load(Relaxed) {
            line if line == Line::Down as u8 => Some(Fault::Reset),
            line if line == Line::Faulty as u8 && fastrand::u32(..FAULTY) == 0 => {
                Some(Fault::random())
            }
            _ => None,
        }
    }
}

impl Fault {
    fn random() -> Self {
        let refusal = |status, retry_after| Self::Refusal { status, retry_after };
        match fastrand::u8(..8) {
            0 => Self::Delay(Duration::from_millis(fastrand::u64(..DELAY_MS_MAX))),
            1 => refusal(StatusCode::INTERNAL_SERVER_ERROR, None),
            2 => refusal(StatusCode::SERVICE_UNAVAILABLE, None),
            3 => refusal(StatusCode::SERVICE_UNAVAILABLE, Some("1")),
            4 => Self::Reset,
            5 => Self::Cut,
            6 => Self::Stall,
            _ => Self::StallAmid,
        }
    }
}

fn refusal(status: StatusCode, retry_after: Option<&'static str>) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    let retry_after = retry_after.map(|wait| (RETRY_AFTER, HeaderValue::from_static(wait)));
    answer.headers_mut().extend(retry_after);
    answer
}

/// An answer whose body fails before its first byte: the server gives the connection up.
fn reset() -> Response<Body> {
    let body = stream::iter([Err::<Bytes, _>(broken())]);
    let mut answer = Response::new(Body::from_stream(body));
    answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("1"));
    answer
}

/// The first half of an answer's body under the headers of all of it, and then `rest`. An answer
/// without a body, such as one to a HEAD, passes.
async fn half(
    answer: Response<Body>,
    rest: impl stream::Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> Result<Response<Body>> {
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, ANSWER_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(Response::from_parts(head, Body::empty()));
    }
    let half = bytes.slice(..bytes.len() / 2);
    let body = stream::iter([Ok(half)]).chain(rest);
    Ok(Response::from_parts(head, Body::from_stream(body)))
}

fn broken() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer() -> Result<Response<Body>> {
        Ok(Response::new(Body::from("all of it")))
    }

    #[tokio::test]
    async fn a_sound_line_passes_everything() {
        let faults = Faults::default();
        for _ in 0..1000 {
            let body = faults.meet(answer()).await.unwrap().into_body();
            assert_eq!(to_bytes(body, 99).await.unwrap(), "all of it");
        }
        assert_eq!(faults.count(), 0);
    }

    #[tokio::test]
    async fn a_line_that_is_down_answers_nothing() {
        let faults = Faults::default();
        faults.set_line(Line::Down);
        let body = faults.meet(answer()).await.unwrap().into_body();
        assert!(to_bytes(body, 99).await.is_err());
        assert_eq!(faults.count(), 1);
    }

    #[tokio::test]
    async fn half_an_answer_claims_to_be_whole_and_then_breaks() {
        let mut whole = answer().await.unwrap();
        whole.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("9"));
        let cut = half(whole, stream::iter([Err(broken())])).await.unwrap();
        assert_eq!(cut.headers()[CONTENT_LENGTH], "9");
        let mut parts = cut.into_body().into_data_stream();
        assert_eq!(parts.next().await.unwrap().unwrap(), "all ");
        assert!(parts.next().await.unwrap().is_err());
    }
}
