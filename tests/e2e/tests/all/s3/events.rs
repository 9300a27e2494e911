//! A bucket that tells the server what has changed in it.

use std::time::Instant;

use serde_json::Value;
use store::testing::Writer as _;
use tempfile::NamedTempFile;

use super::own::OwnServer;
use super::{Kind, fixture, s3};
use crate::server::{PATIENCE, Server};

const TOKEN: &str = "a-token-of-the-bucket";

/// Nothing but an event makes anything known before an hour is over.
const FLAGS: [&str; 4] = ["--version-ttl", "1h", "--list-ttl", "1h"];

const TARGET: &str = "
    <NotificationConfiguration><QueueConfiguration>
        <Id>h5scout</Id><Queue>arn:minio:sqs::h5scout:webhook</Queue>
        <Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event>
        <Event>s3:ObjectAccessed:*</Event>
    </QueueConfiguration></NotificationConfiguration>";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bucket_notifies_of_is_asked_for_anew() {
    let test = "what_a_bucket_notifies_of_is_asked_for_anew";
    let Some(s3) = s3(test) else { return };
    if s3.kind != Kind::Minio {
        println!("skipped: {test}: only MinIO sends notifications to an address");
        return;
    }
    let Some(mut own) = OwnServer::new(&s3, test) else { return };
    let tokens = NamedTempFile::new().unwrap();
    std::fs::write(tokens.path(), TOKEN).unwrap();
    let tokens = ["--events-token-file", tokens.path().to_str().unwrap()];
    let server = own.s3().serve("s3://noted/runs", &[&FLAGS[..], &tokens[..]].concat());
    let endpoint = format!("http://{}/events", server.address());
    own.start(&[
        ("MINIO_NOTIFY_WEBHOOK_ENABLE_h5scout", "on"),
        ("MINIO_NOTIFY_WEBHOOK_ENDPOINT_h5scout", &endpoint),
        ("MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_h5scout", TOKEN),
    ])
    .await;
    let bucket = own.s3().bucket("noted").await;
    bucket.call("PUT", "/?notification=", TARGET).await.unwrap();

    let key = "runs/ä b+c%2F.h5";
    let asked = "/children?key=%C3%A4%20b%2Bc%252F.h5";
    bucket.put(key, &fixture("ordinary/latest.h5")).await;
    becomes(&server, "/files", |files| files["count"] == 1).await;
    becomes(&server, asked, |children| children["total"] == 1).await;
    bucket.put(key, &fixture("ordinary/empty_latest.h5")).await;
    becomes(&server, asked, |children| children["total"] == 0).await;
    bucket.delete(key).await;
    becomes(&server, asked, |problem| problem["code"] == "file_not_found").await;
    becomes(&server, "/files", |files| files["count"] == 0).await;
}

/// Asks until the answer is as it should be.
async fn becomes(server: &Server, question: &str, is_right: impl Fn(&Value) -> bool) {
    let asked = Instant::now();
    loop {
        let answer: Value = server.get(question).await.json().await.unwrap();
        if is_right(&answer) {
            return;
        }
        assert!(asked.elapsed() < PATIENCE, "{question}: {answer}");
        tokio::task::yield_now().await;
    }
}
