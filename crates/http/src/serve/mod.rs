//! Serving a listener until told to stop.
//!
//! The loop is our own, because clients may be slow, idle or many on purpose: each connection has a
//! place, and deadlines for the head of a request, for the next request and for reading answers.

mod activity;
mod connection;
mod stream;
mod tls;

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use self::connection::Host;
use crate::router::router;
use crate::state::AppState;

pub use self::tls::{Tls, TlsError};

/// The bytes of a request up to its body. What is longer is answered with a 431 without words, or
/// over HTTP/2 reset.
pub(crate) const HEAD_BYTES_MAX: usize = 64 << 10;

/// How often the metrics recorder folds its samples together. Without it they pile up until
/// somebody asks for `/metrics`.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// How long nothing is accepted after the system refused, commonly because the process has as many
/// files open as it may.
const PAUSE: Duration = Duration::from_millis(500);

/// Under attack there may be no place for hours.
const SAY_FULL_EVERY: Duration = Duration::from_secs(10);

/// Answers the connections of `listener` until `shutdown` completes.
///
/// From then on no connection is accepted, requests under way are finished, and idle connections
/// are closed. After `shutdown_timeout` it returns although requests are unfinished.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let metrics = state.metrics.clone();
    let (tls, config) = (state.tls.clone(), state.config.clone());
    let host = Arc::new(Host::new(router(state), tls, config));
    tokio::select! {
        () = accept_until(shutdown, listener, host) => {}
        never = upkeep(metrics) => match never {},
    }
}

async fn accept_until(shutdown: impl Future<Output = ()>, listener: TcpListener, host: Arc<Host>) {
    let (stop, stopping) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    let mut doorman = Doorman { listener, places: host.places.clone(), said_full: None };
    loop {
        let (stream, place) = tokio::select! {
            () = &mut shutdown => break,
            admitted = doorman.admit() => admitted,
        };
        let (host, stopping) = (host.clone(), stopping.clone());
        tokio::spawn(async move {
            host.serve(stream, stopping).await;
            drop(place);
        });
    }
    drop((doorman, stopping));
    stop.send_replace(());
    let limit = host.config.shutdown_timeout;
    if timeout(limit, stop.closed()).await.is_err() {
        tracing::warn!(timeout = ?limit, "stopped with requests under way");
    }
}

/// Lets connections in as there are places.
struct Doorman {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// When it was last said that there are none.
    said_full: Option<Instant>,
}

impl Doorman {
    /// The next connection, and its place. While there is no place, connections wait with the
    /// system, which keeps as many as the listener's backlog has room for.
    async fn admit(&mut self) -> (TcpStream, OwnedSemaphorePermit) {
        let place = self.place().await;
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => return (stream, place),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted; trying again soon");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn place(&mut self) -> OwnedSemaphorePermit {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return place;
        }
        if self.said_full.is_none_or(|said| said.elapsed() > SAY_FULL_EVERY) {
            self.said_full = Some(Instant::now());
            tracing::warn!("all connections are taken (--connections); others wait");
        }
        match self.places.clone().acquire_owned().await {
            Ok(place) => place,
            // Nobody closes it.
            Err(_) => std::future::pending().await,
        }
    }
}

/// Whether the client left before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn upkeep(metrics: PrometheusHandle) -> ! {
    let mut ticks = interval(METRICS_UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}
