//! Amazon S3 and those that speak its language.
//!
//! Requests are ours; `object_store` signs them, finds credentials and carries them. Its own S3
//! client would not do: its paths cannot express keys such as `a//b.h5`, and its listing fails as
//! a whole on them.

use std::sync::Arc;

use byte_source::SourceErrorKind;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderValue, Method};
use object_store::StaticCredentialProvider;
use object_store::aws::{
    AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredential, AwsCredentialProvider,
};
use object_store::client::{HttpClient, HttpRequest, HttpResponse};
use url::Url;

use crate::backend::{Backend, Fault, Part, Span};
use crate::error::StoreError;
use crate::list::{ListQuery, Page};
use crate::server::{self, Server};
use crate::wire::Redirects;
use crate::{Environment, StoreConfig, Version, s3_list, status, wire};

const DEFAULT_REGION: &str = "us-east-1";

/// A bucket, or what is below a prefix of it.
#[derive(Debug)]
pub(crate) struct S3 {
    bucket: String,
    /// URL of the bucket without a `/` at its end.
    bucket_url: String,
    /// Empty, or ends with `/`.
    prefix: String,
    region: String,
    /// `None`: requests are not signed.
    credentials: Option<AwsCredentialProvider>,
    client: HttpClient,
}

impl S3 {
    /// The bucket, as `config.environment` says where it is and who asks. `prefix` is empty or
    /// ends with `/`.
    pub(crate) fn open(
        bucket: &str,
        prefix: &str,
        config: &StoreConfig,
    ) -> Result<Self, StoreError> {
        let environment = &config.environment;
        let region = environment
            .first(&["S3_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"])
            .unwrap_or(DEFAULT_REGION)
            .to_owned();
        let bucket_url = bucket_url(environment, bucket, &region)?;
        let allow_http = bucket_url.starts_with("http://") || environment.is_true("AWS_ALLOW_HTTP");
        Ok(Self {
            credentials: credentials(environment, bucket, &region)?,
            client: wire::client(config, allow_http, Redirects::Refused)?,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            bucket_url,
            region,
        })
    }

    /// For logs.
    pub(crate) fn description(&self) -> String {
        let anonymous = if self.credentials.is_none() { ", not signed" } else { "" };
        format!("{}/{} (S3{anonymous})", self.bucket_url, self.prefix)
    }

    /// Without a `/` at its end.
    pub(crate) fn bucket_url(&self) -> &str {
        &self.bucket_url
    }

