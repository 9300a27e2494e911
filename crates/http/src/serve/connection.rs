//! One connection, from its first byte to its last.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Version;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use metrics::counter;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::Service;

use super::HEAD_BYTES_MAX;
use super::activity::Activity;
use super::stream::Watched;
use super::tls::Tls;
use crate::metrics::CONNECTIONS_CLOSED;
use crate::state::HttpConfig;

/// Requests of one connection that are answered at a time. Browsers send a hundred; with more, one
/// client could take all of `--concurrent-requests`.
const STREAMS_MAX: u32 = 100;

/// How long a client that is told to go may take to hear it.
const FAREWELL: Duration = Duration::from_secs(1);

/// How connections are treated, the same for all of them.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) router: Router,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) config: HttpConfig,
    pub(super) places: Arc<Semaphore>,
    protocols: Builder<TokioExecutor>,
}

impl Host {
    pub(super) fn new(router: Router, tls: Option<Arc<Tls>>, config: HttpConfig) -> Self {
        let places = Arc::new(Semaphore::new(config.connections));
        Self { router, tls, config, places, protocols: protocols() }
    }

    /// Answers the requests of a connection until it is closed, by whomever, or until `stopping`;
    /// then those under way are answered.
    pub(super) async fn serve(&self, stream: TcpStream, stopping: watch::Receiver<()>) {
        // Answers are written whole: waiting for more to send (Nagle) only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let Some(tls) = &self.tls else { return self.answer(stream, stopping).await };
        match timeout(self.config.header_timeout, tls.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => self.answer(stream, stopping).await,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                count_closed("tls_handshake");
            }
            Err(_) => count_closed("tls_timeout"),
        }
    }

    async fn answer<S>(&self, stream: S, mut stopping: watch::Receiver<()>)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let activity = Activity::new();
        let service = service_fn(|request: Request<Incoming>| {
            let in_flight = activity.request(request.version() == Version::HTTP_2);
            let answer = self.router.clone().call(request.map(Body::new));
            async move {
                let answer = answer.await;
                drop(in_flight);
                answer
            }
        });
        let stream = TokioIo::new(Watched::new(stream, activity.clone()));
        let connection = self.protocols.serve_connection(stream, service);
        let mut connection = std::pin::pin!(connection);
        let others_wait = || self.places.available_permits() == 0;
        let overdue = tokio::select! {
            ended = connection.as_mut() => return log_end(ended),
            overdue = activity.overdue(&self.config, others_wait) => Some(overdue),
            _ = stopping.changed() => None,
        };
        connection.as_mut().graceful_shutdown();
        match overdue {
            Some(overdue) => {
                count_closed(overdue.as_str());
                let _ = timeout(FAREWELL, connection).await;
            }
            None => tokio::select! {
                ended = connection => log_end(ended),
                _ = activity.overdue(&self.config, || true) => {}
            },
        }
    }
}

fn protocols() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(HEAD_BYTES_MAX);
    builder.http2().max_concurrent_streams(STREAMS_MAX).max_header_list_size(HEAD_BYTES_MAX as u32);
    builder
}

/// Not worth more than a debug line: a client may leave whenever it likes.
fn log_end<E: std::fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

fn count_closed(why: &'static str) {
    counter!(CONNECTIONS_CLOSED, "why" => why).increment(1);
}
