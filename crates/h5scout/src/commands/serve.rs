//! `h5scout serve`: the HTTP API and the page, until told to stop.

use std::io::Write;

use explorer::Explorer;
use http_api::AppState;
use store::{Store, StoreConfig};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::logging;

/// Serves until SIGINT or SIGTERM; then finishes the requests under way. Questions run in the
/// runtime `questions`, so that they hold up no request that needs no file.
///
/// # Errors
///
/// When the store cannot be opened or the address not be listened on.
pub(crate) async fn run(serve: Serve, questions: Handle) -> Result<(), Failure> {
    let _flush = logging::start(serve.log_format, &serve.log)?;
    let metrics =
        http_api::install_metrics().map_err(|error| Failure::new("metrics do not start", error))?;
    let source = serve.source.unwrap_or_else(default_source);
    let disk = serve.disk.config();
    let store = Store::open(&source, StoreConfig { disk, ..serve.engine.store() })?;
    let explorer = Explorer::new(store.clone(), serve.engine.explorer());
    let listener = TcpListener::bind(serve.listen).await.map_err(|error| {
        Failure::new(format!("{} cannot be listened on (--listen)", serve.listen), error)
    })?;
    let address = listener.local_addr()?;
    let shutdown = told_to_stop()?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "h5scout serves {} at http://{address}", explorer.description())?;
    stdout.flush()?;
    let state = AppState::new(explorer, serve.http.config(), metrics);
    let state = state.with_questions_in(questions);
    let served = http_api::serve(listener, state, shutdown).await;
    store.close().await;
    served.map_err(|error| Failure::new("the server stopped", error))
}

/// `s3://$S3_BUCKET` where that is set, else the current folder.
fn default_source() -> String {
    match std::env::var("S3_BUCKET") {
        Ok(bucket) if !bucket.is_empty() => format!("s3://{bucket}"),
        _ => ".".to_owned(),
    }
}

/// Completes at the first SIGINT or SIGTERM.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => tracing::info!("stopping at SIGINT"),
            _ = terminate.recv() => tracing::info!("stopping at SIGTERM"),
        }
    })
}
