//! Knows addresses and asks for bytes in waves; never picks bytes apart, which is
//! [`decode`](crate::decode)'s part.

mod attributes;
mod btree_v1;
mod btree_v2;
mod chunk_index;
mod data;
mod dataset;
mod dense;
mod dense_links;
mod file;
mod fractal_heap;
mod global_heap;
mod group;
mod group_page;
mod local_heap;
mod object;
mod object_header;
mod reader;
mod symbol_table;
#[cfg(test)]
mod testing;
mod values;
mod visited;
mod wave;

pub use attributes::{Attribute, AttributeEntry, Attributes};
pub use chunk_index::ChunkStorage;
pub use data::{Dataset, Executor, Inline, Job, Located, NoOtherFiles, OtherFiles, SourceDataset};
pub use dataset::ExternalSource;
pub use dense::DenseStorage;
pub(crate) use file::SourceId;
pub use file::{Extension, File, FileHeader};
pub use group::LinkStorage;
pub use object::{Object, ObjectKind};
pub use reader::Reader;
