//! A writer puts one file in the place of another, again and again, while a hundred readers ask the
//! built server about it: every answer is wholly of one of the two, and says of which.
//!
//! The two are `fixtures/alternating`: of one size and shape, so that nothing but what their parts
//! say tells them apart.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use futures::future::{FutureExt as _, LocalBoxFuture, join_all};
use serde_json::Value;
use store::testing::{S3Bucket, Writer as _};
use tempfile::TempDir;

use crate::s3::{fixture, s3};
use crate::server::Server;

const READERS: usize = 100;
const QUESTIONS_EACH: usize = 12;

/// Longer than the step of the clock by which kernels before Linux 6.13 date what is written: two
/// versions within one step could not be told apart.
const TICK: Duration = Duration::from_millis(10);

const QUESTIONS: [&str; 4] = [
    "/files/x.h5/children?path=/entry",
    "/files/x.h5/meta?path=/entry",
    "/files/x.h5/attribute?path=/entry&name=which",
    "/files/x.h5/meta?path=/",
];

/// So little is read at once, and so little kept, that an answer takes several waves each time.
const COLD: [&str; 12] = [
    "--whole-file",
    "1KiB",
    "--head",
    "512",
    "--read-around",
    "0",
    "--block-cache",
    "1KiB",
    "--object-cache",
    "1KiB",
    "--response-cache",
    "1KiB",
];

/// The ways in which a file comes to be another one.
enum Place<'a> {
    Bucket(&'a S3Bucket),
    /// A new file takes the name of the old one.
    Renamed(&'a Path),
    /// The bytes of a file are overwritten.
    Rewritten(&'a Path),
}

impl Place<'_> {
    fn write<'a>(&'a self, bytes: &'a [u8]) -> LocalBoxFuture<'a, ()> {
        match self {
            Self::Bucket(bucket) => bucket.put("x.h5", bytes).boxed_local(),
            Self::Renamed(folder) => {
                std::fs::write(folder.join("new"), bytes).expect("written");
                std::fs::rename(folder.join("new"), folder.join("x.h5")).expect("renamed");
                tokio::task::yield_now().boxed_local()
            }
            Self::Rewritten(folder) => {
                let mut options = File::options();
                let file = options.write(true).create(true).truncate(false);
                let file = file.open(folder.join("x.h5")).expect("opened");
                file.write_all_at(bytes, 0).expect("written");
                tokio::time::sleep(TICK).boxed_local()
            }
        }
    }
}

/// One of the two files, and the answers about it when nobody writes.
struct Content {
    bytes: Vec<u8>,
    answers: Vec<Value>,
}

/// What came of a storm of questions.
#[derive(Debug, Default)]
struct Tally {
    answers: [usize; 2],
    changed: usize,
    /// Which of the two each version was.
    versions: BTreeMap<String, usize>,
}

async fn storm(server: &Server, place: &Place<'_>, name: &str) {
    let contents = [content(server, place, "a").await, content(server, place, "b").await];
    assert!(contents[0].answers.iter().zip(&contents[1].answers).all(|(a, b)| a != b));
    let (tally, is_over) = (Mutex::new(Tally::default()), AtomicBool::new(false));
    let writer = async {
        let mut written = 0_usize;
        while !is_over.load(Relaxed) {
            place.write(&contents[written % 2].bytes).await;
            written += 1;
        }
        written
    };
    let readers = async {
        join_all((0..READERS).map(|reader| read(server, reader, &contents, &tally))).await;
        is_over.store(true, Relaxed);
    };
    let (written, ()) = futures::join!(writer, readers);
    let tally = tally.into_inner().expect("the tally");
    let Tally { answers: [a, b], changed, versions } = &tally;
    println!(
        "{name}: {written} versions written and {} seen, {a} answers of the one and {b} of the \
         other, {changed} said that it changed",
        versions.len()
    );
    assert_eq!(a + b + changed, READERS * QUESTIONS_EACH);
    assert!(*a > 0 && *b > 0, "{tally:?}");
}

/// Writes one of the two, and asks about it.
async fn content(server: &Server, place: &Place<'_>, which: &str) -> Content {
    let bytes = fixture(&format!("alternating/{which}.h5"));
    place.write(&bytes).await;
    let mut answers = Vec::new();
    for question in QUESTIONS {
        let answer = server.get_with(question, &[("cache-control", "no-cache")]).await;
        answers.push(parted(answer.json().await.expect("JSON")).1);
    }
    Content { bytes, answers }
}

/// The version that an answer says it is of, and what it says of it.
fn parted(mut answer: Value) -> (String, Value) {
    let members = answer.as_object_mut().expect("an object");
    members.remove("cached");
    let etag = members.remove("etag").expect("the ETag");
    (etag.as_str().expect("text").to_owned(), answer)
}

/// Asks one question after another. Every second reader wants the newest version.
async fn read(server: &Server, reader: usize, contents: &[Content; 2], tally: &Mutex<Tally>) {
    let fresh: &[(&str, &str)] =
        if reader.is_multiple_of(2) { &[("cache-control", "no-cache")] } else { &[] };
    for number in reader..reader + QUESTIONS_EACH {
        let number = number % QUESTIONS.len();
        let answer = server.get_with(QUESTIONS[number], fresh).await;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        let mut tally = tally.lock().expect("the tally");
        if status == 409 {
            assert_eq!(body["code"], "file_changed");
            tally.changed += 1;
            continue;
        }
        assert_eq!(status, 200, "{body}");
        let (etag, said) = parted(body);
        let which = contents.iter().position(|content| content.answers[number] == said);
        let which = which.unwrap_or_else(|| panic!("of neither: {said}"));
        tally.answers[which] += 1;
        let before = tally.versions.insert(etag.clone(), which);
        assert!(before.is_none_or(|before| before == which), "{etag} is of both");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_overwritten_is_never_mixed() {
    let Some(s3) = s3("an_object_that_is_overwritten_is_never_mixed") else { return };
    let bucket = s3.bucket("h5scout-freshness").await;
    let place = Place::Bucket(&bucket);
    for (name, flags) in [("cold", &COLD[..]), ("kept", &[])] {
        let server = s3.serve("s3://h5scout-freshness", flags);
        storm(&server, &place, &format!("{:?}, {name}", s3.kind)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_replaced_is_never_mixed() {
    let folder = TempDir::new().unwrap();
    for (name, flags) in [("cold", &COLD[..]), ("kept", &[])] {
        let server = Server::over(folder.path(), flags);
        storm(&server, &Place::Renamed(folder.path()), &format!("renamed, {name}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_rewritten_is_never_mixed() {
    let folder = TempDir::new().unwrap();
    for (name, flags) in [("cold", &COLD[..]), ("kept", &[])] {
        let server = Server::over(folder.path(), flags);
        storm(&server, &Place::Rewritten(folder.path()), &format!("rewritten, {name}")).await;
    }
}
