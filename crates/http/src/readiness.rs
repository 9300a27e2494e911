//! Whether the store answers. Anybody may ask that, without a token: so the store is asked once for
//! all who ask at the same time, and then left alone for a moment.

use std::time::Duration;

use explorer::Explorer;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::error::{ApiError, Code};

/// Below the period of any probe.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// What the store last answered, and when.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), ApiError>)>>);

impl Readiness {
    /// Whether the store of `explorer` answers within `patience`, now or a moment ago.
    ///
    /// # Errors
    ///
    /// 503 `not_ready` with the reason.
    pub(crate) async fn of(&self, explorer: &Explorer, patience: Duration) -> Result<(), ApiError> {
        let mut last = self.0.lock().await;
        if let Some((asked, answer)) = last.as_ref()
            && asked.elapsed() < KEPT_FOR
        {
            return answer.clone();
        }
        let answer = match timeout(patience, explorer.ready()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(ApiError::from(error).because_not_ready("store")),
            Err(_) => {
                let detail = format!("store: no answer within {patience:?} (--ready-timeout)");
                Err(ApiError::new(Code::NotReady, detail))
            }
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::thread;

    use explorer::ExplorerConfig;
    use futures::future::join_all;
    use store::{Store, StoreConfig};

    use super::*;

    /// A store that counts connections and answers none.
    fn silent_store() -> (Arc<Explorer>, Arc<std::sync::Mutex<usize>>) {
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
        let store = Store::open(&url, StoreConfig::default()).unwrap();
        (Explorer::new(store, ExplorerConfig::default()), count)
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
}
