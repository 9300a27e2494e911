//! Places of this machine that the server needs.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use tokio::net::TcpListener;

use super::Finding;

/// Whether `address` can be listened on.
pub(crate) async fn listen(address: SocketAddr) -> Finding {
    let check = format!("listen {address}");
    let error = match TcpListener::bind(address).await {
        Ok(_) => return Finding::ok(check, "it can be listened on"),
        Err(error) => error,
    };
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            Some("another process listens there, perhaps this server: end it, or change --listen")
        }
        io::ErrorKind::AddrNotAvailable => {
            Some("it is no address of this machine: --listen 0.0.0.0:PORT is all that it has")
        }
        io::ErrorKind::PermissionDenied => {
            Some("ports below 1024 need a privilege: take a higher one, behind a proxy")
        }
        _ => None,
    };
    Finding::failed(check, error.to_string(), advice)
}

/// Whether the folder of the disk cache can be written to. The server would go without it.
pub(crate) fn cache_folder(folder: &Path) -> Finding {
    let check = format!("cache {}", folder.display());
    let probe = folder.join(format!(".h5scout-check-{}", std::process::id()));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&probe, b"h5scout"));
    let cleared = written.and_then(|()| fs::remove_file(&probe));
    match cleared {
        Ok(()) => Finding::ok(check, "it can be written to"),
        Err(error) => {
            let advice = "the server goes without it: change --cache-dir, or its permissions";
            Finding::warning(check, error.to_string(), Some(advice))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preflight::Outcome;

    #[tokio::test]
    async fn an_address_in_use_is_told() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = other.local_addr().unwrap();
        let found = listen(address).await;
        assert_eq!(found.outcome, Outcome::Failed);
        assert!(found.advice.unwrap().starts_with("another process listens"), "{found:?}");
        drop(other);
        assert_eq!(listen(address).await.outcome, Outcome::Ok);
    }

    #[test]
    fn a_cache_folder_is_tried_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        assert_eq!(cache_folder(&cache).outcome, Outcome::Ok);
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 0);
        fs::write(folder.path().join("file"), "").unwrap();
        assert_eq!(cache_folder(&folder.path().join("file")).outcome, Outcome::Warning);
    }
}
