//! What h5py says of a file, and whether we say the same.
//!
//! Two sources of expectations, the dumps of our fixtures and the truth files of a corpus, are
//! brought into one form ([`Expected`]); the answers of the explorer are compared with it member by
//! member, and every comparison is counted ([`Tally`]). What h5py cannot tell is not expected.

mod ask;
mod atoms;
mod compare;
mod datatype;
mod dump;
mod expected;
mod tally;
mod truth;

pub use ask::{compare_file, explorer_of};
pub use dump::read_dump;
pub use expected::Expected;
pub use tally::{Counts, Tally};
pub use truth::read_truth;
