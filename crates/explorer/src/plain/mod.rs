//! What servers give away that read files with h5py and NumPy: their values and, in
//! [`encodings`](crate::encodings), their formats.

mod class;
mod datetime;
mod statistics;
mod value;

pub use statistics::PlainStatistics;
pub use value::PlainValue;
pub(crate) use value::{Within, element, of};
