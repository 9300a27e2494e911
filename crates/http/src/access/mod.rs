//! Who asks, and what he may know of.
//!
//! A handler that takes an [`Access`] is reached with a right token only, and nothing of the store
//! is asked without one: [`AppState::ask`] and [`AppState::list`] want it. So a route cannot forget
//! the check, and an answer that is kept is behind it like any other.

mod token_file;
mod tokens;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use explorer::Scope;

pub use self::token_file::TokenFileError;
pub use self::tokens::Tokens;

use crate::error::{ApiError, Code};
use crate::state::AppState;

/// Whoever has this may ask about some files.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    scope: Scope,
}

impl Access {
    /// The keys that may be read.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// # Errors
    ///
    /// 403 `forbidden` when the file `key` may not be read, whether it is there or not.
    pub(crate) fn to_key(&self, key: &str) -> Result<(), ApiError> {
        if self.scope.has_key(key) {
            return Ok(());
        }
        Err(self.refused(format!("{key:?} is not among them")))
    }

    /// # Errors
    ///
    /// 403 `forbidden` when not all keys that start with `prefix` may be read.
    pub(crate) fn to_all_below(&self, prefix: &str) -> Result<(), ApiError> {
        if self.scope.has_all_below(prefix) {
            return Ok(());
        }
        Err(self.refused(format!("not all with the prefix {prefix:?} are among them")))
    }

    fn refused(&self, why: String) -> ApiError {
        let prefixes = self.scope.prefixes().unwrap_or_default();
        let prefixes: Vec<_> = prefixes.iter().map(|prefix| format!("{prefix:?}")).collect();
        let prefixes = prefixes.join(" or ");
        let detail = format!("this token is for keys that start with {prefixes}: {why}");
        ApiError::new(Code::Forbidden, detail)
    }
}

impl FromRequestParts<Arc<AppState>> for Access {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, ApiError> {
        let Some(tokens) = &app.tokens else { return Ok(Self { scope: Scope::everything() }) };
        Ok(Self { scope: scope_of(tokens, &parts.headers)? })
    }
}

/// Whoever has this may say what has changed among some files.
#[derive(Debug, Clone)]
pub(crate) struct Notifier {
    scope: Scope,
}

impl Notifier {
    /// The keys that may be named.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl FromRequestParts<Arc<AppState>> for Notifier {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, ApiError> {
        let none = || ApiError::new(Code::NotFound, "this server takes no events");
        let tokens = app.event_tokens.as_ref().ok_or_else(none)?;
        Ok(Self { scope: scope_of(tokens, &parts.headers)? })
    }
}

/// What the token of a request is for.
fn scope_of(tokens: &Tokens, headers: &HeaderMap) -> Result<Scope, ApiError> {
    let wrong = || ApiError::new(Code::Unauthorized, "the token is not one of this server's");
    tokens.scope_of(bearer_token(headers)?).ok_or_else(wrong)
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1). It is read from nowhere
/// else: addresses stand in logs and histories.
fn bearer_token(headers: &HeaderMap) -> Result<&[u8], ApiError> {
    const SCHEME: &[u8] = b"bearer ";
    let mut fields = headers.get_all(AUTHORIZATION).into_iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        let detail = "a token is needed: send one header Authorization: Bearer TOKEN";
        return Err(ApiError::new(Code::Unauthorized, detail));
    };
    let split = field.as_bytes().split_at_checked(SCHEME.len());
    match split.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME)) {
        Some((_, token)) => Ok(token.trim_ascii()),
        None => {
            let detail = "only bearer tokens are known: send Authorization: Bearer TOKEN";
            Err(ApiError::new(Code::Unauthorized, detail))
        }
    }
}
