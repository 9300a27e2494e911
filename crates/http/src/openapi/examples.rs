//! Examples of answers, as API.md has them.

use serde_json::{Value, json};

use crate::error::{ApiError, Code};

const ETAG: &str = "9dd4e461268c8034f5c8564e155c67a6";

pub(super) fn files() -> Value {
    json!({
        "success": true, "count": 1, "cached": true, "age_ms": 4210, "ttl_ms": 30_000,
        "prefix": "", "truncated": false, "next": null,
        "folders": ["runs/"],
        "files": [{
            "key": "a.h5", "type": "file", "size": 1024,
            "last_modified": "2026-01-02T03:04:05Z", "etag": ETAG,
        }],
    })
}

pub(super) fn refresh() -> Value {
    json!({"success": true, "cleared": {"listings": 3, "objects": 0}})
}

pub(super) fn notification() -> Value {
    json!({
        "Records": [{
            "eventName": "s3:ObjectCreated:Put",
            "s3": {"bucket": {"name": "data"}, "object": {"key": "runs%2Fa+b.h5"}},
        }],
    })
}

pub(super) fn events() -> Value {
    json!({"success": true, "records": 1, "ignored": 0, "cleared": {"listings": 2, "objects": 1}})
}

pub(super) fn data() -> Value {
    json!({
        "success": true, "key": "a.h5", "etag": ETAG, "path": "/entry/counts", "cached": false,
        "selection": "0:4:2,-3:", "shape": [2, 3], "dtype": "int32",
        "datatype": {"class": "integer", "size": 4, "signed": true, "order": "little"},
        "data": [[7, 8, 9], [27, 28, 29]],
    })
}

pub(super) fn preview() -> Value {
    json!({
        "success": true, "key": "a.h5", "etag": ETAG, "path": "/entry/counts", "cached": false,
        "preview": {
            "shape": [6, 10], "dtype": "int32",
            "datatype": {"class": "integer", "size": 4, "signed": true, "order": "little"},
            "selection": "5,0:10", "view": "line", "rows": null,
            "columns": {"dimension": 1, "start": 0, "step": 1, "count": 10, "cells": 2},
            "min": [50, 55], "max": [54, 59], "mean": [52.0, 57.0],
            "statistics": {
                "count": 10, "nan_count": 0, "min": 50, "max": 59, "mean": 54.5,
                "std": 2.872_281_323_269_014_3, "sampled": false,
            },
            "read": {
                "elements": 10, "elements_selected": 10, "chunks": 2, "chunks_selected": 2,
            },
        },
    })
}

pub(super) fn children() -> Value {
    json!({
        "success": true, "key": "a.h5", "etag": ETAG, "path": "/entry", "address": 800,
        "cached": false, "total": 3, "order": "name", "truncated": false, "next": null,
        "children": [
            {
                "name": "counts", "path": "/entry/counts", "link": "hard", "address": 4016,
                "type": "dataset", "shape": [6, 10], "maxshape": [null, 10], "ndim": 2,
                "size": 60, "dtype": "int32", "chunks": [3, 5], "compression": "gzip",
                "filters": [{"id": 1, "name": "deflate", "options": [4]}], "num_attributes": 2,
            },
            {
                "name": "data", "path": "/entry/data", "link": "hard", "address": 5224,
                "type": "group", "num_children": 3, "num_attributes": 1,
            },
            {
                "name": "gone", "path": "/entry/gone", "link": "soft", "target": "/nope",
                "type": "unresolved",
                "error": {
                    "code": "link_unresolved",
                    "detail": "the link \"/entry/gone\" leads to \"/nope\", which is not there",
                },
            },
        ],
    })
}

pub(super) fn meta() -> Value {
    json!({
        "success": true, "key": "a.h5", "etag": ETAG, "cached": false,
        "metadata": {
            "name": "counts", "path": "/entry/counts", "type": "dataset", "kind": "dataset",
            "address": 4016, "shape": [6, 10], "maxshape": [null, 10], "ndim": 2, "size": 60,
            "dtype": "int32",
            "datatype": {"class": "integer", "size": 4, "signed": true, "order": "little"},
            "layout": "chunked", "chunks": [3, 5], "chunk_index": "btree_v1",
            "compression": "gzip", "compression_opts": 4,
            "filters": [{"id": 1, "name": "deflate", "options": [4]}],
            "fill_value": 0, "fill_defined": "default", "storage_size": 412,
            "modified": "2026-01-02T03:04:05Z", "num_attributes": 1, "attributes_next": null,
            "attributes": [{
                "name": "units", "shape": [], "dtype": "string",
                "datatype": {
                    "class": "string", "length": null, "charset": "utf-8",
                    "padding": "null-terminated",
                },
                "value": "counts",
            }],
        },
    })
}

pub(super) fn attribute() -> Value {
    json!({
        "success": true, "key": "a.h5", "etag": ETAG, "path": "/entry/counts", "cached": false,
        "attribute": {
            "name": "edges", "shape": [3], "dtype": "float64",
            "datatype": {"class": "float", "size": 8, "order": "little"},
            "value": [0.0, 0.5, 1.0],
        },
    })
}

pub(super) fn health(status: &str) -> Value {
    json!({"success": true, "status": status, "version": env!("CARGO_PKG_VERSION")})
}

pub(super) fn problem(code: Code) -> Value {
    let mut problem = json!(ApiError::new(code, code.when()).problem("5f0c2a9b7d3e4c61"));
    if let (Code::MalformedFile, Some(problem)) = (code, problem.as_object_mut()) {
        problem.insert("structure".to_owned(), json!("object header"));
        problem.insert("address".to_owned(), json!(4016));
    }
    problem
}
