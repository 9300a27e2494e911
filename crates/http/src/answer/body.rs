//! Bodies: answers as JSON text.

use bytes::Bytes;
use serde::Serialize;

use crate::error::{ApiError, Code};

/// The JSON text of `answer`, written off the threads that serve other requests: it may have a
/// hundred thousand children.
pub(crate) async fn serialised<T>(answer: T) -> Result<Bytes, ApiError>
where
    T: Serialize + Send + 'static,
{
    let writing = tokio::task::spawn_blocking(move || serde_json::to_vec(&answer));
    match writing.await {
        Ok(Ok(body)) => Ok(body.into()),
        _ => Err(ApiError::new(Code::InternalError, "the answer could not be written")),
    }
}

/// `body` with the first `old` replaced by `new`. `old` begins and ends with a quote or a comma of
/// the JSON itself and stands among the first members, so it is not found in anybody's text.
pub(crate) fn replaced(body: &Bytes, old: &str, new: &str) -> Bytes {
    let found = body.windows(old.len()).position(|window| window == old.as_bytes());
    let Some((head, tail)) = found.and_then(|start| body.split_at_checked(start)) else {
        return body.clone();
    };
    let tail = tail.get(old.len()..).unwrap_or_default();
    [head, new.as_bytes(), tail].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_is_replaced() {
        let body =
            Bytes::from_static(br#"{"key":"\"cached\":true","cached":true,"x":{"cached":true}}"#);
        let first = replaced(&body, r#""cached":true"#, r#""cached":false"#);
        let expected = br#"{"key":"\"cached\":true","cached":false,"x":{"cached":true}}"#;
        assert_eq!(first, expected[..]);
        assert_eq!(replaced(&body, "\"absent\"", ""), body);
    }
}
