//! The command line. `scripts/bench.sh` and `scripts/soak.sh` write it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Benchmarks beside a peer, and the soak test
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure, and write the tables and plots of docs/performance.md
    Run(Run),
    /// Ask random questions for minutes, with faults and a writer; compare answers, watch the memory
    Soak(Soak),
    /// Serve one recorded answer: what warm answers are compared with
    #[command(hide = true)]
    Replay {
        /// As the run has recorded it
        answer: PathBuf,
    },
}

/// What `make bench` measures, and with what.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The built h5scout
    #[arg(long)]
    pub(crate) h5scout: PathBuf,

    /// The folder that make_files.py has filled
    #[arg(long)]
    pub(crate) files: PathBuf,

    /// A Python with benches/requirements.txt
    #[arg(long)]
    pub(crate) python: PathBuf,

    /// The root of the repository
    #[arg(long)]
    pub(crate) repository: PathBuf,

    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) only: Vec<Part>,

    /// Each measurement once, and nothing written: to see that everything runs
    #[arg(long)]
    pub(crate) quick: bool,
}

/// The parts of the page of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// First questions to files in a bucket
    Cold,
    /// Many callers at once
    Crowd,
    /// Answers that are known already
    Warm,
    /// The reader alone, in memory
    Decode,
    /// Elements of a compressed dataset, in memory
    Values,
    /// Memory of large groups
    Memory,
    /// Many small files, and a long listing
    Crawl,
}

/// What `make soak` does.
#[derive(Debug, Args)]
pub(crate) struct Soak {
    /// The built h5scout
    #[arg(long)]
    pub(crate) h5scout: PathBuf,

    /// A folder of HDF5 files
    #[arg(long)]
    pub(crate) corpus: PathBuf,

    /// fixtures/ordinary/earliest.h5: of it and of a copy with another text every byte counts
    #[arg(long)]
    pub(crate) twin: PathBuf,

    /// How long
    #[arg(long, value_parser = seconds)]
    pub(crate) seconds: Duration,
}

fn seconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_secs)
}
