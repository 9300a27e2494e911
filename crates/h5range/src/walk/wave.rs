//! The driver: walkers say which ranges they need, and get them one wave at a time.
//!
//! A walker is an ordinary async function that awaits [`Waves::ask`]. All walkers of a question are
//! polled together; when none of them can go on without bytes, everything they asked for is one
//! call of [`ByteSource::read_many`]: that is a wave. The price of a question to a far store is the
//! number of its waves, so a walker never awaits one range when it already knows two: it joins
//! them with `futures::join!` or [`join_all`](futures::future::join_all). What it will probably ask
//! for later it asks for [ahead](Waves::ask_ahead).

use std::collections::{BTreeMap, HashMap};
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use byte_source::{ByteSource, SourceError, SourceErrorKind};
use bytes::Bytes;

use crate::budget::Budget;
use crate::error::{Error, Result};

/// The asks of one question, and the source that answers them.
pub(crate) struct Waves {
    source: Arc<dyn ByteSource>,
    asks: Mutex<Asks>,
}

#[derive(Default)]
struct Asks {
    next_id: u64,
    waiting: Vec<Waiting>,
    answers: HashMap<u64, Result<Bytes, SourceError>>,
    /// What the next wave takes along.
    ahead: Vec<Range<u64>>,
    /// What earlier waves took along, by where it starts.
    taken_along: BTreeMap<u64, Bytes>,
    taken_along_bytes: u64,
    /// Answers that walkers may still take before others get the thread.
    turns: usize,
}

/// Answers that a question takes at a stretch. Each is decoded at once, which takes some
/// microseconds: so a question with a hundred thousand of them holds its thread for a millisecond
/// at a time.
const TURNS: usize = 256;

/// The most that one question takes along. What is asked ahead is a guess, and kept until the
/// question ends.
const TAKEN_ALONG_BYTES_MAX: u64 = 4 << 20;

struct Waiting {
    id: u64,
    range: Range<u64>,
    waker: Waker,
}

impl Waves {
    pub(crate) fn new(source: Arc<dyn ByteSource>) -> Self {
        Self { source, asks: Mutex::default() }
    }

    pub(crate) fn source(&self) -> &Arc<dyn ByteSource> {
        &self.source
    }

    /// Asks for one range, which must lie inside the source. Only [`Waves::drive`] answers it.
    pub(crate) fn ask(&self, range: Range<u64>) -> impl Future<Output = Result<Bytes>> {
        let mut id = None;
        poll_fn(move |context| self.poll_ask(&mut id, &range, context))
    }

    /// Has the next wave take `range` along, which must lie inside the source: for a walker that
    /// will probably ask for bytes of it, but cannot know yet. It is no wave of its own.
    pub(crate) fn ask_ahead(&self, range: Range<u64>) {
        let mut asks = self.lock();
        let length = range.end.saturating_sub(range.start);
        let taken_along_bytes = asks.taken_along_bytes.saturating_add(length);
        if taken_along_bytes <= TAKEN_ALONG_BYTES_MAX {
            asks.taken_along_bytes = taken_along_bytes;
            asks.ahead.push(range);
        }
    }

    fn poll_ask(
        &self,
        id: &mut Option<u64>,
        range: &Range<u64>,
        context: &Context<'_>,
    ) -> Poll<Result<Bytes>> {
        let mut asks = self.lock();
        let Some(id) = *id else {
            if let Some(bytes) = asks.taken_along(range) {
                return Poll::Ready(Ok(bytes));
            }
            *id = Some(asks.wait_for(range.clone(), context.waker().clone()));
            return Poll::Pending;
        };
        if asks.turns == 0 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(answer) = asks.answers.remove(&id) {
            asks.turns = asks.turns.saturating_sub(1);
            return Poll::Ready(answer.map_err(Error::from));
        }
        if let Ok(at) = asks.waiting.binary_search_by_key(&id, |waiting| waiting.id)
            && let Some(waiting) = asks.waiting.get_mut(at)
        {
            waiting.waker.clone_from(context.waker());
        }
        Poll::Pending
    }

