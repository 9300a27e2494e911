//! Addresses make graphs where the format means trees.

use std::collections::HashSet;

use crate::decode::Address;
use crate::error::{Error, Result};

/// The addresses that one walk has been at. A node that is reached twice belongs to a damaged file:
/// followed once more, it could lead round for ever, or multiply with every level.
#[derive(Debug, Default)]
pub(crate) struct Visited(HashSet<Address>);

impl Visited {
    /// Notes that the walk comes to the `structure` at `address`.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when it was there before.
    pub(crate) fn enter(&mut self, address: Address, structure: &'static str) -> Result<()> {
        if self.0.insert(address) {
            return Ok(());
        }
        Err(Error::malformed(structure, address, "reached a second time in one tree"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_visit_is_an_error() {
        let mut visited = Visited::default();
        assert_eq!(visited.enter(Address::new(1), "node"), Ok(()));
        assert_eq!(visited.enter(Address::new(2), "node"), Ok(()));
        let error = visited.enter(Address::new(1), "node").unwrap_err();
        assert!(matches!(error, Error::Malformed { address: 1, .. }), "{error}");
    }
}
