//! Benchmarks beside a peer, and the soak test. `make bench` and `make soak` start what they need.
//!
//! Ours is always the built binary, asked over HTTP; what it asks the store passes a [`proxy`] that
//! counts and adds latency. The peer, h5py over s3fs, reads through the same proxy in the same run.

mod answer;
mod arguments;
mod cold;
mod crawl;
mod crowd;
mod decode;
mod listing_server;
mod machine;
mod memory;
mod peer;
mod progress;
mod proxy;
mod report;
mod s3;
mod server;
mod setup;
mod soak;
mod values;
mod warm;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// Whatever kept a benchmark from its figures: it ends the run, and is for the person who started
/// it.
type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(run) => setup::run(run).await,
        Command::Soak(soak) => soak::run(soak).await,
        Command::Replay { answer } => {
            warm::serve_recorded(&answer, |address| {
                progress::announce(&format!("one answer at http://{address}"));
            })
            .await
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::say(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}
