//! `h5range` reads HDF5 files by ranges, in waves.

mod budget;
pub mod decode;
mod error;
pub mod filter;
mod found;
mod links;
#[cfg(test)]
mod mutations;
mod selection;
pub mod testing;
mod value;
pub mod walk;

pub use budget::{Budget, DEPTH_MAX, Limits, check_depth};
pub use error::{Error, Limit, Result, set_aside};
pub use found::Found;
pub use links::{Link, LinkRef, Links};
pub use selection::{Blocks, Hyperslab, SelectionError, Span};
pub use value::{Elements, Reference, Value, Values, convert, into_little_endian, without_padding};
pub use walk::{
    Attribute, AttributeEntry, Attributes, ChunkStorage, Dataset, DenseStorage, Executor,
    Extension, ExternalSource, File, FileHeader, Inline, Job, LinkStorage, Located, NoOtherFiles,
    Object, ObjectKind, OtherFiles, SourceDataset,
};
