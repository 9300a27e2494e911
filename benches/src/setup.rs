//! A run: what all parts share, and the parts in order.

use std::path::PathBuf;

use clap::ValueEnum;
use reqwest::Client;

use crate::answer::Answer;
use crate::arguments::{Part, Run};
use crate::peer::Peer;
use crate::progress::Progress;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::s3::{BUCKET, Bucket, S3};
use crate::server::Server;
use crate::{Result, cold, crawl, crowd, decode, machine, memory, values, warm};

/// What every part is measured with.
pub(crate) struct Setup {
    pub(crate) h5scout: PathBuf,
    pub(crate) files: PathBuf,
    pub(crate) repository: PathBuf,
    pub(crate) peer: Peer,
    pub(crate) s3: S3,
    pub(crate) proxy: Proxy,
    pub(crate) report: Report,
    pub(crate) progress: Progress,
    pub(crate) quick: bool,
}

/// Measures the parts that were asked for.
pub(crate) async fn run(run: Run) -> Result<()> {
    let parts = if run.only.is_empty() { Part::value_variants().to_vec() } else { run.only };
    let s3 = S3::of_environment()?;
    let setup = Setup {
        proxy: Proxy::start(&s3.endpoint).await?,
        s3,
        peer: Peer { python: run.python, script: run.repository.join("benches/ask_peer.py") },
        report: Report::of(&run.repository, !run.quick),
        h5scout: run.h5scout,
        files: run.files,
        repository: run.repository,
        progress: Progress::of(0),
        quick: run.quick,
    };
    setup.machine().await?;
    for part in parts {
        match part {
            Part::Cold => cold::run(&setup).await?,
            Part::Crowd => crowd::run(&setup).await?,
            Part::Warm => warm::run(&setup).await?,
            Part::Decode => decode::run(&setup)?,
            Part::Values => values::run(&setup)?,
            Part::Memory => memory::run(&setup).await?,
            Part::Crawl => crawl::run(&setup).await?,
        }
    }
    Ok(())
}

impl Setup {
    /// Says what the figures are from.
    async fn machine(&self) -> Result<()> {
        let about = self.peer.about().await?;
        let ros3 = if about.ros3 {
            "This build of h5py has libhdf5's ROS3 driver, which is not measured."
        } else {
            "This build of h5py has no ROS3 driver (libhdf5's own for S3)."
        };
        let text = format!(
            "Machine: {}. S3 server: {}, on the same machine. Peer: {}. {ros3}",
            machine::shape(),
            self.s3.name,
            about.versions()
        );
        self.progress.say(&text);
        self.report.put("machine", &text)
    }

    /// The bucket, to be filled.
    pub(crate) async fn bucket(&self) -> Result<Bucket> {
        self.s3.bucket(BUCKET).await
    }

    /// A server that has just started, with these flags, over the bucket behind `endpoint`.
    pub(crate) fn server(&self, endpoint: &str, flags: &[&str]) -> Result<Server> {
        let environment = self.s3.environment(endpoint);
        Server::h5scout(&self.h5scout, &format!("s3://{BUCKET}"), flags, &environment)
    }

    /// The same through the proxy, and a client that is connected to it.
    pub(crate) async fn cold_server(&self) -> Result<(Server, Client)> {
        let (server, client) = (self.server(&self.proxy.endpoint(), &[])?, Client::new());
        Answer::get_ok(&client, &server, "/health").await?;
        Ok((server, client))
    }

    /// How often a measurement is repeated.
    pub(crate) fn times(&self, times: usize) -> usize {
        if self.quick { 1 } else { times }
    }
}
