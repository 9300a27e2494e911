//! A server of one object, as S3 and as WebDAV, that misbehaves when it is told to.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// What a server does wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wrong {
    /// Nobody listens at its port.
    Refused,
    /// The connection is reset when the question has come,
    Reset,
    /// or in the middle of the answer.
    ResetAmid,
    /// No answer, and the connection stays.
    Silent,
    /// The same in the middle of the answer.
    Stalled,
    /// The body ends early.
    Cut,
    /// The answer comes byte by byte.
    Drip,
    /// What comes is not HTTP.
    Garbage,
    /// A header of a megabyte.
    HugeHeader,
    /// A body without length that does not end.
    EndlessBody,
    /// More bytes than `Content-Length` says.
    MoreThanLength,
    /// A `Content-Length` of more bytes than there are in `Content-Range`,
    LengthAboveRange,
    /// and of fewer.
    LengthBelowRange,
    /// The whole object, with 200, where a range was asked for.
    Whole,
    /// Another range.
    OtherRange,
    /// 206 without `Content-Range`.
    NoRange,
    /// The bytes of another version.
    OtherTag,
    /// No `ETag`.
    NoTag,
    /// The login page of a network, with 200.
    Page,
    /// The object is not there.
    NoKey,
    /// This status, with these lines of the header, and this code in S3's error document.
    Status(&'static str, &'static [&'static str], &'static str),
    /// The same, of reads by range only.
    StatusOfRange(&'static str),
    /// It sends on to itself.
    RedirectLoop,
}

pub(super) const SIZE: usize = 5000;
/// How a client that wants TLS begins (RFC 8446, section 5.1). This server has none.
const TLS_HANDSHAKE: u8 = 22;
const TAG: &str = "one";
const TIME: &str = "Fri, 02 Jan 2026 03:04:05 GMT";

pub(super) struct FaultyServer {
    pub(super) address: SocketAddr,
    wrong: Arc<Mutex<Option<Wrong>>>,
    /// Holds the port while nobody listens.
    asleep: Option<TcpSocket>,
    accepting: JoinHandle<()>,
}

impl FaultyServer {
    /// A server that is well.
    pub(super) fn start() -> Self {
        let socket = socket(([127, 0, 0, 1], 0).into());
        let (address, wrong) = (socket.local_addr().unwrap(), Arc::default());
        let accepting = accept(socket, Arc::clone(&wrong));
        Self { address, wrong, asleep: None, accepting }
    }

    /// From now on it does this wrong.
    pub(super) async fn break_down(&mut self, wrong: Wrong) {
        *self.wrong.lock().unwrap() = Some(wrong);
        if wrong == Wrong::Refused {
            self.asleep = Some(socket(self.address));
            self.accepting.abort();
            let _ = (&mut self.accepting).await;
        }
    }

    /// From now on it is well again.
    pub(super) fn heal(&mut self) {
        *self.wrong.lock().unwrap() = None;
        if let Some(socket) = self.asleep.take() {
            self.accepting = accept(socket, self.wrong.clone());
        }
    }
}

impl Drop for FaultyServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Bound, and not listening yet. Two may be bound to one port, so that it is never free.
fn socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

fn accept(socket: TcpSocket, wrong: Arc<Mutex<Option<Wrong>>>) -> JoinHandle<()> {
    let listener: TcpListener = socket.listen(64).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let wrong = *wrong.lock().unwrap();
            // Whoever hangs up in the middle is no failure of the server.
            tokio::spawn(async move { answer(stream, wrong).await.unwrap_or_default() });
        }
    })
}

