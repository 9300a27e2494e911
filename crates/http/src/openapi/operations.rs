//! The routes, described; in the order of the router's list.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use explorer::answers::{
    AttributeAnswer, ChildrenAnswer, EventsAnswer, FilesAnswer, MetaAnswer, RefreshAnswer,
};
use explorer::{
    ATTRIBUTES_LIMIT_MAX, CHILDREN_LIMIT_MAX, ELEMENTS_MAX, FILES_LIMIT_MAX, PAGE_LIMIT_DEFAULT,
    STRING_BYTES_MAX,
};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, ContentBuilder, HeaderBuilder, Ref, RefOr, Required, Schema};

use super::parameters::{
    choice, flag, header, key_in_path, key_in_query, number, required_text, text,
};
use super::{TOKEN_SCHEME, elements, examples, h5grove};
use crate::error::{Code, Problem};
use crate::routes::events::ROUTE as EVENTS;
use crate::routes::health::HealthAnswer;

/// Errors of every route.
const COMMON: &[Code] = &[
    Code::BadRequest,
    Code::PayloadTooLarge,
    Code::UriTooLong,
    Code::HeadersTooLarge,
    Code::InternalError,
];

/// Errors of every route that wants a token, where the server has tokens.
pub(super) const GUARDED: &[Code] = &[Code::Unauthorized];

/// Bearer tokens have scopes in OAuth only.
const NO_SCOPES: [&str; 0] = [];

/// Errors of every route that asks the store.
pub(super) const STORE: &[Code] = &[
    Code::Forbidden,
    Code::TooManyRequests,
    Code::StoreUnavailable,
    Code::StoreError,
    Code::StoreTimeout,
];

/// Errors of every route that reads a file.
pub(super) const FILE: &[Code] = &[
    Code::FileNotFound,
    Code::PathNotFound,
    Code::LinkUnresolved,
    Code::FileChanged,
    Code::NotHdf5,
    Code::MalformedFile,
    Code::Unsupported,
    Code::LimitReached,
];

/// A route: where it is and what it does.
pub(super) type Route = (&'static str, HttpMethod, Operation);

/// How a route tells of errors: the status of each, and the response of those that have the same.
pub(super) type ErrorWords = (fn(Code) -> StatusCode, fn(&[Code]) -> Response);

/// Every route.
pub(super) fn all() -> Vec<Route> {
    let mut routes = vec![files(), refresh(), events()];
    let of_a_file = [children, meta, attribute, elements::data, elements::preview];
    for spelling in [Spelling::Path, Spelling::Query] {
        routes.extend(of_a_file.iter().map(|keyed| keyed(spelling)));
    }
    routes.extend(h5grove::all());
    routes.extend([ready(), health(), metrics(), page(), docs(), openapi()]);
    routes
}

/// Where the key is.
#[derive(Clone, Copy)]
pub(super) enum Spelling {
    Path,
    Query,
}

impl Spelling {
    /// A route in this spelling: its path and how its operation begins.
    pub(super) fn route(
        self,
        in_path: &'static str,
        in_query: &'static str,
        id: &str,
        summary: &str,
    ) -> (&'static str, OperationBuilder) {
        let (path, id, key) = match self {
            Self::Path => (in_path, id.to_owned(), key_in_path()),
            Self::Query => (in_query, format!("{id}_by_query"), key_in_query()),
        };
        (path, operation(&id, "objects", summary).parameter(key))
    }
}

fn files() -> Route {
    let parameters = [
        text("prefix", "Only keys that start with it."),
        choice(
            "delimiter",
            &["", "/"],
            "`/`: the folder view. Keys with a further `/` after the prefix are shown as folders.",
        ),
        text("q", "Only keys that contain it, whatever its case."),
        text("suffix", "Only keys that end with one of these, a comma list such as `.h5,.nc`."),
        number(
            "limit",
            (1, FILES_LIMIT_MAX),
            Some(PAGE_LIMIT_DEFAULT),
            "Files and folders of a page.",
        ),
        text("after", "`next` of the previous page."),
        flag("refresh", "Ask the store, whatever is known of the listing."),
    ];
    let operation = operation("files", "files", "List files")
        .description(Some("A page of the keys in the store, in the order of their UTF-8 bytes."));
    let answered = answer::<FilesAnswer>("The page.", examples::files());
    ("/files", HttpMethod::Get, finish(operation, parameters, answered, &[GUARDED, STORE]))
}

fn refresh() -> Route {
    let parameters = [
        text("prefix", "Forget listings whose prefix starts with it; without it, all."),
        text("key", "Forget all that is known of this file, instead of listings."),
    ];
    let operation = operation("refresh", "files", "Forget listings, or one file")
        .description(Some("A fetch that is under way does not put its old answer back."));
    let answered = answer::<RefreshAnswer>("What was forgotten.", examples::refresh());
    ("/files/refresh", HttpMethod::Post, finish(operation, parameters, answered, &[GUARDED, STORE]))
}

fn events() -> Route {
    let body = ContentBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::Object)))
        .example(Some(examples::notification()));
    let body = RequestBodyBuilder::new()
        .description(Some(
            "A notification of S3 or MinIO (`Records`), or of Amazon EventBridge (`detail`): up to \
             1 MiB and 1000 records.",
        ))
        .required(Some(Required::True))
        .content("application/json", body.build());
    let operation = operation("events", "files", "Take a notification of what has changed")
        .description(Some(
            "Forgets the versions of the files that it names, and the listings that show them. The \
             token is one of `--events-token-file`; a server without it does not have this route.",
        ))
        .request_body(Some(body.build()));
    let answered = answer::<EventsAnswer>("What was forgotten.", examples::events());
    let errors: [&[Code]; 2] =
        [GUARDED, &[Code::NotFound, Code::TooManyRequests, Code::StoreTimeout]];
    (EVENTS, HttpMethod::Post, finish(operation, [], answered, &errors))
}

