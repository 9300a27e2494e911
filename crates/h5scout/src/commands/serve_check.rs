//! `h5scout serve --check`: whether the server would work, without starting it.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use futures::future::join_all;
use serde::Serialize;
use store::{StoreCaches, StoreConfig};

use crate::arguments::Serve;
use crate::commands::ls::write_json;
use crate::failure::Failure;
use crate::output::escaped;
use crate::preflight::{self, Finding, Outcome};
use crate::traces::Traces;
use crate::{logging, sources};

/// All findings, for a script.
#[derive(Debug, Serialize)]
struct Report<'a> {
    success: bool,
    checks: &'a [Finding],
}

/// Checks what `serve` would use, and says a line of each. The exit status is a failure if one
/// check failed.
///
/// # Errors
///
/// When the sources cannot be told apart, when what the environment says of traces makes no sense, or
/// when nothing can be written.
pub(crate) async fn run(serve: Serve) -> Result<ExitCode, Failure> {
    // What is no error but odd goes to stderr, as when serving.
    let _flush = logging::start(serve.log_format, "warn", None)?;
    // As with a flag that makes no sense, there is nothing to check then.
    Traces::from_environment()?;
    let json = serve.json;
    let findings = findings(serve).await?;
    let success = findings.iter().all(|finding| finding.outcome != Outcome::Failed);
    let mut out = BufWriter::new(io::stdout());
    if json {
        write_json(&mut out, &Report { success, checks: &findings })?;
    } else {
        findings.iter().try_for_each(|finding| write_finding(&mut out, finding))?;
    }
    out.flush()?;
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn findings(serve: Serve) -> Result<Vec<Finding>, Failure> {
    let limits = serve.engine.explorer();
    let config = StoreConfig { disk: None, ..serve.engine.store() };
    let caches = StoreCaches::new(&config);
    let places = sources::places(&serve.sources)?;
    let checked = places.iter().map(|(name, url)| {
        let opened = sources::open_one(name.as_ref(), url, &serve.settings, &config, &caches);
        let called = name.as_ref().map_or("source".to_owned(), |name| format!("source {name}"));
        async move { preflight::source(&called, url, opened, limits).await }
    });
    let mut findings = join_all(checked).await.into_iter().flatten().collect::<Vec<_>>();
    findings.extend(preflight::doors(&serve.security, serve.listen));
    findings.push(preflight::listen(serve.listen).await);
    if let Some(disk) = serve.disk.config() {
        findings.push(preflight::cache_folder(&disk.folder));
    }
    Ok(findings)
}

fn write_finding(out: &mut impl Write, finding: &Finding) -> io::Result<()> {
    let Finding { check, outcome, detail, advice } = finding;
    writeln!(out, "{:8}{}: {}", outcome.as_str(), escaped(check), escaped(detail))?;
    match advice {
        Some(advice) => writeln!(out, "        → {advice}"),
        None => Ok(()),
    }
}
