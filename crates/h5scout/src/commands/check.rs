//! `h5scout check`: a walk through a whole file.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use explorer::answers::Verdict;
use explorer::{CheckPhase, CheckProgress, Freshness};

use crate::arguments::Check;
use crate::commands::{ls::write_json, open};
use crate::failure::Failure;
use crate::location::{Location, Target};
use crate::output::{Progress, write_check};

/// Exit status when nothing is damaged as far as the file was read, which is not to its end.
const PARTIAL: u8 = 3;

/// Checks the file that the arguments name. The exit status says whether it is damaged.
///
/// # Errors
///
/// When it cannot be read or written.
pub(crate) async fn run(check: Check) -> Result<ExitCode, Failure> {
    let location = Location::parse(&check.location)?;
    let Target::File { key, path: None } = location.target else {
        return Err(Failure::not_a_whole_file(&check.location));
    };
    let explorer = open(&location.source, &check.engine)?;
    let progress = Progress::new();
    let watch = |at: CheckProgress| progress.set(at.done, phase_text(at.phase));
    let answer = explorer.check(&key, Freshness::Trust, &watch).await;
    drop(progress);
    let answer = answer.map_err(|error| Failure::of(&check.location, error))?;
    let mut out = BufWriter::new(std::io::stdout());
    if check.json {
        write_json(&mut out, &answer)?;
    } else {
        write_check(&mut out, &answer)?;
    }
    out.flush()?;
    Ok(match answer.verdict {
        Verdict::Sound => ExitCode::SUCCESS,
        Verdict::Damaged => ExitCode::FAILURE,
        Verdict::Partial => ExitCode::from(PARTIAL),
    })
}

fn phase_text(phase: CheckPhase) -> &'static str {
    match phase {
        CheckPhase::Listing => "links and object headers",
        CheckPhase::SoftLinks => "soft links",
        CheckPhase::Attributes => "attributes",
        CheckPhase::Storage => "chunk indexes",
    }
}
