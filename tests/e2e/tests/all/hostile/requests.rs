//! Requests that no good client sends, made up from a seed.

use std::fmt::Write as _;

use fastrand::Rng;

use super::texts::{key, noise, number, one_of, path, spelled};

/// What a client sends on one connection.
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    /// How many answers there may be.
    pub(super) answers_max: usize,
}

/// A kind of requests.
type Kind = fn(&mut Rng) -> Sent;

const KINDS: [Kind; 7] = [keys, paths, parameters, headers, framing, first_lines, fragments];

/// As many requests as are taken, of all kinds in turn; the same for the same seed.
pub(super) fn requests(seed: u64) -> impl Iterator<Item = Sent> {
    let mut rng = Rng::with_seed(seed);
    KINDS.into_iter().cycle().map(move |kind| kind(&mut rng))
}

/// Keys in every place where one may stand, in every spelling.
fn keys(rng: &mut Rng) -> Sent {
    let text = key(rng);
    let key = spelled(rng, &text);
    get(match rng.u8(..9) {
        0 | 1 => format!("/files/{key}/children?resolve=external"),
        2 => format!("/files/{key}/meta?path=/"),
        3 => format!("/files/{key}/attribute?path=/&name=title"),
        4 => format!("/children?key={key}"),
        5 => format!("/meta?path=/&key={key}"),
        6 => format!("/files?prefix={key}&delimiter=/"),
        7 => format!("/assets/{key}"),
        _ => format!("/{key}"),
    })
}

/// Paths in files, of which one has links to everywhere.
fn paths(rng: &mut Rng) -> Sent {
    let text = path(rng);
    let path = spelled(rng, &text);
    let file = one_of(rng, &["a.h5", "pointers.h5", "runs/b%20c.h5"]);
    get(match rng.u8(..4) {
        0 => format!("/files/{file}/children?path={path}&resolve=external"),
        1 => format!("/files/{file}/meta?path={path}&storage=true"),
        2 => format!("/files/{file}/attribute?path={path}&name={path}"),
        _ => format!("/files/{file}/children?path=/&q={path}"),
    })
}

/// Parameters that are wrong, repeated or unknown.
fn parameters(rng: &mut Rng) -> Sent {
    const NAMES: [&str; 14] = [
        "limit",
        "address",
        "after",
        "attributes_after",
        "max_elements",
        "max_string",
        "order",
        "detail",
        "resolve",
        "refresh",
        "delimiter",
        "path",
        "key",
        "unknown",
    ];
    let route = one_of(rng, &["/files", "/files/a.h5/children", "/files/a.h5/meta", "/health"]);
    let mut target = format!("{route}?path=/");
    for _ in 0..rng.usize(..6) {
        let name = one_of(rng, &NAMES);
        let number = number(rng);
        let value = spelled(rng, number);
        write!(target, "&{name}={value}").expect("memory");
    }
    if rng.u8(..8) == 0 {
        target.push_str(&"&a=b".repeat(rng.usize(..3_000)));
    }
    get(target)
}

/// Headers that are too many, too long, or not what they should be.
fn headers(rng: &mut Rng) -> Sent {
    let value = |rng: &mut Rng| match rng.u8(..5) {
        0 => "x".repeat(rng.usize(..80_000)).into_bytes(),
        1 => noise(rng, 100),
        2 => "gzip;q=0.5,".repeat(rng.usize(..2_000)).into_bytes(),
        3 => "W/\"x\", ".repeat(rng.usize(..2_000)).into_bytes(),
        _ => key(rng).into_bytes(),
    };
    let name = one_of(
        rng,
        &[
            "accept-encoding",
            "if-none-match",
            "if-match",
            "range",
            "cache-control",
            "x-request-id",
            "authorization",
            "cookie",
            "origin",
            "expect",
            "upgrade",
            "forwarded",
            "x-forwarded-host",
            "user-agent",
            "host",
            "bad name",
            "",
        ],
    );
    let mut lines = Vec::new();
    for _ in 0..one_of(rng, &[1, 1, 2, 99, 150]) {
        let line = [name.as_bytes(), b": ", &value(rng), b"\r\n"].concat();
        // A folded line goes on with a space.
        lines.extend(if rng.u8(..8) == 0 { [&line[..], b" folded\r\n"].concat() } else { line });
        if lines.len() > 200_000 {
            break;
        }
    }
    let bytes = [b"GET /files/a.h5/children HTTP/1.1\r\nhost: h\r\n", &lines[..], b"\r\n"].concat();
    // Noise in a header may be a whole request.
    Sent { bytes, answers_max: usize::MAX }
}

