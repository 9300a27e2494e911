//! `h5scout`: look inside HDF5 files where they lie, from the terminal or as a server.
//!
//! Exit status: 0 when the question was answered, 1 when it was not, 2 when it was put wrongly. Of
//! `check` 0 also means that nothing is damaged, 1 that something is, and 3 that nothing is as far
//! as the file could be read.

mod arguments;
mod commands;
mod failure;
mod location;
mod log_queue;
mod logging;
mod output;
mod units;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new("the runtime does not start", error))?;
    runtime.block_on(async {
        match arguments.command {
            Command::Serve(serve) => commands::serve::run(serve).await?,
            Command::Ls(ls) => commands::ls::run(ls).await?,
            Command::Show(show) => commands::show::run(show).await?,
            Command::Check(check) => return commands::check::run(check).await,
        }
        Ok(ExitCode::SUCCESS)
    })
}
