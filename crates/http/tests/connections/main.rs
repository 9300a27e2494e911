//! Connections over TCP: slow, idle, many, and over TLS. A process of their own, since they take
//! their time while others count what the process does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use explorer::{Explorer, ExplorerConfig};
use h5scout_http::{AppState, HttpConfig, Tls, install_metrics, serve};
use metrics_exporter_prometheus::PrometheusHandle;
use rcgen::CertifiedKey;
use store::{Store, StoreConfig};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: h\r\n\r\n";

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    folder: TempDir,
}

impl Served {
    async fn with(config: HttpConfig) -> Self {
        Self::of(config, |_, state| state).await
    }

    async fn of(config: HttpConfig, change: impl FnOnce(&Path, AppState) -> AppState) -> Self {
        let folder = TempDir::new().unwrap();
        let source = folder.path().to_str().unwrap();
        let store = Store::open(source, StoreConfig::default()).unwrap();
        let explorer = Explorer::new(store, ExplorerConfig::default());
        let state = change(folder.path(), AppState::new(explorer, config, metrics()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        let task = tokio::spawn(serve(listener, state, shutdown));
        Self { address, stop, task, folder }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection that had an answer already.
    async fn used(&self) -> TcpStream {
        let mut connection = self.connect().await;
        assert!(health(&mut connection).await);
        connection
    }
}

/// The recorder of this process: there can be one only.
fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| install_metrics().unwrap()).clone()
}

/// Short deadlines, each told from the others.
fn short() -> HttpConfig {
    HttpConfig {
        header_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(800),
        write_timeout: Duration::from_millis(400),
        ..HttpConfig::default()
    }
}

/// Whether `/health` is answered on a connection.
async fn health(connection: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    if connection.write_all(HEALTH).await.is_err() {
        return false;
    }
    let mut answer = vec![0; 4096];
    let read = timeout(PATIENCE, connection.read(&mut answer)).await.unwrap().unwrap_or(0);
    answer[..read].starts_with(b"HTTP/1.1 200 OK\r\n")
}

/// How long it takes until the server closes a connection.
async fn closed_after(connection: &mut (impl AsyncRead + Unpin)) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    // A reset is an end as well.
    let _ = timeout(PATIENCE, connection.read_to_end(&mut rest)).await.unwrap();
    began.elapsed()
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let server = Served::with(short()).await;
    let mut silent = server.connect().await;
    let mut half = server.connect().await;
    half.write_all(b"GET /health HTTP/1.1\r\nhost: h\r\nx: ").await.unwrap();
    let mut preface = server.connect().await;
    preface.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
    for connection in [&mut silent, &mut half, &mut preface] {
        assert!(closed_after(connection).await < PATIENCE / 2);
    }

