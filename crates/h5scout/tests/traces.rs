//! The built binary with the feature `otel`, and a collector that takes what it sends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod collector;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::collector::{Collector, hex, listen, number, text, text_of};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const CHILDREN: &str = "/files/ordinary/earliest.h5/children?path=/entry/data";

#[test]
fn a_question_is_a_trace_from_the_request_down_to_the_store() {
    let collector = Collector::start();
    // Of a file that is not taken whole, waves bring more than the first request did.
    let variables = [
        ("OTEL_SDK_DISABLED", ""),
        ("OTEL_TRACES_SAMPLER", ""),
        ("H5SCOUT_LOG", "trace"),
        ("H5SCOUT_WHOLE_FILE", "0"),
        ("H5SCOUT_HEAD", "64"),
    ];
    let server = Server::start(&collector.variables(&variables));
    assert!(server.get(CHILDREN, &format!("00-{TRACE}-{PARENT}-01")).contains("counts"));
    let log = server.stop();
    let trace = collector.trace();

    let request = trace.named("GET /files/{key}/children");
    assert_eq!(
        (hex(&request.trace_id), hex(&request.parent_span_id)),
        (TRACE.into(), PARENT.into())
    );
    assert_eq!(request.kind(), SpanKind::Server);
    assert_eq!(text(request, "http.request.method"), "GET");
    assert_eq!(text(request, "http.route"), "/files/{key}/children");
    assert_eq!(number(request, "http.response.status_code"), 200);
    assert_eq!(text(request, "url.path"), "/files/ordinary%2Fearliest.h5/children");
    assert_eq!(text(request, "url.query"), "path=/entry/data");
    assert_eq!(text(request, "url.scheme"), "http");
    assert_eq!(text(request, "server.address"), "scout.example");
    assert_eq!(number(request, "server.port"), 8080);
    assert_eq!(text(request, "h5scout.cache"), "miss");
    assert!(log.contains(&format!("trace_id=\"{TRACE}\"")), "{log}");
    assert!(!log.contains("otel.name"), "no line has what is for traces: {log}");

    // The version is looked for by the task of the cache, the question asked in another runtime.
    let version = trace.child_of(request, "version");
    assert_eq!(text(version, "h5scout.outcome"), "miss");
    let question = trace.child_of(request, "children");
    assert_eq!(text(question, "h5scout.key"), "ordinary/earliest.h5");
    assert_eq!(text(question, "h5scout.path"), "/entry/data");
    let wave = trace.child_of(question, "wave");
    assert_eq!(text(wave, "h5scout.outcome"), "miss");
    assert!(number(wave, "h5scout.ranges") > 0 && number(wave, "h5scout.bytes") > 0);

    let first = trace.child_of(version, "store get");
    assert_eq!(number(first, "h5scout.bytes"), 64);
    let read = trace.child_of(wave, "store get");
    assert_eq!(read.kind(), SpanKind::Client);
    assert_eq!(text(read, "h5scout.key"), "ordinary/earliest.h5");
    assert_eq!(text(read, "h5scout.outcome"), "ok");
    assert!(number(read, "h5scout.bytes") > 0);
    assert!(number(read, "h5scout.range.end") > number(read, "h5scout.range.start"));

    assert!(trace.spans.iter().all(|span| hex(&span.trace_id) == TRACE));
    assert_eq!(text_of(&trace.resource, "service.name"), Some("h5scout"));
}

#[test]
fn a_listing_is_a_trace_too() {
    let collector = Collector::start();
    let server = Server::start(&collector.variables(&[]));
    server.get("/files?prefix=ordinary/", "");
    server.stop();
    let trace = collector.trace();
    let question = trace.child_of(trace.named("GET /files"), "files");
    let listing = trace.child_of(question, "listing");
    let asked = trace.child_of(listing, "store list");
    for span in [question, listing] {
        assert_eq!(text(span, "h5scout.prefix"), "ordinary/");
    }
    assert_eq!(text(asked, "h5scout.key"), "ordinary/");
}

