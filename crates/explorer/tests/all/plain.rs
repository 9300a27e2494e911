//! Elements as servers give them away that read with h5py and write with NumPy. What is expected was
//! told by h5grove 4.0.0.

use std::sync::Arc;

use explorer::{
    DataQuery, Dtype, ErrorCode, Format, Freshness, Meter, PlainFormat, PlainKind, PlainStatistics,
    PlainValue, Result, Selection, Session,
};

use crate::{at, explorer};

const COMPOUNDS: &str = "datatypes/compounds_v200.h5";

async fn session(key: &str) -> Session {
    explorer().open(key, Freshness::Trust, &Arc::new(Meter::new())).await.unwrap()
}

fn query(path: &str, selection: &str) -> DataQuery {
    DataQuery::new(at(path)).with_selection(Selection::parse(selection).unwrap())
}

async fn encoded(key: &str, query: &DataQuery, kind: PlainKind, flat: bool) -> Result<Vec<u8>> {
    let query = query.clone().with_format(Format::Plain(PlainFormat { kind, flat }));
    let slice = session(key).await.slice(&query).await?;
    Ok(slice.encode(&query, None).await?.whole().await?.to_vec())
}

fn little_endian(numbers: impl IntoIterator<Item = i32>) -> Vec<u8> {
    numbers.into_iter().flat_map(i32::to_le_bytes).collect()
}

#[tokio::test]
async fn a_single_list_is_an_array_of_its_own() {
    let encoded = async |selection, kind| {
        encoded(COMPOUNDS, &query("/sequences", selection), kind, false).await.unwrap()
    };
    assert_eq!(encoded("2", PlainKind::Bin).await, little_endian(0..5));
    assert_eq!(encoded("1", PlainKind::Bin).await, b"");
    assert_eq!(encoded("2", PlainKind::Json).await, b"[0,1,2,3,4]");
    let lines = "0.000000000000000000e+00\n1.000000000000000000e+00\n2.000000000000000000e+00\n";
    assert_eq!(encoded("0", PlainKind::Csv).await, lines.as_bytes());
    assert_eq!(encoded("1", PlainKind::Csv).await, b"");
    let npy = encoded("0", PlainKind::Npy).await;
    let head = b"{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
    assert_eq!((&npy[10..10 + head.len()], &npy[128..]), (&head[..], &*little_endian(0..3)));
    assert_eq!(encoded("1", PlainKind::Tiff).await.len(), 272);
}

#[tokio::test]
async fn a_list_of_no_numbers_has_only_what_any_list_has() {
    let texts = query("/sequences_of_strings", "0");
    assert_eq!(encoded(COMPOUNDS, &texts, PlainKind::Bin, false).await.unwrap(), b"");
    assert_eq!(encoded(COMPOUNDS, &texts, PlainKind::Json, false).await.unwrap(), b"[]");
    for kind in [PlainKind::Npy, PlainKind::Csv, PlainKind::Tiff] {
        let error = encoded(COMPOUNDS, &texts, kind, false).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest, "{kind:?}");
    }
    let safe = texts.with_format(Format::Plain(PlainFormat { kind: PlainKind::Bin, flat: false }));
    let safe = safe.with_dtype(Dtype::Safe);
    let slice = session(COMPOUNDS).await.slice(&safe).await.unwrap();
    assert!(
        slice.encode(&safe, None).await.is_err_and(|error| error.detail.contains("non-numeric"))
    );
}

#[tokio::test]
async fn a_single_list_has_statistics() {
    let session = session(COMPOUNDS).await;
    let statistics = async |path, selection| {
        session.plain_statistics(&query(path, selection)).await.map(|(found, _)| found)
    };
    let none = PlainStatistics {
        strict_positive_min: PlainValue::Null,
        positive_min: PlainValue::Null,
        min: PlainValue::Null,
        max: PlainValue::Null,
        mean: PlainValue::Null,
        std: PlainValue::Null,
    };
    let expected = PlainStatistics {
        strict_positive_min: PlainValue::Signed(1),
        positive_min: PlainValue::Signed(0),
        min: PlainValue::Signed(0),
        max: PlainValue::Signed(4),
        mean: PlainValue::Signed(2),
        std: PlainValue::Signed(1),
    };
    assert_eq!(statistics("/sequences", "2").await.unwrap(), expected);
    assert_eq!(statistics("/sequences", "1").await.unwrap(), none);
    assert_eq!(statistics("/sequences_of_strings", "1").await.unwrap(), none);
    assert!(statistics("/sequences", "").await.is_err());
}

#[tokio::test]
async fn small_arrays_become_flat_too() {
    let flat = async |selection, kind| {
        let query = query("/array_of_arrays", selection);
        encoded(COMPOUNDS, &query, kind, true).await.unwrap()
    };
    assert_eq!(flat("", PlainKind::Json).await, b"[0,1,2,3,4,5,6,7,8,9,10,11]");
    assert_eq!(flat("1", PlainKind::Json).await, b"[6,7,8,9,10,11]");
    assert_eq!(flat("1", PlainKind::Bin).await, [6, 7, 8, 9, 10, 11]);
    let npy = flat("", PlainKind::Npy).await;
    let head = b"{'descr': '|i1', 'fortran_order': False, 'shape': (12,), }";
    assert_eq!(&npy[10..10 + head.len()], head);
    assert_eq!(flat("1", PlainKind::Csv).await.split(|&byte| byte == b'\n').count(), 7);
}

#[tokio::test]
async fn a_single_string_is_its_text_without_padding() {
    for path in ["/null_padded_ascii", "/null_terminated_utf8", "/space_padded_ascii"] {
        for (selection, expected) in
            [("0", &b"abc"[..]), ("1", "\u{e9}".as_bytes()), ("2", &[0]), ("3", b"1234567")]
        {
            let query = query(path, selection);
            let found = encoded("datatypes/strings.h5", &query, PlainKind::Bin, false).await;
            assert_eq!(found.unwrap(), expected, "{path} {selection}");
        }
        let two = encoded("datatypes/strings.h5", &query(path, ":2"), PlainKind::Bin, false).await;
        assert_eq!(two.unwrap(), b"abc\0\0\0\0\0\xc3\xa9\0\0\0\0\0\0", "{path}");
    }
}
