//! `preview`: views, sizes, statistics, and what it reads of a large dataset.

use serde_json::{Value, json};

use crate::support::Server;

fn server() -> Server {
    let server = Server::new();
    server.put("a.h5", "layouts/latest.h5");
    server.put("strings.h5", "datatypes/strings.h5");
    server
}

async fn preview(server: &Server, query: &str) -> Value {
    server.get(&format!("/files/a.h5/preview?{query}")).await.json()["preview"].take()
}

#[tokio::test]
async fn numbers_of_two_dimensions_are_a_heatmap() {
    let server = server();
    let found = preview(&server, "path=/fixed_array_deflated&max_size=2").await;
    assert_eq!((&found["view"], &found["selection"]), (&json!("heatmap"), &json!("0:20,0:10")));
    assert_eq!(found["min"], json!([[0, 5], [100, 105]]));
    assert_eq!(found["max"], json!([[94, 99], [194, 199]]));
    assert_eq!(found["mean"], json!([[47.0, 52.0], [147.0, 152.0]]));
    assert_eq!(
        found["rows"],
        json!({"dimension": 0, "start": 0, "step": 1, "count": 20, "cells": 2})
    );
    let statistics = &found["statistics"];
    assert_eq!((&statistics["count"], &statistics["sampled"]), (&json!(200), &json!(false)));
    assert_eq!((&statistics["mean"], &statistics["nan_count"]), (&json!(99.5), &json!(0)));
    let std = statistics["std"].as_f64().unwrap();
    assert!((std - 57.734_305_226_616_75).abs() < 1e-9, "{std}");
}

#[tokio::test]
async fn one_dimension_is_a_line_whose_peaks_survive() {
    let server = server();
    let found = preview(&server, "path=/fixed_array_deflated&selection=3&max_size=3").await;
    assert_eq!((&found["view"], &found["selection"]), (&json!("line"), &json!("3,0:10")));
    assert_eq!((&found["min"], &found["max"]), (&json!([30, 34, 37]), &json!([33, 36, 39])));
    assert_eq!((&found["rows"], &found["columns"]["dimension"]), (&Value::Null, &json!(1)));
    let all = preview(&server, "path=/fixed_array_deflated&view=line").await;
    assert_eq!((&all["selection"], &all["columns"]["cells"]), (&json!("0,0:10"), &json!(10)));
}

#[tokio::test]
async fn all_else_is_a_table() {
    let server = server();
    let corner = preview(&server, "path=/fixed_array_deflated&view=table&max_size=2").await;
    assert_eq!(corner["data"], json!([[0, 1], [10, 11]]));
    assert_eq!(
        (&corner["statistics"]["sampled"], &corner["read"]["elements"]),
        (&json!(true), &json!(4))
    );
    let scalar = preview(&server, "path=/fixed_array_deflated&selection=4,2").await;
    assert_eq!((&scalar["view"], &scalar["data"]), (&json!("table"), &json!(42)));
    let texts = server.get("/files/strings.h5/preview?path=/variable_utf8").await.json();
    let texts = &texts["preview"];
    assert_eq!((&texts["view"], &texts["statistics"]), (&json!("table"), &Value::Null));
    assert_eq!(texts["data"][0], "plain");
}