    /// Runs `question` to its end: polls it as far as it goes, fetches what it asked for, and
    /// again. Costs one `read_many` and one unit of the budget's waves for each time that all
    /// walkers wait.
    ///
    /// # Errors
    ///
    /// When the budget of waves is spent. Errors of the source go to the walkers that asked.
    pub(crate) async fn drive<T>(
        &self,
        budget: &Budget,
        question: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut question = pin!(question);
        loop {
            if let Some(answer) = self.poll_until_stuck(question.as_mut()).await {
                return answer;
            }
            let (wave, ahead) = {
                let mut asks = self.lock();
                (std::mem::take(&mut asks.waiting), std::mem::take(&mut asks.ahead))
            };
            if wave.is_empty() {
                return Err(never_asked());
            }
            budget.wave()?;
            self.fetch(wave, ahead).await;
        }
    }

    async fn fetch(&self, wave: Vec<Waiting>, ahead: Vec<Range<u64>>) {
        let asked = wave.iter().map(|waiting| waiting.range.clone());
        let ranges: Vec<Range<u64>> = asked.chain(ahead.iter().cloned()).collect();
        let answers = self.source.read_many(&ranges).await;
        let mut asks = self.lock();
        match answers {
            Ok(bytes) => {
                let mut bytes = bytes.into_iter();
                let ids = wave.iter().map(|waiting| waiting.id);
                asks.answers.extend(ids.zip(bytes.by_ref().map(Ok)));
                asks.taken_along.extend(ahead.iter().map(|range| range.start).zip(bytes));
            }
            Err(error) => {
                asks.answers.extend(wave.iter().map(|waiting| (waiting.id, Err(error.clone()))));
            }
        }
        drop(asks);
        wave.into_iter().for_each(|waiting| waiting.waker.wake());
    }

