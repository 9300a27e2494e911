//! Addresses make graphs where the format means trees.

use std::collections::HashSet;

use crate::budget::Budget;
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

    /// The same for all nodes of a level. Pays for them from `budget`: before anything is allocated
    /// for a node.
    ///
    /// # Errors
    ///
    /// As above, and [`Error::Limit`] when they are too many.
    pub(crate) fn enter_all(
        &mut self,
        addresses: impl ExactSizeIterator<Item = Address>,
        structure: &'static str,
        budget: &Budget,
    ) -> Result<()> {
        budget.nodes(addresses.len() as u64)?;
        addresses.into_iter().try_for_each(|address| self.enter(address, structure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::error::Limit;

    #[test]
    fn a_level_is_paid_for_as_a_whole() {
        let budget = Budget::new(Limits { nodes: 3, ..Limits::default() });
        let mut visited = Visited::default();
        let level = |nodes: [u64; 2]| nodes.map(Address::new).into_iter();
        assert_eq!(visited.enter_all(level([1, 2]), "node", &budget), Ok(()));
        let limit = Error::Limit { limit: Limit::Nodes, maximum: 3 };
        assert_eq!(visited.enter_all(level([3, 4]), "node", &budget), Err(limit));
    }

    #[test]
    fn the_second_visit_is_an_error() {
        let mut visited = Visited::default();
        assert_eq!(visited.enter(Address::new(1), "node"), Ok(()));
        assert_eq!(visited.enter(Address::new(2), "node"), Ok(()));
        let error = visited.enter(Address::new(1), "node").unwrap_err();
        assert!(matches!(error, Error::Malformed { address: 1, .. }), "{error}");
    }
}
