//! A plain HTTP server: files by range, versions by ETag or by modification time. Listed by WebDAV
//! where the server speaks it.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderValue, Method, header};
use object_store::client::{HttpClient, HttpRequest, HttpResponse};
use object_store::http::HttpBuilder;
use url::Url;

use crate::backend::{Backend, Fault, Part, Span};
use crate::cloud::{Cloud, no_retries};
use crate::error::StoreError;
use crate::list::{ListQuery, Page};
use crate::listing_client::ListingClient;
use crate::server::{self, Server};
use crate::wire::Redirects;
use crate::{StoreConfig, Version, wire};

/// What lies below a URL.
#[derive(Debug)]
pub(crate) struct Web {
    /// Without a `/` at its end.
    base: String,
    client: HttpClient,
    listing: Cloud,
}

impl Web {
    /// `url` has neither user nor query.
    pub(crate) fn open(url: &Url, config: &StoreConfig) -> Result<Self, StoreError> {
        let allow_http = url.scheme() == "http";
        let client = wire::client(config, allow_http, Redirects::Followed)?;
        let listing = HttpBuilder::new()
            .with_url(url.as_str())
            .with_client_options(wire::client_options(config, allow_http))
            .with_http_connector(ListingClient::new(client.clone()))
            .with_retry(no_retries())
            .build()
            .map_err(|error| StoreError::Environment(error.to_string()))?;
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            client,
            listing: Cloud::new(Arc::new(listing), ""),
        })
    }

    /// The tags of a listing need not be those of the files: they are left out, so that no version
    /// is believed that no read could confirm.
    async fn page(&self, query: &ListQuery) -> Result<Page, Fault> {
        let mut page = self.listing.list(query).await?;
        for entry in &mut page.entries {
            entry.etag = None;
        }
        Ok(page)
    }
}

impl Server for Web {
    fn key_url(&self, key: &str) -> Result<String, Fault> {
        wire::key_url(&self.base, key).ok_or_else(|| Fault::not_found(key))
    }

    /// A range of a body that was compressed on the way would be a range of something else.
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, Fault> {
        let identity = HeaderValue::from_static("identity");
        request.headers_mut().insert(header::ACCEPT_ENCODING, identity);
        wire::send(&self.client, request).await
    }
}

impl Backend for Web {
    fn get<'a>(
        &'a self,
        key: &'a str,
        span: Span,
        bound: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Part, Fault>> {
        server::read(self, key, span, bound).boxed()
    }

    fn head<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Version, Fault>> {
        server::look(self, key).boxed()
    }

    fn list<'a>(&'a self, query: &'a ListQuery) -> BoxFuture<'a, Result<Page, Fault>> {
        self.page(query).boxed()
    }

    /// Any answer will do: a server need not have a page at its root.
    fn probe(&self) -> BoxFuture<'_, Result<(), Fault>> {
        async move {
            let request = wire::request(Method::HEAD, &format!("{}/", self.base))?;
            match self.send(request).await {
                Err(fault) if fault.passing => Err(fault),
                _ => Ok(()),
            }
        }
        .boxed()
    }
}
