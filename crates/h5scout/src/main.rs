//! `h5scout`: look inside HDF5 files where they lie, from the terminal or as a server.
//!
//! Exit status: 0 when the question was answered, 1 when it was not, 2 when it was put wrongly. Of
//! `check` 0 also means that nothing is damaged, 1 that something is, and 3 that nothing is as far
//! as the file could be read.

mod arguments;
mod collector;
mod commands;
mod config;
mod failure;
mod location;
mod log_fields;
mod log_queue;
mod logging;
mod output;
mod preflight;
mod signals;
mod sources;
#[cfg(test)]
mod testing;
#[cfg(feature = "otel")]
mod traces;
#[cfg(not(feature = "otel"))]
#[path = "no_traces.rs"]
mod traces;
mod units;

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;
use tokio::runtime::{Builder, Runtime};

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

/// Requests allocate on one thread what another frees, up to megabytes at a time. glibc's allocator
/// keeps most of that for ever: under random questions the process grew to twice what its caches
/// hold (`make soak`).
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Threads of one runtime for reads of local files, and for writing and compressing answers. Each
/// keeps memory of its own for the next allocations; more of them do not make a disk faster.
const BLOCKING_THREADS_MAX: usize = 16;

fn main() -> ExitCode {
    match config::arguments().and_then(run) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    runtime("h5scout")?.block_on(async {
        match arguments.command {
            Command::Serve(serve) if serve.check => {
                return commands::serve_check::run(*serve).await;
            }
            Command::Serve(serve) => {
                let questions = runtime("questions")?;
                let served = commands::serve::run(*serve, questions.handle().clone()).await;
                // What still runs is a question that nobody waits for.
                questions.shutdown_background();
                served?;
            }
            Command::Ls(ls) => commands::ls::run(ls).await?,
            Command::Show(show) => commands::show::run(show).await?,
            Command::Data(data) => commands::data::run(data).await?,
            Command::Check(check) => return commands::check::run(check).await,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn runtime(thread_name: &str) -> Result<Runtime, Failure> {
    let mut builder = Builder::new_multi_thread();
    builder.thread_name(thread_name).enable_all().max_blocking_threads(BLOCKING_THREADS_MAX);
    builder.build().map_err(|error| Failure::new("the runtime does not start", error))
}
