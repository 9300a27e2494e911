//! HTTP as servers of objects speak it: conditional reads by range, and what their answers mean.
//! Shared by S3 and plain servers. (RFC 9110, sections 8.8, 13 and 14.)

use std::ops::Range;
use std::time::Duration;

use byte_source::SourceErrorKind;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::redirect::Policy;
use url::Url;

use crate::backend::{Fault, Part, Span};
use crate::error::StoreError;
use crate::ranges::length;
use crate::{StoreConfig, Version, spans, status};

const USER_AGENT: &str = concat!("h5scout/", env!("CARGO_PKG_VERSION"));

/// The most that a server may be silent in the middle of an answer. A request that hangs is then
/// tried again while there is time for it.
const SILENCE: Duration = Duration::from_secs(10);

/// How much of an error's body is read: enough for S3's code and message.
const ERROR_BODY_BYTES: usize = 4096;

/// All but what RFC 3986 calls unreserved, and the `/` between segments.
const KEY: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The most that a page of a listing may take: a hundred times what a page of 1000 keys commonly is.
const LISTING_BYTES_MAX: usize = 64 << 20;

/// More redirects than this are a circle.
const REDIRECTS_MAX: usize = 10;

/// As S3's signatures want query values.
const QUERY: AsciiSet = KEY.add(b'/');

/// Where a server sends us with a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirects {
    /// Plain servers keep files elsewhere now and then.
    Followed,
    /// A request is signed for one host, and S3 redirects to say that its setting is wrong.
    Refused,
}

/// A client with our timeouts; the total time of a request is limited above.
pub(crate) fn client(
    config: &StoreConfig,
    allow_http: bool,
    redirects: Redirects,
) -> Result<HttpClient, StoreError> {
    // Whoever is sent in circles gets the last redirect as the answer.
    let policy = Policy::custom(move |attempt| {
        let goes_on = redirects == Redirects::Followed && attempt.previous().len() <= REDIRECTS_MAX;
        if goes_on { attempt.follow() } else { attempt.stop() }
    });
    let client = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .https_only(!allow_http)
        .connect_timeout(connect_timeout(config))
        .read_timeout(silence(config))
        .redirect(policy)
        // A range of a compressed body would be a range of something else.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .build();
    // With its causes: it is about certificates of this machine.
    client.map(HttpClient::new).map_err(|error| StoreError::Environment(chain(&error)))
}

/// The same settings for the clients of `object_store`.
pub(crate) fn client_options(config: &StoreConfig, allow_http: bool) -> ClientOptions {
    ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(USER_AGENT))
        .with_allow_http(allow_http)
        .with_connect_timeout(connect_timeout(config))
        .with_read_timeout(silence(config))
        .with_timeout_disabled()
}

fn connect_timeout(config: &StoreConfig) -> Duration {
    config.store_timeout.min(SILENCE / 2)
}

fn silence(config: &StoreConfig) -> Duration {
    config.store_timeout.min(SILENCE)
}

/// The URL of `key` below `base`, which ends without `/`.
///
/// `None` when the key has a segment `.` or `..`: URLs resolve those, even percent-encoded, and the
/// request would be for another object, perhaps in another bucket.
pub(crate) fn key_url(base: &str, key: &str) -> Option<String> {
    let path = utf8_percent_encode(key, &KEY);
    let url = format!("{base}/{path}");
    let is_exact = Url::parse(&url).is_ok_and(|parsed| parsed.as_str() == url);
    (is_exact && !key.is_empty()).then_some(url)
}

/// `name=value` pairs as a query.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let pair =
        |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, &QUERY));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A request without a body.
pub(crate) fn request(method: Method, url: &str) -> Result<HttpRequest, Fault> {
    let request = http::Request::builder().method(method).uri(url).body(HttpRequestBody::empty());
    request.map_err(|error| Fault::lasting(SourceErrorKind::Failed, error.to_string()))
}

