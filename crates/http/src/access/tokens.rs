//! The tokens that open the API, as the file last said.

use std::path::{Path, PathBuf};

use arc_swap::ArcSwap;
use explorer::Scope;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::token_file::{self, TokenFileError};

/// The tokens of a file, which can be read again while they are used.
#[derive(Debug)]
pub struct Tokens {
    path: PathBuf,
    known: ArcSwap<Vec<Known>>,
}

/// A token and what it is for. The token itself is not kept: nothing can print it.
#[derive(Debug)]
struct Known {
    digest: [u8; 32],
    scope: Scope,
}

impl Tokens {
    /// The tokens of the file at `path`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or one of its lines is wrong.
    pub fn read(path: PathBuf) -> Result<Self, TokenFileError> {
        let known = ArcSwap::from_pointee(known(&path)?);
        Ok(Self { path, known })
    }

    /// Reads the file again. Returns how many tokens there are now; requests under way are finished
    /// with the token that they came with.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`]; then the tokens stay what they were.
    pub fn reload(&self) -> Result<usize, TokenFileError> {
        let known = known(&self.path)?;
        let count = known.len();
        self.known.store(known.into());
        Ok(count)
    }

    /// What `token` is for; `None` for one that is not known. How long that takes says nothing of
    /// the tokens: digests are compared, all of them and each to its end.
    pub(super) fn scope_of(&self, token: &[u8]) -> Option<Scope> {
        let digest = digest(token);
        let known = self.known.load();
        let mut found = None;
        for known in known.iter() {
            if known.digest.ct_eq(&digest).into() {
                found = Some(&known.scope);
            }
        }
        found.cloned()
    }
}

fn known(path: &Path) -> Result<Vec<Known>, TokenFileError> {
    let text = token_file::text(path)?;
    let lines = token_file::lines(path, &text)?;
    let known = |line: token_file::Line<'_>| Known {
        digest: digest(line.token.as_bytes()),
        scope: line.scope,
    };
    Ok(lines.into_iter().map(known).collect())
}

/// As long for a short token as for a long one.
fn digest(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use tempfile::NamedTempFile;

    use super::*;

    const ONE: &str = "0123456789abcdef";
    const TWO: &str = "fedcba9876543210";

    fn file(text: &str) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn only_the_whole_token_is_right() {
        let file = file(&format!("{ONE}\n{TWO} a/"));
        let tokens = Tokens::read(file.path().to_owned()).unwrap();
        assert_eq!(tokens.scope_of(ONE.as_bytes()), Some(Scope::everything()));
        assert_eq!(tokens.scope_of(TWO.as_bytes()), Some(Scope::below(["a/".to_owned()])));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF"] {
            assert_eq!(tokens.scope_of(wrong.as_bytes()), None, "{wrong}");
        }
        assert!(!format!("{tokens:?}").contains(ONE));
    }

    #[test]
    fn a_file_with_a_mistake_changes_nothing() {
        let file = file(ONE);
        let tokens = Tokens::read(file.path().to_owned()).unwrap();
        let is_right = |token: &str| tokens.scope_of(token.as_bytes()).is_some();
        std::fs::write(file.path(), format!("{TWO}\nshort")).unwrap();
        tokens.reload().unwrap_err();
        assert!(is_right(ONE) && !is_right(TWO));
        std::fs::write(file.path(), TWO).unwrap();
        assert_eq!(tokens.reload().unwrap(), 1);
        assert!(!is_right(ONE) && is_right(TWO));
        std::fs::remove_file(file.path()).unwrap();
        tokens.reload().unwrap_err();
        assert!(is_right(TWO));
    }
}
