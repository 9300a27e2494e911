//! The log: one line per request and one per look-up, which of a hit is the same line, whatever keys
//! and paths contain.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;

use crate::support::Server;

/// Gathers the log of this test's thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_question_is_logged_with_its_look_up() {
    let server = Server::with_a_file();
    let (log, _guard) = Log::start();
    let id = [("x-request-id", "r1")];
    let etag = server.get_with("/files/a.h5/children?path=entry", &id).await.json()["etag"].clone();
    server.get_with("/files/a.h5/children?path=entry", &id).await.json();
    let lines = log.lines();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    let miss = format!(
        " cache=children outcome=miss key=\"a.h5\" etag={etag} path=\"/entry\" rounds=1 store_requests=1 store_bytes=9264 duration_ms="
    );
    assert!(lines[0].contains(&miss), "{}", lines[0]);
    let request = " method=GET route=/files/{key}/children key=\"a.h5\" path=\"entry\" status=200 ";
    assert!(lines[1].contains(request), "{}", lines[1]);
    // A hit is told in the line of its request.
    let hit = format!(
        " request cache=children outcome=hit key=\"a.h5\" etag={etag} path=\"/entry\" method=GET route=/files/{{key}}/children status=200 duration_ms="
    );
    assert!(lines[2].contains(&hit), "{}", lines[2]);
    for line in &lines[1..] {
        assert!(line.ends_with(" request_id=\"r1\""), "{line}");
    }
}

#[tokio::test]
async fn an_error_is_logged_with_its_code() {
    let server = Server::new();
    let (log, _guard) = Log::start();
    server.get("/files/b.h5/children").await.problem();
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains(" status=404 code=\"file_not_found\" "), "{}", lines[0]);
}

#[tokio::test]
async fn no_key_can_forge_a_line_or_a_field() {
    let server = Server::new();
    let (log, _guard) = Log::start();
    let forged = "/children?key=a%0A%1B[31m%20status=200%20%22x&path=%0D%0Arequest%20%E2%80%A8";
    server.get(forged).await.problem();
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains(r#" key="a\n\u{1b}[31m status=200 \"x" "#), "{}", lines[0]);
    assert!(lines[0].contains(r#" path="\r\nrequest \u{2028}" "#), "{}", lines[0]);
}

#[tokio::test]
async fn a_line_is_found_from_the_trace_of_its_request() {
    let server = Server::new();
    let (log, _guard) = Log::start();
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{id}-00f067aa0ba902b7-01");
    server.get_with("/health", &[("traceparent", &traceparent)]).await;
    server.get_with("/health", &[("traceparent", "00-x-y-01 status=500")]).await;
    let lines = log.lines();
    assert!(lines[0].ends_with(&format!(" trace_id=\"{id}\"")), "{}", lines[0]);
    assert!(!lines[1].contains("trace_id") && !lines[1].contains("500"), "{}", lines[1]);
}
