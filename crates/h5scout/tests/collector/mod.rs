//! A collector that takes what the binary sends, and what its traces say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// Takes spans over HTTP, and keeps them.
pub(crate) struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let taken = Arc::<Mutex<Vec<_>>>::default();
        let keeping = taken.clone();
        let address = listen(move |head, body| {
            assert!(head.starts_with("post /v1/traces "), "{head}");
            let spans = ExportTraceServiceRequest::decode(body).unwrap();
            keeping.lock().unwrap().push(spans);
            "200 OK"
        });
        Self { address, taken }
    }

    /// What sends a server's spans here, and `others`.
    pub(crate) fn variables<'a>(&self, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", self.address));
        let others = others.iter().map(|(name, value)| (*name, (*value).to_owned()));
        std::iter::once(endpoint).chain(others).collect()
    }

    pub(crate) fn spans(&self) -> usize {
        self.trace().spans.len()
    }

    /// All that was taken.
    pub(crate) fn trace(&self) -> Trace {
        let taken = self.taken.lock().unwrap();
        let all = taken.iter().flat_map(|request| &request.resource_spans);
        let resource = all.clone().next().and_then(|of| of.resource.clone());
        let spans = all.flat_map(|of| &of.scope_spans).flat_map(|of| of.spans.clone());
        let resource = resource.map(|resource| resource.attributes).unwrap_or_default();
        Trace { spans: spans.collect(), resource }
    }
}

/// Listens as an HTTP server whose answers have no body. `answer` is given the head of a request, in
/// small letters, and its body, and gives the status. Returns the address.
pub(crate) fn listen(
    answer: impl Fn(&str, &[u8]) -> &'static str + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, answer) = (listener.local_addr().unwrap().to_string(), Arc::new(answer));
    thread::spawn(move || {
        for connection in listener.incoming() {
            let answer = answer.clone();
            thread::spawn(move || talk(&connection.unwrap(), &*answer));
        }
    });
    address
}

/// Answers the requests of a connection.
fn talk(mut connection: &TcpStream, answer: &dyn Fn(&str, &[u8]) -> &'static str) {
    let mut lines = BufReader::new(connection);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if lines.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        lines.read_exact(&mut body).unwrap();
        let status = answer(&head, &body);
        write!(connection, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
    }
}

pub(crate) struct Trace {
    pub(crate) spans: Vec<Span>,
    pub(crate) resource: Vec<KeyValue>,
}

impl Trace {
    pub(crate) fn named(&self, name: &str) -> &Span {
        let found = self.spans.iter().find(|span| span.name == name);
        found.unwrap_or_else(|| panic!("no {name:?} among {:#?}", self.names()))
    }

    pub(crate) fn child_of(&self, parent: &Span, name: &str) -> &Span {
        let is_it = |span: &&Span| span.name == name && span.parent_span_id == parent.span_id;
        let found = self.spans.iter().find(is_it);
        found.unwrap_or_else(|| panic!("no {name:?} in {:?}: {:#?}", parent.name, self.names()))
    }

    /// The names of all spans that `span` is in.
    pub(crate) fn ancestors(&self, span: &Span) -> Vec<&str> {
        let of = |span: &Span| {
            let parent = span.parent_span_id.clone();
            self.spans.iter().find(|other| other.span_id == parent)
        };
        std::iter::successors(of(span), |span| of(span)).map(|span| &*span.name).collect()
    }

    /// All spans, each with those that it is in.
    pub(crate) fn names(&self) -> Vec<(&str, Vec<&str>)> {
        self.spans.iter().map(|span| (&*span.name, self.ancestors(span))).collect()
    }
}

fn attribute<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref())
}

pub(crate) fn text_of<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    match attribute(attributes, name) {
        Some(Value::StringValue(text)) => Some(text),
        _ => None,
    }
}

pub(crate) fn text<'a>(span: &'a Span, name: &str) -> &'a str {
    text_of(&span.attributes, name).unwrap_or_else(|| panic!("no text {name} in {span:#?}"))
}

pub(crate) fn number(span: &Span, name: &str) -> i64 {
    match attribute(&span.attributes, name) {
        Some(Value::IntValue(number)) => *number,
        _ => panic!("no number {name} in {span:#?}"),
    }
}

pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
