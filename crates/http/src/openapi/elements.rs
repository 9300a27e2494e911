//! The routes for elements of datasets, described.

use explorer::answers::{DataAnswer, PreviewAnswer};
use explorer::{Format, MISSING_MAX, PREVIEW_SIZE_DEFAULT, PREVIEW_SIZE_MAX};
use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, OperationBuilder};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Content, ContentBuilder};

use super::examples;
use super::operations::{
    FILE, GUARDED, Route, STORE, Spelling, address, answer, finish, text_content,
};
use super::parameters::{choice, flag, header, number, text};
use crate::error::Code;
use crate::routes::data::{DTYPES, FORMATS};
use crate::routes::preview::{COMPLEX_PARTS, VIEWS};

pub(super) const SELECTION: &str = "One member for each dimension, between commas: an index, or \
    `start:stop:step` of which each may be left out; negative numbers count from the end, `...` \
    stands for all dimensions that no other member is for. Without it, everything.";

pub(super) fn data(spelling: Spelling) -> Route {
    let (path, operation) =
        spelling.route("/files/{key}/data", "/data", "data", "Read elements of a dataset");
    let operation = operation.description(Some(
        "A selection of a dataset, in some format. Large answers are sent as they are read, \
         without compression; one that breaks off could not be read to its end. `bin`, `npy`, `arrow` \
         and large answers have strong tags, and `bin` answers to `Range`.",
    ));
    let parameters = [
        text("path", "The dataset. Required, unless `address` is given."),
        address("The dataset, instead of by `path`."),
        text("selection", SELECTION),
        choice(
            "format",
            &FORMATS.map(|(word, _)| word),
            "`json`: nested lists. `bin`: the elements one behind the other, in C order. `npy`: for \
             `numpy.load`. `csv`: up to two dimensions, text in cells guarded against formulas. `arrow`: a stream \
             of record batches; rows are the first dimension, members of a compound columns.",
        ),
        choice(
            "dtype",
            &DTYPES.map(|(word, _)| word),
            "The numbers of `bin` and `npy`. `origin`: those of the file. `safe`: little-endian, \
             single precision for half, double for what is longer than double.",
        ),
        header("range", "A range of the bytes of `bin`."),
        header("if-range", "The tag of the answer that the range is of; else all of it is sent."),
    ];
    let answered = answer::<DataAnswer>("The elements.", examples::data())
        .content("application/octet-stream", bytes())
        .content("application/x-npy", bytes())
        .content("text/csv", text_content())
        .content(Format::Arrow.content_type(), bytes());
    let errors = [GUARDED, STORE, FILE, &[Code::NotADataset, Code::RangeNotSatisfiable]];
    (path, HttpMethod::Get, finish(operation, parameters, answered, &errors))
}

pub(super) fn preview(spelling: Spelling) -> Route {
    let (path, operation) = spelling.route(
        "/files/{key}/preview",
        "/preview",
        "preview",
        "See what a dataset looks like",
    );
    let operation: OperationBuilder = operation.description(Some(
        "A corner of a table, a line or a heatmap, with statistics. Of a large dataset it reads up \
         to 256 chunks, up to 64 MiB of them, evenly spread; then `sampled` is true, each cell \
         shows what was read of it, and `count` says which cells have nothing.",
    ));
    let missing = format!(
        "Numbers that stand for none, up to {MISSING_MAX} between commas. Elements that are equal to \
         one of them in their precision are in no cell and in no statistics but `missing_count`, \
         and `count` says how many each cell has; `data` of a table shows them. For \
         integers and floats only."
    );
    let parameters = [
        text("path", "The dataset. Required, unless `address` is given."),
        address("The dataset, instead of by `path`."),
        text(
            "selection",
            "As for `data`. The last dimensions of which more than one index is selected are \
             shown, one in a line and two else; of the others it is the first index selected.",
        ),
        choice(
            "view",
            &VIEWS.map(|(word, _)| word),
            "`auto`: a line of numbers of one dimension, a heatmap of more, a table of all else. \
             Complex numbers are numbers here.",
        ),
        number(
            "max_size",
            (1, PREVIEW_SIZE_MAX),
            Some(PREVIEW_SIZE_DEFAULT),
            "Cells along each dimension.",
        ),
        text("missing", &missing),
        text(
            "valid",
            "The least and the greatest number that are valid, with a comma between; one may be left \
             out. Elements below or above are left out as those of `missing`; NaN is not. For \
             integers and floats only.",
        ),
        flag(
            "unsigned",
            "Signed integers are read as unsigned ones of the same bits, also for `missing` and \
             `valid`; `data` of a table shows them as they are stored. For integers only.",
        ),
        choice(
            "complex",
            &COMPLEX_PARTS.map(|(word, _)| word),
            "The number that is shown of each complex one; `phase` is in radians. Any but the \
             default is for complex numbers only.",
        ),
    ];
    let answered = answer::<PreviewAnswer>("The preview.", examples::preview());
    let errors = [GUARDED, STORE, FILE, &[Code::NotADataset]];
    (path, HttpMethod::Get, finish(operation, parameters, answered, &errors))
}

pub(super) fn bytes() -> Content {
    let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
    let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    ContentBuilder::new().schema(Some(schema)).example(None::<Value>).build()
}
