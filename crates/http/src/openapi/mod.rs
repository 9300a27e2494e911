//! The description of the API, at `/openapi.json`: every route, parameter, answer and error.
//!
//! The schemas of the answers are derived from their types. Routes and parameters are written
//! down here and in the siblings, because attributes on handlers cannot say that one handler
//! serves two routes or which errors a group of routes has in common; a test holds the description
//! against the router.

mod elements;
mod examples;
mod h5grove;
mod operations;
mod parameters;

use std::collections::BTreeMap;

use bytes::Bytes;
use explorer::answers::{
    AttributeAnswer, ChildrenAnswer, DataAnswer, DatatypeClass, EventsAnswer, FilesAnswer,
    MetaAnswer, PreviewAnswer, RefreshAnswer,
};
use utoipa::ToSchema;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    PathsBuilder, RefOr, Schema, Server,
};

use crate::base_path::BasePath;
use crate::error::Problem;
use crate::routes::health::HealthAnswer;

const INTRODUCTION: &str = "\
Look inside HDF5 files where they lie, in object stores and folders, through range reads.

Keys may hold any character. `/files/a/b.h5/children` and `/files/a%2Fb.h5/children` name the same \
object: the last segment of the path is the verb and all before it is the key, percent-decoded \
once. For proxies that rewrite `%2F` or `//` the same verbs exist as `/children?key=`, \
`/meta?key=`, `/attribute?key=`, `/data?key=` and `/preview?key=`. In a query `+` is a space.

Paths in a file are absolute, `/` is the root group. What a path cannot name is asked for by \
`address` instead of `path`, as the `address` members of answers give it.

Parameters that a route does not know, or that are given twice, are refused with `bad_request`.

Every 200 carries an `ETag` (a weak one, unless it has one form only), `Cache-Control`, `X-Cache` (`hit`, `miss` or `coalesced`) and \
`Server-Timing` with the requests that the answer cost at the store. `If-None-Match` is answered \
with 304. `Cache-Control: no-cache` on a request makes the server ask the store for the current \
version first; with `Cache-Control: max-stale[=SECONDS]`, and only then, what was seen last is \
answered where the store cannot be asked, marked by `Warning: 110 - \"Response is Stale\"` and by \
`Age`, the seconds since the store confirmed it. Bodies over 1 KiB are compressed (zstd, br, gzip) for clients that accept it.

Where the server has tokens (`--auth-token-file`), questions and `/metrics` need one, as \
`Authorization: Bearer TOKEN`. A token may be for keys with certain prefixes only: other keys, and \
listings that could show others, are refused with 403, and links to other files lead nowhere.

Every error is an RFC 9457 problem document with a stable `code`, but for the routes below \
`/h5grove`, which have the errors of h5grove.";

/// The name of the scheme by which tokens are sent.
const TOKEN_SCHEME: &str = "token";

/// The description of the API, whose routes are below `base_path`.
pub fn document(base_path: &BasePath) -> OpenApi {
    let mut paths = PathsBuilder::new();
    for (path, method, operation) in operations::all() {
        paths = paths.path(path, PathItem::new(method, operation));
    }
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0");
    let info = InfoBuilder::new()
        .title("h5scout")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(INTRODUCTION))
        .license(Some(license.build()));
    let tags = [
        ("files", "Which files there are."),
        ("objects", "What is in a file: groups, datasets, datatypes, attributes, elements."),
        (
            "h5grove",
            "The same in the words of h5grove 4.0.0, for H5Web and other clients of it. Each route \
             is there with a slash at its end as well; unknown parameters are not looked at, of one \
             that is given twice the last counts.",
        ),
        ("server", "How the server is."),
    ];
    let tags = tags.map(|(name, description)| {
        TagBuilder::new().name(name).description(Some(description)).build()
    });
    let below = (!base_path.as_str().is_empty()).then(|| [Server::new(base_path.as_str())]);
    OpenApiBuilder::new()
        .info(info.build())
        .servers(below)
        .tags(Some(tags))
        .paths(paths.build())
        .components(Some(components()))
        .build()
}

/// The description as it is served.
pub(crate) fn json(base_path: &BasePath) -> Bytes {
    // It is made of our own texts: nothing that JSON cannot write.
    document(base_path).to_pretty_json().unwrap_or_default().into()
}

fn components() -> Components {
    let mut schemas = Vec::new();
    collect::<FilesAnswer>(&mut schemas);
    collect::<RefreshAnswer>(&mut schemas);
    collect::<EventsAnswer>(&mut schemas);
    collect::<ChildrenAnswer>(&mut schemas);
    collect::<MetaAnswer>(&mut schemas);
    collect::<AttributeAnswer>(&mut schemas);
    collect::<DataAnswer>(&mut schemas);
    collect::<PreviewAnswer>(&mut schemas);
    // A member of a type that contains itself, which is where the derived collection stops.
    collect::<DatatypeClass>(&mut schemas);
    collect::<HealthAnswer>(&mut schemas);
    collect::<Problem>(&mut schemas);
    let mut by_name: BTreeMap<_, _> = schemas.into_iter().collect();
    by_name.values_mut().for_each(loosen_flattened);
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of `--auth-token-file`, where the server has one."));
    ComponentsBuilder::new()
        .schemas_from_iter(by_name)
        .security_scheme(TOKEN_SCHEME, SecurityScheme::Http(token.build()))
        .build()
}

/// The derived schema of a flattened member that may be left out says that the whole object may be
/// null instead. It may be any object: one without the flattened members.
fn loosen_flattened(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::AllOf(all)) = schema else { return };
    for part in &mut all.items {
        let RefOr::T(Schema::OneOf(either)) = part else { continue };
        let may_be_left_out = either.items.iter().any(|item| {
            matches!(
                item,
                RefOr::T(Schema::Object(object)) if object.schema_type == Type::Null.into()
            )
        });
        if may_be_left_out {
            let object = ObjectBuilder::new().schema_type(Type::Object).build();
            *part = AnyOfBuilder::new()
                .description(either.description.clone())
                .item(either.items.first().cloned().unwrap_or_default())
                .item(object)
                .into();
        }
    }
}

fn collect<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}
