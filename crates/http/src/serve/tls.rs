//! TLS: the certificate, and reading it again when it was renewed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore, ServerConfig};

/// What is spoken, the best first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate with its key, which can be read again while connections are made.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: ArcSwap<ServerConfig>,
}

/// Why a certificate or its key is not taken.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .path.display())]
pub struct TlsError {
    path: PathBuf,
    problem: String,
}

impl Tls {
    /// The certificate with its chain in the PEM file `certificate`, and its key in the PEM file
    /// `key`. A certificate that is out of its time is taken, with a warning.
    ///
    /// # Errors
    ///
    /// When one of the files cannot be read, or they do not belong together.
    pub fn read(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let config = ArcSwap::new(config(&certificate, &key)?);
        Ok(Self { certificate, key, config })
    }

    /// Reads both files again, for connections that are made from now on.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`]; then the certificate stays what it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.config.store(config(&self.certificate, &self.key)?);
        Ok(())
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.config.load_full().into()
    }
}

fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = chain(certificate)?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| problem(key, format_args!("no private key in PEM: {error}")))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    if let Some(first) = chain.first() {
        warn_of_time(certificate, first, &provider);
    }
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| problem(certificate, error))?.with_no_client_auth();
    let mut config = builder.with_single_cert(chain, secret).map_err(|error| match error {
        Error::InconsistentKeys(_) => problem(
            key,
            format_args!("not the key of the certificate in {}", certificate.display()),
        ),
        error => problem(certificate, error),
    })?;
    config.alpn_protocols = PROTOCOLS.map(Vec::from).to_vec();
    Ok(config.into())
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match chain {
        Ok(chain) if chain.is_empty() => Err(problem(path, "no certificate in PEM")),
        Ok(chain) => Ok(chain),
        Err(error) => Err(problem(path, format_args!("no certificate in PEM: {error}"))),
    }
}

/// Clients will refuse a certificate that is out of its time; whether that is meant, as in a test,
/// is not ours to say.
fn warn_of_time(path: &Path, certificate: &CertificateDer<'_>, provider: &CryptoProvider) {
    let said = match out_of_time(certificate, provider) {
        Some(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "the certificate is not valid yet"
        }
        Some(_) => "the certificate has expired",
        None => return,
    };
    let path = path.display().to_string();
    tracing::warn!(path, "{said}: clients will refuse it");
}

/// The end of a verification without any root: time is looked at first.
fn out_of_time(
    certificate: &CertificateDer<'_>,
    provider: &CryptoProvider,
) -> Option<CertificateError> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let algorithms = provider.signature_verification_algorithms.all;
    let verified = verify_server_cert_signed_by_trust_anchor(
        &parsed,
        &RootCertStore::empty(),
        &[],
        UnixTime::now(),
        algorithms,
    );
    match verified {
        Err(Error::InvalidCertificate(
            error @ (CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }),
        )) => Some(error),
        _ => None,
    }
}

fn problem(path: &Path, problem: impl std::fmt::Display) -> TlsError {
    TlsError { path: path.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd};
    use tempfile::TempDir;

    use super::*;

    struct Files(TempDir);

    impl Files {
        /// A certificate of `localhost` and its key.
        fn new() -> Self {
            let files = Self(TempDir::new().unwrap());
            let CertifiedKey { cert, signing_key } =
                rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
            files.write("cert.pem", &cert.pem());
            files.write("key.pem", &signing_key.serialize_pem());
            files
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn read(&self) -> Result<Tls, String> {
            let tls = Tls::read(self.path("cert.pem"), self.path("key.pem"));
            tls.map_err(|error| error.to_string())
        }
    }

    #[test]
    fn what_is_wrong_with_the_files_is_said_of_the_file() {
        let files = Files::new();
        files.read().unwrap();
        for (name, text, expected) in [
            ("cert.pem", None, "cert.pem: no certificate in PEM: "),
            ("cert.pem", Some("nothing".to_owned()), "cert.pem: no certificate in PEM"),
            ("key.pem", None, "key.pem: no private key in PEM: "),
            ("key.pem", Some("nothing".to_owned()), "key.pem: no private key in PEM: "),
            (
                "key.pem",
                Some(KeyPair::generate().unwrap().serialize_pem()),
                "key.pem: not the key of the certificate in ",
            ),
        ] {
            let files = Files::new();
            match text {
                Some(text) => files.write(name, &text),
                None => std::fs::remove_file(files.path(name)).unwrap(),
            }
            let error = files.read().unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
        let files = Files::new();
        let tls = files.read().unwrap();
        let first = tls.config.load_full();
        files.write("key.pem", "broken");
        tls.reload().unwrap_err();
        assert!(Arc::ptr_eq(&first, &tls.config.load_full()));
        let renewed = Files::new();
        for name in ["cert.pem", "key.pem"] {
            std::fs::copy(renewed.path(name), files.path(name)).unwrap();
        }
        tls.reload().unwrap();
        assert!(!Arc::ptr_eq(&first, &tls.config.load_full()));
    }

    #[test]
    fn a_certificate_out_of_its_time_is_known() {
        let provider = aws_lc_rs::default_provider();
        for (from, to, expected) in [(2000, 2001, true), (2000, 3000, false), (2900, 3000, true)] {
            let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            let error = out_of_time(certificate.der(), &provider);
            assert_eq!(error.is_some(), expected, "{from} to {to}: {error:?}");
        }
    }
}
