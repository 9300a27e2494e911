//! One object of a server that is asked by single HTTP requests: S3 and plain servers.

use http::Method;
use object_store::client::{HttpRequest, HttpResponse};

use crate::backend::{Fault, Part, Span};
use crate::{Version, wire};

/// What servers differ in.
pub(crate) trait Server: Sync {
    /// The URL of an object.
    fn key_url(&self, key: &str) -> Result<String, Fault>;

    /// Sends a request as this server wants it, signed for example.
    fn send(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, Fault>> + Send;
}

/// Reads a part of an object. An empty object has no range that a server could give, so it costs a
/// second request.
pub(crate) async fn read(
    server: &impl Server,
    key: &str,
    span: Span,
    bound: Option<&Version>,
) -> Result<Part, Fault> {
    let url = server.key_url(key)?;
    match server.send(wire::get_request(&url, &span, bound)?).await {
        Ok(response) => wire::part(response, &span).await,
        Err(fault) if wire::is_unsatisfiable(&fault) => {
            let version = look(server, key).await?;
            wire::of_empty(key, version, &span, bound, fault)
        }
        Err(fault) if bound.is_none() => Err(fault.unconditional()),
        Err(fault) => Err(fault),
    }
}

/// Asks for the version of an object.
pub(crate) async fn look(server: &impl Server, key: &str) -> Result<Version, Fault> {
    let request = wire::request(Method::HEAD, &server.key_url(key)?)?;
    let response = server.send(request).await.map_err(Fault::unconditional)?;
    wire::head_version(&response)
}
