//! The command line, completed by a configuration file.
//!
//! A file is read only where `--config` or `H5SCOUT_CONFIG` names one. What it says is put on the
//! command line, behind `serve`, unless the command line or the environment says it already: so a
//! key of the file means what its flag means, is checked as the flag is, and a new flag is a new
//! key without a line here.

mod document;
mod error;

use std::ffi::OsString;
use std::path::Path;

use clap::error::ContextKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use self::document::{Document, Entry, Value};
use self::error::ConfigError;
use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

/// The only command that a file is for: the others are asked by a person, one question at a time.
const COMMAND: &str = "serve";

/// Flags that say what to do now, not how to serve.
const NO_KEYS: [&str; 5] = ["config", "check", "json", "help", "version"];

/// The keys that are no flags.
pub(crate) const SOURCE: &str = "source";
pub(crate) const SOURCES: &str = "sources";

/// The arguments of this process. Ends it, as `clap` does, where they are wrong or ask for help.
///
/// # Errors
///
/// What is wrong with the configuration file.
pub(crate) fn arguments() -> Result<Arguments, Failure> {
    let line: Vec<OsString> = std::env::args_os().collect();
    let parsed = complete(&line)?;
    Ok(parsed.unwrap_or_else(|error| error.exit()))
}

/// The arguments that `line` and the file that it names are.
fn complete(line: &[OsString]) -> Result<Result<Arguments, clap::Error>, ConfigError> {
    // What is wrong is told by the second look, at the whole.
    let first_look = Arguments::command().ignore_errors(true).try_get_matches_from(line);
    let Some(serve) = first_look.as_ref().ok().and_then(|found| found.subcommand_matches(COMMAND))
    else {
        return Ok(Arguments::command().try_get_matches_from(line).and_then(arguments_of));
    };
    let Some(path) = serve.get_one::<std::path::PathBuf>("config") else {
        return Ok(Arguments::command().try_get_matches_from(line).and_then(arguments_of));
    };
    let document = Document::read(path, &keys())?;
    let added = added_by(&document, path, serve)?;
    // Behind `h5scout serve`.
    let (begin, rest) = line.split_at(line.len().min(2));
    let line = begin.iter().cloned().chain(added.into_iter().map(OsString::from));
    let line = line.chain(rest.iter().cloned());
    let parsed = Arguments::command().try_get_matches_from(line).and_then(arguments_of);
    Ok(parsed.map(|mut arguments| {
        if let Command::Serve(serve) = &mut arguments.command {
            serve.settings = document.sources;
        }
        arguments
    }))
}

fn arguments_of(matches: ArgMatches) -> Result<Arguments, clap::Error> {
    Arguments::from_arg_matches(&matches)
}

/// The keys of a file.
fn keys() -> Vec<String> {
    let command = Arguments::command();
    let serve = command.find_subcommand(COMMAND);
    let flags = serve.into_iter().flat_map(clap::Command::get_arguments);
    let flags = flags.filter_map(clap::Arg::get_long).filter(|long| !NO_KEYS.contains(long));
    flags.chain([SOURCE, SOURCES]).map(str::to_owned).collect()
}

/// What `document` adds to a command line that says `given`.
fn added_by(
    document: &Document,
    path: &Path,
    given: &ArgMatches,
) -> Result<Vec<String>, ConfigError> {
    let mut added = Vec::new();
    for entry in &document.entries {
        let arguments = flags_of(entry, path)?;
        check_alone(entry, &arguments, path)?;
        if !is_given(given, &entry.key) {
            added.extend(arguments);
        }
    }
    if !is_given(given, SOURCES) {
        added.extend(document.source.clone());
        added
            .extend(document.sources.iter().map(|(name, source)| format!("{name}={}", source.url)));
    }
    Ok(added)
}

/// Whether the command line or the environment says it.
fn is_given(given: &ArgMatches, long: &str) -> bool {
    let source = given.value_source(&long.replace('-', "_"));
    matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
}

/// An entry as flags.
fn flags_of(entry: &Entry, path: &Path) -> Result<Vec<String>, ConfigError> {
    let (key, command) = (&entry.key, Arguments::command());
    let serve = command.find_subcommand(COMMAND);
    let flag = serve
        .and_then(|serve| serve.get_arguments().find(|argument| argument.get_long() == Some(key)));
    let takes_values = flag.is_some_and(|flag| flag.get_action().takes_values());
    let refuse = |problem: String| Err(ConfigError::at(path, entry.line, problem));
    match &*entry.values {
        values if takes_values => {
            Ok(values.iter().map(|value| format!("--{key}={value}")).collect())
        }
        [Value::Truth(true)] => Ok(vec![format!("--{key}")]),
        [Value::Truth(false)] => Ok(Vec::new()),
        _ => refuse(format!("`{key}` is true or false")),
    }
}

/// An error that one entry makes is told with its place.
fn check_alone(entry: &Entry, arguments: &[String], path: &Path) -> Result<(), ConfigError> {
    let line = ["h5scout", COMMAND].into_iter().chain(arguments.iter().map(String::as_str));
    let Err(error) = Arguments::command().try_get_matches_from(line) else { return Ok(()) };
    let flag = format!("--{}", entry.key);
    let is_ours = error
        .get(ContextKind::InvalidArg)
        .is_some_and(|argument| argument.to_string().split(' ').next() == Some(&flag));
    if !is_ours {
        // That others are needed with it is told of the whole.
        return Ok(());
    }
    let text = error.to_string();
    let problem = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    Err(ConfigError::at(path, entry.line, problem.to_owned()))
}

#[cfg(test)]
mod tests;