/// Bodies whose length is said twice, wrongly or not at all: what is in a body is no request.
fn framing(rng: &mut Rng) -> Sent {
    let inner = "GET /metrics HTTP/1.1\r\nhost: h\r\n\r\n";
    let length = inner.len();
    let framed = [
        format!("content-length: {length}\r\ncontent-length: 0\r\n\r\n{inner}"),
        format!("content-length: {length}, {length}\r\n\r\n{inner}"),
        format!("content-length: +{length}\r\n\r\n{inner}"),
        format!("content-length: -1\r\n\r\n{inner}"),
        format!("content-length: 99999999999999999999\r\n\r\n{inner}"),
        format!(
            "content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{inner}\r\n0\r\n\r\n"
        ),
        format!("transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding: chunked, identity\r\n\r\n{length:x}\r\n{inner}\r\n0\r\n\r\n"),
        format!("transfer-encoding: xchunked\r\n\r\n{inner}"),
        format!("transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{inner}"),
        format!("transfer-encoding: chunked\r\n\r\n{length:x};{}\r\n{inner}", "x".repeat(50_000)),
    ];
    let at = rng.usize(..framed.len());
    let method = one_of(rng, &["POST /files/refresh", "GET /health"]);
    Sent {
        bytes: format!("{method} HTTP/1.1\r\nhost: h\r\n{}", framed[at]).into_bytes(),
        // One that ends where the chunks end is followed by a request like any other.
        answers_max: 2,
    }
}

/// First lines: methods, versions, forms of targets.
fn first_lines(rng: &mut Rng) -> Sent {
    let text = key(rng);
    let spelled = spelled(rng, &text);
    let method = one_of(
        rng,
        &["GET", "get", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"],
    );
    let version = one_of(
        rng,
        &["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/3", "HTTP/1.1 x", "http/1.1", ""],
    );
    let target = match rng.u8(..7) {
        0 => format!("http://elsewhere.example/{spelled}"),
        1 => "*".to_owned(),
        2 => "elsewhere.example:443".to_owned(),
        3 => format!("/files/refresh?key={spelled}"),
        4 => format!("/files/{text}/children"),
        5 => format!("//elsewhere.example/{spelled}#fragment"),
        _ => format!("/files/{spelled}/children"),
    };
    let end = one_of(rng, &["\r\n", "\n", "\r", "\r\n\r\n"]);
    let bytes = format!("{method} {target} {version}{end}host: h{end}connection: close{end}{end}");
    Sent { bytes: bytes.into_bytes(), answers_max: usize::MAX }
}

/// Halves of requests, several at once, and what is no HTTP at all.
fn fragments(rng: &mut Rng) -> Sent {
    let whole = b"GET /files/a.h5/children HTTP/1.1\r\nhost: h\r\n\r\n";
    let bytes = match rng.u8(..6) {
        0 => whole[..rng.usize(..whole.len())].to_vec(),
        1 => whole.repeat(rng.usize(1..40)),
        2 => noise(rng, 5_000),
        3 => [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &noise(rng, 500)].concat(),
        4 => [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &noise(rng, 500)].concat(),
        _ => [&whole[..], &noise(rng, 200)].concat(),
    };
    Sent { bytes, answers_max: 40 }
}

fn get(target: String) -> Sent {
    let bytes = format!("GET {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    Sent { bytes: bytes.into_bytes(), answers_max: 1 }
}
