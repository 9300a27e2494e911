//! Leaves a store alone that fails again and again: who asks then is told so at once, instead of
//! waiting for the same failure.
//!
//! While it is *open*, requests are refused for a short time. Then one is let through, to see
//! whether the store is back; those that come meanwhile wait for its verdict, because a question
//! asks for many ranges at once and must not fail for being the one that finds the store well. Any
//! answer closes it, a failure leaves it open for longer.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use byte_source::{SourceError, SourceErrorKind};
use metrics::{counter, gauge};
use tokio::sync::Notify;
use tokio::time::Instant;

/// For how long requests are refused at first; it doubles with each failure.
const FIRST_INTERVAL: Duration = Duration::from_millis(250);

/// The longest: what the first question waits for at most when the store is back.
const LONGEST_INTERVAL: Duration = Duration::from_secs(1);

/// Failures that lie further apart than this have nothing to do with each other. Longer than the
/// deadline of a request commonly is, so that requests of one caller after another add up.
const WINDOW: Duration = Duration::from_secs(60);

/// The breaker of one store.
pub(crate) struct CircuitBreaker {
    /// 0: it never opens.
    failures_to_open: u32,
    state: Mutex<State>,
    verdicts: Notify,
}

#[derive(Default)]
struct State {
    /// Failures since the last answer.
    failures: u32,
    last_failure: Option<Instant>,
    open: Option<Open>,
}

struct Open {
    interval: Duration,
    /// When the next request is let through.
    next_probe: Instant,
    is_probed: bool,
    /// What the last failure was, for the log.
    cause: String,
}

/// Leave for one request, which owes a verdict. If it has none, because nobody waits for it any
/// more, the next one is let through in its place.
pub(crate) struct Passage<'a> {
    breaker: &'a CircuitBreaker,
    /// Whether it shows if the store is back.
    pub(crate) is_probe: bool,
}

enum Entry<'a> {
    Granted(Passage<'a>),
    Refused(SourceError),
    /// A verdict is near, or at this time another request is let through.
    AfterVerdict(Instant),
}

impl CircuitBreaker {
    /// A closed one, which opens after so many failures in a row.
    pub(crate) fn new(failures_to_open: u32) -> Self {
        Self { failures_to_open, state: Mutex::default(), verdicts: Notify::new() }
    }

    /// Leave to ask the store.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Unavailable`] with the time until it can be asked.
    pub(crate) async fn pass(&self) -> Result<Passage<'_>, SourceError> {
        let mut gave_up = false;
        loop {
            let mut verdict = pin!(self.verdicts.notified());
            verdict.as_mut().enable();
            match self.enter(gave_up) {
                Entry::Granted(passage) => return Ok(passage),
                Entry::Refused(error) => {
                    counter!("h5scout_store_breaker_refusals_total").increment(1);
                    return Err(error);
                }
                Entry::AfterVerdict(until) => {
                    gave_up = tokio::time::timeout_at(until, verdict).await.is_err();
                }
            }
        }
    }

    /// Leave in any case: to whoever wants to know whether the store is back.
    pub(crate) fn pass_always(&self) -> Passage<'_> {
        let mut state = self.lock();
        let is_probe = state.open.as_mut().is_some_and(|open| {
            open.begin_probe(Instant::now());
            true
        });
        Passage { breaker: self, is_probe }
    }

    /// Whether requests are refused but for single ones.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().open.is_some()
    }

    /// Shows the metrics from the start. To be called when they are asked for.
    pub(crate) fn report(&self) {
        gauge!("h5scout_store_breaker_open").increment(0.0);
        counter!("h5scout_store_breaker_refusals_total").increment(0);
    }

    fn enter(&self, gave_up: bool) -> Entry<'_> {
        let (now, mut state) = (Instant::now(), self.lock());
        let Some(open) = &mut state.open else {
            return Entry::Granted(Passage { breaker: self, is_probe: false });
        };
        if now >= open.next_probe {
            open.begin_probe(now);
            return Entry::Granted(Passage { breaker: self, is_probe: true });
        }
        if open.is_probed && !gave_up {
            return Entry::AfterVerdict(open.next_probe);
        }
        Entry::Refused(open.refusal(now))
    }

    fn answered(&self) {
        let mut state = self.lock();
        let was_open = std::mem::take(&mut *state).open.is_some();
        drop(state);
        if was_open {
            gauge!("h5scout_store_breaker_open").decrement(1.0);
            tracing::info!("the store answers again");
            self.verdicts.notify_waiters();
        }
    }

    fn failed(&self, is_probe: bool, error: &SourceError) {
        let (now, mut state) = (Instant::now(), self.lock());
        let last = state.last_failure.replace(now);
        if let Some(open) = &mut state.open {
            if is_probe {
                open.stay(now, error);
                self.verdicts.notify_waiters();
            }
            return;
        }
        let is_one_of_many = last.is_some_and(|last| now.duration_since(last) <= WINDOW);
        state.failures = if is_one_of_many { state.failures.saturating_add(1) } else { 1 };
        if self.failures_to_open == 0 || state.failures < self.failures_to_open {
            return;
        }
        state.open = Some(Open::new(now, error));
        gauge!("h5scout_store_breaker_open").increment(1.0);
        tracing::warn!(failures = state.failures, %error, "the store fails: it is left alone");
    }

    fn abandoned(&self) {
        if let Some(open) = &mut self.lock().open {
            (open.is_probed, open.next_probe) = (false, Instant::now());
        }
        self.verdicts.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn new(now: Instant, error: &SourceError) -> Self {
        let (interval, cause) = (FIRST_INTERVAL, error.detail.clone());
        Self { interval, next_probe: now + interval, is_probed: false, cause }
    }

    /// A probe that hangs keeps nobody from asking for longer than an interval.
    fn begin_probe(&mut self, now: Instant) {
        (self.is_probed, self.next_probe) = (true, now + self.interval);
    }

    fn stay(&mut self, now: Instant, error: &SourceError) {
        self.interval = self.interval.saturating_mul(2).min(LONGEST_INTERVAL);
        (self.is_probed, self.next_probe) = (false, now + self.interval);
        self.cause.clone_from(&error.detail);
    }

    fn refusal(&self, now: Instant) -> SourceError {
        let wait = self.next_probe.saturating_duration_since(now);
        let (cause, wait_ms) = (&self.cause, wait.as_millis());
        let detail = format!("not asked for {wait_ms} ms, because the store fails: {cause}");
        SourceError::new(SourceErrorKind::Unavailable, detail).with_retry_after(wait)
    }
}

