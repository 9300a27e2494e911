//! The table: what each fault must come to.

use super::server::Wrong::{self, *};
use super::{Outcome, SourceErrorKind};

/// What one operation must come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) answer: Result<(), SourceErrorKind>,
    /// From and to.
    attempts: (u64, u64),
}

/// One fault. `None` where it does not concern the operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) wrong: Wrong,
    pub(super) s3: [Option<Expected>; 4],
    pub(super) web: [Option<Expected>; 4],
}

impl Expected {
    pub(super) fn is_met_by(&self, outcome: &Outcome) -> bool {
        let (from, to) = self.attempts;
        outcome.kind() == self.answer.map(|()| true) && (from..=to).contains(&outcome.attempts)
    }
}

impl Row {
    pub(super) fn name(&self) -> String {
        match self.wrong {
            Status(status, lines, code) => {
                let number = status.split(' ').next().unwrap_or_default();
                let header = lines.last().and_then(|line| line.split(':').next()).unwrap_or(code);
                format!("{number} {header}")
            }
            StatusOfRange(status) => status.split(' ').next().unwrap_or_default().to_owned(),
            wrong => format!("{wrong:?}"),
        }
    }

    pub(super) fn takes_all_its_time(&self) -> bool {
        matches!(self.wrong, Silent | Stalled | Drip)
    }
}

const NONE: Option<Expected> = None;
const FINE: Option<Expected> = Some(Expected { answer: Ok(()), attempts: (1, 1) });
/// With all attempts.
const GIVEN_UP: Option<Expected> = fails(SourceErrorKind::Failed, 4);
const FAILED: Option<Expected> = fails(SourceErrorKind::Failed, 1);
const CHANGED: Option<Expected> = fails(SourceErrorKind::Changed, 1);
const NOT_FOUND: Option<Expected> = fails(SourceErrorKind::NotFound, 1);
const FORBIDDEN: Option<Expected> = fails(SourceErrorKind::Forbidden, 1);
const MISCONFIGURED: Option<Expected> = fails(SourceErrorKind::Misconfigured, 1);
const UNAVAILABLE: Option<Expected> = fails(SourceErrorKind::Unavailable, 1);
const TIMED_OUT: Option<Expected> = fails(SourceErrorKind::Timeout, 4);
/// The first attempt takes all the time, or leaves a moment for another.
const OUT_OF_TIME: Option<Expected> =
    Some(Expected { answer: Err(SourceErrorKind::Timeout), attempts: (1, 2) });

const fn fails(kind: SourceErrorKind, attempts: u64) -> Option<Expected> {
    Some(Expected { answer: Err(kind), attempts: (attempts, attempts) })
}

const fn both(wrong: Wrong, expected: [Option<Expected>; 4]) -> Row {
    Row { wrong, s3: expected, web: expected }
}

const fn always(wrong: Wrong, expected: Option<Expected>) -> Row {
    both(wrong, [expected; 4])
}

const fn status(status: &'static str, expected: Option<Expected>) -> Row {
    always(Status(status, &[], ""), expected)
}

const REGION: &[&str] = &["x-amz-bucket-region: eu-central-1"];
/// More than there is.
const A_MINUTE: &[&str] = &["Retry-After: 60"];
const A_DAY: &[&str] =
    &["Date: Fri, 02 Jan 2026 03:04:05 GMT", "Retry-After: Sat, 03 Jan 2026 03:04:05 GMT"];
/// No condition was put.
const WHERE_PUT: [Option<Expected>; 4] = [FAILED, CHANGED, FAILED, FAILED];

/// The columns: open, read, look, list.
pub(super) fn rows() -> Vec<Row> {
    vec![
        always(Refused, GIVEN_UP),
        always(Reset, GIVEN_UP),
        both(ResetAmid, [GIVEN_UP, GIVEN_UP, NONE, GIVEN_UP]),
        always(Silent, OUT_OF_TIME),
        both(Stalled, [OUT_OF_TIME, OUT_OF_TIME, NONE, OUT_OF_TIME]),
        always(Drip, OUT_OF_TIME),
        both(Cut, [GIVEN_UP, GIVEN_UP, NONE, GIVEN_UP]),
        always(Garbage, GIVEN_UP),
        always(HugeHeader, GIVEN_UP),
        // Of the endless body as much is taken as was asked for.
        both(EndlessBody, [FINE, FINE, NONE, FAILED]),
        always(MoreThanLength, FINE),
        both(LengthAboveRange, [FAILED, FAILED, NONE, NONE]),
        both(LengthBelowRange, [FAILED, FAILED, NONE, NONE]),
        both(Whole, [FAILED, FAILED, NONE, NONE]),
        both(OtherRange, [FAILED, FAILED, NONE, NONE]),
        both(NoRange, [FAILED, FAILED, NONE, NONE]),
        both(OtherTag, [NONE, CHANGED, NONE, NONE]),
        // A plain server need not have tags; then it is another version.
        Row {
            wrong: NoTag,
            s3: [GIVEN_UP, GIVEN_UP, GIVEN_UP, NONE],
            web: [NONE, CHANGED, NONE, NONE],
        },
        always(Page, GIVEN_UP),
        both(NoKey, [NOT_FOUND, NOT_FOUND, NOT_FOUND, NONE]),
        // A plain server has no buckets: to a look it says that the file is not there, and what is
        // not there has an empty listing.
        Row {
            wrong: Status("404 Not Found", &[], "NoSuchBucket"),
            s3: [MISCONFIGURED; 4],
            web: [NONE; 4],
        },
        status("400 Bad Request", FAILED),
        status("401 Unauthorized", FORBIDDEN),
        status("403 Forbidden", FORBIDDEN),
        both(Status("412 Precondition Failed", &[], ""), WHERE_PUT),
        both(StatusOfRange("416 Range Not Satisfiable"), [FAILED, FAILED, NONE, NONE]),
        status("429 Too Many Requests", GIVEN_UP),
        always(Status("429 Too Many Requests", A_MINUTE, ""), UNAVAILABLE),
        status("500 Internal Server Error", GIVEN_UP),
        status("502 Bad Gateway", GIVEN_UP),
        status("503 Service Unavailable", GIVEN_UP),
        always(Status("503 Service Unavailable", A_DAY, ""), UNAVAILABLE),
        status("504 Gateway Timeout", TIMED_OUT),
        always(Status("301 Moved Permanently", REGION, ""), MISCONFIGURED),
        always(RedirectLoop, FAILED),
    ]
}
