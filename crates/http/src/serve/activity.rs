//! What a connection does, and when it has done nothing for too long.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::state::HttpConfig;

/// Idle connections are closed after this while others wait for a place.
const IDLE_WHILE_OTHERS_WAIT: Duration = Duration::from_secs(1);

/// How often, in parts of `--header-timeout`, a connection is looked at. Nothing has to tell of a
/// change for the price that a deadline is met this much late.
const LOOKS: u32 = 4;

/// How often at most: a timeout of nothing shall not keep a processor busy.
const LOOK_EVERY_MIN: Duration = Duration::from_millis(10);

/// What one connection does. It is told of by the stream and by the service, and of no other.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Requests whose answers are being made.
    in_flight: usize,
    /// No request yet.
    is_new: bool,
    /// Requests are frames among others: that bytes arrive does not say that one has begun.
    is_http2: bool,
    /// Bytes have arrived, and no request since.
    head_began: Option<Instant>,
    /// The last request, answer or byte.
    last: Instant,
    /// Bytes of ours have not been taken since.
    write_waits: Option<Instant>,
}

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    /// The head of a request does not end.
    Head,
    /// No request comes.
    Idle,
    /// The client does not read.
    Write,
}

/// A request whose answer is being made, until it is dropped.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Activity {
    /// Of a connection that was just made.
    pub(super) fn new() -> Arc<Self> {
        let now = Instant::now();
        let state = State {
            in_flight: 0,
            is_new: true,
            is_http2: false,
            head_began: Some(now),
            last: now,
            write_waits: None,
        };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Bytes have arrived.
    pub(super) fn received(&self) {
        let mut state = self.state();
        state.last = Instant::now();
        if state.in_flight == 0 && !state.is_http2 && state.head_began.is_none() {
            state.head_began = Some(state.last);
        }
    }

    /// Bytes were taken by the client, or by the system for it.
    pub(super) fn sent(&self) {
        let mut state = self.state();
        state.last = Instant::now();
        state.write_waits = None;
        // The next request may have come along with the one that is being answered.
        if !state.is_new && state.head_began.is_some() {
            state.head_began = Some(state.last);
        }
    }

    /// All bytes were taken, if there were any.
    pub(super) fn flushed(&self) {
        self.state().write_waits = None;
    }

    /// Bytes are there to be sent, and nobody takes them.
    pub(super) fn write_waits(&self) {
        self.state().write_waits.get_or_insert_with(Instant::now);
    }

    /// A request has arrived.
    pub(super) fn request(self: &Arc<Self>, is_http2: bool) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.is_new = false;
        state.is_http2 = is_http2;
        state.head_began = None;
        InFlight(self.clone())
    }

    /// Completes when the connection should be closed; never, if all goes on.
    pub(super) async fn overdue(
        &self,
        config: &HttpConfig,
        others_wait: impl Fn() -> bool,
    ) -> Overdue {
        let look_every = (config.header_timeout / LOOKS).max(LOOK_EVERY_MIN);
        loop {
            let (deadline, why) = self.deadline(config, others_wait());
            let now = Instant::now();
            if deadline <= now {
                return why;
            }
            sleep_until(deadline.min(now + look_every)).await;
        }
    }

    fn deadline(&self, config: &HttpConfig, others_wait: bool) -> (Instant, Overdue) {
        let state = self.state();
        if let Some(since) = state.write_waits {
            return (since + config.write_timeout, Overdue::Write);
        }
        if state.in_flight > 0 {
            // Answers have deadlines of their own.
            return (Instant::now() + config.idle_timeout, Overdue::Idle);
        }
        if let Some(since) = state.head_began {
            return (since + config.header_timeout, Overdue::Head);
        }
        let idle_timeout = match others_wait {
            true => config.idle_timeout.min(IDLE_WHILE_OTHERS_WAIT),
            false => config.idle_timeout,
        };
        (state.last + idle_timeout, Overdue::Idle)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.last = Instant::now();
    }
}

impl Overdue {
    /// The word for metrics and logs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Head => "header_timeout",
            Self::Idle => "idle_timeout",
            Self::Write => "write_timeout",
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const CONFIG: fn() -> HttpConfig = HttpConfig::default;

    /// What is due when `seconds` more have gone by.
    async fn after(seconds: u64, activity: &Activity) -> Option<Overdue> {
        advance(Duration::from_secs(seconds)).await;
        let (deadline, why) = activity.deadline(&CONFIG(), false);
        (deadline <= Instant::now()).then_some(why)
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_to_end_however_it_drips() {
        let activity = Activity::new();
        for _ in 0..9 {
            assert_eq!(after(1, &activity).await, None);
            activity.received();
        }
        assert_eq!(after(1, &activity).await, Some(Overdue::Head));

        let activity = Activity::new();
        drop(activity.request(false));
        assert_eq!(after(60, &activity).await, None, "idle, and so it may stay for a while");
        activity.received();
        assert_eq!(after(9, &activity).await, None);
        activity.received();
        assert_eq!(after(1, &activity).await, Some(Overdue::Head));
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_pings_and_no_request_is_not_waited_for() {
        let activity = Activity::new();
        for _ in 0..9 {
            activity.received();
            activity.sent();
            assert_eq!(after(1, &activity).await, None);
        }
        assert_eq!(after(1, &activity).await, Some(Overdue::Head));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_takes_as_long_as_it_does() {
        let activity = Activity::new();
        let in_flight = activity.request(false);
        assert_eq!(after(1000, &activity).await, None);
        drop(in_flight);
        assert_eq!(after(74, &activity).await, None);
        assert_eq!(after(1, &activity).await, Some(Overdue::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_has_to_take_something_now_and_then() {
        let activity = Activity::new();
        drop(activity.request(false));
        for _ in 0..10 {
            activity.write_waits();
            assert_eq!(after(29, &activity).await, None);
            activity.sent();
        }
        activity.write_waits();
        assert_eq!(after(30, &activity).await, Some(Overdue::Write));
        activity.flushed();
        assert_eq!(after(0, &activity).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_came_early_waits_for_the_answer_before_it() {
        let activity = Activity::new();
        drop(activity.request(false));
        activity.received();
        for _ in 0..10 {
            assert_eq!(after(9, &activity).await, None);
            activity.sent();
        }
        assert_eq!(after(10, &activity).await, Some(Overdue::Head));
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_of_http2_are_not_a_head() {
        let activity = Activity::new();
        drop(activity.request(true));
        activity.received();
        assert_eq!(after(74, &activity).await, None);
        assert_eq!(after(1, &activity).await, Some(Overdue::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_connections_make_room_for_those_who_wait() {
        let activity = Activity::new();
        drop(activity.request(false));
        let began = Instant::now();
        assert_eq!(activity.overdue(&CONFIG(), || true).await, Overdue::Idle);
        assert_eq!(began.elapsed(), IDLE_WHILE_OTHERS_WAIT);
    }
}
