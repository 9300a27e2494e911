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

    /// The same for all nodes of a level, each with an error of its own. Pays for them from
    /// `budget`: before anything is allocated for a node.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] when they are too many.
    pub(crate) fn enter_each(
        &mut self,
        addresses: impl IntoIterator<IntoIter: ExactSizeIterator<Item = Address>>,
        structure: &'static str,
        budget: &Budget,
    ) -> Result<Vec<Result<Address>>> {
        let addresses = addresses.into_iter();
        budget.nodes(addresses.len() as u64)?;
        Ok(addresses.map(|address| self.enter(address, structure).map(|()| address)).collect())
    }

    /// The same for what needs all of them.
    ///
    /// # Errors
    ///
    /// As above, or that of the first that was reached before.
    pub(crate) fn enter_all(
        &mut self,
        addresses: impl ExactSizeIterator<Item = Address>,
        structure: &'static str,
        budget: &Budget,
    ) -> Result<()> {
        let entered = self.enter_each(addresses, structure, budget)?;
        entered.into_iter().try_for_each(|address| address.map(|_| ()))
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
    fn one_that_was_there_before_does_not_keep_out_the_others() {
        let budget = Budget::new(Limits::default());
        let addresses = [1, 2, 1].map(Address::new);
        let entered = Visited::default().enter_each(addresses, "node", &budget).unwrap();
        assert_eq!(entered[..2], [Ok(addresses[0]), Ok(addresses[1])]);
        assert!(entered[2].is_err());
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
