//! A server of a test's own, which it can stop and start again.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use store::StoreConfig;
use store::testing::S3Bucket;
use tempfile::TempDir;

use super::{Kind, S3, variable};
use crate::server::PATIENCE;

/// MinIO or moto, on a port of its own. Killed when it is dropped.
pub(super) struct OwnServer {
    program: PathBuf,
    folder: TempDir,
    s3: S3,
    process: Option<Child>,
}

impl OwnServer {
    /// One of the same kind as `like`, which is not started yet; none if its program is not known.
    pub(super) fn new(like: &S3, test: &str) -> Option<Self> {
        let Some(program) = variable("H5SCOUT_TEST_S3_PROGRAM") else {
            println!("skipped: {test}: H5SCOUT_TEST_S3_PROGRAM names no program");
            return None;
        };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let (access_key, secret_key) = (like.access_key.clone(), like.secret_key.clone());
        let s3 = S3 { endpoint, kind: like.kind, access_key, secret_key };
        let folder = TempDir::new().expect("a folder");
        Some(Self { program: program.into(), folder, s3, process: None })
    }

    /// Where it is, also when it is not started.
    pub(super) fn s3(&self) -> &S3 {
        &self.s3
    }

    /// Starts it, with these environment variables more. Returns when it takes requests; what it
    /// held before it was stopped is there again, but at moto.
    pub(super) async fn start(&mut self, variables: &[(&str, &str)]) {
        let (_, address) = self.s3.endpoint.split_once("//").expect("a URL");
        let (host, port) = address.split_once(':').expect("a port");
        let mut command = Command::new(&self.program);
        match self.s3.kind {
            Kind::Minio => command
                .args(["server", "--quiet", "--address", address])
                .arg(self.folder.path().join("data"))
                .env("MINIO_ROOT_USER", &self.s3.access_key)
                .env("MINIO_ROOT_PASSWORD", &self.s3.secret_key)
                .env("MINIO_BROWSER", "off")
                .env("MINIO_UPDATE", "off"),
            Kind::Moto | Kind::Other => command.args(["-H", host, "-p", port]),
        };
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(command.spawn().expect("the server starts"));
        self.wait_until_it_answers().await;
    }

    /// Kills it, as an outage would.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself: then it is as it should be.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    async fn wait_until_it_answers(&mut self) {
        let probe = S3Bucket::open(
            "h5scout-probe",
            "",
            &StoreConfig {
                environment: self.s3.variables().into_iter().collect(),
                ..StoreConfig::default()
            },
        );
        let probe = probe.expect("a bucket");
        let started = Instant::now();
        while let Err(error) = probe.call("PUT", "", "").await {
            if error.detail.contains("BucketAlready") {
                break;
            }
            let process = self.process.as_mut().expect("a process");
            assert!(process.try_wait().expect("its status").is_none(), "it has ended: {error}");
            assert!(started.elapsed() < PATIENCE, "it does not answer: {error}");
        }
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.kill();
    }
}