/// A read of `span`, conditional on `bound` where its tag allows that.
pub(crate) fn get_request(
    url: &str,
    span: &Span,
    bound: Option<&Version>,
) -> Result<HttpRequest, Fault> {
    let range = span.asked();
    let range = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
    let mut request = request(Method::GET, url)?;
    let headers = [Some((header::RANGE, range)), bound.and_then(condition)];
    for (name, value) in headers.into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            request.headers_mut().insert(name, value);
        }
    }
    Ok(request)
}

/// Sends a request. Statuses that are errors become faults.
pub(crate) async fn send(client: &HttpClient, request: HttpRequest) -> Result<HttpResponse, Fault> {
    successful(execute(client, request).await?).await
}

/// Sends a request, and gives the answer whatever its status.
pub(crate) async fn execute(
    client: &HttpClient,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let response = client.execute(request).await.map_err(|error| http_fault(&error))?;
    spans::received(response.status());
    Ok(response)
}

/// The answer, or the fault that its status is.
pub(crate) async fn successful(response: HttpResponse) -> Result<HttpResponse, Fault> {
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_success() {
        return Ok(response);
    }
    let body = take(response, ERROR_BODY_BYTES).await.unwrap_or_default();
    Err(status::fault(status, &headers, &String::from_utf8_lossy(&body)))
}

/// The part that a `GET` answered.
pub(crate) async fn part(response: HttpResponse, span: &Span) -> Result<Part, Fault> {
    let headers = response.headers();
    let (sent, size_bytes) = if response.status() == StatusCode::PARTIAL_CONTENT {
        let (sent, size_bytes) =
            content_range(headers).ok_or_else(|| unusable("no usable Content-Range"))?;
        if content_length(headers).is_some_and(|bytes| bytes != length(&sent)) {
            return Err(unusable("Content-Length and Content-Range contradict each other"));
        }
        (sent, size_bytes)
    } else {
        refuse_page(headers)?;
        let size_bytes = content_length(headers).ok_or_else(|| unusable("no Content-Length"))?;
        (0..size_bytes, size_bytes)
    };
    let version = version(headers, size_bytes);
    let wanted = span.taken(size_bytes);
    // Of the start, more is sent than is taken. A server that does not know ranges sends all: that
    // will do only if all is wanted.
    let fits = match span {
        Span::Exact(_) => sent == wanted,
        Span::Start(start) => sent.start == 0 && sent.end == start.asked().end.min(size_bytes),
    };
    if !fits {
        let detail = format!("{span:?} asked for, {sent:?} of {size_bytes} bytes sent");
        return Err(Fault::lasting(SourceErrorKind::Failed, detail));
    }
    let length = usize::try_from(length(&wanted)).map_err(|error| unusable(&error.to_string()))?;
    let bytes = take(response, length).await?;
    Ok(Part { version, bytes })
}

/// The version that a `HEAD` answered.
pub(crate) fn head_version(response: &HttpResponse) -> Result<Version, Fault> {
    refuse_page(response.headers())?;
    let size_bytes = content_length(response.headers());
    Ok(version(response.headers(), size_bytes.ok_or_else(|| unusable("no Content-Length"))?))
}

/// Whether a fault says that the range lies behind the object's end, as it does for any range of
/// an empty object.
pub(crate) fn is_unsatisfiable(fault: &Fault) -> bool {
    fault.error.kind == SourceErrorKind::OutOfBounds
}

/// What `fault`, a range that cannot be satisfied, means for an object that is now at `version`. No
/// range can be read of an object without bytes, and the refusal does not give its version.
pub(crate) fn of_empty(
    key: &str,
    version: Version,
    span: &Span,
    bound: Option<&Version>,
    fault: Fault,
) -> Result<Part, Fault> {
    match span {
        Span::Start(_) if version.size_bytes == 0 => Ok(Part { version, bytes: Bytes::new() }),
        // It became shorter, and the server looked at the range before the condition.
        Span::Exact(_) if bound.is_some_and(|bound| !bound.is_same(&version)) => {
            Err(Fault::changed(key))
        }
        Span::Start(_) | Span::Exact(_) => {
            let detail = format!("a range inside the object is refused: {}", fault.error.detail);
            Err(Fault::lasting(SourceErrorKind::Failed, detail))
        }
    }
}

