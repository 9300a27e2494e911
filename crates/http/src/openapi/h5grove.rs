//! The routes of h5grove, described.

use serde_json::json;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Content, ContentBuilder};

use super::elements::{SELECTION, bytes};
use super::operations::{
    FILE, GUARDED, Route, STORE, answer_of, described, finish, finish_with, operation, problem,
    text_content,
};
use super::parameters::{choice, required_text, text, texts};
use crate::error::Code;
use crate::routes::h5grove::{DTYPES, FORMATS, status};

const TAG: &str = "h5grove";

pub(super) fn all() -> [Route; 6] {
    [attr(), data(), meta(), paths(), stats(), ping()]
}

fn attr() -> Route {
    let parameters = [
        file(),
        path(),
        texts("attr_keys", "Their names, each in a parameter of its own; without it, all."),
    ];
    let operation = operation("h5grove_attr", TAG, "Read the attributes of an object");
    let values = object().description(Some("The values by the attributes' names."));
    let example = json!({"NX_class": "NXdata", "axes": ["y", "x"], "signal": "counts"});
    let answered = answer_of("The values.", values, example);
    let errors = [GUARDED, STORE, FILE, &[Code::AttributeNotFound]];
    ("/h5grove/attr", HttpMethod::Get, finish_reworded(operation, parameters, answered, &errors))
}

fn data() -> Route {
    let parameters = [
        file(),
        path(),
        text("selection", SELECTION),
        choice(
            "format",
            &FORMATS.map(|(word, _)| word),
            "`json`: nested lists. `bin`: the elements one behind the other, in C order. `npy`, \
             `csv` and `tiff`: files of numbers, to be saved.",
        ),
        choice(
            "dtype",
            &DTYPES.map(|(word, _)| word),
            "`origin`: the numbers of the file. `safe`: little-endian, single precision for half, \
             double for what is longer than double.",
        ),
        text("flatten", "`true`, `yes`, `on` or `1`: one list of all, instead of nested ones."),
    ];
    let operation = operation("h5grove_data", TAG, "Read elements of a dataset");
    let values = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    let answered = answer_of("The elements.", values, json!([[0.5, 1.0], [null, 2.0]]))
        .content("application/octet-stream", bytes())
        .content("text/csv", text_content())
        .content("image/tiff", bytes());
    let errors = [GUARDED, STORE, FILE, &[Code::NotADataset]];
    ("/h5grove/data", HttpMethod::Get, finish_reworded(operation, parameters, answered, &errors))
}

fn meta() -> Route {
    let links = choice(
        "resolve_links",
        &["only_valid", "none", "all", "true", "false"],
        "`only_valid`: links that lead nowhere are shown as links. `none` or `false`: all are. \
         `all` or `true`: one that leads nowhere is an error.",
    );
    let operation = operation("h5grove_meta", TAG, "Describe an object, and a group's children");
    let example = json!({
        "kind": "group", "name": "data",
        "attributes": [{
            "name": "title", "shape": [],
            "type": {"class": 3, "dtype": "|O", "size": 8, "cset": 1, "strpad": 0, "vlen": true},
        }],
        "children": [{
            "kind": "dataset", "name": "counts", "attributes": [],
            "shape": [40, 60], "chunks": [10, 60], "filters": [{"id": 1, "name": "deflate"}],
            "type": {"class": 0, "dtype": "<i4", "size": 4, "order": 0, "sign": 1},
        }],
    });
    let answered = answer_of("The object; types have libhdf5's numbers.", object(), example);
    let parameters = [file(), path(), links];
    let errors = [GUARDED, STORE, FILE];
    ("/h5grove/meta", HttpMethod::Get, finish_reworded(operation, parameters, answered, &errors))
}

fn paths() -> Route {
    let operation = operation("h5grove_paths", TAG, "List the paths of all that is below a group");
    let list = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String));
    let answered = answer_of("The paths, that of the group first.", list, json!(["/", "/entry"]));
    let errors = [GUARDED, STORE, FILE];
    let operation = finish_reworded(operation, [file(), path()], answered, &errors);
    ("/h5grove/paths", HttpMethod::Get, operation)
}

fn stats() -> Route {
    let operation = operation("h5grove_stats", TAG, "Statistics of the elements of a dataset");
    let example = json!({
        "strict_positive_min": 1, "positive_min": 0, "min": -10, "max": 10, "mean": 0.0, "std": 6.0,
    });
    let answered = answer_of("Statistics of what is finite.", object(), example);
    let parameters = [file(), path(), text("selection", SELECTION)];
    let errors = [GUARDED, STORE, FILE, &[Code::NotADataset]];
    ("/h5grove/stats", HttpMethod::Get, finish_reworded(operation, parameters, answered, &errors))
}

fn ping() -> Route {
    let operation = operation("h5grove", TAG, "The server is there");
    let answered = described("`ok`, without a type.");
    ("/h5grove", HttpMethod::Get, finish(operation, [], answered, &[]))
}

fn file() -> Parameter {
    required_text("file", "The file's key.")
}

fn path() -> Parameter {
    text("path", "The object; without it, the root.")
}

fn object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Object)
}

/// Adds what all routes have in common, with h5grove's statuses and bodies of errors.
fn finish_reworded(
    operation: OperationBuilder,
    parameters: impl IntoIterator<Item = Parameter>,
    answered: ResponseBuilder,
    errors: &[&[Code]],
) -> Operation {
    finish_with(operation, parameters, answered, errors, (status, reworded))
}

fn reworded(codes: &[Code]) -> Response {
    let mut response = problem(codes);
    match codes {
        // Nothing of h5grove has seen the request.
        [Code::PayloadTooLarge | Code::UriTooLong | Code::HeadersTooLarge] => {}
        [Code::InternalError] => {
            response.content.insert("application/json".to_owned(), message(codes).into());
        }
        _ => response.content = [("application/json".to_owned(), message(codes).into())].into(),
    }
    response
}

/// The body of an error. What FastAPI refuses before h5grove sees it has a list in place of a message.
fn message(codes: &[Code]) -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let schema = match codes.contains(&Code::BadRequest) {
        true => object().property("message", text).property("detail", ArrayBuilder::new()),
        false => object().property("message", text).required("message"),
    };
    let example = codes.first().map(|code| json!({"message": code.when()}));
    ContentBuilder::new().schema(Some(schema)).example(example).build()
}
