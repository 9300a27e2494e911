//! What clients are told when the store refuses or fails: what they can do, and nothing of ours.

use std::collections::HashMap;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use h5scout_http::HttpConfig;
use store::StoreConfig;

use crate::support::Server;

/// How a store answers every request.
struct Refusal {
    status: u16,
    header: Option<(&'static str, &'static str)>,
    /// In S3's error document.
    code: &'static str,
}

const fn refusal(status: u16, code: &'static str) -> Refusal {
    Refusal { status, header: None, code }
}

impl Refusal {
    /// A server over a store that answers so.
    async fn serve(&self) -> Server {
        let (status, code) = (StatusCode::from_u16(self.status).unwrap(), self.code);
        let header = self.header;
        let answer = move || async move {
            let body = format!(
                "<Error><Code>{code}</Code><Message>Internals of 10.0.0.7</Message>\
                 <StringToSign>AWS4-HMAC-SHA256</StringToSign></Error>"
            );
            let mut response: Response = (status, body).into_response();
            let header = header.map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            });
            response.headers_mut().extend(header);
            response
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let environment = HashMap::from([
            ("S3_ENDPOINT", endpoint.as_str()),
            ("S3_ACCESS_KEY", "the-access-key"),
            ("S3_SECRET_KEY", "the-secret-key"),
        ]);
        let environment = environment.into_iter().collect();
        let config = StoreConfig { environment, ..StoreConfig::default() };
        Server::over_store("s3://the-bucket", config, HttpConfig::default())
    }
}

#[tokio::test]
async fn each_refusal_of_the_store_has_its_code_and_its_words() {
    let region = Some(("x-amz-bucket-region", "eu-central-1"));
    for (refusal, status, code, words) in [
        (refusal(404, "NoSuchBucket"), 502, "store_error", "the bucket is not there"),
        (
            Refusal { header: region, ..refusal(301, "PermanentRedirect") },
            502,
            "store_error",
            "another region",
        ),
        (refusal(403, "AccessDenied"), 403, "forbidden", "refuses access"),
        (refusal(403, "SignatureDoesNotMatch"), 403, "forbidden", "credentials"),
        (refusal(400, "ExpiredToken"), 403, "forbidden", "credentials"),
        (refusal(400, "InvalidArgument"), 502, "store_error", "failed"),
        (refusal(500, "InternalError"), 502, "store_error", "failed"),
        (refusal(504, ""), 504, "store_timeout", "in time"),
        (
            Refusal { header: Some(("retry-after", "90")), ..refusal(503, "SlowDown") },
            503,
            "store_unavailable",
            "try again",
        ),
    ] {
        let server = refusal.serve().await;
        for uri in ["/files/a.h5/children", "/files"] {
            let answer = server.get(uri).await;
            let retry_after = answer.headers.get("retry-after").map(HeaderValue::as_bytes);
            let is_told = (status == 503).then_some(&b"90"[..]);
            assert_eq!(retry_after, is_told, "{uri}: {} {}", refusal.status, refusal.code);
            let (got_status, got_code, problem) = answer.problem();
            assert_eq!((got_status, got_code.as_str()), (status, code), "{uri}: {problem}");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{uri}: {detail}");
            for internal in ["Internals", "10.0.0.7", "127.0.0.1", "the-", "AWS4", "eu-central"] {
                assert!(!problem.to_string().contains(internal), "{uri}: {problem}");
            }
        }
    }
}
