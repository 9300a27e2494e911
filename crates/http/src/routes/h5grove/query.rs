//! Parameters as h5grove takes them: what is unknown is not looked at, of what is repeated the last
//! counts, and what is no escape stands for itself. Clients rely on it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use explorer::{ObjectPath, Place};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::error::{ApiError, Code};

/// The parameters of a request.
#[derive(Debug, Clone)]
pub(super) struct Query(Vec<(String, String)>);

/// What becomes of soft and external links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum LinkResolution {
    /// They are shown.
    None,
    /// They are followed where they lead anywhere.
    OnlyValid,
    /// They are followed, and one that leads nowhere is an error.
    All,
}

/// The path of an object, as it was asked for: names in answers are made of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AskedPath(String);

impl Query {
    pub(super) fn of(uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// The text of `name`, if it was given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().rev().find(|(found, _)| found == name);
        named.map(|(_, value)| value.as_str())
    }

    /// All texts of `name`.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(found, _)| found == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The key of the file.
    ///
    /// # Errors
    ///
    /// In the form that h5grove's server gives to what it cannot make sense of.
    pub(super) fn file(&self) -> Result<String, ApiError> {
        match self.text("file") {
            None => Err(senseless(vec![missing("file")])),
            Some("") => Err(ApiError::new(Code::FileNotFound, "parameter file: it is empty")),
            Some(file) => Ok(file.to_owned()),
        }
    }

    /// The key of the file, and whether arrays are to be flattened.
    ///
    /// # Errors
    ///
    /// As [`Self::file`].
    pub(super) fn file_and_flatten(&self) -> Result<(String, bool), ApiError> {
        let text = self.text("flatten").unwrap_or("false");
        let lower = text.to_ascii_lowercase();
        let is_one_of = |words: &[&str]| words.contains(&lower.as_str());
        if is_one_of(&["true", "t", "yes", "y", "on", "1"]) {
            return Ok((self.file()?, true));
        }
        if is_one_of(&["false", "f", "no", "n", "off", "0"]) {
            return Ok((self.file()?, false));
        }
        let problem = json!({
            "type": "bool_parsing",
            "loc": ["query", "flatten"],
            "msg": "Input should be a valid boolean, unable to interpret input",
            "input": text,
        });
        let file = self.text("file").is_none().then(|| missing("file"));
        Err(senseless(file.into_iter().chain([problem]).collect()))
    }

    /// The path of the object; the root by default.
    pub(super) fn path(&self) -> AskedPath {
        AskedPath(self.text("path").unwrap_or("/").to_owned())
    }

    /// What becomes of links.
    ///
    /// # Errors
    ///
    /// In the words of h5grove.
    pub(super) fn resolve_links(&self) -> Result<LinkResolution, ApiError> {
        let Some(text) = self.text("resolve_links") else { return Ok(LinkResolution::OnlyValid) };
        match text.to_lowercase().as_str() {
            "true" | "all" => Ok(LinkResolution::All),
            "false" | "none" => Ok(LinkResolution::None),
            "only_valid" => Ok(LinkResolution::OnlyValid),
            _ => {
                let detail = format!(
                    "{text} is not a valid value for link resolution. Accepted values are: \
                     LinkResolution.ALL, LinkResolution.NONE or LinkResolution.ONLY_VALID"
                );
                Err(ApiError::new(Code::BadRequest, detail))
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

impl AskedPath {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// `None` for the empty one, which names nothing.
    pub(super) fn object(&self) -> Option<ObjectPath> {
        (!self.0.is_empty()).then(|| ObjectPath::parse(&self.0))
    }

    /// Where it leads.
    pub(super) fn place(&self) -> Place {
        Place::Path(ObjectPath::parse(&self.0))
    }

    /// What stands behind the last slash.
    pub(super) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path of what is at `below`, relative to this one.
    pub(super) fn join(&self, below: &str) -> String {
        format!("{}/{below}", self.0.trim_end_matches('/'))
    }
}

/// What FastAPI says of parameters before h5grove sees them.
fn senseless(problems: Vec<serde_json::Value>) -> ApiError {
    let detail = "a parameter is missing or malformed";
    ApiError::new(Code::BadRequest, detail).with_body(json!({ "detail": problems }))
}

fn missing(name: &str) -> serde_json::Value {
    json!({ "type": "missing", "loc": ["query", name], "msg": "Field required", "input": null })
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(query: &str) -> Query {
        Query::of(&format!("/h5grove/meta?{query}").parse().unwrap())
    }

    #[test]
    fn a_plus_is_a_space_and_the_last_of_several_counts() {
        let found = query("file=a+b%2Bc.h5&path=%2Fx&path=/y%20z&&flag");
        assert_eq!(found.file().unwrap(), "a b+c.h5");
        assert_eq!(found.path().as_str(), "/y z");
        assert_eq!(found.text("flag"), Some(""));
        assert_eq!(query("file=%zz%ff").file().unwrap(), "%zz\u{fffd}");
    }

    #[test]
    fn names_and_paths_are_made_of_the_path_as_it_was_asked_for() {
        for (asked, name, child) in
            [("/", "", "/x"), ("/a/b", "b", "/a/b/x"), ("a", "a", "a/x"), ("/a/", "", "/a/x")]
        {
            let path = AskedPath(asked.to_owned());
            assert_eq!((path.name(), path.join("x").as_str()), (name, child), "{asked}");
        }
    }

    #[test]
    fn links_are_resolved_as_the_word_says_in_any_case() {
        for (text, expected) in [
            ("resolve_links=ALL", LinkResolution::All),
            ("resolve_links=True", LinkResolution::All),
            ("resolve_links=none", LinkResolution::None),
            ("resolve_links=false", LinkResolution::None),
            ("resolve_links=Only_Valid", LinkResolution::OnlyValid),
            ("", LinkResolution::OnlyValid),
        ] {
            assert_eq!(query(text).resolve_links().unwrap(), expected, "{text}");
        }
        assert!(query("resolve_links=").resolve_links().is_err());
    }
}
