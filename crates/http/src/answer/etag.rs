//! The entity tags of answers, and `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1.2).

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};

/// The weak tag of a body, ready to be sent.
///
/// Weak, because the same tag stands for the plain and the compressed body. The hash may change
/// with a new version of the compiler's library: then each client fetches each answer once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag(HeaderValue);

impl EntityTag {
    /// The tag of `body`, which has to be the same whenever the answer is the same: written with
    /// fixed values for what is true of one request only.
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(body);
        let text = format!("W/\"{:016x}\"", hasher.finish());
        // Quotes and digits: always a header's value.
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("W/\"\"")))
    }

    /// The strong tag of what the question about one version of a file says: the same question has
    /// the same bytes.
    pub(crate) fn of_question(question: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        question.hash(&mut hasher);
        Self::of(&hasher.finish().to_le_bytes()).strong()
    }

    /// The same for a body that has one form only: who has it may ask for a range of the rest.
    pub(crate) fn strong(self) -> Self {
        let text = format!("\"{}\"", self.opaque());
        Self(HeaderValue::try_from(text).unwrap_or(self.0))
    }

    /// True if `condition` names this very tag, strongly compared (RFC 9110, section 13.1.5).
    pub(crate) fn is_strongly(&self, condition: &HeaderValue) -> bool {
        !self.0.as_bytes().starts_with(b"W/") && *condition == self.0
    }

    /// The value of `ETag`.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    fn opaque(&self) -> &str {
        self.0.to_str().ok().and_then(|text| opaque_tags(text).next()).unwrap_or_default()
    }
}

/// What a client has already, by its `If-None-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KnownTags(Vec<HeaderValue>);

impl KnownTags {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(IF_NONE_MATCH).into_iter().cloned().collect())
    }

    /// True if one member of the lists is `tag`, weakly compared, or `*`.
    pub(crate) fn contain(&self, tag: &EntityTag) -> bool {
        let mut fields = self.0.iter().filter_map(|field| field.to_str().ok());
        fields.any(|field| {
            field.trim() == "*" || opaque_tags(field).any(|known| known == tag.opaque())
        })
    }
}

/// The texts between the quotes of a list of entity tags. An opaque tag cannot hold a quote, so
/// every second piece is one.
fn opaque_tags(field: &str) -> impl Iterator<Item = &str> {
    field.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_whatever_its_strength() {
        let tag = EntityTag::of(b"body");
        let quoted = format!("\"{}\"", tag.opaque());
        let known = |fields: &[&str]| {
            let values = fields.iter().map(|field| HeaderValue::from_str(field).unwrap());
            KnownTags::of(&values.map(|value| (IF_NONE_MATCH, value)).collect()).contain(&tag)
        };
        assert!(known(&[&quoted]));
        assert!(known(&[&format!("W/{quoted}")]));
        assert!(known(&[&format!("\"a,b\", W/{quoted} ,\"c\"")]));
        assert!(known(&["\"a\"", &quoted]));
        assert!(known(&["*"]));
        assert!(!known(&[]));
        assert!(!known(&[""]));
        assert!(!known(&["\"*\""]));
        assert!(!known(&[tag.opaque()]));
        assert!(!known(&[&format!("\"a\"{}\"b\"", tag.opaque())]));
    }

    #[test]
    fn a_tag_is_weak_and_of_the_bytes() {
        let header = |body| EntityTag::of(body).header();
        assert!(header(b"a").to_str().unwrap().starts_with("W/\""));
        assert_eq!(header(b"a"), header(b"a"));
        assert_ne!(header(b"a"), header(b"b"));
    }
}
