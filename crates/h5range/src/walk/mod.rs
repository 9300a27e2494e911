//! Knows addresses and asks for bytes in waves; never picks bytes apart, which is
//! [`decode`](crate::decode)'s part.

mod btree_v1;
mod btree_v2;
mod fractal_heap;
mod local_heap;
mod reader;
#[cfg(test)]
mod testing;
mod visited;
mod wave;

pub use reader::Reader;
