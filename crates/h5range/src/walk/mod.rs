//! Knows addresses and asks for bytes in waves; never picks bytes apart, which is
//! [`decode`](crate::decode)'s part.

mod reader;
mod wave;

pub use reader::Reader;
