//! An S3 server that has nothing but keys: writing 100,000 objects to a real one takes minutes, and
//! what is measured is how listings are read.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Result;

/// The most keys of one answer, as S3 has it.
const PAGE_KEYS_MAX: usize = 1000;

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct ListingServer {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl ListingServer {
    /// Every bucket has the same so many keys.
    pub(crate) async fn start(keys: usize) -> Result<Self> {
        let keys: Vec<_> = (0..keys).map(key).collect();
        let router = Router::new().fallback(list).with_state(Arc::new(keys));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move {
            // It ends with the run at the latest.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, serving })
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for ListingServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Sorted, and as deep as real ones.
fn key(number: usize) -> String {
    format!("instrument/2026/run_{:04}/scan_{number:06}.h5", number / 100)
}

/// `ListObjectsV2`. A page continues behind a key, whichever of the two parameters names it.
async fn list(
    State(keys): State<Arc<Vec<String>>>,
    Query(query): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let text = |name: &str| query.get(name).map_or("", String::as_str);
    let after = text("continuation-token").max(text("start-after"));
    let limit = text("max-keys").parse().unwrap_or(PAGE_KEYS_MAX).min(PAGE_KEYS_MAX);
    let below = keys.iter().filter(|key| key.starts_with(text("prefix")));
    let mut rest = below.skip_while(|key| key.as_str() <= after);
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    ([(CONTENT_TYPE, "application/xml")], page_xml(&page, rest.next().is_some()))
}

fn page_xml(keys: &[&String], is_truncated: bool) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"#,
    );
    // Writing to a string does not fail.
    let _ = write!(xml, "<IsTruncated>{is_truncated}</IsTruncated>");
    let _ = write!(xml, "<KeyCount>{}</KeyCount>", keys.len());
    if let Some(last) = keys.last().filter(|_| is_truncated) {
        let _ = write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>");
    }
    for (number, key) in keys.iter().enumerate() {
        let _ = write!(
            xml,
            "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>&quot;{number:032x}&quot;</ETag><Size>1048576</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>"
        );
    }
    xml + "</ListBucketResult>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pages_follow_each_other_to_the_last_key() {
        let server = ListingServer::start(2_500).await.unwrap();
        let url = format!("{}/bucket?list-type=2", server.endpoint());
        let page = async |more: &str| {
            reqwest::get(format!("{url}{more}")).await.unwrap().text().await.unwrap()
        };
        let first = page("").await;
        assert_eq!(first.matches("<Key>").count(), 1000);
        assert!(first.contains("<IsTruncated>true<"));
        let token = format!("<NextContinuationToken>{}<", key(999));
        assert!(first.contains(&token));
        let last = page(&format!("&start-after={}", key(1999))).await;
        assert_eq!(last.matches("<Key>").count(), 500);
        assert!(last.contains("<IsTruncated>false<") && last.contains(&key(2499)));
        assert_eq!(page("&prefix=instrument/2026/run_0003/").await.matches("<Key>").count(), 100);
    }
}