    /// Signs for `service` and sends.
    pub(crate) async fn send_to(
        &self,
        service: &str,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, Fault> {
        let failed = |error: object_store::Error| {
            Fault::passing(SourceErrorKind::Failed, format!("cannot sign: {error}"))
        };
        if let Some(credentials) = &self.credentials {
            let credential = credentials.get_credential().await.map_err(failed)?;
            let authorizer = AwsAuthorizer::new(&credential, service, &self.region);
            authorizer.try_authorize(&mut request, None).map_err(failed)?;
        }
        wire::send(&self.client, request).await
    }

    async fn page(&self, query: &ListQuery) -> Result<Page, Fault> {
        let url = s3_list::url(&self.bucket_url, &self.prefix, query);
        let response = self.send(wire::request(Method::GET, &url)?).await;
        let body = wire::listing(response.map_err(|fault| self.of_bucket(fault))?).await?;
        s3_list::page(&body, &self.prefix, query)
    }

    /// The answer to a `HEAD` does not say whether it is the key or the bucket that is not there.
    async fn look(&self, key: &str) -> Result<Version, Fault> {
        match server::look(self, key).await {
            Err(fault) if fault.error.kind == SourceErrorKind::NotFound => {
                let request = wire::request(Method::HEAD, &self.bucket_url)?;
                let bucket = self.send(request).await.map_err(|fault| self.of_bucket(fault));
                let is_gone = |fault: &Fault| fault.error.kind == SourceErrorKind::Misconfigured;
                Err(bucket.err().filter(is_gone).unwrap_or(fault))
            }
            answer => tagged(answer?),
        }
    }

    /// What a refusal means that is about the bucket.
    fn of_bucket(&self, fault: Fault) -> Fault {
        if fault.error.kind != SourceErrorKind::NotFound {
            return fault.unconditional();
        }
        status::no_bucket(format!("{} is not there: {}", self.bucket_url, fault.error.detail))
    }
}

impl Server for S3 {
    fn key_url(&self, key: &str) -> Result<String, Fault> {
        let full = format!("{}{key}", self.prefix);
        let url = if key.is_empty() { None } else { wire::key_url(&self.bucket_url, &full) };
        url.ok_or_else(|| Fault::not_found(key))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        self.send_to("s3", request).await
    }
}

impl Backend for S3 {
    fn get<'a>(
        &'a self,
        key: &'a str,
        span: Span,
        bound: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Part, Fault>> {
        async move {
            let part = server::read(self, key, span, bound).await?;
            Ok(Part { version: tagged(part.version)?, ..part })
        }
        .boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Version, Fault>> {
        self.look(key).boxed()
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> BoxFuture<'a, Result<Page, Fault>> {
        self.page(query).boxed()
    }

    fn key_of(&self, bucket: &str, key: &str) -> Option<String> {
        let below = key.strip_prefix(&self.prefix).filter(|below| !below.is_empty())?;
        (bucket == self.bucket).then(|| below.to_owned())
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            let one = ListQuery { limit: 1, folders: true, ..ListQuery::default() };
            self.page(&one).await.map(|_| ())
        }
        .boxed()
    }
}

/// Every object of S3 has a tag. What has none is no answer of S3.
fn tagged(version: Version) -> Result<Version, Fault> {
    if version.is_tagged() {
        return Ok(version);
    }
    Err(Fault::passing(SourceErrorKind::Failed, "an answer without ETag, which S3 does not give"))
}

/// Path style at an endpoint of one's own, unless the endpoint names the bucket already. At
/// Amazon the bucket is part of the host, but for names with dots, which no certificate covers.
fn bucket_url(environment: &Environment, bucket: &str, region: &str) -> Result<String, StoreError> {
    let is_of_names = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if !bucket.chars().all(is_of_names) || bucket.chars().all(|c| c == '.') {
        return Err(StoreError::Environment(format!("`{bucket}` cannot be the name of a bucket")));
    }
    let names = ["S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
    let Some(endpoint) = environment.first(&names) else {
        return Ok(if bucket.contains('.') {
            format!("https://s3.{region}.amazonaws.com/{bucket}")
        } else {
            format!("https://{bucket}.s3.{region}.amazonaws.com")
        });
    };
    let refuse = |reason: &str| StoreError::Environment(format!("the S3 endpoint {reason}"));
    let endpoint = Url::parse(endpoint).map_err(|error| refuse(&format!("is no URL: {error}")))?;
    if !["http", "https"].contains(&endpoint.scheme()) || !endpoint.has_host() {
        return Err(refuse("must start with http:// or https://"));
    }
    if !endpoint.username().is_empty() || endpoint.password().is_some() {
        return Err(refuse("must not contain a user or password"));
    }
    // As the parser writes it: the URLs of keys are compared with what they become when parsed.
    let endpoint = endpoint.as_str().trim_end_matches('/');
    if environment.is_true("AWS_VIRTUAL_HOSTED_STYLE_REQUEST") {
        return Ok(endpoint.to_owned());
    }
    Ok(format!("{endpoint}/{bucket}"))
}

/// See [`Environment`] for the order.
fn credentials(
    environment: &Environment,
    bucket: &str,
    region: &str,
) -> Result<Option<AwsCredentialProvider>, StoreError> {
    if environment.is_true("AWS_SKIP_SIGNATURE") {
        return Ok(None);
    }
    if let Some(key) = pair(environment, "S3_ACCESS_KEY", "S3_SECRET_KEY", None)? {
        return Ok(Some(key));
    }
    let token = environment.get("AWS_SESSION_TOKEN");
    if let Some(key) = pair(environment, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", token)? {
        return Ok(Some(key));
    }
    let by_role = [
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_METADATA_ENDPOINT",
    ];
    if environment.first(&by_role).is_none() {
        return Ok(None);
    }
    let mut builder = AmazonS3Builder::new();
    for (name, value) in environment.family("AWS_") {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    let store = builder.with_bucket_name(bucket).with_region(region).build();
    let store = store.map_err(|error| StoreError::Environment(error.to_string()))?;
    Ok(Some(store.credentials().clone()))
}

/// A key with its secret, if both are set.
fn pair(
    environment: &Environment,
    key_name: &str,
    secret_name: &str,
    token: Option<&str>,
) -> Result<Option<AwsCredentialProvider>, StoreError> {
    let (key_id, secret_key) = match (environment.get(key_name), environment.get(secret_name)) {
        (None, None) => return Ok(None),
        (Some(key_id), Some(secret_key)) => (key_id.to_owned(), secret_key.to_owned()),
        (Some(_), None) => return Err(half(key_name, secret_name)),
        (None, Some(_)) => return Err(half(secret_name, key_name)),
    };
    let fits_header = |text: &str| HeaderValue::from_str(text).is_ok();
    if !fits_header(&key_id) || !token.is_none_or(fits_header) {
        let text = format!("{key_name} or its token has characters that no key has");
        return Err(StoreError::Environment(text));
    }
    let credential = AwsCredential { key_id, secret_key, token: token.map(str::to_owned) };
    Ok(Some(Arc::new(StaticCredentialProvider::new(credential))))
}

fn half(set: &str, missing: &str) -> StoreError {
    StoreError::Environment(format!("{set} is set and {missing} is not"))
}
