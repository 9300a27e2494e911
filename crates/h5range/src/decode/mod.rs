//! Bytes in, values out. Nothing here reads a source, awaits, or knows where the next structure is
//! fetched from: that is [`walk`](crate::walk)'s part. Every structure can be decoded, tested and
//! fuzzed from a slice.

mod address;
mod cursor;
pub mod global_heap;

pub use address::{Address, Widths};
pub use cursor::Cursor;
