//! An HTTP server of one folder that counts what it is asked for, and takes its time: an oracle for
//! the costs that we claim.

use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A server that runs as long as the test.
pub struct RangeServer {
    pub address: SocketAddr,
    counts: Arc<Counts>,
}

struct Counts {
    folder: PathBuf,
    latency: Duration,
    requests: AtomicU64,
    in_flight: AtomicU64,
    most_in_flight: AtomicU64,
    paths: Mutex<Vec<String>>,
}

impl RangeServer {
    /// Serves `folder`; every answer takes `latency`.
    pub async fn start(folder: &Path, latency: Duration) -> Self {
        let counts = Arc::new(Counts {
            folder: folder.to_owned(),
            latency,
            requests: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            most_in_flight: AtomicU64::new(0),
            paths: Mutex::default(),
        });
        let app = Router::new().fallback(answer).with_state(counts.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, counts }
    }

    pub fn requests(&self) -> u64 {
        self.counts.requests.load(SeqCst)
    }

    /// What was asked for, in its order.
    pub fn paths(&self) -> Vec<String> {
        self.counts.paths.lock().unwrap().clone()
    }

    pub fn most_in_flight(&self) -> u64 {
        self.counts.most_in_flight.load(SeqCst)
    }
}

async fn answer(State(counts): State<Arc<Counts>>, request: Request) -> Response {
    counts.requests.fetch_add(1, SeqCst);
    counts.paths.lock().unwrap().push(request.uri().path().to_owned());
    let in_flight = counts.in_flight.fetch_add(1, SeqCst) + 1;
    counts.most_in_flight.fetch_max(in_flight, SeqCst);
    tokio::time::sleep(counts.latency).await;
    counts.in_flight.fetch_sub(1, SeqCst);
    counts.range(&request).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

impl Counts {
    /// The bytes that the request asks for. A test asks for one range of a file, or looks at it.
    fn range(&self, request: &Request) -> Option<Response> {
        let path = self.folder.join(request.uri().path().trim_start_matches('/'));
        let file = std::fs::File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        let version = [
            (header::ETAG, format!("\"{size}\"")),
            (header::LAST_MODIFIED, "Mon, 01 Jan 2024 00:00:00 GMT".to_owned()),
        ];
        if request.method() == Method::HEAD {
            return Some((version, [(header::CONTENT_LENGTH, size.to_string())]).into_response());
        }
        let range = request.headers().get(header::RANGE)?.to_str().ok()?;
        let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let last = last.min(size - 1);
        let mut body = vec![0; usize::try_from(last + 1 - first).ok()?];
        file.read_exact_at(&mut body, first).ok()?;
        let range = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}"))];
        Some((StatusCode::PARTIAL_CONTENT, version, range, body).into_response())
    }
}
