//! HTTP/2 before clients that mean harm: frames written by hand (RFC 9113, section 4.1), header
//! blocks too (RFC 7541, section 6).

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PATIENCE, Place};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The largest payload that a peer takes without having said so.
const PAYLOAD_BYTES_MAX: usize = 16_384;

/// Far below what a flood that is kept would take.
const MEMORY_KIB_MAX: u64 = 256 << 10;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The preface and settings, then `frames`.
fn connection(settings: &[u8], frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let frames: Vec<u8> = frames.into_iter().flatten().collect();
    [PREFACE, &frame(SETTINGS, 0, 0, settings), &frames].concat()
}

/// The header block of a GET: `:method GET` and `:scheme http` are in the static table, `:path` and
/// `:authority` are written out.
fn get(path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).expect("a short path");
    [&[0x82, 0x86, 0x04, length], path.as_bytes(), &[0x01, 1, b'h']].concat()
}

/// The numbers of streams that a client may open.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| 2 * number + 1)
}

/// One header of 4,000 bytes, put into the dynamic table and named again and again in one byte.
fn bomb() -> Vec<u8> {
    // A length of 4,000 in a prefix of seven bits: 127, and 3,873 in groups of seven.
    let entry = [&[0x40, 1, b'x', 0x7f, 0xa1, 0x1e][..], &[b'y'; 4_000]].concat();
    [get("/health"), entry, vec![0xbe; 12_000]].concat()
}

/// Every flood with its name, and what is sent.
fn floods() -> Vec<(&'static str, Vec<u8>)> {
    let request = |stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("/health"));
    let reset = |stream| [request(stream), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat();
    let block = vec![b'x'; PAYLOAD_BYTES_MAX];
    let endless = frame(HEADERS, END_STREAM, 1, &get("/health"));
    let more = (0..5_000).map(|_| frame(CONTINUATION, 0, 1, &block));
    // SETTINGS_INITIAL_WINDOW_SIZE (4) of nothing: no answer may be sent.
    let no_window = [0, 4, 0, 0, 0, 0];
    let files = |stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("/openapi.json"));
    vec![
        ("requests that are taken back", connection(&[], streams(20_000).map(reset))),
        ("headers without end", connection(&[], [endless].into_iter().chain(more))),
        ("headers that unfold", connection(&[], [frame(HEADERS, 5, 1, &bomb())])),
        ("pings", connection(&[], (0..200_000).map(|_| frame(PING, 0, 0, &[0; 8])))),
        ("settings", connection(&[], (0..200_000).map(|_| frame(SETTINGS, 0, 0, &[])))),
        ("answers that nobody takes", connection(&no_window, streams(100).map(files))),
        ("more streams than allowed", connection(&no_window, streams(5_000).map(files))),
        ("a frame of another length", connection(&[], [vec![0xff; 100]])),
    ]
}

/// Sends all of `bytes` without reading, then waits for the server to close the connection.
async fn flood(address: &str, bytes: &[u8]) {
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    // An error is what should come: the server closes, or takes no more.
    let _ = timeout(Duration::from_secs(10), connection.write_all(bytes)).await;
    let mut rest = Vec::new();
    let closed = timeout(PATIENCE, connection.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the connection stays open");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flood_of_frames_takes_the_server_down() {
    let mut server = Place::new().serve(&[]);
    for (name, bytes) in floods() {
        let began = Instant::now();
        flood(server.address(), &bytes).await;
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(server.get("/health").await.status(), 200, "after {name}");
        let memory_kib = server.peak_memory_kib();
        assert!(memory_kib < MEMORY_KIB_MAX, "{memory_kib} KiB after {name}");
        println!("{name}: {} bytes, {seconds:.1} s, {memory_kib} KiB at most so far", bytes.len());
    }
    assert!(server.stop());
}
