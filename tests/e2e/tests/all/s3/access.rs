//! Who asks, and where: credentials, buckets that are closed or not there, the two styles of URLs.
//!
//! moto believes whoever signs, with whatever key.

use serde_json::{Value, json};
use store::testing::{S3Bucket, Writer};

use super::{BUCKET, Kind, S3, fixture, s3};
use crate::server::Server;

const QUESTIONS: [&str; 4] = [
    "/files",
    "/files/a.h5/children",
    "/files/a.h5/meta?path=/entry",
    "/files/a.h5/attribute?path=/&name=title",
];

/// A bucket with `a.h5`.
async fn bucket_with_a_file(s3: &S3, name: &str) -> S3Bucket {
    let bucket = s3.bucket(name).await;
    bucket.put("a.h5", &fixture("ordinary/latest.h5")).await;
    bucket
}

async fn is_answered(server: &Server) {
    for question in QUESTIONS {
        assert_eq!(server.json(question).await["success"], true, "{question}");
    }
    assert_eq!(server.get("/ready").await.status(), 200);
}

async fn is_forbidden(server: &Server) {
    for question in QUESTIONS {
        let (status, problem) = problem(server, question).await;
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{question}");
    }
    let (status, problem) = problem(server, "/ready").await;
    assert_eq!((status, &problem["code"]), (503, &json!("not_ready")));
}

async fn problem(server: &Server, question: &str) -> (u16, Value) {
    let answer = server.get(question).await;
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_forbidden() {
    let Some(s3) = s3("wrong_credentials_are_forbidden") else { return };
    bucket_with_a_file(&s3, "h5scout-closed").await;
    let (endpoint, key, secret) = (&s3.endpoint, &s3.access_key, &s3.secret_key);
    let strangers: [&[(&str, &str)]; 4] = [
        &[("S3_ENDPOINT", endpoint), ("S3_ACCESS_KEY", "nobody"), ("S3_SECRET_KEY", secret)],
        &[("S3_ENDPOINT", endpoint), ("S3_ACCESS_KEY", key), ("S3_SECRET_KEY", "not the secret")],
        &[("S3_ENDPOINT", endpoint)],
        &[
            ("S3_ENDPOINT", endpoint),
            ("S3_ACCESS_KEY", key),
            ("S3_SECRET_KEY", secret),
            ("AWS_SKIP_SIGNATURE", "true"),
        ],
    ];
    for (number, variables) in strangers.into_iter().enumerate() {
        let mut server = Server::over_with("s3://h5scout-closed", &[], variables);
        match (s3.kind, number) {
            (Kind::Moto, 0 | 1) => is_answered(&server).await,
            (Kind::Moto, _) => assert_eq!(problem(&server, QUESTIONS[1]).await.0, 403),
            _ => is_forbidden(&server).await,
        }
        server.stop();
        let log = server.log();
        assert!(!log.contains(secret.as_str()) && !log.contains("not the secret"), "{log}");
    }
    is_answered(&s3.serve("s3://h5scout-closed", &[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_bucket_needs_no_credentials() {
    let Some(s3) = s3("an_open_bucket_needs_no_credentials") else { return };
    let bucket = bucket_with_a_file(&s3, "h5scout-open").await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": ["*"]},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::h5scout-open", "arn:aws:s3:::h5scout-open/*"],
        }],
    });
    bucket.call("PUT", "/?policy=", policy.to_string()).await.unwrap();
    let variables = [("S3_ENDPOINT", s3.endpoint.as_str())];
    is_answered(&Server::over_with("s3://h5scout-open", &[], &variables)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_key_comes_with_its_token() {
    let Some(s3) = s3("a_temporary_key_comes_with_its_token") else { return };
    let bucket = bucket_with_a_file(&s3, "h5scout-session").await;
    let answer = bucket.assume_role().await.unwrap();
    let element = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>")).expect("the element");
        rest.split_once('<').expect("its end").0.trim().to_owned()
    };
    let (key, secret) = (element("AccessKeyId"), element("SecretAccessKey"));
    let token = element("SessionToken");
    let variables = [
        ("AWS_ENDPOINT_URL", s3.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &key),
        ("AWS_SECRET_ACCESS_KEY", &secret),
        ("AWS_SESSION_TOKEN", &token),
    ];
    is_answered(&Server::over_with("s3://h5scout-session", &[], &variables)).await;
    if s3.kind == Kind::Minio {
        is_forbidden(&Server::over_with("s3://h5scout-session", &[], &variables[..3])).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_no_missing_file() {
    let Some(s3) = s3("a_bucket_that_is_not_there_is_no_missing_file") else { return };
    let server = s3.serve("s3://h5scout-no-such-bucket", &[]);
    for question in QUESTIONS {
        let (status, problem) = problem(&server, question).await;
        assert_eq!((status, &problem["code"]), (502, &json!("store_error")), "{question}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("the bucket is not there"), "{detail}");
        assert!(!detail.contains("no-such"), "its name is not for clients: {detail}");
    }
    let (status, problem) = problem(&server, "/ready").await;
    assert_eq!((status, &problem["code"]), (503, &json!("not_ready")));
}

/// The endpoint contains the bucket. Few systems know the names below `localhost`, so the server
/// is reached as if it were a proxy: the request names the host all the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_bucket_may_be_part_of_the_host() {
    let Some(s3) = s3("the_bucket_may_be_part_of_the_host") else { return };
    s3.below("hosted/").await.put("a.h5", &fixture("ordinary/latest.h5")).await;
    let (_, port) = s3.endpoint.rsplit_once(':').expect("a port");
    let endpoint = format!("http://{BUCKET}.localhost:{port}");
    let variables = [
        ("S3_ENDPOINT", endpoint.as_str()),
        ("S3_ACCESS_KEY", &s3.access_key),
        ("S3_SECRET_KEY", &s3.secret_key),
        ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true"),
        ("http_proxy", &s3.endpoint),
        ("no_proxy", ""),
    ];
    let server = Server::over_with(format!("s3://{BUCKET}/hosted"), &[], &variables);
    is_answered(&server).await;
    let listing = server.json("/files").await;
    assert_eq!((&listing["count"], &listing["files"][0]["key"]), (&json!(1), &json!("a.h5")));
}