fn children(spelling: Spelling) -> Route {
    let (path, operation) = spelling.route(
        "/files/{key}/children",
        "/children",
        "children",
        "List the children of a group",
    );
    let parameters = [
        text("path", "The group; without it, the root."),
        address("The group, instead of by `path`."),
        number("limit", (1, CHILDREN_LIMIT_MAX), Some(PAGE_LIMIT_DEFAULT), "Children of a page."),
        text("after", "`next` of the previous page."),
        text("q", "Only names that contain it, whatever its case."),
        choice(
            "order",
            &["name", "creation"],
            "`creation` falls back to `name` where it is not tracked.",
        ),
        choice("detail", &["full", "names"], "`names` reads no child's header."),
        choice(
            "resolve",
            &["soft", "external"],
            "Which links are followed: soft links within the file, or external links too.",
        ),
    ];
    let answered = answer::<ChildrenAnswer>(
        "The page. A child that cannot be read has an `error` in place of what could not be read.",
        examples::children(),
    );
    let errors = [GUARDED, STORE, FILE, &[Code::NotAGroup]];
    (path, HttpMethod::Get, finish(operation, parameters, answered, &errors))
}

fn meta(spelling: Spelling) -> Route {
    let (path, operation) =
        spelling.route("/files/{key}/meta", "/meta", "meta", "Describe an object");
    let parameters = [
        text("path", "The object. Required, unless `address` is given."),
        address("The object, instead of by `path`."),
        number("attributes_limit", (0, ATTRIBUTES_LIMIT_MAX), Some(1000), "Attributes of a page."),
        text("attributes_after", "`attributes_next` of the previous page."),
        number(
            "max_elements",
            (0, ELEMENTS_MAX),
            Some(100),
            "Values shown of one attribute, scalar leaves counted out.",
        ),
        number("max_string", (0, STRING_BYTES_MAX), Some(4096), "Bytes shown of one string."),
        flag("storage", "Give `storage_size` also where the chunk index has to be read for it."),
    ];
    let answered = answer::<MetaAnswer>("The object.", examples::meta());
    (path, HttpMethod::Get, finish(operation, parameters, answered, &[GUARDED, STORE, FILE]))
}

fn attribute(spelling: Spelling) -> Route {
    let (path, operation) =
        spelling.route("/files/{key}/attribute", "/attribute", "attribute", "Read one attribute");
    let parameters = [
        text("path", "The object. Required, unless `address` is given."),
        address("The object, instead of by `path`."),
        required_text("name", "The attribute's name."),
    ];
    let answered = answer::<AttributeAnswer>(
        "The attribute with its whole value, as far as the limits allow.",
        examples::attribute(),
    );
    let errors = [GUARDED, STORE, FILE, &[Code::AttributeNotFound]];
    (path, HttpMethod::Get, finish(operation, parameters, answered, &errors))
}

fn ready() -> Route {
    let operation = operation("ready", "server", "All sources answer");
    let answered = answer::<HealthAnswer>(
        "All sources answered a listing in time.",
        examples::health("ready"),
    );
    let errors: [&[Code]; 1] = [&[Code::NotReady, Code::TooManyRequests]];
    ("/ready", HttpMethod::Get, finish(operation, [], answered, &errors))
}

fn health() -> Route {
    let operation = operation("health", "server", "The process lives");
    let answered = answer::<HealthAnswer>("It does.", examples::health("ok"));
    ("/health", HttpMethod::Get, finish(operation, [], answered, &[]))
}

