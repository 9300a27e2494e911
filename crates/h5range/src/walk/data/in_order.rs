//! Mappings of virtual datasets whose elements correspond in their order only: irregular blocks, and
//! regular ones of another shape. Millions of pieces may have to be put in order, which takes time.

use std::sync::Arc;

use crate::decode::Address;
use crate::decode::selection::Selection;
use crate::decode::virtual_mapping::VirtualMapping;
use crate::error::{Error, Result};
use crate::selection::{Hyperslab, Indices, Mapped, Ordered, mapped_in_order};
use crate::walk::File;

/// Such a mapping, and what is wanted of it.
pub(super) struct InOrder {
    pub(super) file: Arc<File>,
    /// Of the virtual dataset.
    pub(super) address: Address,
    pub(super) mapping: Arc<VirtualMapping>,
    pub(super) of_virtual: Side,
    pub(super) of_source: Side,
    /// What is wanted of the virtual dataset.
    pub(super) block: Hyperslab,
}

/// One of the two datasets, and which of its elements it is about.
pub(super) struct Side {
    pub(super) shape: Vec<u64>,
    /// `None` where that cannot be said dimension by dimension.
    pub(super) indices: Option<Vec<Indices>>,
}

impl InOrder {
    /// What is to be read of the source, and where it goes; `None` for nothing.
    ///
    /// # Errors
    ///
    /// When the elements of both sides cannot correspond, or the budget is spent.
    pub(super) fn mapped(&self) -> Result<Option<Mapped>> {
        let VirtualMapping { virtual_selection, source_selection, .. } = &*self.mapping;
        let own = self.ordered(&self.of_virtual, virtual_selection)?;
        let others = self.ordered(&self.of_source, source_selection)?;
        let (Some(own), Some(others)) = (own, others) else {
            return Err(self.malformed("a mapping of another rank than its dataset"));
        };
        if own.element_count() != others.element_count() {
            return Err(self.malformed("a mapping of another number of elements than its source"));
        }
        let budget = self.file.budget();
        mapped_in_order(&own, &others, &self.of_source.shape, &self.block, budget)
    }

    fn ordered(&self, side: &Side, selection: &Selection) -> Result<Option<Ordered>> {
        let (shape, budget) = (&side.shape, self.file.budget());
        match (&side.indices, selection) {
            (Some(indices), _) => Ordered::of_indices(indices, shape, budget).map(Some),
            (_, Selection::Blocks(corners)) => Ordered::of_blocks(corners, shape, budget),
            (_, Selection::Points(_)) => Err(Error::unsupported("a virtual dataset of points")),
            _ => Ok(None),
        }
    }

    fn malformed(&self, detail: &str) -> Error {
        Error::malformed("virtual dataset global heap block", self.address, detail)
    }
}
