//! Bodies: answers as JSON text, sent without being copied.

use std::convert::Infallible;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use serde::Serialize;

use super::EntityTag;
use crate::error::{ApiError, Code};

/// The JSON text of an answer, with its tag.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) body: Bytes,
    pub(crate) tag: EntityTag,
}

impl Written {
    /// Writes an answer off the threads that serve other requests: it may have a hundred thousand
    /// children.
    pub(crate) async fn aside<T>(answer: T) -> Result<Self, ApiError>
    where
        T: Serialize + Send + 'static,
    {
        let writing = tokio::task::spawn_blocking(move || Self::now(&answer));
        let broken = || ApiError::new(Code::InternalError, "the answer could not be written");
        writing.await.unwrap_or_else(|_| Err(broken()))
    }

    /// Writes an answer that is known to be short. It waits for nobody.
    pub(crate) fn now(answer: &impl Serialize) -> Result<Self, ApiError> {
        let broken = |_| ApiError::new(Code::InternalError, "the answer could not be written");
        let mut body = serde_json::to_vec(answer).map_err(broken)?;
        // It may be kept, and weighs as much as it is long.
        body.shrink_to_fit();
        Ok(Self { tag: EntityTag::of(&body), body: body.into() })
    }
}

/// A body that is sent piece by piece, so that what answers share need not be copied into each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces([Bytes; 3]);

impl Pieces {
    /// `head`, `middle` and `tail`, one after another.
    pub(crate) fn of(head: Bytes, middle: Bytes, tail: Bytes) -> Self {
        Self([head, middle, tail])
    }

    /// `body` with the first `old` replaced by `new`. What is before it is copied, what is behind it
    /// shared. `old` begins and ends with a quote or a comma of the JSON itself and stands among the
    /// first members, so it is not found in anybody's text.
    pub(crate) fn replaced(body: &Bytes, old: &str, new: &str) -> Self {
        let found = body.windows(old.len()).position(|window| window == old.as_bytes());
        let Some((start, before)) = found.and_then(|start| Some((start, body.get(..start)?)))
        else {
            return body.clone().into();
        };
        let head = [before, new.as_bytes()].concat();
        Self::of(head.into(), body.slice(start.saturating_add(old.len())..), Bytes::new())
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// The bytes of `range`, in one piece.
    pub(crate) fn part(self, range: &Range<u64>) -> Bytes {
        let whole = self.joined();
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
        whole.slice(place(range.start)..place(range.end))
    }

    /// The first two pieces, of which the second is what answers share.
    pub(crate) fn head_and_shared(&self) -> (&Bytes, &Bytes) {
        let [head, shared, _] = &self.0;
        (head, shared)
    }

    /// In one piece: copied, if there are several.
    pub(crate) fn joined(self) -> Bytes {
        let mut filled = self.0.iter().filter(|piece| !piece.is_empty());
        match (filled.next(), filled.next()) {
            (Some(only), None) => only.clone(),
            _ => self.0.concat().into(),
        }
    }
}

impl From<Bytes> for Pieces {
    fn from(body: Bytes) -> Self {
        Self::of(body, Bytes::new(), Bytes::new())
    }
}

impl From<Pieces> for Body {
    fn from(pieces: Pieces) -> Self {
        match pieces.0 {
            [body, middle, tail] if middle.is_empty() && tail.is_empty() => body.into(),
            pieces => Self::new(Pieces(pieces)),
        }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.iter_mut().find(|piece| !piece.is_empty());
        Poll::Ready(next.map(|piece| Ok(Frame::data(std::mem::take(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size_bytes() as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn only_the_first_is_replaced_and_what_follows_is_shared() {
        let body =
            Bytes::from_static(br#"{"key":"\"cached\":true","cached":true,"x":{"cached":true}}"#);
        let first = Pieces::replaced(&body, r#""cached":true"#, r#""cached":false"#);
        let (_, shared) = first.head_and_shared();
        assert_eq!(shared.as_ptr_range().end, body.as_ptr_range().end);
        let expected = br#"{"key":"\"cached\":true","cached":false,"x":{"cached":true}}"#;
        assert_eq!(first.joined(), expected[..]);
        assert_eq!(Pieces::replaced(&body, "\"absent\"", "").joined(), body);
    }

    #[tokio::test]
    async fn pieces_are_sent_in_their_order_and_their_size_is_known() {
        let piece = Bytes::from_static;
        for (pieces, expected) in [
            (Pieces::default(), ""),
            (Pieces::from(piece(b"abc")), "abc"),
            (Pieces::of(piece(b"a"), piece(b"b"), piece(b"c")), "abc"),
            (Pieces::of(piece(b""), piece(b"b"), piece(b"c")), "bc"),
        ] {
            let body = Body::from(pieces.clone());
            assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
            assert_eq!(body.collect().await.unwrap().to_bytes(), expected);
            assert_eq!(pieces.joined(), expected);
        }
    }
}
