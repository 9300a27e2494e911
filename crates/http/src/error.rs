//! What a client sees when something goes wrong: RFC 9457 problem documents and one table of codes.
//!
//! Handlers return an [`ApiError`]. It becomes a response without a body that carries the error
//! along; [`crate::middleware::around`] writes the body, because only there the request's
//! id is known. The texts of lower layers (host names, paths of the server's disk) stay out: the
//! explorer's `detail` is made for clients, and what is meant for the operator goes to the log.

use std::fmt::Display;
use std::time::Duration;

use axum::http::header;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use explorer::{ErrorCode, ExplorerError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// How long a client that was sent away should wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// An error on its way to the client.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    code: Code,
    pub(crate) detail: String,
    address: Option<u64>,
    structure: Option<&'static str>,
    logged: Option<String>,
    retry_after: Option<Duration>,
    /// In the words of another API than ours.
    body: Option<Box<serde_json::Value>>,
}

impl ApiError {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let (detail, retry_after) =
            (detail.into(), (code == Code::TooManyRequests).then_some(RETRY_AFTER));
        Self { code, detail, address: None, structure: None, logged: None, retry_after, body: None }
    }

    /// A parameter that is missing, malformed, out of range, repeated or unknown.
    pub(crate) fn parameter(name: &str, problem: impl Display) -> Self {
        Self::new(Code::BadRequest, format!("parameter {}: {problem}", name.escape_debug()))
    }

    /// The same error as the reason why `part` of the server is not ready.
    pub(crate) fn because_not_ready(self, part: &str) -> Self {
        Self { code: Code::NotReady, detail: format!("{part}: {}", self.detail), ..self }
    }

    /// The same error, where a link that leads nowhere counts as a path that is not there.
    pub(crate) fn link_as_path(self) -> Self {
        let code = if self.code == Code::LinkUnresolved { Code::PathNotFound } else { self.code };
        Self { code, ..self }
    }

    /// Both errors as one of the kind of the first.
    pub(crate) fn and(self, other: Self) -> Self {
        let logged = self.logged.into_iter().chain(other.logged).collect::<Vec<_>>();
        Self {
            detail: format!("{}; {}", self.detail, other.detail),
            logged: (!logged.is_empty()).then(|| logged.join("; ")),
            ..self
        }
    }

    /// The same error with a body in the words of another API, instead of a problem document.
    pub(crate) fn with_body(self, body: serde_json::Value) -> Self {
        Self { body: Some(Box::new(body)), ..self }
    }

    /// Whether it has one.
    pub(crate) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Type and text of the body.
    pub(crate) fn written(&self, request_id: &str) -> (HeaderValue, Vec<u8>) {
        let (content_type, body) = match &self.body {
            Some(body) => ("application/json", serde_json::to_vec(body)),
            None => ("application/problem+json", serde_json::to_vec(&self.problem(request_id))),
        };
        // Texts and numbers only: nothing that JSON cannot write.
        (HeaderValue::from_static(content_type), body.unwrap_or_default())
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// What a lower layer said, for the log.
    pub(crate) fn logged(&self) -> Option<&str> {
        self.logged.as_deref()
    }

    /// The body, in the words of API.md.
    pub(crate) fn problem(&self, request_id: &str) -> Problem {
        let status = self.code.status();
        Problem {
            success: false,
            error: self.detail.clone(),
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: self.code.name(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            address: self.address,
            structure: self.structure,
        }
    }
}

impl From<ExplorerError> for ApiError {
    fn from(error: ExplorerError) -> Self {
        Self {
            code: error.code.into(),
            detail: error.detail,
            address: error.address,
            structure: error.structure,
            logged: error.logged,
            retry_after: error.retry_after,
            body: None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if let Some(retry_after) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, whole_seconds(retry_after));
        }
        if self.code == Code::Unauthorized {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// In whole seconds, and not less than the client is asked to wait.
fn whole_seconds(duration: Duration) -> HeaderValue {
    let part = u64::from(duration.subsec_nanos() > 0);
    HeaderValue::from(duration.as_secs().saturating_add(part).max(1))
}

/// The body of every error: an RFC 9457 problem document with the members this API adds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// The same text as `detail`.
    #[schema(example = "there is no file \"a.h5\"")]
    error: String,
    /// Always `about:blank`: the status and `code` say what happened.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The name of the status.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// The status, repeated.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, stable over versions.
    #[schema(schema_with = code_schema)]
    code: &'static str,
    /// What happened, for a person.
    #[schema(example = "there is no file \"a.h5\"")]
    detail: String,
    /// The id under which the server's log has this request.
    #[schema(example = "5f0c2a9b7d3e4c61")]
    request_id: String,
    /// For a damaged file: where, relative to the file's base address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4016)]
    address: Option<u64>,
    /// For a damaged file: the structure, in the words of the HDF5 File Format Specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "object header")]
    structure: Option<&'static str>,
}

fn code_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("What happened, stable over versions."))
        .enum_values(Some(Code::ALL.map(Code::name)))
        .build()
}

/// The stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    BadRequest,
    Unauthorized,
    Forbidden,
    FileNotFound,
    NotFound,
    MethodNotAllowed,
    AttributeNotFound,
    PathNotFound,
    LinkUnresolved,
    NotAGroup,
    NotADataset,
    FileChanged,
    PayloadTooLarge,
    RangeNotSatisfiable,
    UriTooLong,
    HeadersTooLarge,
    NotHdf5,
    MalformedFile,
    Unsupported,
    LimitReached,
    TooManyRequests,
    InternalError,
    NotReady,
    StoreUnavailable,
    StoreError,
    StoreTimeout,
}

