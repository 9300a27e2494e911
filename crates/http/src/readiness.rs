//! Whether the sources answer. Anybody may ask that, without a token: so they are asked once for all
//! who ask at the same time, and then left alone for a moment.

use std::time::Duration;

use explorer::{Explorer, Source};
use futures::future::join_all;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::error::{ApiError, Code};

/// Below the period of any probe.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// What the sources last answered, and when.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), ApiError>)>>);

impl Readiness {
    /// Whether the sources of `explorer` answer within `patience`, now or a moment ago.
    ///
    /// # Errors
    ///
    /// 503 `not_ready`, with the reason of each that does not.
    pub(crate) async fn of(&self, explorer: &Explorer, patience: Duration) -> Result<(), ApiError> {
        let mut last = self.0.lock().await;
        if let Some((asked, answer)) = last.as_ref()
            && asked.elapsed() < KEPT_FOR
        {
            return answer.clone();
        }
        let answers = join_all(explorer.sources().map(|source| ask(source, patience))).await;
        let answer = answers.into_iter().filter_map(Result::err).reduce(ApiError::and);
        let answer = answer.map_or(Ok(()), Err);
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

/// Whether one source answers; the error says which.
async fn ask(source: &Source, patience: Duration) -> Result<(), ApiError> {
    let error = match timeout(patience, source.ready()).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => ApiError::from(error),
        Err(_) => {
            let detail = format!("no answer within {patience:?} (--ready-timeout)");
            ApiError::new(Code::NotReady, detail)
        }
    };
    let part = source.name().map_or("store".to_owned(), |name| format!("source {name}"));
    Err(error.because_not_ready(&part))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::thread;

    use explorer::{ExplorerConfig, Sources};
    use store::{Store, StoreConfig};

    use super::*;

    /// A store that counts connections and answers none.
    fn silent_store() -> (Arc<Explorer>, Arc<std::sync::Mutex<usize>>) {
        let (url, count) = silent_store_url();
        let store = Store::open(&url, StoreConfig::default()).unwrap();
        (Explorer::new(store, ExplorerConfig::default()), count)
    }

    fn silent_store_url() -> (String, Arc<std::sync::Mutex<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let count = Arc::new(std::sync::Mutex::new(0));
        let counted = count.clone();
        thread::spawn(move || {
            let mut held = Vec::new();
            for connection in listener.incoming() {
                *counted.lock().unwrap() += 1;
                held.push(connection);
            }
        });
        (url, count)
    }

    #[tokio::test]
    async fn the_store_is_asked_once_whoever_asks() {
        let (explorer, connections) = silent_store();
        let readiness = Readiness::default();
        let patience = Duration::from_millis(200);
        let asked = join_all((0..50).map(|_| readiness.of(&explorer, patience))).await;
        assert!(
            asked.iter().all(|answer| answer.as_ref().is_err_and(|e| e.code() == Code::NotReady))
        );
        readiness.of(&explorer, patience).await.unwrap_err();
        assert_eq!(*connections.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn each_source_that_does_not_answer_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let (silent, _connections) = silent_store_url();
        let places = [("fine", &path), ("gone", &silent), ("lost", &silent)];
        let open = |url: &str| Store::open(url, StoreConfig::default()).unwrap();
        let stores = places.map(|(name, url)| (name.parse().unwrap(), open(url)));
        let explorer = Explorer::over(Sources::named(stores.into()), ExplorerConfig::default());
        let patience = Duration::from_millis(200);
        let error = Readiness::default().of(&explorer, patience).await.unwrap_err();
        let late = |name| format!("source {name}: no answer within 200ms (--ready-timeout)");
        assert_eq!(error.detail, format!("{}; {}", late("gone"), late("lost")));
    }
}
