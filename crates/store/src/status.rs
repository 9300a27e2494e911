//! What the refusals of a server mean: statuses (RFC 9110, section 15), and the error documents of
//! S3.

use std::time::Duration;

use byte_source::SourceErrorKind;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::backend::Fault;

const NO_BUCKET: &str = "the bucket is not there; check its name and the endpoint";
const OTHER_REGION: &str = "the bucket is in another region; the server's log says in which";
const CLOCK: &str = "its clock and that of the object store differ too much";
const CREDENTIALS: &str = "the object store does not accept the server's credentials";

/// S3 takes signatures whose time is this far from its own.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(15 * 60);

/// The fault that an answer without success is. `body` may be the start of it only.
pub(crate) fn fault(status: StatusCode, headers: &HeaderMap, body: &str) -> Fault {
    let refusal =
        Refusal { status, headers, code: element(body, "Code").unwrap_or_default(), body };
    let mut fault = refusal.misconfigured().unwrap_or_else(|| refusal.by_status());
    fault.error.retry_after = fault.passing.then(|| retry_after(headers)).flatten();
    fault
}

/// The bucket is not there.
pub(crate) fn no_bucket(detail: impl Into<String>) -> Fault {
    misconfigured(detail, NO_BUCKET)
}

struct Refusal<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    /// Of an error document of S3; else empty.
    code: &'a str,
    body: &'a str,
}

impl Refusal<'_> {
    /// What the operator has to mend before anybody gets an answer.
    fn misconfigured(&self) -> Option<Fault> {
        if self.code == "NoSuchBucket" {
            return Some(no_bucket(self.detail()));
        }
        if let Some(region) = self.other_region() {
            let detail = format!(
                "the bucket is in the region {region}: set S3_REGION={region} ({})",
                self.detail()
            );
            return Some(misconfigured(detail, OTHER_REGION));
        }
        let skew = self.clock_skew()?;
        let detail = format!(
            "the clock of this machine and that of the store differ by {} s: set it, by NTP for \
             example ({})",
            skew.as_secs(),
            self.detail()
        );
        Some(misconfigured(detail, CLOCK))
    }

    fn by_status(&self) -> Fault {
        let says = |code: &str| self.code == code;
        // No key like this can exist. MinIO keeps objects as files and refuses what cannot be a path.
        let is_impossible_key = says("KeyTooLongError") || says("XMinioInvalidObjectName");
        let is_of_credentials = [
            "AuthorizationHeaderMalformed",
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidToken",
            "SignatureDoesNotMatch",
        ]
        .contains(&self.code);
        let (kind, passing) = match self.status {
            StatusCode::BAD_REQUEST if is_impossible_key => (SourceErrorKind::NotFound, false),
            StatusCode::NOT_FOUND | StatusCode::GONE => (SourceErrorKind::NotFound, false),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (SourceErrorKind::Forbidden, false),
            _ if is_of_credentials => (SourceErrorKind::Forbidden, false),
            StatusCode::PRECONDITION_FAILED => (SourceErrorKind::Changed, false),
            StatusCode::RANGE_NOT_SATISFIABLE => (SourceErrorKind::OutOfBounds, false),
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
                (SourceErrorKind::Timeout, true)
            }
            StatusCode::TOO_MANY_REQUESTS => (SourceErrorKind::Failed, true),
            status => (SourceErrorKind::Failed, status.is_server_error()),
        };
        let mut fault = Fault::lasting(kind, self.detail());
        fault.passing = passing;
        if is_of_credentials || self.status == StatusCode::UNAUTHORIZED {
            fault.error.advice = Some(CREDENTIALS);
        }
        fault
    }

    /// Where the bucket is, if the server says that it is not where it was asked for.
    fn other_region(&self) -> Option<&str> {
        let named = self.headers.get("x-amz-bucket-region").and_then(|value| value.to_str().ok());
        let region = match self.status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::TEMPORARY_REDIRECT => named,
            // Of a request without an answer's body, only the header tells.
            StatusCode::BAD_REQUEST if self.code.is_empty() => named,
            StatusCode::BAD_REQUEST => element(self.body, "Region"),
            _ => None,
        };
        region.filter(|region| !region.is_empty())
    }

    /// How far the clocks are apart, if that is why S3 refuses. The answer to a `HEAD` has no code.
    fn clock_skew(&self) -> Option<Duration> {
        let date = self.headers.get(header::DATE)?.to_str().ok().and_then(timestamp)?;
        let skew = Timestamp::now().duration_since(date).unsigned_abs();
        let is_of_s3 = self.headers.contains_key("x-amz-request-id");
        let is_too_much = is_of_s3 && self.code.is_empty() && skew > CLOCK_SKEW_MAX;
        let is_refused = self.status == StatusCode::FORBIDDEN;
        (self.code == "RequestTimeTooSkewed" || is_refused && is_too_much).then_some(skew)
    }

    /// For the log. No more of the body: some errors repeat what was signed.
    fn detail(&self) -> String {
        let message = element(self.body, "Message").unwrap_or_default();
        format!("{} {} {message}", self.status, self.code).trim_end().to_owned()
    }
}

