//! Bytes in, values out. Nothing here reads a source, awaits, or knows where the next structure is
//! fetched from: that is [`walk`](crate::walk)'s part. Every structure can be decoded, tested and
//! fuzzed from a slice.

mod address;
pub mod btree_v1;
pub mod btree_v2;
pub mod cache_image;
pub mod checksum;
pub mod chunk_element;
mod cursor;
pub mod extensible_array;
pub mod fixed_array;
pub mod fractal_heap;
pub mod global_heap;
pub mod link_sequence;
pub mod local_heap;
pub mod message;
pub mod object_header;
pub mod selection;
pub mod shared_message_table;
pub mod superblock;
pub mod symbol_table_node;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod trace;
pub mod virtual_mapping;

pub use address::{Address, Widths};
pub use cursor::Cursor;