fn metrics() -> Route {
    let operation = operation("metrics", "server", "Counters in the Prometheus text format");
    let answered = described("The counters.").content("text/plain", text_content());
    ("/metrics", HttpMethod::Get, finish(operation, [], answered, &[GUARDED]))
}

fn page() -> Route {
    let operation = operation("page", "server", "The web page");
    let answered = described("The page.").content("text/html", text_content());
    ("/", HttpMethod::Get, finish(operation, [], answered, &[]))
}

fn docs() -> Route {
    let operation = operation("docs", "server", "This description, for people");
    let answered = described("The page.").content("text/html", text_content());
    ("/docs", HttpMethod::Get, finish(operation, [], answered, &[]))
}

fn openapi() -> Route {
    let operation = operation("openapi", "server", "This description");
    let any = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Object)));
    let answered = described("The description.").content("application/json", any.build());
    ("/openapi.json", HttpMethod::Get, finish(operation, [], answered, &[]))
}

/// Where the server has no tokens, none is needed.
fn with_token() -> [SecurityRequirement; 2] {
    [SecurityRequirement::new(TOKEN_SCHEME, NO_SCOPES), SecurityRequirement::default()]
}

pub(super) fn operation(id: &str, tag: &str, summary: &str) -> OperationBuilder {
    OperationBuilder::new().operation_id(Some(id)).tag(tag).summary(Some(summary))
}

pub(super) fn address(description: &str) -> Parameter {
    number("address", (0, u64::MAX), None, description)
}

/// Adds what all routes have in common: conditional headers, the errors by status.
pub(super) fn finish(
    operation: OperationBuilder,
    parameters: impl IntoIterator<Item = Parameter>,
    answered: ResponseBuilder,
    errors: &[&[Code]],
) -> Operation {
    finish_with(operation, parameters, answered, errors, (Code::status, problem))
}

/// The same of a route whose errors have statuses and bodies of their own.
pub(super) fn finish_with(
    operation: OperationBuilder,
    parameters: impl IntoIterator<Item = Parameter>,
    answered: ResponseBuilder,
    errors: &[&[Code]],
    (status, error): ErrorWords,
) -> Operation {
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    for code in COMMON.iter().chain(errors.iter().copied().flatten()) {
        by_status.entry(status(*code).as_u16()).or_default().push(*code);
    }
    let is_guarded = errors.iter().copied().flatten().any(|code| *code == Code::Unauthorized);
    let operation = if is_guarded { operation.securities(Some(with_token())) } else { operation };
    let mut operation = parameters
        .into_iter()
        .fold(operation, OperationBuilder::parameter)
        .parameter(header(
            "if-none-match",
            "Tags of answers that the client has: 304 if one of them is current.",
        ))
        .parameter(header(
            "cache-control",
            "`no-cache`: ask the store for the current version first. `max-stale` or \
             `max-stale=SECONDS`: where the store cannot be asked, what was seen last will do; the \
             answer then has `Warning` and `Age`.",
        ))
        .response("200", answered.build())
        .response("304", described("The client has this answer already.").build());
    for (status, codes) in by_status {
        operation = operation.response(status.to_string(), error(&codes));
    }
    operation.build()
}

pub(super) fn answer<T: ToSchema>(description: &str, example: Value) -> ResponseBuilder {
    answer_of(description, Ref::from_schema_name(T::name()), example)
}

/// The same, of a schema without a name.
pub(super) fn answer_of(
    description: &str,
    schema: impl Into<RefOr<Schema>>,
    example: Value,
) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example));
    described(description)
        .content("application/json", content.build())
        .header("etag", header_text("The weak tag of the answer; `cached` and `age_ms` do not count."))
        .header("x-cache", header_text("`hit`, `miss` or `coalesced`."))
        .header("server-timing", header_text("What the answer cost at the store: `store;desc=\"rounds=R requests=N bytes=B\";dur=MS`."))
}

pub(super) fn problem(codes: &[Code]) -> Response {
    let meanings: Vec<_> =
        codes.iter().map(|code| format!("`{}`: {}.", code.name(), code.when())).collect();
    let schema = Ref::from_schema_name(Problem::name());
    let mut content = ContentBuilder::new().schema(Some(schema));
    if let Some(code) = codes.first() {
        content = content.example(Some(examples::problem(*code)));
    }
    described(meanings.join("\n\n")).content("application/problem+json", content.build()).build()
}

pub(super) fn described(description: impl Into<String>) -> ResponseBuilder {
    ResponseBuilder::new().description(description)
}

pub(super) fn text_content() -> Content {
    ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build()
}

fn header_text(description: &str) -> utoipa::openapi::header::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}
