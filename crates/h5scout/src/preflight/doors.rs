//! Who may ask, and how it is kept between them and us.

use std::net::SocketAddr;

use http_api::{Tls, Tokens};

use super::Finding;
use crate::arguments::Security;

/// Whether the files of tokens and of the certificate can be taken, and whether `listen` needs them.
pub(crate) fn doors(security: &Security, listen: SocketAddr) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(path) = security.auth_token_file.clone() {
        let check = format!("tokens {}", path.display());
        let read = Tokens::read(path).and_then(|tokens| tokens.reload());
        findings.push(match read {
            Ok(count) => Finding::ok(check, format!("{count} tokens")),
            Err(error) => Finding::failed(check, error.to_string(), None),
        });
    }
    if let Some((certificate, key)) = security.tls() {
        let check = format!("certificate {}", certificate.display());
        findings.push(match Tls::read(certificate, key) {
            Ok(_) => Finding::ok(check, "it fits its key"),
            Err(error) => Finding::failed(check, error.to_string(), None),
        });
    }
    if let Err(error) = security.origins() {
        findings.push(Finding::failed("--cors-origin", error.to_string(), None));
    }
    if let Err(error) = security.embedders() {
        findings.push(Finding::failed("--embed-origin", error.to_string(), None));
    }
    if let Some(refusal) = security.refusal(listen) {
        findings.push(Finding::failed("who may ask", refusal, None));
    } else if let Some(warning) = security.warning(listen) {
        findings.push(Finding::warning("who may ask", warning, None));
    }
    findings
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};
    use crate::preflight::Outcome;

    fn found(flags: &[&str], listen: &str) -> Vec<(String, Outcome)> {
        let line = ["h5scout", "serve"].iter().chain(flags);
        let Command::Serve(serve) = Arguments::parse_from(line).command else { panic!() };
        let findings = doors(&serve.security, listen.parse().unwrap());
        findings.into_iter().map(|finding| (finding.check, finding.outcome)).collect()
    }

    #[test]
    fn files_are_read_and_open_doors_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = folder.path().join("tokens").display().to_string();
        let flags = ["--auth-token-file", &tokens];
        let check = |outcome| (format!("tokens {tokens}"), outcome);
        assert_eq!(found(&flags, "127.0.0.1:80"), [check(Outcome::Failed)]);
        std::fs::write(&tokens, "0123456789abcdef\n").unwrap();
        assert_eq!(found(&flags, "127.0.0.1:80"), [check(Outcome::Ok)]);
        let who = |outcome| ("who may ask".to_owned(), outcome);
        assert_eq!(found(&flags, "0.0.0.0:80")[1], who(Outcome::Warning), "in clear");
        assert_eq!(found(&[], "0.0.0.0:80"), [who(Outcome::Failed)]);
        assert_eq!(found(&[], "127.0.0.1:80"), []);
    }
}
