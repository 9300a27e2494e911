//! The gate to the store: how many requests at once, how long, how often again, and whether at all.
//! All that leaves the process passes here, so it is here that requests and bytes are counted.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use byte_source::{SourceError, SourceErrorKind};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;
use tracing::Instrument;

use crate::backend::{Backend, Fault, Part, Span};
use crate::circuit_breaker::{CircuitBreaker, Passage};
use crate::gate::{Gate, Ticket};
use crate::list::{ListQuery, Page};
use crate::ranges::length;
use crate::request_metrics::{self, Counted, Operation, count_retry};
use crate::retry::{RETRIES, wait_before};
use crate::spans::{self, Asked};
use crate::{Meter, StoreConfig, Version};

/// A backend behind its limits.
pub(crate) struct Limited {
    backend: Box<dyn Backend>,
    gate: Arc<Gate>,
    breaker: CircuitBreaker,
    timeout: Duration,
}

impl Limited {
    pub(crate) fn new(backend: Box<dyn Backend>, config: &StoreConfig) -> Self {
        let gate = Gate::new(config.requests_in_flight, config.file_requests_in_flight);
        let breaker = CircuitBreaker::new(config.breaker_failures);
        Self { backend, gate, breaker, timeout: config.store_timeout }
    }

    /// Reads a part. `bound`: of this version and no other.
    pub(crate) async fn get(
        &self,
        key: &str,
        span: &Span,
        bound: Option<&Version>,
        meter: &Meter,
    ) -> Result<Part, SourceError> {
        let asked = Asked { operation: Operation::Get, key, range: Some(span.asked()) };
        self.request(asked, meter, || {
            let attempt = async {
                let part = self.backend.get(key, span.clone(), bound).await?;
                check_part(key, span, bound, &part)?;
                Ok((part.bytes.len() as u64, part))
            };
            attempt.boxed()
        })
        .await
    }

    /// Asks for the current version.
    pub(crate) async fn head(&self, key: &str, meter: &Meter) -> Result<Version, SourceError> {
        self.request(Asked { operation: Operation::Head, key, range: None }, meter, || {
            async { Ok((0, self.backend.head(key).await?)) }.boxed()
        })
        .await
    }

    /// Asks for a page of keys.
    pub(crate) async fn list(&self, query: &ListQuery, meter: &Meter) -> Result<Page, SourceError> {
        let asked = Asked { operation: Operation::List, key: &query.prefix, range: None };
        self.request(asked, meter, || {
            let attempt = async {
                let page = self.backend.list(query).await?;
                Ok((page.body_bytes, page))
            };
            attempt.boxed()
        })
        .await
    }

    /// Asks whether the store answers, also one that is left alone.
    pub(crate) async fn probe(&self, meter: &Meter) -> Result<(), SourceError> {
        self.request(Asked { operation: Operation::Probe, key: "", range: None }, meter, || {
            async { Ok((0, self.backend.probe().await?)) }.boxed()
        })
        .await
    }

    pub(crate) fn page_limit(&self) -> usize {
        self.backend.page_limit()
    }

    pub(crate) fn key_of(&self, bucket: &str, key: &str) -> Option<String> {
        self.backend.key_of(bucket, key)
    }

    pub(crate) fn looks_are_free(&self) -> bool {
        self.backend.looks_are_free()
    }

    pub(crate) fn report(&self) {
        self.breaker.report();
        request_metrics::report();
    }

    /// Waits for its turn, then tries until an attempt is decisive. The deadline starts with the
    /// turn: a queue in this process is not the store's fault, and the question that waits in it
    /// has a deadline of its own. The turn is kept while it waits for another attempt, so that a
    /// store that asks for time is sent less.
    async fn request<'a, T>(
        &self,
        asked: Asked<'_>,
        meter: &Meter,
        attempt: impl Fn() -> BoxFuture<'a, Result<(u64, T), Fault>>,
    ) -> Result<T, SourceError> {
        let mut passage = self.passage(asked.operation).await?;
        // Each question has a meter of its own.
        let question = std::ptr::from_ref(meter).addr();
        let _turn =
            self.gate.turn(Ticket { question, key: asked.of_one_file().map(Arc::from) }).await;
        // The store may have failed others meanwhile.
        if !passage.is_probe && self.breaker.is_open() {
            passage = self.passage(asked.operation).await?;
        }
        let retries_max = if passage.is_probe { 0 } else { RETRIES };
        let answer = self.attempts(&asked, meter, retries_max, attempt).await;
        match &answer {
            Err(fault) if fault.is_the_stores() => passage.failed(&fault.error),
            _ => passage.answered(),
        }
        answer.map_err(Fault::given_up)
    }

    async fn passage(&self, operation: Operation) -> Result<Passage<'_>, SourceError> {
        match operation {
            Operation::Probe => Ok(self.breaker.pass_always()),
            Operation::Get | Operation::Head | Operation::List => self.breaker.pass().await,
        }
    }

    /// Tries until an attempt is decisive, there is no time for another, or others found that the
    /// store is not to be asked.
    async fn attempts<'a, T>(
        &self,
        asked: &Asked<'_>,
        meter: &Meter,
        retries_max: u32,
        attempt: impl Fn() -> BoxFuture<'a, Result<(u64, T), Fault>>,
    ) -> Result<T, Fault> {
        let operation = asked.operation;
        let deadline = Instant::now() + self.timeout;
        let mut retries = 0;
        loop {
            let fault = match attempt_once(asked, retries, meter, deadline, attempt()).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let wait = wait_before(retries, fault.error.retry_after);
            let ends = deadline.saturating_duration_since(Instant::now()) <= wait;
            if !fault.passing || retries >= retries_max || ends || self.breaker.is_open() {
                return Err(fault);
            }
            tracing::debug!(%operation, retries, error = %fault.error, "the store failed: once more");
            count_retry(operation);
            tokio::time::sleep(wait).await;
            retries = retries.saturating_add(1);
        }
    }
}

/// Sends one request and counts it.
async fn attempt_once<T>(
    asked: &Asked<'_>,
    retries: u32,
    meter: &Meter,
    deadline: Instant,
    attempt: impl Future<Output = Result<(u64, T), Fault>>,
) -> Result<T, Fault> {
    meter.count_request();
    let span = spans::request(asked, retries);
    let mut counted = Counted::begin(asked.operation, span.clone());
    let answer = tokio::time::timeout_at(deadline, attempt).instrument(span).await;
    let answer = answer.unwrap_or_else(|_| {
        Err(Fault::lasting(SourceErrorKind::Timeout, "no answer within the store's deadline"))
    });
    let (bytes, answer) = answer.inspect_err(|fault| counted.failed(fault.error.kind))?;
    meter.count_bytes(bytes);
    counted.answered(bytes);
    Ok(answer)
}

/// The same for all backends: the answer is of the version asked for, and complete.
fn check_part(key: &str, span: &Span, bound: Option<&Version>, part: &Part) -> Result<(), Fault> {
    if bound.is_some_and(|bound| !bound.is_same(&part.version)) {
        return Err(Fault::changed(key));
    }
    let wanted = length(&span.taken(part.version.size_bytes));
    let got = part.bytes.len() as u64;
    if got == wanted {
        return Ok(());
    }
    Err(Fault::passing(
        SourceErrorKind::Failed,
        format!("{key:?}: {got} bytes came where {wanted} were asked for"),
    ))
}
