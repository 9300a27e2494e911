//! The parameters, described.

use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required, Schema};

/// The key in a path.
pub(super) fn key_in_path() -> Parameter {
    let description = "The file's key, with or without its slashes percent-encoded.";
    parameter("key", ParameterIn::Path, description, text_schema().min_length(Some(1)))
        .required(Required::True)
        .example(Some(json!("runs/a.h5")))
        .build()
}

/// The key in the query.
pub(super) fn key_in_query() -> Parameter {
    parameter("key", ParameterIn::Query, "The file's key.", text_schema().min_length(Some(1)))
        .required(Required::True)
        .example(Some(json!("runs/a.h5")))
        .build()
}

/// A text that may be left out.
pub(super) fn text(name: &str, description: &str) -> Parameter {
    parameter(name, ParameterIn::Query, description, text_schema()).build()
}

/// Texts, each by a parameter of its own.
pub(super) fn texts(name: &str, description: &str) -> Parameter {
    let schema = ArrayBuilder::new().items(text_schema());
    parameter(name, ParameterIn::Query, description, schema).build()
}

/// A text that has to be there.
pub(super) fn required_text(name: &str, description: &str) -> Parameter {
    parameter(name, ParameterIn::Query, description, text_schema()).required(Required::True).build()
}

/// A whole number from `minimum` to `maximum`.
pub(super) fn number(
    name: &str,
    (minimum, maximum): (u64, u64),
    default: Option<u64>,
    description: &str,
) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(minimum))
        .maximum(Some(maximum))
        .default(default.map(Value::from));
    parameter(name, ParameterIn::Query, description, schema).build()
}

/// `true` or `false`.
pub(super) fn flag(name: &str, description: &str) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::Boolean).default(Some(json!(false)));
    parameter(name, ParameterIn::Query, description, schema).build()
}

/// One of some words; the first is the default.
pub(super) fn choice(name: &str, words: &[&str], description: &str) -> Parameter {
    let schema = text_schema()
        .enum_values(Some(words.iter().copied()))
        .default(words.first().map(|word| json!(word)));
    parameter(name, ParameterIn::Query, description, schema).build()
}

/// A header that any answer can be asked with.
pub(super) fn header(name: &str, description: &str) -> Parameter {
    parameter(name, ParameterIn::Header, description, text_schema()).build()
}

fn text_schema() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn parameter(
    name: &str,
    place: ParameterIn,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}