impl Passage<'_> {
    /// The store answered, if only to refuse.
    pub(crate) fn answered(mut self) {
        self.is_probe = false;
        self.breaker.answered();
    }

    /// The request failed with all its attempts, and not by its own fault.
    pub(crate) fn failed(mut self, error: &SourceError) {
        let is_probe = std::mem::take(&mut self.is_probe);
        self.breaker.failed(is_probe, error);
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.abandoned();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn error() -> SourceError {
        SourceError::new(SourceErrorKind::Failed, "connection refused")
    }

    async fn fail(breaker: &CircuitBreaker, times: usize) {
        for _ in 0..times {
            breaker.pass().await.unwrap().failed(&error());
        }
    }

    fn refused_for(breaker: &CircuitBreaker) -> Duration {
        let error = breaker.pass().now_or_never().unwrap().map(|_| ()).unwrap_err();
        assert_eq!(error.kind, SourceErrorKind::Unavailable);
        assert!(error.detail.contains("connection refused"), "{error}");
        error.retry_after.unwrap()
    }

    async fn opened() -> CircuitBreaker {
        let breaker = CircuitBreaker::new(3);
        fail(&breaker, 3).await;
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it() {
        let breaker = CircuitBreaker::new(3);
        fail(&breaker, 2).await;
        breaker.pass().await.unwrap().answered();
        fail(&breaker, 2).await;
        tokio::time::advance(WINDOW + Duration::from_secs(1)).await;
        fail(&breaker, 2).await;
        assert!(!breaker.is_open(), "the first two were long ago");
        fail(&breaker, 1).await;
        assert_eq!(refused_for(&breaker), FIRST_INTERVAL);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_grows_up_to_a_bound_and_the_first_answer_closes_it() {
        let breaker = opened().await;
        let mut intervals = Vec::new();
        for _ in 0..4 {
            let interval = refused_for(&breaker);
            intervals.push(interval.as_millis());
            tokio::time::advance(interval).await;
            fail(&breaker, 1).await;
        }
        assert_eq!(intervals, [250, 500, 1000, 1000]);
        tokio::time::advance(LONGEST_INTERVAL).await;
        breaker.pass().await.unwrap().answered();
        assert!(!breaker.is_open());
        fail(&breaker, 2).await;
        assert!(!breaker.is_open(), "it counts from the start");
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_whether_the_store_is_back_and_the_others_wait_for_the_verdict() {
        for is_back in [true, false] {
            let breaker = opened().await;
            tokio::time::advance(FIRST_INTERVAL).await;
            let probe = breaker.pass().await.unwrap();
            assert!(probe.is_probe);
            let mut others: Vec<_> = (0..10).map(|_| breaker.pass().boxed()).collect();
            others.iter_mut().for_each(|other| assert!(other.now_or_never().is_none()));
            if is_back {
                probe.answered()
            } else {
                probe.failed(&error())
            }
            for other in others {
                assert_eq!(other.now_or_never().unwrap().is_ok(), is_back);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_holds_nobody_up_for_long() {
        let breaker = opened().await;
        tokio::time::advance(FIRST_INTERVAL).await;
        let _hangs = breaker.pass().await.unwrap();
        let begun = Instant::now();
        let (one, other) = futures::join!(breaker.pass(), breaker.pass());
        assert_eq!(begun.elapsed().as_millis(), FIRST_INTERVAL.as_millis());
        let one_tries = one.is_ok_and(|passage| passage.is_probe);
        assert!(one_tries && other.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_nobody_waits_for_gives_its_place_to_the_next() {
        let breaker = opened().await;
        tokio::time::advance(FIRST_INTERVAL).await;
        drop(breaker.pass().await.unwrap());
        assert!(breaker.pass().now_or_never().unwrap().unwrap().is_probe);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_whether_the_store_is_back_is_let_through() {
        let breaker = opened().await;
        breaker.pass_always().answered();
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_from_before_do_not_make_the_time_longer() {
        let breaker = CircuitBreaker::new(1);
        let (one, other) = (breaker.pass().await.unwrap(), breaker.pass().await.unwrap());
        one.failed(&error());
        other.failed(&error());
        assert_eq!(refused_for(&breaker), FIRST_INTERVAL);
    }

    #[tokio::test(start_paused = true)]
    async fn it_can_be_turned_off() {
        let breaker = CircuitBreaker::new(0);
        fail(&breaker, 1000).await;
        assert!(!breaker.is_open());
    }
}