/// A page of a listing, whole.
pub(crate) async fn listing(response: HttpResponse) -> Result<Bytes, Fault> {
    refuse_page(response.headers())?;
    let bytes = take(response, LISTING_BYTES_MAX + 1).await?;
    if bytes.len() > LISTING_BYTES_MAX {
        return Err(unusable("a page of a listing without end"));
    }
    Ok(bytes)
}

/// A tag without its quotes.
pub(crate) fn bare_tag(etag: &str) -> String {
    let (weak, quoted) = match etag.trim().strip_prefix("W/") {
        Some(quoted) => ("W/", quoted),
        None => ("", etag.trim()),
    };
    format!("{weak}{}", quoted.trim_matches('"'))
}

/// The first `length` bytes of a body. The rest is dropped with the connection.
async fn take(response: HttpResponse, length: usize) -> Result<Bytes, Fault> {
    let announced =
        content_length(response.headers()).and_then(|bytes| usize::try_from(bytes).ok());
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(length).min(length));
    let mut stream = response.into_body().bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| http_fault(&error))?;
        let left = length.saturating_sub(bytes.len());
        bytes.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
        if bytes.len() >= length {
            break;
        }
    }
    Ok(bytes.freeze())
}

/// Refuses what a network that wants its user to log in sends in place of an answer. Who has a file
/// of that type to give knows ranges.
fn refuse_page(headers: &HeaderMap) -> Result<(), Fault> {
    let says = |name: HeaderName, start: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.get(..start.len()).is_some_and(|value| value.eq_ignore_ascii_case(start))
    };
    if says(header::CONTENT_TYPE, "text/html") && !says(header::ACCEPT_RANGES, "bytes") {
        let detail = "a web page came in place of an answer";
        return Err(Fault::passing(SourceErrorKind::Failed, detail));
    }
    Ok(())
}

/// The header that makes a request conditional on `bound`. A weak tag cannot (RFC 9110, 13.1.1);
/// then only the answer's tag is compared.
fn condition(bound: &Version) -> Option<(HeaderName, String)> {
    if bound.etag.starts_with("W/") {
        return None;
    }
    if bound.etag == tag_of_times(bound.last_modified, bound.size_bytes) {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&bound.last_modified).ok()?;
        return Some((header::IF_UNMODIFIED_SINCE, date));
    }
    Some((header::IF_MATCH, format!("\"{}\"", bound.etag)))
}

fn version(headers: &HeaderMap, size_bytes: u64) -> Version {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());

    let last_modified =
        text(header::LAST_MODIFIED).and_then(status::timestamp).unwrap_or(Timestamp::UNIX_EPOCH);
    let etag =
        text(header::ETAG).map(bare_tag).unwrap_or_else(|| tag_of_times(last_modified, size_bytes));
    Version { etag, size_bytes, last_modified }
}

/// Stands for a tag where the server gives none.
fn tag_of_times(last_modified: Timestamp, size_bytes: u64) -> String {
    format!("modified {} size {size_bytes}", last_modified.as_second())
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `bytes FIRST-LAST/SIZE` as a range and the size.
fn content_range(headers: &HeaderMap) -> Option<(Range<u64>, u64)> {
    let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let end = last.trim().parse::<u64>().ok()?.checked_add(1)?;
    Some((first.trim().parse().ok()?..end, size.trim().parse().ok()?))
}

fn unusable(detail: &str) -> Fault {
    Fault::lasting(SourceErrorKind::Failed, format!("an answer we cannot use: {detail}"))
}

fn http_fault(error: &HttpError) -> Fault {
    let kind = match error.kind() {
        HttpErrorKind::Timeout => SourceErrorKind::Timeout,
        _ => SourceErrorKind::Failed,
    };
    Fault::passing(kind, chain(error))
}

/// An error with its causes: the cause is what an operator needs.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