#[tokio::test]
async fn of_a_huge_dataset_a_bounded_number_of_chunks_is_read() {
    let server = server();
    let found = preview(&server, "path=/sparse").await;
    assert_eq!(
        (&found["view"], &found["statistics"]["sampled"]),
        (&json!("heatmap"), &json!(true))
    );
    let read = &found["read"];
    let chunks = read["chunks"].as_u64().unwrap();
    assert!((1..=256).contains(&chunks), "{read}");
    assert!(read["chunks_selected"].as_u64().unwrap() > 1_000_000, "{read}");
    let cells =
        found["rows"]["cells"].as_u64().unwrap() * found["columns"]["cells"].as_u64().unwrap();
    assert_eq!(chunks, cells, "one chunk for each cell");
    let counts = found["count"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert!(counts.into_iter().all(|count| *count == 100), "{found}");
    assert_eq!(found["min"].as_array().unwrap().len() as u64, found["rows"]["cells"]);
}

#[tokio::test]
async fn each_chunk_that_is_read_fills_the_cells_where_it_lies() {
    let server = server();
    // 30 × 30 chunks of 10 × 10, of which 16 × 16 are read, in cells of 5 × 5.
    let query = "path=/sparse&selection=0:300,0:300&max_size=60";
    let found = preview(&server, query).await;
    assert_eq!((&found["rows"]["cells"], &found["columns"]["cells"]), (&json!(60), &json!(60)));
    assert_eq!(
        (&found["read"]["chunks"], &found["read"]["elements"]),
        (&json!(256), &json!(25_600))
    );
    let cell = |member: &str, row: usize, column: usize| found[member][row][column].clone();
    for row in 0..60 {
        for column in 0..60 {
            let has_numbers = cell("count", row, column) == json!(25);
            assert!(has_numbers || cell("count", row, column) == json!(0));
            for member in ["min", "max", "mean"] {
                assert_eq!(cell(member, row, column) != Value::Null, has_numbers);
            }
        }
    }
    // The first chunk that is read is the first, the second is the third.
    assert_eq!((cell("count", 0, 1), cell("count", 0, 2)), (json!(25), json!(0)));
    assert_eq!((cell("count", 0, 3), cell("count", 0, 4)), (json!(0), json!(25)));
    assert_eq!(cell("max", 1, 1), json!(1), "that of 5, 5");
    assert!((cell("mean", 1, 1).as_f64().unwrap() - 0.04).abs() < 1e-12);
    let filled = (0..60).filter(|row| cell("count", *row, 0) == json!(25)).count();
    assert_eq!(filled, 32);
    let coarse = preview(&server, "path=/sparse&selection=0:300,0:300&max_size=16").await;
    let counts = coarse["count"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert!(counts.into_iter().all(|count| *count != 0), "{coarse}");
    let whole = preview(&server, "path=/fixed_array_deflated").await;
    assert_eq!(whole.get("count"), None, "all was read");
}

#[tokio::test]
async fn numbers_that_stand_for_none_count_for_nothing() {
    let server = server();
    let query = "path=/fixed_array_deflated&selection=0:1,:&max_size=5";
    let found = preview(&server, &format!("{query}&missing=0,1,3,-9999")).await;
    assert_eq!(found["min"], json!([[null, 2, 4, 6, 8]]));
    assert_eq!(found["max"], json!([[null, 2, 5, 7, 9]]));
    assert_eq!(found["mean"], json!([[null, 2.0, 4.5, 6.5, 8.5]]));
    assert_eq!(found["count"], json!([[0, 1, 2, 2, 2]]));
    let statistics = &found["statistics"];
    assert_eq!((&statistics["count"], &statistics["missing_count"]), (&json!(7), &json!(3)));
    assert_eq!((&statistics["min"], &statistics["sampled"]), (&json!(2), &json!(false)));
    assert_eq!(found["read"]["elements"], 10);
    let line = "/preview?key=a.h5&path=/fixed_array_deflated&selection=0,:&max_size=2&missing=9.0";
    let line = &server.get(line).await.json()["preview"];
    assert_eq!((&line["max"], &line["count"]), (&json!([4, 8]), &json!([5, 4])));
    // A table shows them: they are there.
    let table = preview(&server, &format!("{query}&view=table&missing=0,4")).await;
    assert_eq!((&table["data"], &table["count"]), (&json!([[0, 1, 2, 3, 4]]), &Value::Null));
    let statistics = &table["statistics"];
    assert_eq!((&statistics["mean"], &statistics["missing_count"]), (&json!(2.0), &json!(2)));
    let without = preview(&server, &format!("{query}&missing=")).await;
    assert_eq!((without.get("count"), without["statistics"].get("missing_count")), (None, None));
    let sparse = preview(&server, "path=/sparse&missing=0").await;
    let (read, statistics) = (&sparse["read"], &sparse["statistics"]);
    let left_out = statistics["missing_count"].as_u64().unwrap();
    assert_eq!(left_out + statistics["count"].as_u64().unwrap(), read["elements"]);
    assert!(left_out > 0, "{statistics}");
}

/// What is expected was told by NumPy.
#[tokio::test]
async fn land_is_left_out_of_the_sea() {
    let server = server();
    server.put("sea.nc", "demo/sea.nc");
    let query = "path=/sst&selection=0,:,:&view=heatmap&max_size=3&missing=-32768";
    let found = server.get(&format!("/files/sea.nc/preview?{query}")).await.json();
    let preview = &found["preview"];
    let (min, count) = (&preview["min"], &preview["count"]);
    assert_eq!(*min, json!([[-6037, -6071, -6053], [7503, 5443, 7128], [-5874, -5853, -5902]]));
    assert_eq!(*count, json!([[840, 840, 711], [779, 540, 549], [779, 540, 800]]));
    let statistics = &preview["statistics"];
    assert_eq!((&statistics["count"], &statistics["missing_count"]), (&json!(6378), &json!(942)));
    assert_eq!((&statistics["min"], &statistics["max"]), (&json!(-6071), &json!(11_332)));
    for (given, expected) in [("mean", 3_545.111_320_163_060_6), ("std", 4_830.784_691_777_659)] {
        let given = statistics[given].as_f64().unwrap();
        assert!((given - expected).abs() < 1e-9, "{given} {expected}");
    }
}

#[tokio::test]
async fn numbers_outside_of_a_range_count_for_nothing() {
    let server = server();
    let query = "path=/fixed_array_deflated&selection=0:1,:&max_size=5";
    let found = preview(&server, &format!("{query}&valid=2.5,8")).await;
    assert_eq!(found["min"], json!([[null, 3, 4, 6, 8]]));
    assert_eq!(found["max"], json!([[null, 3, 5, 7, 8]]));
    assert_eq!(found["count"], json!([[0, 1, 2, 2, 1]]));
    let statistics = &found["statistics"];
    assert_eq!((&statistics["count"], &statistics["missing_count"]), (&json!(6), &json!(4)));
    let both = preview(&server, &format!("{query}&valid=,8&missing=0,9")).await;
    assert_eq!(both["count"], json!([[1, 2, 2, 2, 1]]), "9 is left out once");
    assert_eq!(both["statistics"]["missing_count"], 2);
    let all = preview(&server, &format!("{query}&valid=0,")).await;
    assert_eq!(all["statistics"]["missing_count"], 0);
    let without = preview(&server, &format!("{query}&valid=")).await;
    assert_eq!((without.get("count"), without["statistics"].get("missing_count")), (None, None));
}

#[tokio::test]
async fn numbers_of_which_there_are_none_have_none_to_leave_out() {
    let server = server();
    server.put("spaces.h5", "dataspaces/latest.h5");
    for (path, data) in [("null", Value::Null), ("zero", json!([]))] {
        let query = format!("key=spaces.h5&path=/{path}&missing=0&valid=0,&view=table");
        let found = server.get(&format!("/preview?{query}")).await.json()["preview"].take();
        assert_eq!(found["data"], data, "{path}");
        let left_out = found["statistics"].get("missing_count").cloned();
        assert_eq!(left_out, (path == "zero").then(|| json!(0)), "{path}");
    }
}

/// What is expected was told by NumPy, of `sst[0].view("u2")`.
#[tokio::test]
async fn signs_are_bits_where_they_are_asked_to_be() {
    let server = server();
    server.put("sea.nc", "demo/sea.nc");
    let query = "key=sea.nc&path=/sst&selection=0,:,:&view=heatmap&max_size=2&unsigned=true";
    let query = format!("/preview?{query}&missing=32768&valid=,65000");
    let preview = &server.get(&query).await.json()["preview"];
    assert_eq!(preview["min"], json!([[5, 5], [390, 331]]));
    assert_eq!(preview["max"], json!([[64_951, 64_954], [64_436, 64_341]]));
    assert_eq!(preview["count"], json!([[1834, 1545], [1282, 1579]]));
    let statistics = &preview["statistics"];
    assert_eq!((&statistics["count"], &statistics["missing_count"]), (&json!(6240), &json!(1080)));
    for (given, expected) in [("mean", 20_014.348_076_923_077), ("std", 24_492.546_102_138_52)] {
        let given = statistics[given].as_f64().unwrap();
        assert!((given - expected).abs() < 1e-9, "{given} {expected}");
    }
    let table = server.get("/preview?key=sea.nc&path=/sst&view=table&unsigned=true").await.json();
    assert_eq!(table["preview"]["data"][0][0], -5990, "as it is stored");
    assert_eq!(table["preview"]["dtype"], "int16");
    assert_eq!(table["preview"]["statistics"]["min"], 5);
}

#[tokio::test]
async fn complex_numbers_are_drawn_as_one_number_each() {
    let server = server();
    server.put("complex.h5", "datatypes/compounds_v200.h5");
    let query = "/preview?key=complex.h5&path=/complex_as_compound_big_8";
    let found = server.get(query).await.json()["preview"].take();
    assert_eq!((&found["view"], &found["complex"]), (&json!("line"), &json!("amplitude")));
    assert_eq!((&found["min"][1], &found["max"][1]), (&json!(0.5), &json!(0.5)));
    let amplitude = found["max"][0].as_f64().unwrap();
    assert!((amplitude - 5_f64.sqrt()).abs() < 1e-15, "{amplitude}");
    let part = async |part: &str| {
        server.get(&format!("{query}&complex={part}")).await.json()["preview"].take()
    };
    assert_eq!(part("real").await["min"], json!([1.0, 0.0]));
    assert_eq!(part("imaginary").await["mean"], json!([2.0, -0.5]));
    let phase = part("phase").await;
    assert_eq!((&phase["complex"], &phase["statistics"]["count"]), (&json!("phase"), &json!(2)));
    let angle = phase["min"][1].as_f64().unwrap();
    assert!((angle + std::f64::consts::FRAC_PI_2).abs() < 1e-15, "{angle}");
    let table = part("imaginary&view=table").await;
    assert_eq!(table["data"], json!([[1.0, 2.0], [0.0, -0.5]]));
    assert_eq!(
        (&table["complex"], &table["statistics"]["max"]),
        (&json!("imaginary"), &json!(2.0))
    );
    assert_eq!(preview(&server, "path=/contiguous").await.get("complex"), None);
}

#[tokio::test]
async fn a_preview_is_kept_and_its_parameters_are_checked() {
    let server = server();
    let uri = "/files/a.h5/preview?path=/fixed_array_deflated";
    assert_eq!(server.get(uri).await.header("x-cache"), "miss");
    let second = server.get("/preview?key=a.h5&path=/fixed_array_deflated&view=auto").await;
    assert_eq!((second.header("x-cache"), &second.json()["cached"]), ("hit", &json!(true)));
    for (missing, expected) in [("0,2e2", "miss"), ("200,0.0", "hit"), ("0", "miss")] {
        let answer = server.get(&format!("{uri}&missing={missing}")).await;
        assert_eq!(answer.header("x-cache"), expected, "{missing}");
    }
    for (parameters, expected) in [
        ("unsigned=false&complex=amplitude&valid=", "hit"),
        ("unsigned=true", "miss"),
        ("valid=0,", "miss"),
        ("valid=0.0,Infinity", "hit"),
    ] {
        let answer = server.get(&format!("{uri}&{parameters}")).await;
        assert_eq!(answer.header("x-cache"), expected, "{parameters}");
    }
    for (uri, code, detail) in [
        ("a.h5/preview?path=/", "not_a_dataset", "/ is not a dataset"),
        (
            "a.h5/preview?path=/contiguous&view=heatmap",
            "bad_request",
            "parameter view: 1 dimensions",
        ),
        ("strings.h5/preview?path=/variable_utf8&view=line", "bad_request", "are no numbers"),
        ("a.h5/preview?path=/contiguous&max_size=0", "bad_request", "parameter max_size"),
        ("a.h5/preview?path=/contiguous&selection=1000", "bad_request", "parameter selection"),
        ("a.h5/preview?path=/contiguous&missing=1,x", "bad_request", "parameter missing: \"x\""),
        (
            "strings.h5/preview?path=/variable_utf8&missing=0",
            "bad_request",
            "parameter missing: elements of type string are no numbers",
        ),
        ("a.h5/preview?path=/contiguous&valid=2,1", "bad_request", "parameter valid: 2 is more"),
        (
            "strings.h5/preview?path=/variable_utf8&valid=0,",
            "bad_request",
            "parameter valid: elements of type string are no numbers",
        ),
        (
            "strings.h5/preview?path=/variable_utf8&unsigned=true",
            "bad_request",
            "parameter unsigned: elements of type string are no integers",
        ),
        ("a.h5/preview?path=/contiguous&unsigned=1", "bad_request", "parameter unsigned: \"1\""),
        (
            "a.h5/preview?path=/contiguous&complex=phase",
            "bad_request",
            "parameter complex: elements of type int32 are no complex numbers",
        ),
    ] {
        let (_, found, problem) = server.get(&format!("/files/{uri}")).await.problem();
        assert_eq!(found, code, "{uri}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{uri}: {problem}");
    }
}
