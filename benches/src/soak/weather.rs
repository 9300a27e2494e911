//! When the line to the store is sound, faulty or down, and which errors that excuses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::StatusCode;

use crate::proxy::{Line, Proxy};

/// The line's states in turn, and how long each lasts.
const TURNS: [(Line, Duration); 4] = [
    (Line::Sound, Duration::from_secs(15)),
    (Line::Faulty, Duration::from_secs(30)),
    (Line::Sound, Duration::from_secs(10)),
    (Line::Down, Duration::from_secs(5)),
];

/// How long after its faults the store's failures may still be felt: requests under way have to
/// end, and a server that spares a failing store has to try it again.
const GRACE: Duration = Duration::from_secs(5);

/// What the server may answer because of its store.
const EXCUSED: [StatusCode; 3] =
    [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];

/// The state of the line. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Weather {
    /// `None`: there are faults now.
    sound_since: Arc<Mutex<Option<Instant>>>,
}

impl Weather {
    /// A line that has always been sound.
    pub(super) fn fine() -> Self {
        let long_ago = Instant::now().checked_sub(GRACE);
        Self { sound_since: Arc::new(Mutex::new(long_ago)) }
    }

    /// Takes the line of `proxy` through its turns, until it is dropped.
    pub(super) async fn change(self, proxy: Arc<Proxy>) {
        for (line, lasts) in TURNS.iter().cycle() {
            proxy.set_line(*line);
            self.set((*line == Line::Sound).then(Instant::now));
            tokio::time::sleep(*lasts).await;
        }
    }

    /// Whether the line excuses the answer `status` to a question that was asked at `asked`. To be
    /// asked when the answer is there.
    pub(super) fn excuses(&self, status: StatusCode, asked: Instant) -> bool {
        EXCUSED.contains(&status) && self.excuses_an_end(asked)
    }

    /// Whether the line excuses that the answer to a question that was asked at `asked` broke off.
    pub(super) fn excuses_an_end(&self, asked: Instant) -> bool {
        let sound_since = *self.sound_since.lock().unwrap_or_else(PoisonError::into_inner);
        sound_since.is_none_or(|since| asked < since + GRACE)
    }

    fn set(&self, sound_since: Option<Instant>) {
        let mut held = self.sound_since.lock().unwrap_or_else(PoisonError::into_inner);
        // Two turns of a sound line in a row are one.
        *held = sound_since.map(|now| held.unwrap_or(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_store_is_excused_and_only_by_faults() {
        let weather = Weather::fine();
        let now = Instant::now();
        let errors = EXCUSED.into_iter().chain([StatusCode::INTERNAL_SERVER_ERROR]);
        assert!(errors.clone().all(|status| !weather.excuses(status, now)));
        weather.set(None);
        let excused = errors.filter(|status| weather.excuses(*status, now));
        assert_eq!(excused.collect::<Vec<_>>(), EXCUSED);
        weather.set(Some(now));
        assert!(weather.excuses(StatusCode::BAD_GATEWAY, now));
        assert!(!weather.excuses(StatusCode::BAD_GATEWAY, now + GRACE));
    }
}
