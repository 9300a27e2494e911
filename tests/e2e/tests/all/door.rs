//! Who comes in to the built server, and how: addresses, tokens, certificates, connections.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rcgen::CertifiedKey;
use reqwest::{Certificate, Client, StatusCode};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::server::{REPOSITORY, Server, binary};

const PATIENCE: Duration = Duration::from_secs(60);

const ONE: &str = "one-0123456789abcdef";
const TWO: &str = "two-0123456789abcdef";

fn fixtures() -> String {
    format!("{REPOSITORY}/fixtures/ordinary")
}

/// What `h5scout serve` says when it does not start.
fn refused(flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(binary());
    command.arg("serve").args(flags).arg(fixtures()).stdout(Stdio::null());
    let Output { status, stderr, .. } = command.output().expect("the binary runs");
    (status.code(), String::from_utf8(stderr).expect("text"))
}

#[test]
fn nobody_opens_a_store_to_a_network_by_mistake() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let (status, said) = refused(&["--listen", address]);
        assert_eq!(status, Some(2), "{said}");
        for expected in ["--auth-token-file", "--insecure", "127.0.0.1"] {
            assert!(said.contains(expected), "{said}");
        }
    }
    let mut command = Command::new(binary());
    command.args(["serve", "--insecure", "--listen", "0.0.0.0:0"]).arg(fixtures());
    let mut process =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("text");
    process.kill().expect("it still runs");
    process.wait().expect("it ends");
    assert!(line.contains(" at http://0.0.0.0:"), "{line}");
}

#[test]
fn files_that_are_no_tokens_or_certificates_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("text").to_owned()
    };
    let short = file("tokens", "# a token\nshort\n");
    let (status, said) = refused(&["--auth-token-file", &short]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("line 2: a token has at least 16 characters"), "{said}");
    let (_, said) = refused(&["--auth-token-file", "nothing.txt"]);
    assert!(said.contains("nothing.txt"), "{said}");
    let broken = file("cert.pem", "broken");
    let (status, said) = refused(&["--tls-cert", &broken, "--tls-key", &broken]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("cert.pem: no certificate in PEM"), "{said}");
    let (status, said) = refused(&["--cors-origin", "https://a.example/page"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("--cors-origin"), "{said}");
}

async fn status_with(server: &Server, token: &str) -> StatusCode {
    let authorization = format!("Bearer {token}");
    server.get_with("/files", &[("authorization", &authorization)]).await.status()
}

/// Waits until `text` stands in the server's log.
async fn logged(server: &Server, text: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !server.log().contains(text) {
        assert!(Instant::now() < deadline, "{text} is not in\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn tokens_are_read_again_at_sighup() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("tokens");
    std::fs::write(&file, ONE).expect("a file");
    let server = Server::over(fixtures(), &["--auth-token-file", file.to_str().expect("text")]);
    logged(&server, "other users of this machine can read the tokens").await;
    assert_eq!(server.get("/files").await.status(), 401);
    assert_eq!(server.get("/health").await.status(), 200);
    assert_eq!(status_with(&server, ONE).await, 200);

    std::fs::write(&file, "half").expect("a file");
    server.signal("-HUP");
    logged(&server, "the old tokens stay").await;
    assert_eq!(status_with(&server, ONE).await, 200);

    std::fs::write(&file, TWO).expect("a file");
    server.signal("-HUP");
    logged(&server, "--auth-token-file was read again tokens=1").await;
    assert_eq!(status_with(&server, ONE).await, 401);
    assert_eq!(status_with(&server, TWO).await, 200);
    for token in [ONE, TWO] {
        assert!(!server.log().contains(token), "no log has a token");
    }
}

#[tokio::test]
async fn a_token_may_be_for_one_of_several_sources() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("tokens");
    std::fs::write(&file, format!("{ONE} lab/\n{TWO}")).expect("a file");
    let archive = format!("archive={}", fixtures());
    let flags = [archive.as_str(), "--auth-token-file", file.to_str().expect("text")];
    let server = Server::over(format!("lab={}", fixtures()), &flags);
    for (target, of_one) in [
        ("/files?prefix=lab/", 200),
        ("/files/lab/latest.h5/children", 200),
        ("/files/archive/latest.h5/children", 403),
        ("/files?prefix=archive/", 403),
        ("/files?delimiter=/", 403),
    ] {
        for (token, expected) in [(ONE, of_one), (TWO, 200)] {
            let authorization = format!("Bearer {token}");
            let answer = server.get_with(target, &[("authorization", &authorization)]).await;
            assert_eq!(answer.status(), expected, "{target}");
        }
    }
}

#[tokio::test]
async fn pages_of_the_named_origins_may_ask() {
    let origins = ["--cors-origin", "https://a.example", "--cors-origin", "https://b.example"];
    let server = Server::over(fixtures(), &origins);
    for (origin, allowed) in [("https://a.example", 1), ("https://b.example", 1), ("null", 0)] {
        let answer = server.get_with("/files", &[("origin", origin)]).await;
        let allows = answer.headers().get_all("access-control-allow-origin").iter();
        assert_eq!(allows.filter(|value| *value == origin).count(), allowed, "{origin}");
    }
}

/// Puts a new certificate with its key into `folder`; returns a client that trusts no other.
fn renew(folder: &Path) -> Client {
    let names = vec!["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).expect("a file");
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).expect("a file");
    let trusted = Certificate::from_pem(cert.pem().as_bytes()).expect("a certificate");
    Client::builder().tls_certs_only([trusted]).build().expect("a client")
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_at_sighup() {
    let folder = TempDir::new().expect("a folder");
    let before = renew(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().expect("text").to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let server = Server::over(fixtures(), &["--tls-cert", &cert, "--tls-key", &key]);
    let port = server.address().rsplit(':').next().expect("a port");
    let url = format!("https://localhost:{port}/files/latest.h5/children");
    let answer = before.get(&url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"));

    let after = renew(folder.path());
    after.get(&url).send().await.expect_err("the old certificate still");
    server.signal("-HUP");
    logged(&server, "--tls-cert and --tls-key were read again").await;
    assert_eq!(after.get(&url).send().await.expect("an answer").status(), 200);
    std::fs::write(&key, "broken").expect("a file");
    server.signal("-HUP");
    logged(&server, "the old one stays").await;
    assert_eq!(after.get(&url).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_server_without_file_descriptors_lives_on() {
    let (mut server, limit) = (Server::over(fixtures(), &["--header-timeout", "2s"]), 40);
    server.limit_files(limit);
    let mut held = Vec::new();
    for _ in 0..limit * 2 {
        let mut connection = TcpStream::connect(server.address()).await.expect("a connection");
        connection.write_all(b"GET / HTTP/1.1\r\n").await.expect("sent");
        held.push(connection);
    }
    logged(&server, "no connection can be accepted").await;
    // Those who hold them are sent away, and the others come in.
    assert_eq!(server.get("/health").await.status(), 200);
    drop(held);
    assert_eq!(server.get("/files").await.status(), 200);
    assert!(server.stop());
}
