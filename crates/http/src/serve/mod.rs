//! Serving a listener until told to stop.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::router::router;
use crate::state::AppState;

/// How often the metrics recorder folds its samples together. Without it they pile up until
/// somebody asks for `/metrics`.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Answers the connections of `listener` until `shutdown` completes.
///
/// From then on no connection is accepted, requests under way are finished, and idle connections
/// are closed. After `shutdown_timeout` it returns although requests are unfinished.
///
/// # Errors
///
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Answers are written whole: waiting for more to send (Nagle) only delays them.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let (stop, mut stopped) = watch::channel(());
    let timeout = state.config.shutdown_timeout;
    let metrics = state.metrics.clone();
    let serving = axum::serve(listener, router(state)).with_graceful_shutdown(async move {
        shutdown.await;
        drop(stop);
    });
    let too_late = async {
        while stopped.changed().await.is_ok() {}
        sleep(timeout).await;
    };
    let upkeep = async {
        let mut ticks = interval(METRICS_UPKEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            metrics.run_upkeep();
        }
    };
    tokio::select! {
        served = serving => served,
        () = too_late => {
            tracing::warn!(?timeout, "stopped with requests under way");
            Ok(())
        }
        never = upkeep => never,
    }
}
