//! Objects that are more than one upload: parts, and versions.

use store::testing::{S3Bucket, Writer};

use super::{fixture, s3};
use crate::server::header;

/// The least that a part may have, but for the last one.
const PART_BYTES: usize = 5 << 20;

/// Uploads `parts` as one object. Returns its ETag.
async fn put_in_parts(bucket: &S3Bucket, key: &str, parts: [Vec<u8>; 2]) -> String {
    let started = bucket.call("POST", &format!("/{key}?uploads="), "").await.unwrap();
    let started = String::from_utf8(started.body().to_vec()).unwrap();
    let (_, id) = started.split_once("<UploadId>").expect("an id");
    let (id, _) = id.split_once('<').expect("its end");
    let mut listed = String::new();
    for (number, part) in (1..).zip(parts) {
        let target = format!("/{key}?partNumber={number}&uploadId={id}");
        let sent = bucket.call("PUT", &target, part).await.unwrap();
        let etag = sent.headers()["etag"].to_str().unwrap();
        listed += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    let body = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    let done = bucket.call("POST", &format!("/{key}?uploadId={id}"), body).await.unwrap();
    let done = String::from_utf8(done.body().to_vec()).unwrap();
    let (_, etag) = done.split_once("<ETag>").expect("an ETag");
    let (etag, _) = etag.split_once("</ETag>").expect("its end");
    etag.replace("&#34;", "").replace("&quot;", "").replace('"', "")
}

/// A file in two parts: of `fixture` and zeros, which HDF5 does not mind behind its end.
fn in_two_parts(name: &str) -> [Vec<u8>; 2] {
    let mut first = fixture(name);
    first.resize(PART_BYTES, 0);
    [first, vec![0; 1000]]
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_several_parts_have_versions_like_others() {
    let Some(s3) = s3("objects_of_several_parts_have_versions_like_others") else { return };
    let bucket = s3.bucket("h5scout-parts").await;
    let server = s3.serve("s3://h5scout-parts", &["--version-ttl", "1h"]);
    let mut etags = Vec::new();
    for (name, children) in [("ordinary/latest.h5", 1), ("ordinary/empty_latest.h5", 0)] {
        let etag = put_in_parts(&bucket, "parts.h5", in_two_parts(name)).await;
        assert!(etag.ends_with("-2"), "{etag}");
        let fresh = [("cache-control", "no-cache")];
        let answer = server.get_with("/files/parts.h5/children", &fresh).await;
        assert_eq!(header(&answer, "x-cache"), "miss");
        let answer = server.json("/files/parts.h5/children").await;
        assert_eq!(
            (&answer["etag"], answer["total"].as_u64()),
            (&etag.as_str().into(), Some(children))
        );
        let listing = server.json("/files?refresh=true").await;
        assert_eq!(listing["files"][0]["etag"], etag);
        assert_eq!(listing["files"][0]["size"], PART_BYTES + 1000);
        etags.push(etag);
    }
    assert_ne!(etags[0], etags[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_versioned_bucket_the_current_versions_are_seen() {
    let Some(s3) = s3("of_a_versioned_bucket_the_current_versions_are_seen") else { return };
    let bucket = s3.bucket("h5scout-versioned").await;
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    bucket.call("PUT", "/?versioning=", enabled).await.unwrap();
    let server = s3.serve("s3://h5scout-versioned", &[]);
    let fresh = [("cache-control", "no-cache")];
    let question = "/files/a.h5/children";
    for (name, children) in [("ordinary/latest.h5", 1), ("ordinary/empty_latest.h5", 0)] {
        bucket.put("a.h5", &fixture(name)).await;
        assert_eq!(server.get_with(question, &fresh).await.status(), 200);
        assert_eq!(server.json(question).await["total"], children);
        assert_eq!(server.json("/files?refresh=true").await["count"], 1, "one of all versions");
    }
    // Which leaves a delete marker before the versions.
    bucket.delete("a.h5").await;
    assert_eq!(server.get_with(question, &fresh).await.status(), 404);
    assert_eq!(server.json("/files?refresh=true").await["count"], 0);
    bucket.put("a.h5", &fixture("ordinary/latest.h5")).await;
    assert_eq!(server.get_with(question, &fresh).await.status(), 200);
}
