//! Elements: from the bytes of a datatype to values (section IV.A.2.d of the specification,
//! "Datatype").
//!
//! Nothing here reads a source. Elements of variable length and references to regions lead into
//! the global heap: [`heap_ids`] says to which objects, and the decoder takes them from where the
//! walker put them.

mod byte_order;
mod conversion;
mod decoder;
mod floating_point;
pub(crate) mod heap_ids;
mod heap_places;
mod numbers;
mod references;
mod strings;
pub(crate) mod variable_length;

use crate::decode::Address;
use crate::decode::message::datatype::{Datatype, ReferenceKind};

pub use byte_order::into_little_endian;
pub use conversion::convert;
pub(crate) use decoder::{HeapObjects, decode};
pub(crate) use heap_places::HeapPlaces;
pub use strings::without_padding;

/// Some elements as they stand in the file.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'a> {
    /// Their type.
    pub datatype: &'a Datatype,
    /// Their bytes, one element behind the other.
    pub data: &'a [u8],
    /// Where these bytes are, for errors.
    pub address: Address,
    /// How many they are.
    pub count: u64,
}

/// Some elements, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// The elements, in the order of the file.
    pub values: Vec<Value>,
    /// Whether some of the elements, or of a sequence in them, were left out.
    pub truncated: bool,
}

/// One element, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A signed integer.
    Signed(i64),
    /// An unsigned integer, a bitfield or a time.
    Unsigned(u64),
    /// A floating-point number. Numbers of more than 53 significant bits are rounded to the nearest
    /// one, halves to even.
    Float(f64),
    /// A string without its padding, in the character set that its datatype says.
    Text(Vec<u8>),
    /// Bytes without a meaning.
    Opaque(Vec<u8>),
    /// A value of an enumeration.
    Enumeration {
        /// Its name; `None` when the enumeration has none for it.
        name: Option<Vec<u8>>,
        /// The number itself.
        value: Box<Value>,
    },
    /// Members with their names, in the order of the datatype.
    Compound(Vec<(Vec<u8>, Value)>),
    /// A sequence of variable length or an array. An array of several dimensions is a sequence of
    /// sequences.
    Sequence(Vec<Value>),
    /// Real and imaginary part.
    Complex(f64, f64),
    /// A reference.
    Reference(Reference),
}

/// A pointer to an object or to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference {
    /// What it points to.
    pub kind: ReferenceKind,
    /// The object, or the object that it points to a part of; `None` for the null reference.
    pub address: Option<Address>,
}
