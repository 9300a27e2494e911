//! What the log says of a collector that does not take spans: that it is so, now and then.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// A collector may be away for days, and a busy server sends several batches a second.
const SAY_LOST_EVERY: Duration = Duration::from_secs(60);

/// An exporter whose failures are told by us. For whoever calls it there are none, since that would
/// be a line for each batch.
#[derive(Debug)]
pub(super) struct Reporting<E> {
    exporter: E,
    lost: Mutex<Lost>,
}

#[derive(Debug, Default)]
struct Lost {
    /// Since it was said last.
    spans: usize,
    said: Option<Instant>,
}

impl<E> Reporting<E> {
    pub(super) fn new(exporter: E) -> Self {
        Self { exporter, lost: Mutex::default() }
    }

    fn lose(&self, spans: usize, error: &OTelSdkError) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(spans) = lost.count(spans, Instant::now()) {
            drop(lost);
            tracing::warn!(spans, %error, "spans were lost: the collector did not take them");
        }
    }
}

impl<E: SpanExporter> SpanExporter for Reporting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        if let Err(error) = self.exporter.export(batch).await {
            self.lose(spans, &error);
        }
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl Lost {
    /// Counts lost spans. Returns how many there were since it was said last, when it is time to say
    /// it again.
    fn count(&mut self, spans: usize, now: Instant) -> Option<usize> {
        self.spans = self.spans.saturating_add(spans);
        let is_time = |said: Instant| now.duration_since(said) >= SAY_LOST_EVERY;
        if !self.said.is_none_or(is_time) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.spans))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_said_at_once_and_then_once_a_minute_and_all_of_them() {
        let (mut lost, start) = (Lost::default(), Instant::now());
        let mut after = |seconds| lost.count(10, start + Duration::from_secs(seconds));
        let said: Vec<_> = [0, 1, 59, 60, 61, 120].into_iter().map(&mut after).collect();
        assert_eq!(said, [Some(10), None, None, Some(30), None, Some(20)]);
    }
}