    /// Polls `question` until it is ready or nothing in it has asked to be polled again; `None` in
    /// that case. In between, other questions get the thread.
    ///
    /// Combinators such as `FuturesUnordered` return early and wake themselves to be fair to
    /// others. A wave taken then would miss the asks of walkers that were not polled yet.
    async fn poll_until_stuck<F: Future>(&self, mut question: Pin<&mut F>) -> Option<F::Output> {
        let flag = Arc::new(WokenFlag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        loop {
            self.lock().turns = TURNS;
            let polled = question.as_mut().poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(output) = polled {
                return Some(output);
            }
            if !flag.0.swap(false, Relaxed) {
                return None;
            }
            let_others_go_on().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Asks> {
        self.asks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asks {
    fn wait_for(&mut self, range: Range<u64>, waker: Waker) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.push(Waiting { id, range, waker });
        id
    }

    /// The bytes of `range`, if a wave took all of them along.
    fn taken_along(&self, range: &Range<u64>) -> Option<Bytes> {
        let (start, bytes) = self.taken_along.range(..=range.start).next_back()?;
        let offset = |at: u64| usize::try_from(at.checked_sub(*start)?).ok();
        let (from, to) = (offset(range.start)?, offset(range.end)?);
        (from <= to && to <= bytes.len()).then(|| bytes.slice(from..to))
    }
}

/// Gives the thread back once.
async fn let_others_go_on() {
    let mut given = false;
    poll_fn(|context| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct WokenFlag(AtomicBool);

impl Wake for WokenFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// A walker that awaits something other than an ask would wait for ever: our mistake, made visible.
fn never_asked() -> Error {
    let detail = "a walker waits for something that is not a range";
    Error::Source(SourceError::new(SourceErrorKind::Failed, detail))
}

#[cfg(test)]
mod tests {
    use byte_source::MemorySource;
    use byte_source::testing::{CountingSource, FailingSource};
    use futures::executor::block_on;
    use futures::future::join_all;

    use super::*;
    use crate::budget::Limits;

    fn counting() -> Arc<CountingSource<MemorySource>> {
        let bytes: Vec<u8> = (0..=255).collect();
        Arc::new(CountingSource::new(MemorySource::new(bytes)))
    }

    fn drive<T>(
        source: Arc<dyn ByteSource>,
        question: impl AsyncFnOnce(&Waves) -> Result<T>,
    ) -> Result<T> {
        let waves = Waves::new(source);
        block_on(waves.drive(&Budget::new(Limits::default()), question(&waves)))
    }

    #[test]
    fn what_is_asked_side_by_side_is_one_wave() {
        let source = counting();
        let sum = drive(source.clone(), async |waves| {
            let asks = (0..100).map(|i| waves.ask(i..i + 1));
            let mut sum = 0;
            for answer in join_all(asks).await {
                sum += u64::from(answer?[0]);
            }
            Ok(sum)
        });
        assert_eq!(sum, Ok(99 * 100 / 2));
        assert_eq!((source.waves(), source.ranges()), (1, 100));
    }

    #[test]
    fn walkers_of_different_depth_share_their_waves() {
        async fn follow(waves: &Waves, from: u64, steps: usize) -> Result<u64> {
            let mut at = from;
            for _ in 0..steps {
                at = u64::from(waves.ask(at..at + 1).await?[0]) + 1;
            }
            Ok(at)
        }
        let source = counting();
        let ends = drive(source.clone(), async |waves| {
            Ok(join_all((0..40).map(|steps| follow(waves, 0, steps))).await)
        });
        assert_eq!(ends.unwrap()[39], Ok(39));
        assert_eq!(source.waves(), 39);
    }

    #[test]
    fn what_is_asked_ahead_comes_with_the_next_wave() {
        let source = counting();
        let sum = drive(source.clone(), async |waves| {
            waves.ask_ahead(10..20);
            waves.ask_ahead(250..256);
            let first = waves.ask(0..1).await?[0];
            let (inside, end) = (waves.ask(12..14).await?, waves.ask(255..256).await?);
            assert_eq!((first, &inside[..], &end[..]), (0, &[12, 13][..], &[255][..]));
            // Only a part of this one came along.
            Ok(waves.ask(18..21).await?.len())
        });
        assert_eq!((sum, source.waves()), (Ok(3), 2));
    }

    #[test]
    fn what_is_asked_ahead_is_no_wave_and_no_more_than_some_megabytes() {
        let source = counting();
        let answer = drive(source.clone(), async |waves| {
            (0..TAKEN_ALONG_BYTES_MAX / 256).for_each(|_| waves.ask_ahead(0..256));
            waves.ask_ahead(0..1);
            Ok(waves.lock().ahead.len() as u64)
        });
        assert_eq!((answer, source.waves()), (Ok(TAKEN_ALONG_BYTES_MAX / 256), 0));
    }

    #[test]
    fn a_question_of_many_answers_lets_others_go_on() {
        let waves = Waves::new(counting());
        let budget = Budget::new(Limits::default());
        let question = async { Ok(join_all((0..10 * TURNS).map(|_| waves.ask(0..1))).await.len()) };
        let mut question = pin!(waves.drive(&budget, question));
        let mut context = Context::from_waker(Waker::noop());
        let polls =
            std::iter::from_fn(|| question.as_mut().poll(&mut context).is_pending().then_some(()));
        assert!((10..100).contains(&polls.count()));
    }

    #[test]
    fn an_error_of_the_source_reaches_every_walker_of_the_wave() {
        let memory = MemorySource::new(vec![0; 16]);
        let source = FailingSource::after(1, SourceErrorKind::Timeout, memory);
        let answers = drive(Arc::new(source), async |waves| {
            waves.ask(0..1).await?;
            Ok(join_all((0..3).map(|i| waves.ask(i..i + 1))).await)
        });
        for answer in answers.unwrap() {
            let Err(Error::Source(error)) = answer else { panic!("{answer:?}") };
            assert_eq!(error.kind, SourceErrorKind::Timeout);
        }
    }

    #[test]
    fn a_walker_that_waits_for_something_else_is_an_error_and_not_a_hang() {
        let answer = drive(counting(), async |_| {
            std::future::pending::<()>().await;
            Ok(())
        });
        assert_eq!(answer, Err(never_asked()));
    }

    #[test]
    fn waves_are_paid_for() {
        let waves = Waves::new(counting());
        let budget = Budget::new(Limits { waves: 2, ..Limits::default() });
        let answer = block_on(waves.drive(&budget, async {
            for _ in 0..3 {
                waves.ask(0..1).await?;
            }
            Ok(())
        }));
        assert!(matches!(answer, Err(Error::Limit { .. })), "{answer:?}");
    }
}
