//! Flags about who may ask, and how it is kept between them and us.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;
use http_api::{OriginError, Origins};

/// What the server can be told about those who ask.
#[derive(Debug, Args)]
#[command(next_help_heading = "Security")]
pub(crate) struct Security {
    /// A file of tokens, one a line, each alone or with the key prefixes that it is for. With it a
    /// question needs one as bearer token. Read again at SIGHUP
    #[arg(long, env = "H5SCOUT_AUTH_TOKEN_FILE", value_name = "FILE")]
    pub(crate) auth_token_file: Option<PathBuf>,

    /// A file of tokens like that of --auth-token-file, for those who say what has changed. With it
    /// there is POST /events, which forgets what it names at once. Read again at SIGHUP
    #[arg(long, env = "H5SCOUT_EVENTS_TOKEN_FILE", value_name = "FILE")]
    pub(crate) events_token_file: Option<PathBuf>,

    /// A PEM file with the certificate and its chain: TLS only. Read again at SIGHUP
    #[arg(long, env = "H5SCOUT_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// A PEM file with the certificate's key
    #[arg(long, env = "H5SCOUT_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// An origin whose pages may ask, as browsers name it (scheme, host and port), or * for all; may
    /// be repeated
    #[arg(long, env = "H5SCOUT_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    cors_origin: Vec<String>,

    /// An origin whose pages may show /embed in a frame, or * for all; may be repeated
    #[arg(long, env = "H5SCOUT_EMBED_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    embed_origin: Vec<String>,

    /// Listen beyond this machine without tokens: whoever reaches the port reads everything
    #[arg(long, env = "H5SCOUT_INSECURE", value_parser = BoolishValueParser::new())]
    insecure: bool,
}

impl Security {
    /// The files of the certificate and its key.
    pub(crate) fn tls(&self) -> Option<(PathBuf, PathBuf)> {
        self.tls_cert.clone().zip(self.tls_key.clone())
    }

    /// Whose pages may ask.
    ///
    /// # Errors
    ///
    /// When one is not an origin.
    pub(crate) fn origins(&self) -> Result<Origins, OriginError> {
        Origins::of(&self.cors_origin)
    }

    /// Whose pages may show `/embed` in a frame.
    ///
    /// # Errors
    ///
    /// When one is not an origin.
    pub(crate) fn embedders(&self) -> Result<Origins, OriginError> {
        Origins::of(&self.embed_origin)
    }

    /// Why `address` is not listened on: nobody should open a store to a network by mistake.
    pub(crate) fn refusal(&self, address: SocketAddr) -> Option<String> {
        let is_open = self.auth_token_file.is_none() && !self.insecure;
        (is_open && !is_of_this_machine(address)).then(|| {
            format!(
                "{address} is reached from other machines, and whoever reaches it could read \
                 everything that is served: give --auth-token-file FILE, or --insecure if a proxy \
                 or a firewall decides who may ask, or listen on 127.0.0.1"
            )
        })
    }

    /// What is not as it should be about listening on `address`, for the log.
    pub(crate) fn warning(&self, address: SocketAddr) -> Option<&'static str> {
        if is_of_this_machine(address) {
            return None;
        }
        match (&self.auth_token_file, self.tls()) {
            (None, _) => Some("--insecure: whoever reaches this address reads everything"),
            (Some(_), None) => Some(
                "tokens pass over the network in clear: give --tls-cert and --tls-key, or use a \
                 proxy that speaks TLS",
            ),
            (Some(_), Some(_)) => None,
        }
    }
}

fn is_of_this_machine(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        security: Security,
    }

    fn refused(flags: &[&str], address: &str) -> bool {
        let only = Only::parse_from(["test"].iter().chain(flags));
        only.security.refusal(address.parse().unwrap()).is_some()
    }

    #[test]
    fn only_this_machine_may_ask_without_a_token() {
        for address in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(!refused(&[], address), "{address}");
        }
        for address in ["0.0.0.0:80", "[::]:80", "192.168.1.2:80", "[::ffff:10.0.0.1]:80"] {
            assert!(refused(&[], address), "{address}");
            assert!(refused(&["--tls-cert=c", "--tls-key=k"], address), "TLS keeps nobody out");
            assert!(!refused(&["--insecure"], address), "{address}");
            assert!(!refused(&["--auth-token-file=t"], address), "{address}");
        }
    }

    #[test]
    fn a_certificate_comes_with_its_key() {
        assert!(Only::try_parse_from(["test", "--tls-cert", "c"]).is_err());
        assert!(Only::try_parse_from(["test", "--tls-key", "k"]).is_err());
    }

    #[test]
    fn what_weakens_the_tokens_is_said() {
        let warning = |flags: &[&str], address: &str| {
            let only = Only::parse_from(["test"].iter().chain(flags));
            only.security.warning(address.parse().unwrap())
        };
        let tls = ["--auth-token-file=t", "--tls-cert=c", "--tls-key=k"];
        assert!(warning(&["--insecure"], "0.0.0.0:80").unwrap().contains("--insecure"));
        assert!(warning(&tls[..1], "0.0.0.0:80").unwrap().contains("--tls-cert"));
        assert_eq!(warning(&tls, "0.0.0.0:80"), None);
        assert_eq!(warning(&tls[..1], "127.0.0.1:80"), None, "a proxy is in front of it");
    }
}
