//! An HTTP proxy in front of the S3 server, which counts what passes, adds latency and, where it is
//! told to, faults.
//!
//! Every request waits for itself before it is passed on, so requests sent side by side wait side by
//! side, as over a long line with bandwidth to spare. The `Host` header passes unchanged: a
//! signature made for the proxy's address stays valid.

mod faults;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HeaderMap, HeaderName, TRANSFER_ENCODING};
use axum::http::{Response, StatusCode};
use axum::serve::ListenerExt;
use axum::{Router, serve};
use http_body_util::BodyExt;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::faults::Faults;
pub(crate) use self::faults::Line;
use crate::Result;

/// The most that a request may carry: nothing is uploaded through the proxy.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// Headers that concern one connection, not the message.
const OF_THE_CONNECTION: [HeaderName; 2] = [CONNECTION, TRANSFER_ENCODING];

/// What has passed since [`Proxy::reset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Requests that came.
    pub(crate) requests: u64,
    /// Bytes of the answers' bodies.
    pub(crate) bytes: u64,
    /// Requests under way at once, at most.
    pub(crate) in_flight_max: u64,
}

/// A running proxy; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Proxy {
    /// A proxy on a free port, in front of the server at the URL `upstream`.
    pub(crate) async fn start(upstream: &str) -> Result<Self> {
        Self::listen(upstream, false).await
    }

    /// The same, whose line can get worse: [`Self::set_line`].
    pub(crate) async fn with_faults(upstream: &str) -> Result<Self> {
        Self::listen(upstream, true).await
    }

    async fn listen(upstream: &str, resets: bool) -> Result<Self> {
        let client = Client::builder().http1_only().tcp_nodelay(true).build()?;
        let upstream = upstream.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared { client, upstream, ..Shared::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(move |connection| {
            // It only saves time.
            let _ = connection.set_nodelay(true);
            if resets {
                // What is given up is reset, and not closed as if it were complete.
                let _ = connection.set_zero_linger();
            }
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // It ends with the run at the latest.
            let _ = serve(listener, router).await;
        });
        Ok(Self { address, shared, serving })
    }

    /// The URL that stands for the upstream's.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on each request waits for so long.
    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.shared.latency_micros.store(micros, Relaxed);
    }

    /// From now on this happens to requests.
    pub(crate) fn set_line(&self, line: Line) {
        self.shared.faults.set_line(line);
    }

    /// Faults that there were since the start.
    pub(crate) fn faults(&self) -> u64 {
        self.shared.faults.count()
    }

    /// Counts from zero.
    pub(crate) fn reset(&self) {
        let shared = &self.shared;
        shared.requests.store(0, Relaxed);
        shared.bytes.store(0, Relaxed);
        shared.in_flight_max.store(shared.in_flight.load(Relaxed), Relaxed);
    }

    /// What has passed.
    pub(crate) fn counts(&self) -> Counts {
        let shared = &self.shared;
        Counts {
            requests: shared.requests.load(Relaxed),
            bytes: shared.bytes.load(Relaxed),
            in_flight_max: shared.in_flight_max.load(Relaxed),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Debug, Default)]
struct Shared {
    client: Client,
    upstream: String,
    latency_micros: AtomicU64,
    faults: Faults,
    requests: AtomicU64,
    bytes: AtomicU64,
    in_flight: AtomicU64,
    in_flight_max: AtomicU64,
}

/// A request under way, until the last byte of its answer was passed on or somebody gave up.
struct Flight(Arc<Shared>);

impl Flight {
    fn begin(shared: Arc<Shared>) -> Self {
        shared.requests.fetch_add(1, Relaxed);
        let in_flight = shared.in_flight.fetch_add(1, Relaxed) + 1;
        shared.in_flight_max.fetch_max(in_flight, Relaxed);
        Self(shared)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let flight = Flight::begin(Arc::clone(&shared));
    let latency = Duration::from_micros(shared.latency_micros.load(Relaxed));
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let passed = async { Ok(answer_of(&shared, request).await?.map(Body::new)) };
    match shared.faults.meet(passed).await {
        Ok(answer) => counted(answer, flight),
        Err(error) => {
            let mut answer = Response::new(Body::from(error.to_string()));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        }
    }
}

async fn answer_of(shared: &Shared, request: Request) -> Result<Response<reqwest::Body>> {
    let (mut head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    without_those_of_the_connection(&mut head.headers);
    let request = shared
        .client
        .request(head.method, format!("{}{target}", shared.upstream))
        .headers(head.headers)
        .body(to_bytes(body, REQUEST_BYTES_MAX).await?);
    let mut answer = Response::from(request.send().await?);
    without_those_of_the_connection(answer.headers_mut());
    Ok(answer)
}

fn counted(answer: Response<Body>, flight: Flight) -> Response<Body> {
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
            flight.0.bytes.fetch_add(bytes, Relaxed);
            frame
        }))
    })
}

fn without_those_of_the_connection(headers: &mut HeaderMap) {
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use futures::future::join_all;

    use super::*;

    /// A server that answers with the host and the target that it was asked for.
    async fn echo() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = async |request: Request| {
            let host = request.headers()["host"].to_str().unwrap_or_default().to_owned();
            format!("{host} {}", request.uri())
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { serve(listener, router).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn what_is_signed_passes_unchanged() {
        let proxy = Proxy::start(&echo().await).await.unwrap();
        let target = "/bucket/a%20b%2Bc.h5?list-type=2&prefix=x%2Fy";
        let answer = reqwest::get(format!("{}{target}", proxy.endpoint())).await.unwrap();
        let body = answer.text().await.unwrap();
        assert_eq!(body, format!("{} {target}", proxy.address));
        let (requests, bytes) = (1, body.len() as u64);
        assert_eq!(proxy.counts(), Counts { requests, bytes, in_flight_max: 1 });
        proxy.reset();
        assert_eq!(proxy.counts(), Counts { requests: 0, bytes: 0, in_flight_max: 0 });
    }

    #[tokio::test]
    async fn requests_side_by_side_wait_side_by_side() {
        let proxy = Proxy::start(&echo().await).await.unwrap();
        proxy.set_latency(Duration::from_millis(500));
        let started = Instant::now();
        let answers = join_all((0..16).map(|_| reqwest::get(proxy.endpoint()))).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap().status() == StatusCode::OK));
        // One after another they would wait for eight seconds.
        let waited = started.elapsed();
        assert!((500..8000).contains(&waited.as_millis()), "{waited:?}");
        assert_eq!((proxy.counts().requests, proxy.counts().in_flight_max), (16, 16));
    }

    #[tokio::test]
    async fn a_server_that_is_gone_is_a_bad_gateway() {
        let proxy = Proxy::start("http://127.0.0.1:9").await.unwrap();
        let answer = reqwest::get(proxy.endpoint()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    }
}