    let mut drip = server.used().await;
    let began = Instant::now();
    let mut sent = 0;
    for byte in b"GET /health HTTP/1.1\r\nhost: h\r\nx: ".iter().cycle() {
        sleep(Duration::from_millis(20)).await;
        if drip.write_all(&[*byte]).await.is_err() {
            break;
        }
        sent += 1;
        assert!(began.elapsed() < PATIENCE, "{sent} bytes, and it still listens");
    }
    assert!(server.used().await.peer_addr().is_ok());
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_a_while() {
    let server = Served::with(short()).await;
    let mut connection = server.used().await;
    sleep(Duration::from_millis(400)).await;
    assert!(health(&mut connection).await, "longer than a head may take, shorter than idle");
    let idle = closed_after(&mut connection).await;
    assert!(idle >= Duration::from_millis(700), "{idle:?}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_not_waited_for() {
    let config = HttpConfig { idle_timeout: PATIENCE * 2, ..short() };
    let server = Served::with(config).await;
    for number in 0..20_000 {
        std::fs::write(server.folder.path().join(format!("{number:0100}.h5")), "").unwrap();
    }
    // Some megabytes, over and over: more than the buffers of both ends together.
    let mut connection = server.connect().await;
    let ask = b"GET /files?limit=20000 HTTP/1.1\r\nhost: h\r\n\r\n";
    for _ in 0..10 {
        connection.write_all(ask).await.unwrap();
    }
    let deadline = Instant::now() + PATIENCE;
    while connection.write_all(b"\r\n").await.is_ok() {
        assert!(Instant::now() < deadline, "it is still served");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(server.used().await.peer_addr().is_ok());
}

#[tokio::test]
async fn more_connections_than_there_are_places_wait() {
    let config = HttpConfig { connections: 2, ..short() };
    let server = Served::with(config).await;
    let (mut first, mut second) = (server.used().await, server.used().await);
    let mut third = server.connect().await;
    third.write_all(HEALTH).await.unwrap();
    let waits = timeout(Duration::from_millis(50), third.read_u8()).await;
    assert!(waits.is_err(), "the system accepted it, and nobody answers");
    assert!(health(&mut first).await && health(&mut second).await);
    // One that is idle makes room for it.
    assert!(timeout(PATIENCE, third.read_u8()).await.is_ok());
}

#[tokio::test]
async fn what_is_longer_than_any_head_is_refused() {
    let server = Served::with(HttpConfig::default()).await;
    let long = "x".repeat(100_000);
    for request in [
        format!("GET /health HTTP/1.1\r\nhost: h\r\nx: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: h\r\n\r\n"),
        format!("GET /health HTTP/1.1\r\nhost: h\r\n{}\r\n", "x: y\r\n".repeat(101)),
    ] {
        let mut connection = server.connect().await;
        // It may be refused before it is sent.
        let _ = connection.write_all(request.as_bytes()).await;
        let mut answer = vec![0; 12];
        connection.read_exact(&mut answer).await.unwrap();
        let status = String::from_utf8_lossy(&answer[9..]).into_owned();
        assert!(["414", "431"].contains(&status.as_str()), "{status}");
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_when_the_server_stops() {
    let config = HttpConfig { shutdown_timeout: PATIENCE, ..HttpConfig::default() };
    let server = Served::with(config).await;
    let mut idle = server.used().await;
    let mut new = server.connect().await;
    server.stop.send(()).unwrap();
    assert!(closed_after(&mut idle).await < PATIENCE / 2, "idle ones are closed");
    assert!(closed_after(&mut new).await < PATIENCE / 2);
    timeout(PATIENCE / 2, server.task).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens");
}

/// A server with a certificate of its own, and the certificate.
async fn over_tls() -> (Served, CertificateDer<'static>) {
    let names = vec!["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let served = Served::of(short(), |folder, state| {
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, cert.pem()).unwrap();
        std::fs::write(&key, signing_key.serialize_pem()).unwrap();
        state.with_tls(Arc::new(Tls::read(certificate, key).unwrap()))
    });
    (served.await, cert.der().clone())
}

async fn tls_client(
    server: &Served,
    certificate: &CertificateDer<'static>,
    protocols: &[&[u8]],
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = server.connect().await;
    TlsConnector::from(Arc::new(config)).connect(name, connection).await.unwrap()
}

#[tokio::test]
async fn tls_speaks_what_the_client_speaks() {
    let (server, certificate) = over_tls().await;
    for (offered, agreed) in [
        (&[&b"h2"[..], b"http/1.1"][..], Some(&b"h2"[..])),
        (&[b"http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let client = tls_client(&server, &certificate, offered).await;
        assert_eq!(client.get_ref().1.alpn_protocol(), agreed);
    }
    let mut client = tls_client(&server, &certificate, &[b"http/1.1"]).await;
    client.write_all(HEALTH).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = client.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_not_waited_for() {
    let (server, certificate) = over_tls().await;
    let mut silent = server.connect().await;
    let mut plain = server.connect().await;
    plain.write_all(HEALTH).await.unwrap();
    assert!(closed_after(&mut silent).await < PATIENCE / 2);
    assert!(closed_after(&mut plain).await < PATIENCE / 2);
    let mut client = tls_client(&server, &certificate, &[]).await;
    assert!(health(&mut client).await);
}
