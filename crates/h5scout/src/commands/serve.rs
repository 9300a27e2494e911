//! `h5scout serve`: the HTTP API and the page, until told to stop.

use std::convert::Infallible;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use explorer::Explorer;
use http_api::{AppState, Tls, Tokens};
use store::StoreConfig;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::arguments::{Security, Serve};
use crate::collector;
use crate::failure::Failure;
use crate::signals::StopSignals;
use crate::traces::Traces;
use crate::{logging, sources};

/// Serves until SIGINT or SIGTERM; then finishes the requests under way, until a second one.
/// Questions run in the runtime `questions`, so that they hold up no request that needs no file.
///
/// # Errors
///
/// When a source cannot be opened or the address not be listened on, or when it is told to stop
/// twice.
pub(crate) async fn run(serve: Serve, questions: Handle) -> Result<(), Failure> {
    let traces = Traces::from_environment()?;
    let _flush = logging::start(serve.log_format, &serve.log, traces.as_ref())?;
    if traces.is_none() && collector::is_wanted(collector::variable) {
        tracing::warn!(
            "no traces are sent to the collector that the environment names: this binary was built \
             without the feature otel"
        );
    }
    if let Some(refusal) = serve.security.refusal(serve.listen) {
        return Err(Failure::Misused(refusal));
    }
    let origins = serve.security.origins();
    let origins = origins.map_err(|error| Failure::Misused(format!("--cors-origin: {error}")))?;
    let embedders = serve.security.embedders();
    let embedders =
        embedders.map_err(|error| Failure::Misused(format!("--embed-origin: {error}")))?;
    let doors = Doors::open(&serve.security)?;
    let metrics =
        http_api::install_metrics().map_err(|error| Failure::new("metrics do not start", error))?;
    logging::describe_metrics();
    let config = StoreConfig { disk: serve.disk.config(), ..serve.engine.store() };
    let opened = sources::open(sources::places(&serve.sources)?, &serve.settings, &config)?;
    let explorer = Explorer::over(opened, serve.engine.explorer());
    let http = serve.http.config(origins, embedders);
    let listener = TcpListener::bind(serve.listen).await.map_err(|error| {
        Failure::new(format!("{} cannot be listened on (--listen)", serve.listen), error)
    })?;
    let address = listener.local_addr()?;
    let mut signals = StopSignals::listen()?;
    if let Some(warning) = serve.security.warning(address) {
        tracing::warn!(%address, "{warning}");
    }
    let mut stdout = std::io::stdout();
    let (scheme, below) = (doors.scheme(), http.base_path.as_str());
    writeln!(stdout, "h5scout serves {} at {scheme}://{address}{below}", explorer.description())?;
    stdout.flush()?;
    let state = AppState::new(explorer.clone(), http, metrics);
    let state = doors.guard(state.with_questions_in(questions));
    let state = traces.iter().fold(state, |state, traces| state.with_traces(traces.join()));
    let (stop, stopping) = oneshot::channel::<()>();
    let told_twice = async {
        // Not within the log line: what is not logged is not waited for.
        let signal = signals.next().await;
        tracing::info!("stopping at {signal}");
        drop(stop);
        signals.next().await
    };
    // An entrance that is gone says the same as a message.
    let shutdown = async { drop(stopping.await) };
    tokio::select! {
        () = http_api::serve(listener, state, shutdown) => {}
        signal = told_twice => return Err(Failure::new("stopped at once", signal)),
        never = doors.reload_when_told()? => match never {},
    }
    explorer.close().await;
    if let Some(traces) = traces {
        traces.flush().await;
    }
    Ok(())
}

const AUTH_TOKEN_FILE: &str = "--auth-token-file";
const EVENTS_TOKEN_FILE: &str = "--events-token-file";

/// The tokens of the file that `flag` names, if it names one.
fn read_tokens(flag: &str, path: &Option<PathBuf>) -> Result<Option<Arc<Tokens>>, Failure> {
    let tokens = path.clone().map(Tokens::read).transpose();
    let tokens = tokens.map_err(|error| Failure::new(format!("{flag} is not taken"), error))?;
    Ok(tokens.map(Arc::new))
}

/// What is read from files and decides who comes in.
struct Doors {
    tokens: Option<Arc<Tokens>>,
    event_tokens: Option<Arc<Tokens>>,
    tls: Option<Arc<Tls>>,
}

impl Doors {
    fn open(security: &Security) -> Result<Self, Failure> {
        let tokens = read_tokens(AUTH_TOKEN_FILE, &security.auth_token_file)?;
        let event_tokens = read_tokens(EVENTS_TOKEN_FILE, &security.events_token_file)?;
        let tls = security.tls().map(|(certificate, key)| Tls::read(certificate, key)).transpose();
        let tls =
            tls.map_err(|error| Failure::new("--tls-cert and --tls-key are not taken", error))?;
        Ok(Self { tokens, event_tokens, tls: tls.map(Arc::new) })
    }

    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    fn guard(&self, state: AppState) -> AppState {
        let state = self.tokens.iter().cloned().fold(state, AppState::with_tokens);
        let state = self.event_tokens.iter().cloned().fold(state, AppState::with_event_tokens);
        self.tls.iter().cloned().fold(state, AppState::with_tls)
    }

    /// Reads the files again at each SIGHUP.
    fn reload_when_told(&self) -> std::io::Result<impl Future<Output = Infallible>> {
        let mut hangup = signal(SignalKind::hangup())?;
        Ok(async move {
            loop {
                match hangup.recv().await {
                    Some(()) => self.reload(),
                    // The process gets no more signals: it is ending.
                    None => std::future::pending().await,
                }
            }
        })
    }

    /// A file with a mistake changes nothing: nobody is locked out, and nobody let in, by an editor
    /// that has written half of it.
    fn reload(&self) {
        let files = [(AUTH_TOKEN_FILE, &self.tokens), (EVENTS_TOKEN_FILE, &self.event_tokens)];
        for (flag, tokens) in files {
            match tokens.as_ref().map(|tokens| tokens.reload()) {
                Some(Ok(tokens)) => tracing::info!(tokens, "{flag} was read again"),
                Some(Err(error)) => {
                    let error = error.to_string();
                    tracing::error!(error, "{flag} is not taken; the old tokens stay");
                }
                None => {}
            }
        }
        match self.tls.as_ref().map(|tls| tls.reload()) {
            Some(Ok(())) => tracing::info!("--tls-cert and --tls-key were read again"),
            Some(Err(error)) => {
                let error = error.to_string();
                tracing::error!(error, "the new certificate is not taken; the old one stays");
            }
            None => {}
        }
    }
}
