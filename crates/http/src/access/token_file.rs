//! The file of `--auth-token-file`.
//!
//! One token a line, alone or with the prefixes of the keys that it is for:
//!
//! ```text
//! # Everything.
//! Zm9yIHRoZSBvcGVyYXRvcg
//! # Keys that start with runs/2026- or are below calibration/.
//! Zm9yIHRoZSBiZWFtbGluZQ  runs/2026-,calibration/
//! ```
//!
//! Lines that are empty or start with `#` count for nothing. In a prefix a space, a comma and a `%`
//! are written `%20`, `%2C` and `%25`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use explorer::Scope;

use crate::key::percent_decode;

/// Shorter ones could be guessed.
const TOKEN_BYTES_MIN: usize = 16;

/// Many thousands of tokens; more is another file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why a file of tokens is not taken. Its text holds no token.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .path.display())]
pub struct TokenFileError {
    path: PathBuf,
    problem: String,
}

/// A token as it stands in the file.
pub(super) struct Line<'a> {
    pub(super) token: &'a str,
    pub(super) scope: Scope,
}

/// The text of the file at `path`. A file that others may read is taken with a warning: in a
/// container that may be as it should.
pub(super) fn text(path: &Path) -> Result<String, TokenFileError> {
    let broken = |error: io::Error| problem(path, error);
    let file = File::open(path).map_err(broken)?;
    let mode = file.metadata().map_err(broken)?.permissions().mode();
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(broken)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(problem(path, format_args!("it is longer than {FILE_BYTES_MAX} bytes")));
    }
    if mode & 0o004 != 0 {
        let path = path.display().to_string();
        tracing::warn!(path, "other users of this machine can read the tokens: chmod o= it");
    }
    Ok(text)
}

/// The tokens of a file at `path` that holds `text`.
pub(super) fn lines<'a>(path: &Path, text: &'a str) -> Result<Vec<Line<'a>>, TokenFileError> {
    let mut lines = Vec::new();
    let mut seen = HashSet::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = parsed(line).and_then(|line| match seen.insert(line.token) {
            true => Ok(line),
            false => Err("the token stands in the file twice".to_owned()),
        });
        lines.push(line.map_err(|wrong| problem(path, format_args!("line {number}: {wrong}")))?);
    }
    if lines.is_empty() {
        return Err(problem(path, "there is no token in it"));
    }
    Ok(lines)
}

fn problem(path: &Path, problem: impl std::fmt::Display) -> TokenFileError {
    TokenFileError { path: path.to_owned(), problem: problem.to_string() }
}

fn parsed(line: &str) -> Result<Line<'_>, String> {
    let mut words = line.split_whitespace();
    let token = words.next().unwrap_or_default();
    check(token)?;
    let scope = match (words.next(), words.next()) {
        (None, _) => Scope::everything(),
        (Some(prefixes), None) => {
            Scope::below(prefixes.split(',').map(prefix).collect::<Result<Vec<_>, _>>()?)
        }
        (Some(_), Some(_)) => {
            return Err("after a token come its prefixes, with commas and no space".to_owned());
        }
    };
    Ok(Line { token, scope })
}

/// What a header can carry as a bearer token (RFC 6750, section 2.1).
fn check(token: &str) -> Result<(), String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !token.bytes().all(is_allowed) {
        return Err("a token is made of letters, digits and - . _ ~ + / =".to_owned());
    }
    if token.len() < TOKEN_BYTES_MIN {
        return Err(format!("a token has at least {TOKEN_BYTES_MIN} characters"));
    }
    Ok(())
}

fn prefix(text: &str) -> Result<String, String> {
    let prefix = percent_decode(text).map_err(|wrong| format!("the prefix {text:?}: {wrong}"))?;
    if prefix.is_empty() {
        // It would mean everything, and is more likely a comma too many.
        return Err("a prefix is empty".to_owned());
    }
    Ok(prefix.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(&str, Scope)>, String> {
        let lines = lines(Path::new("tokens"), text).map_err(|error| error.to_string())?;
        Ok(lines.into_iter().map(|line| (line.token, line.scope)).collect())
    }

    #[test]
    fn a_line_is_a_token_and_its_prefixes() {
        let text = "# operators\n\n0123456789abcdef\r\n \
                    0123456789ABCDEF\t runs/2026-,a%20b%2C%25/,messung/ü/ \n#0123456789abcdeF";
        let prefixes = ["runs/2026-", "a b,%/", "messung/ü/"].map(str::to_owned);
        let expected = [
            ("0123456789abcdef", Scope::everything()),
            ("0123456789ABCDEF", Scope::below(prefixes)),
        ];
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn a_mistake_is_named_with_its_line_and_without_the_token() {
        for (text, expected) in [
            ("", "tokens: there is no token in it"),
            ("# none\n", "tokens: there is no token in it"),
            ("\n0123456789abcde", "tokens: line 2: a token has at least 16 characters"),
            ("0123456789abcdeé", "a token is made of letters"),
            ("0123456789abcdef,a/", "a token is made of letters"),
            ("0123456789abcdef a/ b/", "with commas and no space"),
            ("0123456789abcdef a/,", "a prefix is empty"),
            ("0123456789abcdef ,", "a prefix is empty"),
            ("0123456789abcdef a%zz", "the prefix \"a%zz\": "),
            ("0123456789abcdef\n0123456789abcdef a/", "line 2: the token stands in the file twice"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.contains(expected), "{text:?}: {problem}");
            assert!(!problem.contains("0123456789"), "{problem}");
        }
    }
}
