//! What a trace shows of a question, above what the store shows of its waves.

use store::{SPANS, shortened, signed};
use tracing::{Span, trace_span};

use crate::path::ObjectPath;
use crate::queries::Place;

/// A question about the object at `place` of the file `key`.
pub(crate) fn question(kind: &'static str, key: &str, place: &Place) -> Span {
    match place {
        Place::Path(path) => named(kind, key, Some(path), None),
        Place::Address(address) => named(kind, key, None, Some(*address)),
    }
}

/// A question about what stands at `path` in the file `key`.
pub(crate) fn question_of_path(kind: &'static str, key: &str, path: &ObjectPath) -> Span {
    named(kind, key, Some(path), None)
}

fn named(kind: &'static str, key: &str, path: Option<&ObjectPath>, address: Option<u64>) -> Span {
    trace_span!(
        target: SPANS,
        "question",
        otel.name = kind,
        h5scout.key = shortened(key),
        h5scout.path = path.map(|path| shortened(&path.to_string()).to_owned()),
        h5scout.address = address.map(signed),
    )
}

/// The question for the files whose keys begin with `prefix`.
pub(crate) fn files(prefix: &str) -> Span {
    trace_span!(
        target: SPANS, "question", otel.name = "files", h5scout.prefix = shortened(prefix)
    )
}
