//! The parameters of a request, strictly: from the path (the key) and from the query.
//!
//! A handler takes the parameters it knows by name and then calls [`Parameters::finish`]. What is
//! left is a parameter nobody knows: it is refused by name, because a mistyped `limt=5` that is
//! silently ignored costs its author more than an error does. A parameter given twice has no
//! meaning here, so it is refused too, before one of the two is chosen.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use crate::error::ApiError;
use crate::key::{percent_decode, raw_key};

/// The name under which the path's key is found.
const KEY: &str = "key";

/// Parameters that no handler has taken yet.
#[derive(Debug, Clone)]
pub(crate) struct Parameters {
    values: BTreeMap<String, String>,
}

impl Parameters {
    /// Decodes the key in the path and the query of `uri`. In a query `+` is a space, as forms and
    /// `URLSearchParams` write it; in a path it is itself.
    pub(crate) fn of(uri: &Uri) -> Result<Self, ApiError> {
        let mut parameters = Self { values: BTreeMap::new() };
        if let Some(key) = raw_key(uri) {
            let key = percent_decode(key).map_err(|problem| ApiError::parameter(KEY, problem))?;
            parameters.add(KEY.to_owned(), key.into_owned())?;
        }
        let pairs = uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty());
        for (name, value) in pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
            let decode = |text: &str| match percent_decode(&text.replace('+', " ")) {
                Ok(decoded) => Ok(decoded.into_owned()),
                Err(problem) => Err(ApiError::parameter(name, problem)),
            };
            parameters.add(decode(name)?, decode(value)?)?;
        }
        Ok(parameters)
    }

    /// True if `name` was given and is not taken yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The text of `name`, if it was given; it stays for a handler to take.
    pub(crate) fn peek(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The text of `name`, if it was given; it may be empty.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    /// The text of `name`, if it was given and is not empty: for filters and cursors, where a
    /// front end may send the empty text for "none".
    pub(crate) fn filled(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// The text of `name`, which has to be there; it may be empty.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, ApiError> {
        self.text(name).ok_or_else(|| ApiError::parameter(name, "it is required"))
    }

    /// The key of the file, from the path or from `key=`.
    pub(crate) fn key(&mut self) -> Result<String, ApiError> {
        let key = self.required(KEY)?;
        if key.is_empty() {
            return Err(ApiError::parameter(KEY, "it is empty"));
        }
        Ok(key)
    }

    /// The whole number `name`, if it was given.
    pub(crate) fn number(
        &mut self,
        name: &str,
        allowed: RangeInclusive<u64>,
    ) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && allowed.contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::parameter(
                name,
                format_args!(
                    "{text:?} is not a whole number from {} to {}",
                    allowed.start(),
                    allowed.end()
                ),
            )),
        }
    }

    /// `true` or `false`; false if it was not given.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, ApiError> {
        Ok(self.choice(name, &[("true", true), ("false", false)])?.unwrap_or(false))
    }

    /// One of the words of `choices`, if it was given.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match choices.iter().find(|(word, _)| *word == text) {
            Some((_, choice)) => Ok(Some(*choice)),
            None => {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                let words = words.join(", ");
                Err(ApiError::parameter(name, format_args!("{text:?} is not one of {words}")))
            }
        }
    }

    /// Refuses what no handler has taken.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.values.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(ApiError::parameter(&name, "this route does not know it")),
        }
    }

    fn add(&mut self, name: String, value: String) -> Result<(), ApiError> {
        if self.values.contains_key(&name) {
            return Err(ApiError::parameter(&name, "it is given more than once"));
        }
        self.values.insert(name, value);
        Ok(())
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    /// Those that [`around`](crate::middleware::around) has read already.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let read = parts.extensions.remove::<Result<Self, ApiError>>();
        read.unwrap_or_else(|| Self::of(&parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(uri: &'static str) -> Result<Parameters, ApiError> {
        Parameters::of(&Uri::from_static(uri))
    }

    fn problem<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
        result.unwrap_err().detail
    }

    #[test]
    fn a_plus_is_a_space_in_the_query_only() {
        let mut found = parameters("/files/a+b.h5/meta?path=/x+y%2Bz").unwrap();
        assert_eq!(found.key().unwrap(), "a+b.h5");
        assert_eq!(found.required("path").unwrap(), "/x y+z");
        found.finish().unwrap();
    }

    #[test]
    fn numbers_are_whole_and_in_range() {
        let limit = |uri| parameters(uri).unwrap().number("limit", 1..=50);
        assert_eq!(limit("/files?limit=50").unwrap(), Some(50));
        assert_eq!(limit("/files").unwrap(), None);
        for wrong in [
            "/files?limit=",
            "/files?limit=0",
            "/files?limit=51",
            "/files?limit=-1",
            "/files?limit=%2B5",
            "/files?limit=1.5",
            "/files?limit=99999999999999999999999",
        ] {
            let expected = "is not a whole number from 1 to 50";
            assert!(problem(limit(wrong)).ends_with(expected), "{wrong}");
        }
    }

    #[test]
    fn what_is_unknown_repeated_or_not_text_is_refused_by_name() {
        let unknown = parameters("/files?limt=5").unwrap().finish();
        assert_eq!(problem(unknown), "parameter limt: this route does not know it");
        for (uri, name) in [
            ("/files?q=1&q=2", "q"),
            ("/files/a.h5/meta?key=b.h5", "key"),
            ("/files?q=%zz", "q"),
            ("/files?q=%ff", "q"),
            ("/files/%ff/meta", "key"),
        ] {
            let problem = problem(parameters(uri));
            assert!(problem.starts_with(&format!("parameter {name}: ")), "{uri}: {problem}");
        }
    }

    #[test]
    fn a_choice_lists_its_words() {
        let mut found = parameters("/x?order=size&refresh=yes").unwrap();
        let order = found.choice("order", &[("name", 1), ("creation", 2)]);
        assert_eq!(problem(order), "parameter order: \"size\" is not one of name, creation");
        let refresh = problem(found.flag("refresh"));
        assert_eq!(refresh, "parameter refresh: \"yes\" is not one of true, false");
    }

    #[test]
    fn an_empty_key_is_no_key() {
        for uri in ["/children?key=", "/children"] {
            assert!(problem(parameters(uri).unwrap().key()).starts_with("parameter key: "));
        }
    }
}
