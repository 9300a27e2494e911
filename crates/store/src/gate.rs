//! Turns at the store: so many requests at once, so many of them for one file, and the next turn
//! always to another question.
//!
//! A listing of a hundred thousand children asks for thousands of ranges at once. In one queue a
//! small question that comes later would wait for all of them; here each question has a lane of its
//! own, and the lanes take turns.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Who waits for a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// What tells the questions apart.
    pub(crate) question: usize,
    /// The file that the request is for; none for a listing.
    pub(crate) key: Option<Arc<str>>,
}

/// The turns of one store.
pub(crate) struct Gate {
    file_limit: usize,
    state: Mutex<State>,
}

struct State {
    free: usize,
    in_flight_of_files: HashMap<Arc<str>, usize>,
    /// Those who wait; the lane in front has the next turn.
    lanes: VecDeque<Lane>,
}

struct Lane {
    ticket: Ticket,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// A turn, which ends when it is dropped.
pub(crate) struct Turn {
    /// `None` once it was given back.
    gate: Option<Arc<Gate>>,
    key: Option<Arc<str>>,
}

impl Gate {
    /// A gate for `limit` requests at once, and `file_limit` of them for one file.
    pub(crate) fn new(limit: usize, file_limit: usize) -> Arc<Self> {
        let (free, file_limit) = (limit.max(1), file_limit.max(1));
        let (in_flight_of_files, lanes) = (HashMap::new(), VecDeque::new());
        let state = Mutex::new(State { free, in_flight_of_files, lanes });
        Arc::new(Self { file_limit, state })
    }

    /// Waits for a turn. Who stops waiting loses his place and nothing else.
    pub(crate) async fn turn(self: &Arc<Self>, ticket: Ticket) -> Turn {
        let waiting = {
            let mut state = self.lock();
            if state.may_go(&ticket, self.file_limit) {
                return self.begin(&mut state, ticket.key);
            }
            state.wait(ticket.clone())
        };
        match waiting.await {
            Ok(turn) => turn,
            // Cannot happen: a place in a lane is only given up for a turn.
            Err(_) => self.begin(&mut self.lock(), ticket.key),
        }
    }

    fn begin(self: &Arc<Self>, state: &mut State, key: Option<Arc<str>>) -> Turn {
        state.free = state.free.saturating_sub(1);
        if let Some(key) = &key {
            let in_flight = state.in_flight_of_files.entry(key.clone()).or_default();
            *in_flight = in_flight.saturating_add(1);
        }
        Turn { gate: Some(self.clone()), key }
    }

    fn end(self: &Arc<Self>, key: Option<&Arc<str>>) {
        let mut state = self.lock();
        state.give_back(key);
        // Each lane once: those that stay wait for their file.
        for _ in 0..state.lanes.len() {
            if state.free == 0 {
                return;
            }
            let Some(mut lane) = state.lanes.pop_front() else { return };
            while state.may_go(&lane.ticket, self.file_limit)
                && let Some(waiting) = lane.waiting.pop_front()
            {
                let turn = self.begin(&mut state, lane.ticket.key.clone());
                match waiting.send(turn) {
                    Ok(()) => break,
                    // Nobody waits there any more. The lock is held: it must not end by itself.
                    Err(turn) => state.give_back(turn.into_key().as_ref()),
                }
            }
            if !lane.waiting.is_empty() {
                state.lanes.push_back(lane);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_go(&self, ticket: &Ticket, file_limit: usize) -> bool {
        let in_flight = ticket.key.as_ref().and_then(|key| self.in_flight_of_files.get(key));
        self.free > 0 && in_flight.is_none_or(|in_flight| *in_flight < file_limit)
    }

    fn wait(&mut self, ticket: Ticket) -> oneshot::Receiver<Turn> {
        let (sender, receiver) = oneshot::channel();
        match self.lanes.iter_mut().find(|lane| lane.ticket == ticket) {
            Some(lane) => lane.waiting.push_back(sender),
            None => self.lanes.push_back(Lane { ticket, waiting: VecDeque::from([sender]) }),
        }
        receiver
    }

    fn give_back(&mut self, key: Option<&Arc<str>>) {
        self.free = self.free.saturating_add(1);
        let Some(key) = key else { return };
        if let Some(in_flight) = self.in_flight_of_files.get_mut(key) {
            *in_flight = in_flight.saturating_sub(1);
            if *in_flight == 0 {
                self.in_flight_of_files.remove(key);
            }
        }
    }
}

impl Turn {
    /// Takes the turn apart without ending it.
    fn into_key(mut self) -> Option<Arc<str>> {
        self.gate = None;
        self.key.take()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.end(self.key.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::BoxFuture;

    use super::*;

    fn turn(gate: &Arc<Gate>, question: usize, key: &str) -> BoxFuture<'static, Turn> {
        let (gate, key) = (gate.clone(), Some(key.into()));
        async move { gate.turn(Ticket { question, key }).await }.boxed()
    }

    /// As many turns as can be had without waiting, and one who waits for the next.
    fn take(gate: &Arc<Gate>, question: usize, key: &str) -> (Vec<Turn>, BoxFuture<'static, Turn>) {
        let mut turns = Vec::new();
        loop {
            let mut next = turn(gate, question, key);
            match (&mut next).now_or_never() {
                Some(turn) => turns.push(turn),
                None => return (turns, next),
            }
        }
    }

    #[test]
    fn so_many_at_once_and_so_many_for_one_file() {
        let gate = Gate::new(5, 3);
        let (of_a, mut next_of_a) = take(&gate, 1, "a");
        let (of_b, mut next_of_b) = take(&gate, 2, "b");
        assert_eq!((of_a.len(), of_b.len()), (3, 2));
        drop(of_b);
        assert!((&mut next_of_a).now_or_never().is_none(), "its file has all it may have");
        assert!((&mut next_of_b).now_or_never().is_some());
        drop(of_a);
        assert!((&mut next_of_a).now_or_never().is_some());
    }

    #[test]
    fn a_small_question_waits_for_one_turn_and_not_for_a_large_one() {
        let gate = Gate::new(2, 2);
        let (mut running, first) = take(&gate, 1, "a");
        let mut large: Vec<_> = (0..1000).map(|_| turn(&gate, 1, "a")).collect();
        for waiting in &mut large {
            assert!(waiting.now_or_never().is_none());
        }
        let mut small = turn(&gate, 2, "a");
        assert!((&mut small).now_or_never().is_none());
        running.pop();
        assert!(first.now_or_never().is_some(), "it came before");
        assert!(small.now_or_never().is_some(), "and then it is the other's turn");
    }

    #[test]
    fn who_stops_waiting_keeps_nobody_waiting() {
        let gate = Gate::new(1, 1);
        let (running, waiting) = take(&gate, 1, "a");
        let mut gone: Vec<_> = (0..10).map(|_| turn(&gate, 1, "a")).collect();
        gone.iter_mut().for_each(|gone| assert!(gone.now_or_never().is_none()));
        let mut last = turn(&gate, 1, "a");
        assert!((&mut last).now_or_never().is_none());
        drop((waiting, gone));
        drop(running);
        assert!((&mut last).now_or_never().is_some());
        assert!(gate.lock().lanes.is_empty() && gate.lock().in_flight_of_files.is_empty());
        assert_eq!(gate.lock().free, 1);
    }
}