impl Code {
    pub(crate) const ALL: [Self; 26] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::FileNotFound,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::AttributeNotFound,
        Self::PathNotFound,
        Self::LinkUnresolved,
        Self::NotAGroup,
        Self::NotADataset,
        Self::FileChanged,
        Self::PayloadTooLarge,
        Self::RangeNotSatisfiable,
        Self::UriTooLong,
        Self::HeadersTooLarge,
        Self::NotHdf5,
        Self::MalformedFile,
        Self::Unsupported,
        Self::LimitReached,
        Self::TooManyRequests,
        Self::InternalError,
        Self::NotReady,
        Self::StoreUnavailable,
        Self::StoreError,
        Self::StoreTimeout,
    ];

    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }

    pub(crate) fn status(self) -> StatusCode {
        self.row().1
    }

    /// When it happens, for the API's description.
    pub(crate) fn when(self) -> &'static str {
        self.row().2
    }

    /// The table.
    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadRequest => (
                "bad_request",
                StatusCode::BAD_REQUEST,
                "a parameter is missing, malformed, out of range, repeated or unknown",
            ),
            Self::Unauthorized => {
                ("unauthorized", StatusCode::UNAUTHORIZED, "the token is missing or wrong")
            }
            Self::Forbidden => (
                "forbidden",
                StatusCode::FORBIDDEN,
                "the token is for other keys, or the store refused this object",
            ),
            Self::FileNotFound => ("file_not_found", StatusCode::NOT_FOUND, "no such key"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "no such route"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "the route does not know this method; `Allow` says which it knows",
            ),
            Self::AttributeNotFound => {
                ("attribute_not_found", StatusCode::NOT_FOUND, "no attribute of that name")
            }
            Self::PathNotFound => {
                ("path_not_found", StatusCode::NOT_FOUND, "no such path in the file")
            }
            Self::LinkUnresolved => (
                "link_unresolved",
                StatusCode::NOT_FOUND,
                "the path leads through a link that leads nowhere or is not followed",
            ),
            Self::NotAGroup => ("not_a_group", StatusCode::CONFLICT, "the object is not a group"),
            Self::NotADataset => {
                ("not_a_dataset", StatusCode::CONFLICT, "the object is not a dataset")
            }
            Self::FileChanged => {
                ("file_changed", StatusCode::CONFLICT, "the file kept changing while it was read")
            }
            Self::PayloadTooLarge => (
                "payload_too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request has a body larger than any that is expected",
            ),
            Self::RangeNotSatisfiable => (
                "range_not_satisfiable",
                StatusCode::RANGE_NOT_SATISFIABLE,
                "the answer has no byte of the range; `Content-Range` says how many it has",
            ),
            Self::UriTooLong => {
                ("uri_too_long", StatusCode::URI_TOO_LONG, "the path and the query are too long")
            }
            Self::HeadersTooLarge => (
                "headers_too_large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the headers are too many or too long",
            ),
            Self::NotHdf5 => {
                ("not_hdf5", StatusCode::UNPROCESSABLE_ENTITY, "no HDF5 signature in the file")
            }
            Self::MalformedFile => (
                "malformed_file",
                StatusCode::UNPROCESSABLE_ENTITY,
                "the file breaks the format, see `structure` and `address`",
            ),
            Self::Unsupported => (
                "unsupported",
                StatusCode::UNPROCESSABLE_ENTITY,
                "valid HDF5 that this version does not read",
            ),
            Self::LimitReached => (
                "limit_reached",
                StatusCode::UNPROCESSABLE_ENTITY,
                "the question would cost more than its limits allow",
            ),
            Self::TooManyRequests => (
                "too_many_requests",
                StatusCode::TOO_MANY_REQUESTS,
                "the server answers as many requests as it may; see `Retry-After`",
            ),
            Self::InternalError => (
                "internal_error",
                StatusCode::INTERNAL_SERVER_ERROR,
                "a mistake in the server; its log has the request id",
            ),
            Self::NotReady => (
                "not_ready",
                StatusCode::SERVICE_UNAVAILABLE,
                "the server cannot answer questions now; `detail` says which part of it is not ready",
            ),
            Self::StoreUnavailable => (
                "store_unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "the object store failed again and again just now, or asked to be left alone; see `Retry-After`",
            ),
            Self::StoreError => ("store_error", StatusCode::BAD_GATEWAY, "the object store failed"),
            Self::StoreTimeout => (
                "store_timeout",
                StatusCode::GATEWAY_TIMEOUT,
                "the object store, or the request's deadline, ran out of time",
            ),
        }
    }
}

impl From<ErrorCode> for Code {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::BadRequest => Self::BadRequest,
            ErrorCode::Forbidden => Self::Forbidden,
            ErrorCode::FileNotFound => Self::FileNotFound,
            ErrorCode::AttributeNotFound => Self::AttributeNotFound,
            ErrorCode::PathNotFound => Self::PathNotFound,
            ErrorCode::LinkUnresolved => Self::LinkUnresolved,
            ErrorCode::NotAGroup => Self::NotAGroup,
            ErrorCode::NotADataset => Self::NotADataset,
            ErrorCode::FileChanged => Self::FileChanged,
            ErrorCode::NotHdf5 => Self::NotHdf5,
            ErrorCode::MalformedFile => Self::MalformedFile,
            ErrorCode::Unsupported => Self::Unsupported,
            ErrorCode::LimitReached => Self::LimitReached,
            ErrorCode::StoreUnavailable => Self::StoreUnavailable,
            ErrorCode::StoreError => Self::StoreError,
            ErrorCode::StoreTimeout => Self::StoreTimeout,
        }
    }
}
