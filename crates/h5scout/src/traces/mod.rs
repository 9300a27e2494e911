//! Traces, sent to an OpenTelemetry collector by OTLP over HTTP.
//!
//! The environment decides, in the words of OpenTelemetry's specification, but nothing is sent unless
//! it names a collector. Spans wait in a queue of bounded length for a thread that sends them: a
//! collector that is slow or away costs spans, and no request waits for it.

mod environment;
mod exporter;

use std::time::Duration;

use explorer::SPANS;
use http::HeaderMap;
use http_api::JoinTrace;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use self::exporter::Reporting;
use crate::collector::{self, variable};
use crate::failure::Failure;

/// How long the last spans may take when the process ends. With the other waits of the end it stays
/// below what orchestrators are told to grant.
const FLUSHING_MAX: Duration = Duration::from_secs(3);

const TRACEPARENT: &str = "traceparent";

/// Where spans go.
#[derive(Debug, Clone)]
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts what sends spans, if the environment names a collector.
    ///
    /// # Errors
    ///
    /// When what the environment says makes no sense.
    pub(crate) fn from_environment() -> Result<Option<Self>, Failure> {
        if !collector::is_wanted(variable) {
            return Ok(None);
        }
        if let Some(wrong) = environment::wrong_sampler(variable) {
            return Err(Failure::Misused(wrong));
        }
        let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
        let exporter = exporter.build();
        let exporter = exporter.map_err(|error| Failure::new("traces do not start", error))?;
        let provider = SdkTracerProvider::builder()
            .with_resource(environment::resource(variable))
            .with_batch_exporter(Reporting::new(exporter))
            .build();
        Ok(Some(Self(provider)))
    }

    /// What hands the spans of this program over, and nothing else.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("h5scout"))
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == SPANS))
    }

    /// What makes the span of a request a part of the trace that its `traceparent` names.
    pub(crate) fn join(&self) -> JoinTrace {
        join
    }

    /// Sends what waits, within a bound.
    pub(crate) async fn flush(self) {
        let flushing =
            tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FLUSHING_MAX));
        if !matches!(flushing.await, Ok(Ok(()))) {
            tracing::warn!("the last spans were not sent: the collector takes too long");
        }
    }
}

/// As `tracestate` is only for those whom a trace is passed on to, it is not read.
fn join(span: &Span, headers: &HeaderMap) -> Option<String> {
    let parent =
        TraceContextPropagator::new().extract_with_context(&Context::new(), &Given(headers));
    // It fails for spans that are not recorded, which need no parent.
    let _ = span.set_parent(parent);
    let context = span.context();
    let trace = context.span().span_context().clone();
    trace.is_sampled().then(|| trace.trace_id().to_string())
}

/// The `traceparent` of a request, if it has one and no other.
struct Given<'a>(&'a HeaderMap);

impl Extractor for Given<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let mut given = self.0.get_all(TRACEPARENT).iter().filter(|_| name == TRACEPARENT);
        let (only, None) = (given.next()?, given.next()) else { return None };
        only.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