/// One question and its answer.
async fn answer(mut stream: TcpStream, wrong: Option<Wrong>) -> std::io::Result<()> {
    let mut question = vec![stream.read_u8().await?];
    if question == [TLS_HANDSHAKE] {
        return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    }
    while !question.ends_with(b"\r\n\r\n") {
        question.push(stream.read_u8().await?);
    }
    let question = Question::of(&String::from_utf8_lossy(&question));
    let Answer { mut head, body } = question.answer(wrong);
    head.push_str("Connection: close\r\n\r\n");
    // Fewer than any question wants.
    let start = &body[..body.len().min(10)];
    match wrong {
        Some(Wrong::Reset) => return stream.set_zero_linger(),
        Some(Wrong::Silent) => forever().await,
        Some(Wrong::Garbage) => stream.write_all(b"\0\0\0 no HTTP at all\r\n\r\n").await?,
        Some(Wrong::HugeHeader) => {
            let lines = head.trim_end();
            let huge = format!("{lines}\r\nX-Huge: {}\r\n\r\n", "x".repeat(1 << 20));
            stream.write_all(huge.as_bytes()).await?;
        }
        Some(Wrong::Drip) => {
            for byte in [head.as_bytes(), &body].concat() {
                stream.write_u8(byte).await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        _ => stream.write_all(head.as_bytes()).await?,
    }
    match wrong {
        Some(Wrong::ResetAmid | Wrong::Stalled | Wrong::Cut) => {
            stream.write_all(start).await?;
            stream.flush().await?;
        }
        Some(Wrong::EndlessBody) => loop {
            stream.write_all(&body).await?;
        },
        _ => stream.write_all(&body).await?,
    }
    match wrong {
        Some(Wrong::ResetAmid) => {
            // A reset throws away what was not read yet: the start of the answer is to be seen.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return stream.set_zero_linger();
        }
        Some(Wrong::Stalled) => forever().await,
        Some(Wrong::MoreThanLength) => stream.write_all(b"and more").await?,
        _ => {}
    }
    stream.shutdown().await
}

async fn forever() {
    std::future::pending::<()>().await;
}

struct Question {
    method: String,
    path: String,
    range: Option<Range<usize>>,
    is_for_version: Option<bool>,
}

struct Answer {
    /// Each line with its end.
    head: String,
    body: Vec<u8>,
}

impl Question {
    fn of(text: &str) -> Self {
        let header = |name: &str| {
            let start = format!("{name}: ");
            text.lines()
                .find_map(|line| line.to_lowercase().strip_prefix(&start).map(str::to_owned))
        };
        let mut words = text.split(' ').map(str::to_owned);
        let range = header("range").map(|range| {
            let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            first.parse().unwrap()..(last.parse::<usize>().unwrap() + 1).min(SIZE)
        });
        Self {
            method: words.next().unwrap(),
            path: words.next().unwrap(),
            range,
            is_for_version: header("if-match").map(|tag| tag.trim_matches('"') == TAG),
        }
    }

    fn answer(&self, wrong: Option<Wrong>) -> Answer {
        let is_key = self.path.ends_with("/k");
        match wrong {
            Some(Wrong::Status(status, lines, code)) => self.refusal(status, lines, code),
            Some(Wrong::StatusOfRange(status)) if self.range.is_some() => {
                self.refusal(status, &[], "")
            }
            Some(Wrong::RedirectLoop) => {
                let line = format!("Location: {}", self.path);
                self.refusal("302 Found", &[line.as_str()], "")
            }
            Some(Wrong::Page) => {
                let body = "<!doctype html><title>Log in</title><p>to use this network".repeat(5);
                self.success("200 OK", &["Content-Type: text/html; charset=utf-8"], body.into())
            }
            Some(Wrong::NoKey) if is_key => self.refusal("404 Not Found", &[], "NoSuchKey"),
            _ if is_key && self.is_for_version == Some(false) => {
                self.refusal("412 Precondition Failed", &[], "PreconditionFailed")
            }
            _ if is_key => self.object(wrong),
            _ => self.listing(wrong),
        }
    }

    fn object(&self, wrong: Option<Wrong>) -> Answer {
        let all = super::bytes(SIZE);
        let mut lines = vec![format!("Last-Modified: {TIME}"), "Accept-Ranges: bytes".to_owned()];
        match wrong {
            Some(Wrong::NoTag) => {}
            Some(Wrong::OtherTag) => lines.push("ETag: \"other\"".to_owned()),
            _ => lines.push(format!("ETag: \"{TAG}\"")),
        }
        let Some(range) = self.range.clone().filter(|_| wrong != Some(Wrong::Whole)) else {
            return self.success("200 OK", &lines, all);
        };
        let shift = usize::from(wrong == Some(Wrong::OtherRange));
        let (first, last) = (range.start + shift, range.end + shift - 1);
        let body = all[first..=last.min(SIZE - 1)].to_vec();
        if wrong != Some(Wrong::NoRange) {
            lines.push(format!("Content-Range: bytes {first}-{last}/{SIZE}"));
        }
        let length = match wrong {
            Some(Wrong::LengthAboveRange) => Some(body.len() + 5),
            Some(Wrong::LengthBelowRange) => Some(body.len() - 5),
            Some(Wrong::EndlessBody) => None,
            _ => Some(body.len()),
        };
        lines.extend(length.map(|length| format!("Content-Length: {length}")));
        Answer { head: head("206 Partial Content", &lines), body }
    }

    fn listing(&self, wrong: Option<Wrong>) -> Answer {
        let text = if self.method == "PROPFIND" {
            format!(
                "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\"><D:response><D:href>/k\
                 </D:href><D:propstat><D:status>HTTP/1.1 200 OK</D:status><D:prop>\
                 <D:getlastmodified>{TIME}</D:getlastmodified><D:getcontentlength>{SIZE}\
                 </D:getcontentlength><D:resourcetype/></D:prop></D:propstat></D:response>\
                 </D:multistatus>"
            )
        } else {
            format!(
                "<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated><Contents>\
                 <Key>k</Key><LastModified>2026-01-02T03:04:05Z</LastModified>\
                 <ETag>&quot;{TAG}&quot;</ETag><Size>{SIZE}</Size></Contents></ListBucketResult>"
            )
        };
        if wrong == Some(Wrong::EndlessBody) {
            let head = head("200 OK", &["Content-Type: application/xml"]);
            return Answer { head, body: text.replace("</", " ").repeat(1000).into() };
        }
        self.success("200 OK", &["Content-Type: application/xml"], text.into())
    }

    fn success(&self, status: &str, lines: &[impl AsRef<str>], body: Vec<u8>) -> Answer {
        let length = format!("Content-Length: {}\r\n", body.len());
        let body = if self.method == "HEAD" { Vec::new() } else { body };
        Answer { head: head(status, lines) + &length, body }
    }

    fn refusal(&self, status: &str, lines: &[&str], code: &str) -> Answer {
        let body = format!("<Error><Code>{code}</Code><Message>words</Message></Error>");
        self.success(status, lines, body.into())
    }
}

fn head(status: &str, lines: &[impl AsRef<str>]) -> String {
    let lines = lines.iter().map(|line| format!("{}\r\n", line.as_ref()));
    format!("HTTP/1.1 {status}\r\n") + &lines.collect::<String>()
}