#[test]
fn elements_are_read_in_the_trace_of_their_question_also_while_they_are_sent() {
    let collector = Collector::start();
    let read_little = [("H5SCOUT_WHOLE_FILE", "0"), ("H5SCOUT_HEAD", "64")];
    for (route, sent_as_read) in [
        ("data?path=/fixed_array_deflated", false),
        ("data?path=/sparse&selection=0:1000,0:1000&format=csv", true),
        ("preview?path=/fixed_array_deflated", false),
    ] {
        let server = Server::start(&collector.variables(&read_little));
        let answer = server.get(&format!("/files/layouts/latest.h5/{route}"), "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(answer.len() > 1 << 20, sent_as_read);
        server.stop();
    }
    let trace = collector.trace();
    let waves: Vec<_> = trace.spans.iter().filter(|span| span.name == "wave").collect();
    for (question, routes) in [("data", 2), ("preview", 1)] {
        let route = format!("GET /files/{{key}}/{question}");
        assert_eq!(trace.spans.iter().filter(|span| span.name == route).count(), routes);
        let inside = waves.iter().filter(|wave| trace.ancestors(wave) == [question, &route]);
        // Of each dataset its header, and its elements.
        assert!(inside.count() >= 2 * routes, "{question}: {:#?}", trace.names());
    }
    let outside =
        waves.iter().filter(|wave| !["data", "preview"].contains(&trace.ancestors(wave)[0]));
    assert_eq!(outside.count(), 0, "{:#?}", trace.names());
}

#[test]
fn each_attempt_at_the_store_is_a_span_and_the_store_is_told_nothing() {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let noting = asked.clone();
    let store = listen(move |head, _| {
        let mut asked = noting.lock().unwrap();
        asked.push(head.to_owned());
        if asked.len() == 1 { "503 Service Unavailable" } else { "404 Not Found" }
    });
    let collector = Collector::start();
    let variables = collector.variables(&[("OTEL_SERVICE_NAME", "lab")]);
    let server = Server::serving(&format!("http://{store}"), &variables);
    server.get("/files/absent.h5/meta?path=/", "");
    let log = server.stop();
    let trace = collector.trace();

    let request = trace.named("GET /files/{key}/meta");
    assert_eq!(hex(&request.parent_span_id), "", "a trace begins here");
    assert_eq!(number(request, "http.response.status_code"), 404);
    assert!(log.contains(&format!("trace_id=\"{}\"", hex(&request.trace_id))), "{log}");
    assert_eq!(text_of(&trace.resource, "service.name"), Some("lab"));

    let mut attempts: Vec<_> = trace.spans.iter().filter(|span| span.name == "store get").collect();
    attempts.sort_by_key(|span| span.start_time_unix_nano);
    let [failed, refused] = attempts[..] else { panic!("{:#?}", trace.names()) };
    assert_eq!(text(failed, "h5scout.outcome"), "failed");
    assert_eq!(number(failed, "http.response.status_code"), 503);
    assert_eq!(text(refused, "h5scout.outcome"), "not_found");
    assert_eq!(number(refused, "http.response.status_code"), 404);
    assert_eq!(number(refused, "http.request.resend_count"), 1);

    let asked = asked.lock().unwrap();
    assert!(!asked.is_empty() && !asked.iter().any(|head| head.contains("traceparent")));
}

#[test]
fn what_the_client_or_the_environment_does_not_want_traced_is_not() {
    let collector = Collector::start();
    for (variables, flags) in [
        (&[][..], "00"),
        (&[("OTEL_SDK_DISABLED", "true")][..], "01"),
        (&[("OTEL_TRACES_EXPORTER", "none")][..], "01"),
        (&[("OTEL_TRACES_SAMPLER", "always_off")][..], "01"),
    ] {
        let server = Server::start(&collector.variables(variables));
        server.get(CHILDREN, &format!("00-{TRACE}-{PARENT}-{flags}"));
        server.stop();
        assert_eq!(collector.spans(), 0, "{variables:?} {flags}");
    }
}

#[test]
fn a_sampler_that_nobody_knows_is_refused_also_when_only_checking() {
    let variables = [("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_TRACES_SAMPLER", "xray")];
    // A server that took it would end too, for there is nothing to serve: with another status.
    for arguments in [&["serve", "absent"][..], &["serve", "absent", "--check"]] {
        let refused = h5scout(arguments).envs(variables).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("OTEL_TRACES_SAMPLER=xray"), "{said}");
    }
}

#[test]
fn a_collector_that_is_away_costs_a_line_of_the_log() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{nobody}");
    let batch_by_batch = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
    ];
    let server = Server::start(&batch_by_batch);
    for _ in 0..5 {
        assert!(server.get(CHILDREN, "").starts_with("HTTP/1.1 200"));
    }
    let log = server.stop();
    assert_eq!(log.matches("spans were lost").count(), 1, "{log}");
}

#[test]
fn nobody_waits_for_a_collector_that_hangs_neither_requests_nor_the_end() {
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", hanging.local_addr().unwrap());
    let short_queue = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1"),
    ];
    let server = Server::start(&short_queue);
    let started = Instant::now();
    for _ in 0..20 {
        assert!(server.get(CHILDREN, "").starts_with("HTTP/1.1 200"));
    }
    let log = server.stop();
    // The exporter itself would wait for ten seconds.
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert!(log.contains("due to queue full"), "{log}");
    assert!(log.contains("the last spans were not sent"), "{log}");
}

/// The binary, beside the fixtures, with nothing in its environment.
fn h5scout(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_h5scout"));
    command.args(arguments).env_clear();
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures"));
    command
}

/// A server, of the fixtures if nothing else is said.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start<V: AsRef<str>>(variables: &[(&str, V)]) -> Self {
        Self::serving(".", variables)
    }

    fn serving<V: AsRef<str>>(source: &str, variables: &[(&str, V)]) -> Self {
        let mut process = h5scout(&["serve", source, "--listen", "127.0.0.1:0"])
            .envs(variables.iter().map(|(name, value)| (name, value.as_ref())))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().rsplit_once("http://").unwrap().1.trim_end_matches('/');
        let address = address.to_owned();
        Self { process, address }
    }

    /// Asks with this `traceparent`, unless it is empty.
    fn get(&self, path: &str, traceparent: &str) -> String {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        let trace = match traceparent {
            "" => String::new(),
            given => format!("traceparent: {given}\r\n"),
        };
        let head = format!("GET {path} HTTP/1.1\r\nhost: scout.example:8080\r\n{trace}");
        connection.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Stops it, as an operator does, and returns its log.
    fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(self.process.wait().unwrap().success(), "{log}");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed midway must not leave its server behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
