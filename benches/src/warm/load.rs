//! Load over connections that stay open: one request after another on each, as fast as answers
//! come.
//!
//! Requests are bytes that are sent as they are, and of answers only the length is read: the load
//! shares the processors with the server, so it has to cost little.

use std::time::{Duration, Instant};

use futures::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

/// What came of some seconds of load.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) answers: usize,
    /// By which time half of all answers was there.
    pub(super) p50: Duration,
    /// By which time all but one of a hundred were there.
    pub(super) p99: Duration,
}

/// Sends `request` on so many connections to `address` for `duration`.
///
/// # Errors
///
/// When an answer has another status than `status`, or no length.
pub(super) async fn load(
    address: &str,
    request: &str,
    status: u16,
    connections: usize,
    duration: Duration,
) -> Result<Load> {
    let until = Instant::now() + duration;
    let ask = || {
        let (address, request) = (address.to_owned(), request.to_owned());
        tokio::spawn(async move { one_connection(&address, &request, status, until).await })
    };
    let asked = try_join_all((0..connections).map(|_| ask())).await?;
    let mut times = Vec::new();
    for of_connection in asked {
        times.append(&mut of_connection?);
    }
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied();
    let nothing = "nothing was answered";
    Ok(Load { answers: times.len(), p50: at(0.5).ok_or(nothing)?, p99: at(0.99).ok_or(nothing)? })
}

/// The times from each request to the last byte of its answer.
async fn one_connection(
    address: &str,
    request: &str,
    status: u16,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    let mut buffer = vec![0; 256 << 10];
    let mut times = Vec::new();
    while Instant::now() < until {
        let asked = Instant::now();
        connection.write_all(request.as_bytes()).await?;
        read_answer(&mut connection, &mut buffer, status).await?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

async fn read_answer(connection: &mut TcpStream, buffer: &mut [u8], status: u16) -> Result<()> {
    let mut filled = 0;
    let head_bytes = loop {
        let read = connection.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err("the server closed the connection within an answer".into());
        }
        filled += read;
        if let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let body_bytes = body_bytes(&buffer[..head_bytes], status)?;
    let mut missing = (head_bytes + body_bytes).checked_sub(filled).ok_or("more than an answer")?;
    while missing > 0 {
        let read = connection.read(buffer).await?;
        if read == 0 {
            return Err("the server closed the connection within an answer".into());
        }
        missing = missing.checked_sub(read).ok_or("more than an answer")?;
    }
    Ok(())
}

/// The length of the body behind `head`.
fn body_bytes(head: &[u8], status: u16) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let found = first.split(' ').nth(1).and_then(|found| found.parse().ok());
    if found != Some(status) {
        return Err(format!("{status} was expected: {first}").into());
    }
    if status == 304 {
        return Ok(0);
    }
    let length = lines.filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.map(|(_, value)| value.trim().parse()).next();
    Ok(length.ok_or("an answer without its length")??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_the_length_of_the_body() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n";
        assert_eq!(body_bytes(head, 200).unwrap(), 12);
        assert_eq!(body_bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n", 304).unwrap(), 0);
        assert!(body_bytes(head, 304).is_err());
        assert!(body_bytes(b"HTTP/1.1 200 OK\r\n\r\n", 200).is_err());
    }

    #[tokio::test]
    async fn every_answer_is_read_to_its_end() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let body = "x".repeat(1 << 20);
        let router = axum::Router::new().fallback(async move || body.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let request = "GET / HTTP/1.1\r\nhost: h\r\n\r\n";
        let load = load(&address, request, 200, 3, Duration::from_millis(200)).await.unwrap();
        assert!(load.answers >= 3 && load.p50 <= load.p99, "{load:?}");
    }
}
