//! An S3 bucket as tests need it: written to, and set up.

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response};
use object_store::client::{HttpRequestBody, HttpResponse};

use super::{Expect, Writer};
use crate::backend::Fault;
use crate::s3::S3;
use crate::server::Server;
use crate::{SourceError, SourceErrorKind, StoreConfig, StoreError, wire};

/// An S3 bucket that can be written to.
#[derive(Debug)]
pub struct S3Bucket {
    s3: S3,
}

impl S3Bucket {
    /// What is below `prefix` in the bucket, where `config.environment` says. The prefix is empty
    /// or ends with `/`.
    ///
    /// # Errors
    ///
    /// As [`Store::open`](crate::Store::open).
    pub fn open(bucket: &str, prefix: &str, config: &StoreConfig) -> Result<Self, StoreError> {
        Ok(Self { s3: S3::open(bucket, prefix, config)? })
    }

    /// Makes the bucket, or finds it made.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    #[expect(clippy::panic, reason = "the body of a test")]
    pub async fn create(&self) {
        if let Err(error) = self.call("PUT", "", "").await
            && !error.detail.contains("BucketAlready")
        {
            panic!("cannot make the bucket: {error}");
        }
    }

    /// Whether the server holds keys such as `key`: some keep objects as files, and refuse what is
    /// not a path.
    pub async fn accepts(&self, key: &str) -> bool {
        let is_put = self.try_put(key, b"").await.is_ok();
        if is_put {
            self.delete(key).await;
        }
        is_put
    }

    /// Writes an object, also over one that is there.
    ///
    /// # Errors
    ///
    /// What the server says against it.
    pub async fn try_put(&self, key: &str, bytes: &[u8]) -> Result<(), SourceError> {
        let url = self.s3.key_url(key).map_err(|fault| fault.error)?;
        self.send("s3", "PUT", &url, bytes.to_vec()).await.map(|_| ()).map_err(|fault| fault.error)
    }

    /// Sends a request of one's own about the bucket. `target` follows its URL: `/?policy=`,
    /// `/key?uploads=`.
    ///
    /// # Errors
    ///
    /// What the server says against it.
    pub async fn call(
        &self,
        method: &str,
        target: &str,
        body: impl Into<Vec<u8>>,
    ) -> Result<Response<Bytes>, SourceError> {
        let url = format!("{}{target}", self.s3.bucket_url());
        whole(self.send("s3", method, &url, body.into()).await).await.map_err(|fault| fault.error)
    }

    /// Asks the server for a temporary key, for an hour. Returns the answer's XML.
    ///
    /// # Errors
    ///
    /// What the server says against it.
    pub async fn assume_role(&self) -> Result<String, SourceError> {
        let bucket = self.s3.bucket_url();
        let endpoint = bucket.rsplit_once('/').map_or(bucket, |(endpoint, _)| endpoint);
        let role = "Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600\
                    &RoleArn=arn:aws:iam::123456789012:role/tests&RoleSessionName=tests";
        let sent = self.send("sts", "POST", &format!("{endpoint}/"), role.into()).await;
        let answer = whole(sent).await.map_err(|fault| fault.error)?;
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }

    async fn send(
        &self,
        service: &str,
        method: &str,
        url: &str,
        body: Vec<u8>,
    ) -> Result<HttpResponse, Fault> {
        let method = Method::from_bytes(method.as_bytes()).expect_fine();
        let mut request = wire::request(method, url)?;
        *request.body_mut() = HttpRequestBody::from(body);
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().extend((service == "sts").then_some((CONTENT_TYPE, form)));
        self.s3.send_to(service, request).await
    }
}

impl Writer for S3Bucket {
    fn put<'a>(&'a self, key: &'a str, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        async move { self.try_put(key, bytes).await.expect_fine() }.boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()> {
        async move {
            let url = self.s3.key_url(key).expect_fine();
            self.send("s3", "DELETE", &url, Vec::new()).await.expect_fine();
        }
        .boxed()
    }
}

/// An answer that was read to its end.
async fn whole(sent: Result<HttpResponse, Fault>) -> Result<Response<Bytes>, Fault> {
    let (parts, body) = sent?.into_parts();
    let body = body.bytes().await;
    let body = body.map_err(|e| Fault::passing(SourceErrorKind::Failed, e.to_string()))?;
    Ok(Response::from_parts(parts, body))
}
