//! The peer of warm answers: an axum handler that sends one recorded answer, and does nothing else.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, DATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::get;
use axum::serve::ListenerExt;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::Result;

/// Headers that the server below the handler writes.
const WRITTEN_BELOW: [HeaderName; 3] = [CONNECTION, CONTENT_LENGTH, DATE];

/// An answer as it was sent, apart from its body, which lies in a file of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recorded {
    path: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: PathBuf,
}

impl Recorded {
    /// Writes what was answered to a request for `path` into `folder`; returns the file that
    /// [`serve`] takes.
    pub(super) fn write(
        folder: &Path,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<PathBuf> {
        let (file, body_file) = (folder.join("answer.json"), folder.join("body"));
        std::fs::write(&body_file, body)?;
        let mut recorded = Self {
            path: path.to_owned(),
            status: status.as_u16(),
            headers: Vec::new(),
            body: body_file,
        };
        for (name, value) in headers.iter().filter(|(name, _)| !WRITTEN_BELOW.contains(name)) {
            recorded.headers.push((name.to_string(), value.to_str()?.to_owned()));
        }
        std::fs::write(&file, serde_json::to_vec(&recorded)?)?;
        Ok(file)
    }

    fn response(&self, body: Bytes) -> Result<Response<Body>> {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(self.status)?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name)?;
            response.headers_mut().append(name, HeaderValue::try_from(value)?);
        }
        Ok(response)
    }
}

/// Serves the answer in `file` until the process ends, and calls `listening` with the address
/// first. The same settings as ours: all defaults of the runtime and of axum, without Nagle's
/// waiting.
pub(crate) async fn serve(file: &Path, listening: impl FnOnce(SocketAddr)) -> Result<()> {
    let recorded: Recorded = serde_json::from_slice(&std::fs::read(file)?)?;
    let body = Bytes::from(std::fs::read(&recorded.body)?);
    let response = recorded.response(Bytes::new())?;
    let answer = Arc::new((response.into_parts().0, body));
    let handler = move || {
        let answer = Arc::clone(&answer);
        async move {
            let (parts, body) = &*answer;
            Response::from_parts(parts.clone(), Body::from(body.clone()))
        }
    };
    let router = Router::new().route(&recorded.path, get(handler));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    listening(listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        // It only saves time.
        let _ = connection.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}