fn misconfigured(detail: impl Into<String>, advice: &'static str) -> Fault {
    let mut fault = Fault::lasting(SourceErrorKind::Misconfigured, detail);
    fault.error.advice = Some(advice);
    fault
}

/// The text of an XML element.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

/// Seconds, or a date (RFC 9110, section 10.2.3), by the clock of the server where it says the time.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = text(header::DATE).and_then(timestamp).unwrap_or_else(Timestamp::now);
    Some(Duration::try_from(timestamp(asked)?.duration_since(now)).unwrap_or_default())
}

/// A date of HTTP.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use jiff::fmt::rfc2822::DateTimePrinter;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn refusal(status: u16, pairs: &[(&'static str, &str)], body: &str) -> Fault {
        fault(StatusCode::from_u16(status).unwrap(), &headers(pairs), body)
    }

    fn document(code: &str, more: &str) -> String {
        format!(
            "<Error><Code>{code}</Code><Message>words</Message>{more}<Signed>s</Signed></Error>"
        )
    }

    #[test]
    fn refusals_say_whose_fault_it_is() {
        use SourceErrorKind::{Changed, Failed, Forbidden, NotFound, OutOfBounds, Timeout};
        for (status, code, kind, passing) in [
            (404, "NoSuchKey", NotFound, false),
            (404, "", NotFound, false),
            (410, "", NotFound, false),
            (400, "KeyTooLongError", NotFound, false),
            (400, "", Failed, false),
            (401, "", Forbidden, false),
            (403, "AccessDenied", Forbidden, false),
            (403, "SignatureDoesNotMatch", Forbidden, false),
            (400, "ExpiredToken", Forbidden, false),
            (412, "PreconditionFailed", Changed, false),
            (416, "InvalidRange", OutOfBounds, false),
            (408, "", Timeout, true),
            (429, "", Failed, true),
            (500, "InternalError", Failed, true),
            (502, "", Failed, true),
            (503, "SlowDown", Failed, true),
            (504, "", Timeout, true),
            (302, "", Failed, false),
        ] {
            let fault = refusal(status, &[], &document(code, ""));
            assert_eq!((fault.error.kind, fault.passing), (kind, passing), "{status} {code}");
            assert!(!fault.error.detail.contains("Signed"), "{fault:?}");
        }
    }

    #[test]
    fn credentials_that_are_not_accepted_are_named_as_the_reason() {
        for (status, code) in [(403, "InvalidAccessKeyId"), (400, "ExpiredToken"), (401, "")] {
            assert_eq!(refusal(status, &[], &document(code, "")).error.advice, Some(CREDENTIALS));
        }
        assert_eq!(refusal(403, &[], &document("AccessDenied", "")).error.advice, None);
    }

    #[test]
    fn what_the_operator_has_to_mend_is_said_in_words() {
        let region = [("x-amz-bucket-region", "eu-central-1")];
        for (status, headers, body, words, advice) in [
            (404, &[][..], document("NoSuchBucket", ""), "NoSuchBucket words", NO_BUCKET),
            (
                301,
                &region,
                document("PermanentRedirect", ""),
                "S3_REGION=eu-central-1",
                OTHER_REGION,
            ),
            (301, &region, String::new(), "S3_REGION=eu-central-1", OTHER_REGION),
            (400, &region, String::new(), "S3_REGION=eu-central-1", OTHER_REGION),
            (
                400,
                &[],
                document("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
                "S3_REGION=eu-west-1",
                OTHER_REGION,
            ),
        ] {
            let Fault { error, passing } = refusal(status, headers, &body);
            assert_eq!((error.kind, passing), (SourceErrorKind::Misconfigured, false));
            assert!(error.detail.contains(words), "{error}");
            assert_eq!(error.advice, Some(advice));
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_said_to_be() {
        let at = |minutes: i64| {
            let date = Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
            DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap()
        };
        let skewed = document("RequestTimeTooSkewed", "");
        for (minutes, of_s3, body, is_told) in [
            (180, false, skewed.as_str(), true),
            (-180, false, &skewed, true),
            (180, true, "", true),
            (5, true, "", false),
            (180, false, "", false),
        ] {
            let (date, id) = (at(minutes), [("x-amz-request-id", "1")]);
            let mut pairs = vec![("date", date.as_str())];
            pairs.extend(id.iter().filter(|_| of_s3));
            let error = refusal(403, &pairs, body).error;
            assert_eq!(error.kind == SourceErrorKind::Misconfigured, is_told, "{error:?}");
            assert_eq!(error.detail.contains("clock"), is_told, "{error}");
        }
    }

    #[test]
    fn retry_after_is_a_time_or_a_date() {
        let date = ("date", "Fri, 02 Jan 2026 03:04:05 GMT");
        for (asked, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Fri, 02 Jan 2026 03:04:25 GMT", Some(20)),
            ("Fri, 02 Jan 2026 03:04:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let error = refusal(503, &[("retry-after", asked), date], "").error;
            assert_eq!(error.retry_after, seconds.map(Duration::from_secs), "{asked}");
        }
        assert_eq!(refusal(404, &[("retry-after", "7")], "").error.retry_after, None);
    }
}
