//! Our client behind the listings of `object_store`: pages end, and refusals keep their meaning.

use std::pin::Pin;

use http::StatusCode;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{ClientOptions, Result};

use crate::wire;

/// A client that sends by another.
#[derive(Debug, Clone)]
pub(crate) struct ListingClient(HttpClient);

impl ListingClient {
    /// Sends by `client`.
    pub(crate) fn new(client: HttpClient) -> Self {
        Self(client)
    }

    /// A folder that is not there is an answer.
    async fn page(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |fault| HttpError::new(HttpErrorKind::Unknown, fault);
        let response = wire::execute(&self.0, request).await.map_err(failed)?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(response);
        }
        let response = wire::successful(response).await.map_err(failed)?;
        let mut page = http::Response::builder().status(response.status());
        page.headers_mut().into_iter().for_each(|headers| headers.clone_from(response.headers()));
        let body = wire::listing(response).await.map_err(failed)?;
        page.body(body.into()).map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))
    }
}

impl HttpConnector for ListingClient {
    fn connect(&self, _: &ClientOptions) -> Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for ListingClient {
    fn call<'life, 'asynchronous>(
        &'life self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'asynchronous>>
    where
        'life: 'asynchronous,
        Self: 'asynchronous,
    {
        Box::pin(self.page(request))
    }
}
