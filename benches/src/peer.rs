//! The peer: h5py over s3fs, in a Python process of its own for each question.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::Result;
use crate::s3::S3;

/// Longer than anybody waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How s3fs keeps what it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    /// As it comes: it reads ahead, some MiB at a time.
    Default,
    /// Blocks of 64 KiB.
    Blocks,
}

impl Cache {
    pub(crate) const ALL: [Self; 2] = [Self::Default, Self::Blocks];

    /// The word for `ask_peer.py`.
    fn argument(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Blocks => "blockcache",
        }
    }

    /// The words for tables and plots.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Default => "s3fs, default",
            Self::Blocks => "s3fs, 64 KiB blocks",
        }
    }
}

/// A Python with the peer's libraries, and the script that asks.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) python: PathBuf,
    pub(crate) script: PathBuf,
}

/// What a question to the peer gave and took.
#[derive(Debug, Deserialize)]
pub(crate) struct PeerAnswer {
    seconds: f64,
    pub(crate) peak_bytes: u64,
    pub(crate) found: Vec<Value>,
}

impl PeerAnswer {
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

/// What the peer is made of.
#[derive(Debug, Deserialize)]
pub(crate) struct About {
    versions: std::collections::BTreeMap<String, String>,
    /// Whether libhdf5's own driver for S3 is in it.
    pub(crate) ros3: bool,
}

impl About {
    /// Names and versions.
    pub(crate) fn versions(&self) -> String {
        let versions = self.versions.iter().map(|(name, version)| format!("{name} {version}"));
        versions.collect::<Vec<_>>().join(", ")
    }
}

impl Peer {
    /// Asks the server behind `endpoint`. `place` is the bucket with a key or a prefix. `None`
    /// where there is no answer within [`PATIENCE`].
    pub(crate) async fn ask(
        &self,
        (s3, endpoint): (&S3, &str),
        question: &str,
        place: &str,
        (path, limit): (&str, u64),
        cache: Cache,
    ) -> Result<Option<PeerAnswer>> {
        let limit = limit.to_string();
        let arguments = [question, place, path, &limit, cache.argument()];
        let environment = s3.environment(endpoint);
        timeout(PATIENCE, self.run(&arguments, &environment)).await.ok().transpose()
    }

    /// What it is made of.
    pub(crate) async fn about(&self) -> Result<About> {
        self.run(&["about"], &[]).await
    }

    async fn run<T: for<'de> Deserialize<'de>>(
        &self,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<T> {
        let output = Command::new(&self.python)
            .arg(&self.script)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .output()
            .await?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the peer: {arguments:?}: {said}").into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
